"""A disk of 40 MB that is filled: by our own queue, by a message, and by somebody else (rule 54)."""
import os
import subprocess
import time

from peers import RETRY, Told, balanced, settled
from world import waiting
from world.postseal import NOBODY
from world.story import equal, expect

DISK, RESERVE = 40 << 20, 8 << 20


class Disk:
    """A tmpfs in the place of the data directory."""

    def __init__(self, world, folder):
        self.folder = folder
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700,uid={NOBODY},gid={NOBODY}", "tmpfs", folder],
                       check=True)
        world.servers.insert(0, self)  # stopped last

    def stop(self):
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def free(self):
        status = os.statvfs(self.folder)
        return status.f_bavail * status.f_frsize

    def fill(self, leave=0):
        """Somebody else takes the room; returns the file that does."""
        filler = self.folder / "filler"
        with open(filler, "wb") as file:
            size = self.free() - leave
            if size > 0:
                os.posix_fallocate(file.fileno(), 0, size)
        return filler

    def bodies(self):
        return len(list((self.folder / "bodies").iterdir()))


class Story:
    def __init__(self, world, peers):
        self.peers = peers
        self.server = world.postseal("127.0.22.4", name="disk", port=world.port + 4, outbound=RETRY,
                                     extra='[limits]\ndisk_reserve = "8M"\n')
        self.disk = Disk(world, self.server.root / "data")
        self.server.start()

    def own_queue(self):
        """Mail that can't leave fills the disk down to the reserve; what got a 250 leaves when it can."""
        told = Told(self.server.places[0])
        number = 0
        while number < 2000:
            number += 1
            code = told.offer(f"own-{number}", "user@slow.example", 60_000 if number % 2 else 200_000)
            if code != "250":
                break
        equal(code.split()[0], "452", "the answer of a disk that is filled")
        told.until_told(["452 MAIL"], "user@good.example")
        left = self.disk.free()
        expect(left > RESERVE // 4, f"{left} bytes are left of the reserve")
        balanced(self.server)
        self.peers.patient = False  # records of deliveries go to the reserve
        settled(self.server, told, self.peers)
        self.peers.patient = True
        told.until_told(["250"], "user@good.example")  # by itself
        settled(self.server, told, self.peers)
        return f"{len(told.accepted())} accepted, {left >> 10} KB left"

    def one_message(self):
        """A message that doesn't fit is refused at its end, and its file is gone at once."""
        told = Told(self.server.places[0])
        waiting.until("the room of earlier ones", lambda: self.disk.bodies() == 0, 10)
        code = told.offer("large", "user@good.example", 36 << 20)
        expect(code.startswith("452"), f"answered {code}")
        equal(self.disk.bodies(), 0, "files of refused messages")
        told.until_told(["250"], "user@good.example")
        settled(self.server, told, self.peers)

    def others_file(self):
        """Nothing at all is left while messages are on their way: deliveries are recorded once there is room."""
        told = Told(self.server.places[0])
        for number in range(20):
            equal(told.offer(f"others-{number}", "user@slow.example", 30_000), "250", "while there is room")
        filler = self.disk.fill()
        try:
            told.until_told(["452 MAIL"], "user@good.example")
            self.peers.patient = False
            time.sleep(3)  # deliveries that can't be recorded
            told.until_told(["452 MAIL"], "user@good.example")
        finally:
            filler.unlink()
        settled(self.server, told, self.peers)
        self.peers.patient = True
        told.until_told(["250"], "user@good.example")
        settled(self.server, told, self.peers)


def run(world, peers, runner):
    story = Story(world, peers)
    runner.case("rule 54: our own queue fills the disk: 452 at MAIL, and service resumes by itself", story.own_queue)
    runner.case("rule 54: a message that doesn't fit: 452, and its file is gone", story.one_message)
    runner.case("rule 54: somebody else fills the disk to the last byte", story.others_file)

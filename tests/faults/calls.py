"""Calls of the system that fail under the server: each write and sync of a set conversation in turn, those of a body's
file, and a read at delivery. The shim stands between the server and the system.
"""
import shim
from peers import RETRY, Told, balanced, settled
from world import waiting
from world.story import equal, expect

LARGE = 150_000
STEP = 16  # of the store's writes each sixteenth; src/queue/faults_test.cpp does them all


class Story:
    def __init__(self, world, peers):
        self.peers, self.rounds = peers, 0
        self.server = world.postseal("127.0.22.5", name="calls", port=world.port + 5, outbound=RETRY)
        self.shim = shim.Shim(self.server.root, shim.build(world.root))
        self.server.environment = self.shim.environment
        self.told = Told(self.server.places[0])
        self.server.start()

    def bodies(self):
        return sum(1 for _ in (self.server.root / "data/bodies").iterdir())

    def conversation(self):
        """Accepts three messages: one is delivered, one put off first, one returned."""
        self.rounds += 1
        self.peers.patient = True
        self.told.offer(f"given-{self.rounds}", "user@good.example")
        self.told.offer(f"off-{self.rounds}", "user@slow.example", LARGE)
        self.told.offer(f"back-{self.rounds}", "user@bad.example")
        self.peers.patient = False

    def each_call(self, kinds, path, error, step=1):
        """The conversation again and again, each time another call fails, until there is none left to fail."""
        turn, failed = 1, 1
        while failed:
            self.told.until_told(["250"], "user@good.example")
            self.shim.arm(kinds, path, turn, error)
            self.conversation()
            self.told.until_told(["250"], "user@good.example")
            waiting.until("the queue is empty", lambda: self.server.balance()["queued"] == 0, 30)
            counted, failed = self.shim.disarm()
            turn += step
            expect(turn < 2000, "the conversation has no end")
        settled(self.server, self.told, self.peers)
        equal(self.bodies(), 0, "files of bodies that nobody needs")
        codes = sorted(set(self.told.codes.values()))
        expect(set(code.split()[0] for code in codes) <= {"250", "451", "452"}, f"answers: {codes}")
        return f"{(turn - 2) // step + 1} rounds of {counted} calls, answers {codes}"

    def disk_is_broken(self):
        """All syncs fail for a while: 451, at MAIL as soon as it is known; then it serves on by itself."""
        told = Told(self.server.places[0])
        self.shim.arm(shim.SYNC, "/data/", 1, shim.EIO, shim.FROM)
        try:
            told.until_told(["451 MAIL"], "user@good.example")
        finally:
            self.shim.disarm()
        told.until_told(["250"], "user@good.example", 60)
        settled(self.server, told, self.peers)

    def unreadable(self):
        """The body can't be read at delivery: deferred with the reason, others go, and never half of it as a whole."""
        told, name = Told(self.server.places[0]), "unread"
        self.peers.patient = True
        equal(told.offer(name, "user@slow.example", LARGE), "250", "the message")
        self.server.hop_out(f"<{name}@fault.example>")
        self.shim.arm(shim.READ, "/bodies/", 2, shim.EIO, shim.FROM)  # the second chunk
        self.peers.patient = False
        reason = waiting.until("the reason", lambda: (lambda text: "can't be read" in text and text)(
            self.server.recipient(f"<{name}@fault.example>")["reason"]), 20)
        expect("Input/output error" in reason, f"the reason: {reason}")
        equal(self.peers.taken[f"{name}@fault.example"], 0, "half a message")
        equal(told.offer("meanwhile", "user@slow.example"), "250", "another one")
        waiting.until("another one's delivery", lambda: self.peers.taken["meanwhile@fault.example"], 20)
        balanced(self.server)
        self.shim.disarm()
        settled(self.server, told, self.peers)
        expect(self.peers.texts[f"{name}@fault.example"].count(b"x") > LARGE * 0.97, "the whole text")
        return reason

    def missing(self):
        """A body's file that is gone or too short: the message waits with the reason, nothing empty is delivered."""
        told = Told(self.server.places[0])
        self.peers.patient = True
        for name in ("gone", "short"):
            equal(told.offer(name, "user@slow.example", LARGE), "250", "the message")
            self.server.hop_out(f"<{name}@fault.example>")
        files = sorted((self.server.root / "data/bodies").iterdir())
        equal(len(files), 2, "files of bodies")
        kept = [file.read_bytes() for file in files]
        files[0].unlink()
        with open(files[1], "r+b") as file:
            file.truncate(70_000)
        self.peers.patient = False
        for name, words in (("gone", "No such file"), ("short", "too short")):
            waiting.until(words, lambda: words in self.server.recipient(f"<{name}@fault.example>")["reason"], 20)
            equal(self.peers.taken[f"{name}@fault.example"], 0, "delivered without its text")
        balanced(self.server)
        for file, content in zip(files, kept):
            file.write_bytes(content)
            file.chmod(0o644)
        settled(self.server, told, self.peers)

    def restart(self):
        """What was reported is also on the disk."""
        self.server.stop()
        balanced(self.server)
        self.server.start()
        settled(self.server, self.told, self.peers)


def run(world, peers, runner):
    story = Story(world, peers)
    runner.case("rule 54: each sync of the conversation fails", story.each_call, shim.SYNC, "/data/", shim.EIO)
    runner.case(f"rule 54: each {STEP}th write of the store fails", story.each_call, shim.WRITE, "/data/postseal.db", shim.EIO, STEP)
    runner.case(f"rule 54: each {STEP}th write finds the disk full", story.each_call, shim.WRITE, "/data/postseal.db", shim.ENOSPC, STEP)
    for what, kinds, error in (("open", shim.OPEN, shim.EIO), ("write", shim.WRITE, shim.EIO), ("write (full)", shim.WRITE, shim.ENOSPC),
                               ("short write", shim.WRITE, shim.SHORT), ("read", shim.READ, shim.EIO), ("short read", shim.READ, shim.SHORT)):
        runner.case(f"rule 54: each {what} of a body's file fails", story.each_call, kinds, "/bodies/", error)
    runner.case("rule 54: every sync fails for a while", story.disk_is_broken)
    runner.case("rule 54: a body that can't be read", story.unreadable)
    runner.case("rule 54: a body's file that is gone, or too short", story.missing)
    runner.case("rule 54: after a restart it is the same", story.restart)

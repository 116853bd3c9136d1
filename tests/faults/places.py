"""A data directory in any state at start, descriptors that are used up, and a log that nobody reads: the server comes up,
says why it can't serve, answers 451, and serves once it is mended (rules 54 and 56).
"""
import datetime
import os
import pathlib
import random
import shutil
import socket
import sqlite3
import time

from peers import RETRY, Told, balanced, settled
from world import waiting
from world.postseal import NOBODY
from world.smtp import Client, Closed
from world.socketmap import Socketmap
from world.story import equal, expect

DESCRIPTORS = 90
LINES = 400


class Story:
    def __init__(self, world, peers):
        self.world, self.peers, self.rounds = world, peers, 0
        world.dns.records.update({"asked.example": {"MX": ["10 mx.asked.example"]}, "mx.asked.example": {"A": ["127.0.22.45"]}})
        self.asking = ("127.0.22.9", world.port + 62)
        self.server = world.postseal("127.0.22.9", name="places", port=world.port + 9, outbound=RETRY,
                                     inbound="reverse_lookup = false", extra=f"""\
[limits]
sessions_per_client = 1000
[[listener]]
address = "{self.asking[0]}:{self.asking[1]}"
role = "socketmap"
""")
        self.data = self.server.root / "data"
        self.told = Told(self.server.places[0])
        self.database = self.data / "postseal.db"

    def own(self):
        for path in (self.data, *self.data.rglob("*")):
            shutil.chown(path, NOBODY, NOBODY)

    def policy(self):
        """What a Postfix is told of a domain for which an exception demands encryption."""
        client = Socketmap(*self.asking)
        try:
            return client.ask("asked.example")
        finally:
            client.close()

    def until_policy(self):
        waiting.until("the exception is told", lambda: self.policy() == "OK encrypt", 60)

    def excepted(self):
        day = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)).date().isoformat()
        done = self.server.run("policy", "except", "asked.example", "--level", "encrypt", "--until", day, "--reason", "a test")
        equal(done.returncode, 0, done.stderr)
        self.until_policy()

    def spoilt(self, words, spoil, mend):
        """One message waits; then the directory is spoilt, the server started, and the directory mended."""
        self.rounds += 1
        name = f"kept-{self.rounds}"
        self.server.start()
        self.peers.patient = True
        equal(self.told.offer(name, "user@slow.example", 100_000), "250", "before")
        waiting.until("the first try", lambda: self.server.recipient(f"<{name}@fault.example>")["reason"])
        self.excepted()
        self.server.stop()
        saved = self.world.root / "saved"
        shutil.copytree(self.data, saved)
        since = len(self.server.log())
        spoil()
        try:
            self.server.start()
            line = self.server.until_logged(f".*({words}).*", since=since)[0]
            self.told.until_told(["451 MAIL"], "user@good.example")
            answer = self.policy()
            expect(answer == "OK encrypt" or answer.startswith("TEMP "), f"what is not known is not none: {answer}")
        finally:
            mend(saved)
            shutil.rmtree(saved)
        self.told.until_told(["250"], "user@good.example", 60)
        self.until_policy()
        self.peers.patient = False
        settled(self.server, self.told, self.peers)
        return line.partition(": ")[2][:150]

    def restore(self, saved):
        """Under the running server, so in one step: it looks every second, and would begin anew where there is none."""
        for rest in self.data.glob("postseal.db-*"):
            rest.unlink()
        copy = self.data / "copy"
        shutil.copy2(saved / "postseal.db", copy)
        shutil.chown(copy, NOBODY, NOBODY)
        copy.rename(self.database)

    def restore_bodies(self, saved):
        (self.data / "bodies").unlink()
        shutil.copytree(saved / "bodies", self.data / "bodies")
        self.own()

    def random_bytes(self):
        self.database.write_bytes(random.Random(1).randbytes(200_000))

    def truncated(self):
        with open(self.database, "r+b") as file:
            file.truncate(self.database.stat().st_size // 2)

    def newer(self):
        with sqlite3.connect(self.database) as database:
            database.execute("UPDATE schema_versions SET version = 99 WHERE room = 'queue'")
        database.close()
        self.own()

    def file_for_directory(self, path):
        shutil.rmtree(path)
        path.write_text("not a directory")


    def open_to_others(self):
        """A folder that was there before the server, and files of an earlier version: all is closed to others."""
        self.data.chmod(0o755)
        for path in self.data.glob("postseal.db*"):
            path.chmod(0o644)
        since = len(self.server.log())
        self.server.start()
        line = self.server.until_logged("data had mode 0755.*", since=since)[0]
        equal(self.told.offer("modes", "user@good.example", 100_000), "250", "a message with a file of its own")
        settled(self.server, self.told, self.peers)
        open_ones = [f"{path} {path.lstat().st_mode & 0o7777:04o}" for path in (self.data, *self.data.rglob("*"))
                     if path.lstat().st_mode & 0o077]
        equal(open_ones, [], "what others may read, write or enter")
        self.server.stop()
        return line

    def lost_database(self):
        """The database is gone, the texts are not: they are put aside, and the server says so."""
        self.server.start()
        self.peers.patient = True
        told = Told(self.server.places[0])
        equal(told.offer("orphan", "user@slow.example", 100_000), "250", "before")
        self.server.stop()
        for path in self.data.glob("postseal.db*"):
            path.unlink()
        since = len(self.server.log())
        self.server.start()
        line = self.server.until_logged("the database is new.*", since=since)[0]
        aside = [path for path in self.data.iterdir() if path.name.startswith("bodies.")]
        equal(sum(len(list(path.iterdir())) for path in aside), 1, "texts kept aside")
        shutil.rmtree(aside[0])
        self.peers.patient = False
        Told(self.server.places[0]).until_told(["250"], "user@good.example")
        balanced(self.server)
        return line

    def descriptors(self):
        """More clients than descriptors: who is too many hears 421, nothing spins, and service resumes."""
        self.server.prefix = ["prlimit", f"--nofile={DESCRIPTORS}"]
        self.server.start()
        told = Told(self.server.places[0])
        equal(told.offer("before-many", "user@slow.example", 100_000), "250", "before")
        clients = [socket.create_connection(self.server.places[0], 20, ("127.0.22.1", 0)) for _ in range(DESCRIPTORS * 2)]
        self.server.until_logged("421 4.7.0 Error: too many connections|accept on .*trying again")
        used = self.processor_seconds()
        time.sleep(3)
        used = self.processor_seconds() - used
        expect(used < 1.0, f"{used} s of the processor in 3 s without descriptors")
        for client in clients:
            client.close()
        told.until_told(["250"], "user@good.example")
        settled(self.server, told, self.peers)
        return f"{used:.2f} s of the processor in 3 s"

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def silent_log(self):
        """The log goes to a pipe that nobody reads: mail goes its way."""
        pipe = self.server.root / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        log, self.server.log_file = self.server.log_file, pipe
        try:
            self.server.start()
            told = Told(self.server.places[0])
            for number in range(LINES):
                equal(told.offer(f"silent-{number}", "user@good.example"), "250", "with a log that is full")
            settled(self.server, told, self.peers)
        finally:
            self.server.stop()
            self.server.log_file = log
            os.close(reader)


    def stopped(self, function, *arguments):
        """A case that leaves no server behind."""
        try:
            return function(*arguments)
        finally:
            self.server.stop()
            self.server.prefix = []


def run(world, peers, runner):
    story = Story(world, peers)
    data, mend = story.data, story.restore
    for what, words, spoil, repair in (
            ("is unreadable", "Permission denied", lambda: data.chmod(0), lambda _: data.chmod(0o700)),
            ("belongs to somebody else", "Permission denied", lambda: shutil.chown(data, 0, 0), lambda _: story.own()),
            ("has a database that may not be written", "readonly|read-only|unable to open",
             lambda: (story.database.chmod(0o400), shutil.chown(story.database, 0, 0)), mend),
            ("has a database of random bytes", "not a database", story.random_bytes, mend),
            ("has half a database", "malformed|damaged", story.truncated, mend),
            ("has a database of a newer version", "newer program", story.newer, mend),
            ("has a file in the place of the bodies' folder", "Not a directory", lambda: story.file_for_directory(data / "bodies"), story.restore_bodies)):
        runner.case(f"rule 56: the data directory {what}", story.stopped, story.spoilt, words, spoil, repair)
    runner.case("what others could enter and read is closed to them", story.stopped, story.open_to_others)
    runner.case("rule 56: the database is lost, the texts are not", story.stopped, story.lost_database)
    runner.case("rule 54: descriptors are used up", story.stopped, story.descriptors)
    runner.case("rule 56: a log that nobody reads blocks nothing", story.silent_log)

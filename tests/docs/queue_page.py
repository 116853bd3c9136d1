"""Follows docs/queue.md on a queue like the one it shows: each command is typed in the page's order, and what comes must have
the page's shape. Ids, times, sizes and addresses differ; `...` stands for what the page leaves out.
"""
import re
import shlex

from world import waiting
from world.postseal import ROOT
from world.smtp import ScriptedPeer, polite
from world.story import equal, expect

PAGE = ROOT / "docs" / "queue.md"
BLOCK = re.compile(r"^```\n(.*?)^```$", re.S | re.M)
HOSTS = {"example.org": "127.0.22.51", "example.net": "127.0.22.52", "example.edu": "127.0.22.53"}
MAIL = [("alice@example.com", "user0@example.org"), ("alice@example.com", "user1@example.org"),
        ("alice@example.com", "user2@example.org"), ("alice@example.com", "bob@example.net"),
        ("bob@example.com", "carol@example.edu")]
# What differs from one run to the next, and what stands for it.
VARYING = [(r"\b00d\w{12}\b", "ID"), (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"), (r"\d+ (s|min) ago|\bnow\b", "AGO"),
           (r"in \d+ (s|min|h)\b", "SOON"), (r"\]:\d+", "]:PORT"), (r"\d+ bytes", "SIZE"), (r"\s+", " ")]


def plain(line):
    for pattern, word in VARYING:
        line = re.sub(pattern, word, line)
    return line.strip()


def like(shown, came):
    """Whether the lines that came are those shown; a line `...` stands for any number of them."""
    pattern = ""
    for line in map(plain, shown.splitlines()):
        if line == "...":
            pattern += r"(.*\n)*?"
            continue
        cut = line.removesuffix("...")
        pattern += re.escape(cut) + (".*" if cut != line else "") + "\n"
    return re.fullmatch(pattern, "".join(plain(line) + "\n" for line in came.splitlines()))


def steps():
    """(command, what the page shows for it), in the page's order."""
    for block in BLOCK.findall(PAGE.read_text()):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown


def prepare(world):
    def grey(verb, wire):
        if verb == "RCPT":
            wire.send("450 4.2.0 Greylisted, please try again later")
            return True
        return False
    world.dns.records.update({domain: {"MX": [f"10 mx.{domain}"]} for domain in HOSTS})
    world.dns.records.update({f"mx.{domain}": {"A": [address]} for domain, address in HOSTS.items()})
    world.add(ScriptedPeer(HOSTS["example.net"], world.peer_port, lambda wire: polite(wire, before=grey)))
    world.add(ScriptedPeer(HOSTS["example.edu"], world.peer_port, polite))
    server = world.postseal(name="queue", outbound='retry = { first = "5m" }', policy="example.edu encrypt\n")
    server.start()
    for number, (sender, recipient) in enumerate(MAIL):
        server.submit(recipient, f"queue-{number}", sender=sender)
    waiting.until("all have been tried", lambda: all(
        one["attempts"] == 1 for message in server.json("queue", "list") for one in message["recipients"]))
    return server


def follow(server, command, shown):
    words = shlex.split(command)
    equal(words.pop(0), "postseal", "the command")
    if words[1] == "delete":  # the page's id is that of its first message
        words[2] = server.json("queue", "list")[0]["queue_id"]
    done = server.run(*words, text="")
    equal(done.returncode, 0, f"exit status of {command}: {done.stdout}{done.stderr}")
    expect(like(shown, done.stdout + done.stderr), f"the page shows\n{shown}and there came\n{done.stdout}{done.stderr}")


def run(world, runner):
    server = prepare(world)
    for command, shown in steps():
        runner.case(f"queue.md: {command}", follow, server, command, shown)

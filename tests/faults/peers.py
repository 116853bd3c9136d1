"""The world around the server under fault: peers that take, put off or refuse, a client that reports what it was told,
and the count of what must be nowhere lost and nowhere doubled.
"""
import re
import sys
import pathlib
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from world import waiting
from world.smtp import Client, Closed, ScriptedPeer, polite
from world.story import equal, expect

GOOD, SLOW, BAD, MAILBOX, SECURE = (f"127.0.22.{number}" for number in (40, 41, 42, 43, 44))
RETRY = 'retry = { first = "1s", max = "2s", give_up = "1h" }'


class Peers:
    """good.example takes, slow.example puts off until `patient` is false, bad.example refuses, secure.example takes over
    TLS; returned mail comes to sender.example. `taken` counts each message by its Message-ID; `texts` has them.
    """

    def __init__(self, world):
        self.taken, self.texts, self.patient = Counter(), {}, True
        self.certificate = world.ca.issue("mx.secure.example")
        for address in (GOOD, SLOW, BAD, MAILBOX, SECURE):
            world.add(ScriptedPeer(address, world.peer_port, lambda wire, at=address: self.serve(wire, at)))
        hosts = {"good": GOOD, "slow": SLOW, "bad": BAD, "sender": MAILBOX, "secure": SECURE}
        world.dns.records.update({f"{name}.example": {"MX": [f"10 mx.{name}.example"]} for name in hosts})
        world.dns.records.update({f"mx.{name}.example": {"A": [address]} for name, address in hosts.items()})

    def serve(self, wire, address):
        def before(verb, wire):
            if verb == "RCPT" and address == SLOW and self.patient:
                wire.send("451 4.7.1 come back later")
                return True
            if verb == "RCPT" and address == BAD:
                wire.send("550 5.1.1 nobody of that name")
                return True
            return False
        polite(wire, self.certificate if address == SECURE else None, texts=self, before=before)

    def append(self, text):
        name = re.search(rb"^Message-ID: <([^>]*)>", text, re.M | re.I)[1].decode()
        self.taken[name] += 1
        self.texts[name] = text
        about = re.search(rb"Message-ID: <([^>]*@fault.example)>", text)
        if about and about[1].decode() != name:
            self.taken["returned " + about[1].decode()] += 1


class Told:
    """What the server said of each message: 250, another code, or nothing."""

    tries = 0  # of all together: no name twice

    def __init__(self, place):
        self.place, self.codes = place, {}

    def offer(self, name, recipient, size=100, content=None):
        """Offers one message; the first code that is no success, with the verb that got it, or 250."""
        text = content or (b"x" * 76 + b"\r\n") * (size // 78 + 1)
        try:
            code = self.transaction(name, recipient, text)
        except (Closed, TimeoutError, OSError):
            code = "lost"
        self.codes[name] = code
        return code

    def transaction(self, name, recipient, text):
        client = Client(*self.place, greet=False)
        try:
            code, _ = client.reply()
            if code != "220":
                return f"{code} greeting"
            client.hello()
            for line, wanted in ((f"MAIL FROM:<author@sender.example> SIZE={len(text)}", "2"),
                                 (f"RCPT TO:<{recipient}>", "2"), ("DATA", "3")):
                client.send(line)
                code, _ = client.reply()
                if not code.startswith(wanted):
                    return f"{code} {line.split(' ')[0].split(':')[0]}"
            client.send(f"Message-ID: <{name}@fault.example>\r\n\r\n".encode() + text + b".\r\n")
            code, _ = client.reply()
            return code if code == "250" else f"{code} text"
        finally:
            client.close()

    def until_told(self, wanted, recipient, limit=30):
        """Offers one message after the other, each once, until one is answered as wanted."""
        def offer():
            Told.tries += 1
            return self.offer(f"try-{Told.tries}", recipient) in wanted
        waiting.until(f"{' or '.join(wanted)}", offer, limit)

    def accepted(self):
        return {name for name, code in self.codes.items() if code == "250"}

    def refused(self):
        return {name for name, code in self.codes.items() if code != "250"}


def settled(server, told, peers, doubled=0, limit=60):
    """All that was accepted arrives, what was refused doesn't, and the queue adds up."""
    waiting.until("the queue is empty", lambda: server.balance()["queued"] == 0, limit)
    taken = {name: peers.taken[f"{name}@fault.example"] + peers.taken[f"returned {name}@fault.example"] for name in told.codes}
    equal([name for name in told.accepted() if taken[name] == 0], [], "lost")
    twice = {name: taken[name] for name in told.accepted() if taken[name] > 1}
    expect(sum(twice.values()) - len(twice) <= doubled, f"doubled: {twice}")
    equal([name for name in told.refused() if taken[name] and told.codes[name] != "lost"], [], "refused, and sent")
    balanced(server)


def balanced(server):
    equal(server.balance()["difference"], 0, "difference")

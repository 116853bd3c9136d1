"""Servers and senders that can be judged by a sequence of messages alone: a host that has had enough of a connection, and
senders who make us write reports to others.
"""
from world import waiting
from world.smtp import Client, ScriptedPeer, polite
from world.story import equal, expect

FULL, REFUSING, VICTIM, OTHER = "127.0.22.42", "127.0.22.43", "127.0.22.44", "127.0.22.45"
REPORTS_TO_DOMAIN = 3
ENOUGH = "452 4.5.3 Too many messages per session, reconnect"


def once_a_connection(wire, texts):
    """One message, and then it wants another connection, but does not end this one."""
    taken = []

    def before(verb, wire):
        if verb == "MAIL" and taken:
            wire.send(ENOUGH)
            return True
        taken.extend([verb] * (verb == "MAIL"))
        return False

    polite(wire, texts=texts, before=before)


def refuse(wire):
    def before(verb, wire):
        if verb == "RCPT":
            wire.send("550 5.1.1 no such user")
        return verb == "RCPT"

    polite(wire, before=before)


class Sequences:
    def __init__(self, world):
        self.world, self.full_texts, self.victim_texts, self.other_texts = world, [], [], []
        records, port = world.dns.records, world.peer_port
        self.full = world.add(ScriptedPeer(FULL, port, lambda wire: once_a_connection(wire, self.full_texts)))
        world.add(ScriptedPeer(REFUSING, port, refuse))
        world.add(ScriptedPeer(VICTIM, port, lambda wire: polite(wire, texts=self.victim_texts)))
        world.add(ScriptedPeer(OTHER, port, lambda wire: polite(wire, texts=self.other_texts)))
        records["full.hostile.example"] = {"A": [FULL]}
        records["refusing.hostile.example"] = {"A": [REFUSING]}
        records["friend.example"] = {"A": [OTHER]}
        records |= {f"s{number}.victim.example": {"A": [VICTIM]} for number in range(8)}
        self.postseal = world.postseal("127.0.22.3", name="sequences", port=world.port + 3, inbound="reverse_lookup = false",
                                       outbound=f"reports = {{ to_domain = {REPORTS_TO_DOMAIN}, in_all = 0 }}")
        self.postseal.start()

    def cases(self):
        yield "RFC 5321 §4.5.4.1: a host that takes one message a connection puts off none", self.one_a_connection
        yield "reports to strangers: a domain in whose names others write has its share of an hour", self.flooded
        yield "reports to strangers: what is let go is a delay's or a success's alone", self.let_go
        yield "reports to strangers: another's share is its own", self.unharmed
        yield "the queue's balance behind them", lambda: equal(self.postseal.balance()["difference"], 0, "difference")

    def send(self, sender, recipient, options=""):
        client = Client(*self.postseal.places[0]).hello()
        client.command(f"MAIL FROM:<{sender}>", "250")
        client.command(f"RCPT TO:<{recipient}>{options}", "250")
        client.command("DATA", "354")
        client.send(b"Subject: x\r\n\r\nHello.\r\n.\r\n")
        queue_id = client.expect("250").rpartition(" ")[2]
        client.close()
        return queue_id

    def one_a_connection(self):
        for number in range(4):
            queue_id = self.send("author@friend.example", "user@full.hostile.example")
            self.postseal.until_logged(rf"{queue_id}: to=.*status=sent")
        expect("status=deferred" not in self.postseal.log(), "a message was put off")
        equal(len(self.full_texts), 4, "messages")
        equal(len(self.full.wires), 4, "connections")

    def flooded(self):
        for number in range(6):
            queue_id = self.send(f"forged@s{number}.victim.example", "nobody@refusing.hostile.example")
            self.postseal.until_logged(rf"{queue_id}: sender non-delivery notification")
        waiting.until("the reports that may leave", lambda: len(self.victim_texts) == REPORTS_TO_DOMAIN)
        queued = self.postseal.json("queue", "list")
        equal(len(queued), 6 - REPORTS_TO_DOMAIN, "reports that wait")
        for message in queued:
            equal((message["sender"], message["recipients"][0]["attempts"]), ("", 0), "a report, untried")
        equal(self.postseal.balance()["returned"], 6, "returned: each of them is told, now or later")

    def let_go(self):
        queue_id = self.send("forged@s6.victim.example", "user@full.hostile.example", " NOTIFY=SUCCESS")
        self.postseal.until_logged(rf"{queue_id}: sender delivery status notification: let go: .* \(1 so far\)")
        self.postseal.until_logged(rf"{queue_id}: to=.*status=sent")
        equal(len(self.victim_texts), REPORTS_TO_DOMAIN, "reports to the domain")

    def unharmed(self):
        self.send("author@friend.example", "nobody@refusing.hostile.example")
        waiting.until("the report", lambda: len(self.other_texts) == 1)

"""DNS that is dead, mute, or lies: mail waits with a reason that can be read, others go on, and no lie is believed."""
import os
import re
import socket
import struct
import threading

from peers import GOOD, RETRY, Told, settled
from world import waiting
from world.dns_server import CNAME, MX, TTL, DnsServer, read_name, wire_data, wire_name
from world.story import equal, expect

UDP_LIMIT = 1232  # what our resolver says that it takes


def servfail(packet, question):
    return packet[:2] + struct.pack("!HHHHH", 0x8582, 1, 0, 0, 0) + question


def refused(packet, question):
    return packet[:2] + struct.pack("!HHHHH", 0x8585, 1, 0, 0, 0) + question


def garbage(packet, _):
    return os.urandom(len(packet) + 40)


def cut(packet, question):
    """An answer that promises a record and ends before it."""
    return packet[:2] + struct.pack("!HHHHH", 0x8580, 1, 1, 0, 0) + question + b"\xc0\x0c\0"


def another_id(packet, question):
    return bytes([packet[0] ^ 0xFF, packet[1]]) + answer_of(packet, question)[2:]


def another_name(packet, question):
    """The answer to a question that nobody asked."""
    return answer_of(packet, wire_name("good.example") + question[-4:])


def answer_of(packet, question):
    data = wire_data("MX", "10 mx.good.example")
    return (packet[:2] + struct.pack("!HHHHH", 0x8580, 1, 1, 0, 0) + question +
            question[:-4] + struct.pack("!HHIH", MX, 1, TTL, len(data)) + data)


def loop(packet, question):
    """An alias of itself, by way of another name."""
    name, here, there = question[:-4], wire_name("loop.lie.example"), wire_name("other.loop.lie.example")
    target = there if name == here else here
    record = name + struct.pack("!HHIH", CNAME, 1, TTL, len(target)) + target
    return packet[:2] + struct.pack("!HHHHH", 0x8580, 1, 1, 0, 0) + question + record


def mute(_, __):
    return None


LIES = {"servfail": servfail, "refused": refused, "garbage": garbage, "cut": cut, "another-id": another_id,
        "another-name": another_name, "loop": loop, "mute": mute}


class LyingDns(DnsServer):
    """Lies about NAME.lie.example as LIES[NAME] does, tells the truth about the rest, and long truths by TCP."""

    def __init__(self, address, port, records):
        super().__init__(address, port, records)
        self.listener = socket.create_server((address, port))
        threading.Thread(target=self.serve_tcp, daemon=True).start()

    def truth(self, packet):
        return super().answer(packet)

    def answer(self, packet):
        name, end = read_name(packet, 12)
        question, labels = packet[12:end + 4], name.lower().split(".")
        if labels[-2:] == ["lie", "example"] and len(labels) > 2:
            return LIES[labels[-3]](packet, question)
        answer = self.truth(packet)
        if answer and len(answer) > UDP_LIMIT:
            return packet[:2] + struct.pack("!HHHHH", 0x8780, 1, 0, 0, 0) + question  # truncated: ask by TCP
        return answer

    def serve_tcp(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                size = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))[0]
                answer = self.truth(connection.recv(size, socket.MSG_WAITALL))
                connection.sendall(struct.pack("!H", len(answer)) + answer)

    def stop(self):
        self.listener.close()
        super().stop()


class Story:
    def __init__(self, world, peers):
        self.world, self.peers = world, peers
        self.port = world.dns_port + 1
        records = dict(world.dns.records)
        records["many.example"] = {"MX": [f"{number} mx{number}.many.example" for number in range(1000)]}
        records["mx0.many.example"] = {"A": [GOOD]}
        self.dns = world.add(LyingDns("127.0.22.54", self.port, records))
        self.server = self.make("dns", "127.0.22.7", "127.0.22.54")
        self.told = Told(self.server.places[0])

    def make(self, name, address, dns):
        server = self.world.postseal(address, name=name, port=self.world.port + 7, outbound=RETRY, dns=f"{dns}@{self.port}",
                                     inbound="reverse_lookup = false")
        server.start()
        return server

    def lies(self):
        """Nobody is told a lie as truth; the truthful go on meanwhile."""
        for name in LIES:
            equal(self.told.offer(f"lie-{name}", f"user@{name}.lie.example"), "250", name)
        equal(self.told.offer("truth", "user@good.example"), "250", "the truth")
        waiting.until("the truth's delivery", lambda: self.peers.taken["truth@fault.example"], 10)
        reasons = {}
        for name in LIES:
            def look(name=name):
                hop = self.server.trace(f"<lie-{name}@fault.example>")
                return hop and [one for one in hop["hops"] if one["direction"] == "out"]
            hop = waiting.until(f"an end of {name}", look, 60)[-1]
            reasons[name] = hop["reason"]
            equal(hop["result"], "deferred", f"{name} ({hop['reason']})")
            expect(re.search(r"DNS|name server|lookup|resolver|SERVFAIL|MX", hop["reason"]), f"{name} can be read: {hop['reason']}")
        equal([name for name in LIES if self.peers.taken[f"lie-{name}@fault.example"]], [], "believed")
        return f"{reasons}"

    def many(self):
        equal(self.told.offer("many", "user@many.example"), "250", "the message")
        waiting.until("a thousand MX records: the delivery", lambda: self.peers.taken["many@fault.example"], 30)

    def dead(self):
        """No name server at all: mail is taken, waits, and leaves when one is there."""
        server = self.make("nodns", "127.0.22.8", "127.0.22.55")
        told = Told(server.places[0])
        equal(told.offer("dead", "user@good.example"), "250", "without DNS")
        reason = waiting.until("the reason", lambda: server.recipient("<dead@fault.example>")["reason"], 60)
        self.world.add(LyingDns("127.0.22.55", self.port, self.world.dns.records))
        settled(server, told, self.peers, limit=90)
        return reason


def run(world, peers, runner):
    story = Story(world, peers)
    runner.case("rule 1: DNS that lies, fails or is mute: mail waits, and says why", story.lies)
    runner.case("a thousand MX records, by TCP", story.many)
    runner.case("rule 1: no DNS at all, and then there is", story.dead)

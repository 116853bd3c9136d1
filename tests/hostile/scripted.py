"""The form of the tables of hostile servers, and how a row is played: a polite server but for what its script says.

A row's script maps a stage to what is said there in place of the polite reply. Stages: "greeting", "EHLO", "EHLO tls"
(after the handshake), "HELO", "LHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "BDAT", "dot" (after the text), "QUIT", "RSET".
What is said is text (lines, CRLF is added), bytes (as they are), an action (CLOSE, RESET, LINGER, HANG, DEAF, TLS, After,
Trickle, Flood),
a tuple of these one after the other, or a list: one for the first time, one for the second, the last for all others.
"tls" names the certificate that is offered ("good", "other", "expired", "wrong"; "old": no TLS 1.2). A list of scripts: hosts
in the order of their preference, among which NOBODY is one where nobody listens.

What must come of it is told as "sent|deferred|bounced DSN", one for each recipient, and optionally what the log must say.
"""
import re
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field

from world import waiting
from world.smtp import Closed, ScriptedPeer, server_tls
from world.story import expect

CLOSE, RESET, LINGER, HANG, DEAF, TLS = "CLOSE", "RESET", "LINGER", "HANG", "DEAF", "TLS"
NOBODY = "NOBODY"               # in place of a script: nobody listens at the host's address
EXTENSIONS = ("PIPELINING", "8BITMIME", "SIZE 0")
FLOOD_BYTES = 16 * 1024 * 1024  # far above what the sockets' buffers hold
END = threading.Event()         # of the story: who hangs may go


@dataclass
class After:
    octets: int               # are taken before it goes on


@dataclass
class Trickle:
    data: bytes               # an octet each quarter of a second


@dataclass
class Flood:
    block: bytes              # again and again


@dataclass
class Row:
    why: str
    script: object
    wanted: object            # "deferred 4.4.2", or a list of these
    says: str = ""            # a regular expression for the log line's words
    text: bytes = b"Hello.\r\n"
    sender: str = "author@sender.example"
    recipients: tuple = ("user",)
    options: str = ""         # of MAIL
    heard: bytes = None       # what the last host must have heard
    unheard: bytes = None     # and what no host
    delivered: int = None     # how often the text was taken; by default once where a recipient was sent


@dataclass
class Table:
    title: str
    rows: list
    level: str = "may"
    delivery: str = ""        # of a domain of ours: "lmtp"


class Peer:
    """One host of a row."""

    def __init__(self, case, script, certificates):
        self.case, self.script, self.certificates = case, script, certificates
        self.times, self.taken, self.flooded = {}, [], 0

    def play(self, wire):
        wire.clear, secured = None, False
        self.stage(wire, "greeting", "220 peer.example ESMTP")
        while True:
            line = wire.line().decode("latin-1")
            verb = line.split(" ")[0].upper()
            if verb == "DATA":
                self.data(wire)
            elif verb == "BDAT":
                self.chunk(wire, line)
            elif verb == "STARTTLS" and "STARTTLS" not in self.script and "tls" in self.script:
                wire.send("220 2.0.0 go ahead")
                secured = self.handshake(wire)
            elif verb in ("EHLO", "LHLO"):
                secured = secured or isinstance(wire.socket, ssl.SSLSocket)
                own = f"{verb} tls" if secured and f"{verb} tls" in self.script else verb
                self.stage(wire, own, self.hello(secured))
            elif verb == "QUIT":
                return self.stage(wire, verb, "221 2.0.0 bye")
            else:
                self.stage(wire, verb, "250 2.0.0 Ok")

    def hello(self, secured):
        words = ["peer.example", *self.script.get("offers", EXTENSIONS)] + ["STARTTLS"] * ("tls" in self.script and not secured)
        return "\n".join(f"250-{word}" for word in words[:-1]) + f"\n250 {words[-1]}"

    def data(self, wire):
        self.stage(wire, "DATA", "354 go ahead")
        said = self.script.get("DATA", "354")
        if isinstance(said, str) and not said.startswith("354"):
            return
        self.end(wire, wire.text().removesuffix(b".\r\n"))

    def chunk(self, wire, line):
        size, last = int(line.split()[1]), line.upper().endswith("LAST")
        wire.chunks = getattr(wire, "chunks", b"") + wire.exactly(size)
        if last:
            text, wire.chunks = wire.chunks, b""
            return self.end(wire, text)
        self.stage(wire, "BDAT", "250 2.0.0 Ok")

    def end(self, wire, text):
        said = self.upcoming("dot", "")
        refuses = isinstance(said, str) and said.startswith(("4", "5"))
        if text and not refuses:  # a lone dot ends nothing: all recipients were refused
            self.taken.append(text)
        self.stage(wire, "dot", "250 2.0.0 Ok: taken")

    def handshake(self, wire):
        wire.clear = wire.heard
        kind = self.script["tls"]
        versions = [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1] if kind == "old" else []
        try:
            server_tls(wire, self.certificates["good" if versions else kind], *versions)
        except ssl.SSLError as error:
            raise Closed() from error
        return True

    def upcoming(self, name, polite):
        step = self.script.get(name, polite)
        return step[min(self.times.get(name, -1) + 1, len(step) - 1)] if isinstance(step, list) else step

    def stage(self, wire, name, polite):
        step = self.upcoming(name, polite)
        self.times[name] = self.times.get(name, -1) + 1
        for part in step if isinstance(step, tuple) else (step,):
            self.perform(wire, part)

    def perform(self, wire, part):
        if isinstance(part, bytes):
            wire.send(part)
        elif isinstance(part, After):
            wire.exactly(part.octets)
        elif isinstance(part, Trickle):
            for octet in part.data:
                wire.send(bytes([octet]))
                if END.wait(0.25):
                    return
        elif isinstance(part, Flood):
            while self.flooded < FLOOD_BYTES:
                wire.send(part.block)
                self.flooded += len(part.block)
        elif part == HANG:
            wire.until(b"no client says this\r\n\0")
        elif part == DEAF:
            END.wait(60)
        elif part == TLS:
            self.handshake(wire)
        elif part == LINGER:
            wire.socket.shutdown(socket.SHUT_WR)
            wire.until(b"no client says this\r\n\0")
        elif part == RESET:
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise Closed()
        elif part == CLOSE:
            raise Closed()
        else:
            wire.send("\r\n".join(part.split("\n")).encode() + b"\r\n")


def logged(address):
    """As the log writes it: ASCII only."""
    return "".join(chr(octet) if 32 <= octet < 127 else f"\\x{octet:02x}" for octet in address.encode())


@dataclass
class Case:
    table: Table
    row: Row
    number: int
    hosts: list = field(default_factory=list)
    peers: list = field(default_factory=list)

    @property
    def name(self):
        return f"{self.table.title}: {self.row.why}"

    @property
    def domain(self):
        return f"c{self.number}.hostile.example"

    def scripts(self):
        return self.row.script if isinstance(self.row.script, list) else [self.row.script]

    def set_up(self, world, certificates, next_address):
        """Its hosts and what DNS says of them; one host is the domain itself, so that its name can be proven."""
        addresses = []
        for script in self.scripts():
            addresses.append(next_address())
            if script is NOBODY:
                continue
            host = Peer(self, script, certificates)
            self.hosts.append(host)
            self.peers.append(world.add(ScriptedPeer(addresses[-1], world.peer_port, host.play, limit=60)))
        if len(addresses) == 1:
            world.dns.records[self.domain] = {"A": addresses}
            return
        names = [f"{number}.mx.{self.domain}" for number in range(len(addresses))]
        world.dns.records[self.domain] = {"MX": [f"{10 + number} {name}" for number, name in enumerate(names)]}
        for name, address in zip(names, addresses):
            world.dns.records[name] = {"A": [address]}

    def submit(self, client):
        row = self.row
        client.command(f"MAIL FROM:<{row.sender}>{row.options}", "250")
        for name in row.recipients:
            client.command(f"RCPT TO:<{name}@{self.domain}>", "250")
        client.command("DATA", "354")
        text = f"Message-ID: <{self.number}@hostile.example>\r\n\r\n".encode() + row.text
        client.send(text.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        client.expect("250")

    def check(self, postseal, limit):
        wanted = [self.row.wanted] * len(self.row.recipients) if isinstance(self.row.wanted, str) else self.row.wanted
        for name, outcome in zip(self.row.recipients, wanted, strict=True):
            address = re.escape(logged(f"{name}@{self.domain}"))
            found = waiting.until(f"what came of it: {outcome}", lambda: re.search(
                rf"to=<{address}>, .*dsn=(\S+?),? tls=(\S*?), status=(\w+) \((.*)\)", postseal.log()), limit)
            status, tls, result, words = found.groups()
            got = f"{result} {status} {tls} {words}"
            expect(re.match(outcome.replace(".", r"\."), got), f"expected {outcome}, got {got}")
            expect(re.search(self.row.says, got), f"expected words like {self.row.says}, got {got}")
        self.check_hosts(any(outcome.startswith("sent") for outcome in wanted))

    def check_hosts(self, sent):
        """What the hosts heard and took."""
        errors = [error for peer in self.peers for error in peer.errors]
        expect(not errors, f"the script's own errors: {errors}")
        expect(all(host.flooded < FLOOD_BYTES for host in self.hosts), f"{FLOOD_BYTES} octets of reply were taken")
        taken = [text for host in self.hosts for text in host.taken]
        expect(all(self.row.text in text for text in taken), f"the text as it was taken: {taken[:1]}")
        if sent or self.row.delivered is not None:
            times = 1 if self.row.delivered is None else self.row.delivered
            expect(len(taken) == times, f"the text was taken {len(taken)} times")
        wires = [wire for peer in self.peers for wire in peer.wires]
        if self.table.level not in ("", "may"):
            for wire in wires:
                clear = (wire.heard if wire.clear is None else wire.clear).upper()
                expect(b"MAIL FROM" not in clear, f"a demand, and in clear: {clear[:300]}")
        if self.row.heard:
            expect(any(self.row.heard in wire.heard for wire in self.peers[-1].wires), f"the last host never heard {self.row.heard}")
        if self.row.unheard:
            expect(not any(self.row.unheard in wire.heard for wire in wires), f"a host heard {self.row.unheard}")


class BadServers:
    """All rows of some tables: their hosts, their entries in the policy map, and their messages."""

    def __init__(self, world, tables):
        self.world, self.cases, self.used = world, [], 0
        certificates = {"good": world.ca.issue("*.hostile.example"), "other": world.other_ca.issue("*.hostile.example"),
                        "expired": world.ca.issue("*.hostile.example", expired=True), "wrong": world.ca.issue("mx.elsewhere.test")}
        for table in tables:
            for row in table.rows:
                case = Case(table, row, 1000 + len(self.cases))
                case.set_up(world, certificates, self.next_address)
                self.cases.append(case)

    def next_address(self):
        self.used += 1
        return f"127.0.{23 + self.used // 250}.{1 + self.used % 250}"

    def policy(self):
        return "".join(f"{case.domain} {case.table.level}\n" for case in self.cases if not case.table.delivery)

    def domains(self):
        return "".join(f'[[domain]]\nname = "{case.domain}"\nrecipients = "any"\n'
                       f'delivery = "{case.table.delivery}:[{case.peers[0].address}]:{case.peers[0].port}"\n\n'
                       for case in self.cases if case.table.delivery)

    def submit(self, client):
        for case in self.cases:
            case.submit(client)

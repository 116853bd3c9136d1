"""A signed DNS: a root of our own, a top-level domain and domains below it, signed and served by a real Knot on loopback.

One knotd holds all zones, so that a resolver that forwards to it finds every answer, signature and DS record. In front
of it stands `Front`, which passes everything on but what a story wants to fail.
"""
import pathlib
import socket
import struct
import subprocess
import threading
import time

from . import waiting
from .daemon import Daemon
from .dns_server import SERVFAIL, TYPES, read_name

ALGORITHM = "ecdsap256sha256"
RRSIG, TLSA = 46, 52
TYPES = TYPES | {"TLSA": TLSA}
WORDS = {number: word for word, number in TYPES.items()}
LONG_AGO = 60 * 86400  # seconds; signatures are made for fourteen days

CONFIGURATION = """\
server:
    rundir: "{root}/run"
    listen: {address}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 2
log:
  - target: stderr
    any: notice
database:
    storage: "{root}/db"
policy:
  - id: nsec
    algorithm: {algorithm}
    single-type-signing: on
    manual: on
  - id: nsec3
    algorithm: {algorithm}
    single-type-signing: on
    manual: on
    nsec3: on
    nsec3-iterations: 0
template:
  - id: default
    storage: "{root}/zones"
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
zone:
"""


class Zone:
    """A zone of the world. `delegation` is what its parent says of it: "signed" (a DS record), "unsigned" (none) or
    "wrong" (a DS of another key); `denial` is "nsec" or "nsec3"; an `expired` zone was signed too long ago.
    """

    def __init__(self, name, delegation="signed", denial="nsec", expired=False):
        self.name, self.delegation, self.denial, self.expired = name, delegation, denial, expired
        self.origin = f"{name}." if name else "."
        self.file = f"{name or 'root'}.zone"
        self.lines = []

    @property
    def signed(self):
        return self.delegation != "unsigned"


def below(name, zone):
    return not zone.name or name == zone.name or name.endswith("." + zone.name)


def rdata(kind, value):
    """A value of the table as a zone file has it: names there are absolute."""
    if kind in ("CNAME", "MX"):
        return value.rstrip(".") + "."
    return '"' + value + '"' if kind == "TXT" and not value.startswith('"') else value


class Knot(Daemon):
    """`records` maps a name to {"MX": ["10 mx.a.example"], "TLSA": ["3 1 1 00ff"], ...}, as DnsServer's does; each name
    goes to the longest zone that it is below. `change` replaces one set of records while the server runs.
    """

    def __init__(self, root, address, port, zones, records, ttl=60):
        self.root, self.address, self.port, self.ttl = pathlib.Path(root), address, port, ttl
        self.zones, self.records = zones, records
        self.name = "Knot"
        for name in ("run", "db", "zones"):
            (self.root / name).mkdir(parents=True)
        self.configuration = self.root / "knot.conf"
        self.trust_anchor = self.root / "root.key"

    def tool(self, program, *words):
        done = subprocess.run([program, "-c", self.configuration, *map(str, words)], text=True, capture_output=True, cwd=self.root)
        if done.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def zone_of(self, name):
        return max((zone for zone in self.zones if below(name, zone)), key=lambda zone: len(zone.name))

    def write_configuration(self):
        text = CONFIGURATION.format(root=self.root, address=self.address, port=self.port, algorithm=ALGORITHM)
        for zone in self.zones:
            text += f"  - domain: {zone.origin}\n    file: {zone.file}\n"
            if zone.signed:
                serve_only = "    dnssec-signing: off\n" if zone.expired else "    dnssec-signing: on\n"
                text += f"    dnssec-policy: {zone.denial}\n" + serve_only
        self.configuration.write_text(text)

    def make_keys(self):
        """A key for each signed zone, its DS record in the parent, and the root's as the trust anchor."""
        for zone in sorted(self.zones, key=lambda zone: -len(zone.name.split(".")) if zone.name else 0):
            zone.lines += [f"{zone.origin} {self.ttl} SOA ns.example. hostmaster.example. 1 3600 600 86400 {self.ttl}",
                           f"{zone.origin} {self.ttl} NS ns.example."]
            if zone.name:
                parent = max((other for other in self.zones if other is not zone and below(zone.name, other)),
                             key=lambda other: len(other.name))
                parent.lines.append(f"{zone.origin} {self.ttl} NS ns.example.")
            if not zone.signed:
                continue
            began = [f"{event}=-90d" for event in ("created", "publish", "ready", "active")] if zone.expired else []
            self.tool("keymgr", zone.origin, "generate", f"algorithm={ALGORITHM}", "ksk=yes", "zsk=yes", *began)
            _, _, tag, algorithm, kind, digest = next(
                line.split() for line in self.tool("keymgr", zone.origin, "ds").splitlines() if line.split()[4] == "2")
            if zone.delegation == "wrong":
                digest = digest[::-1]
            record = f"DS {tag} {algorithm} {kind} {digest}"
            if zone.name:
                parent.lines.append(f"{zone.origin} {self.ttl} {record}")
            else:
                self.trust_anchor.write_text(f". {self.ttl} IN {record}\n")

    def write_zones(self):
        for name, entry in self.records.items():
            zone = self.zone_of(name)
            zone.lines += [f"{name}. {self.ttl} {kind} {rdata(kind, value)}" for kind, values in entry.items() for value in values]
        for zone in self.zones:
            (self.root / "zones" / zone.file).write_text("\n".join(zone.lines) + "\n")
            if zone.expired:
                self.tool("kzonesign", "-o", self.root / "zones", "-t", int(time.time()) - LONG_AGO, zone.origin)

    def start(self):
        self.write_configuration()
        self.make_keys()
        self.write_zones()
        self.launch(["knotd", "-c", self.configuration])
        for zone in self.zones:
            waiting.until(f"Knot serves {zone.origin}", lambda: self.serves(zone))

    def serves(self, zone):
        self.is_running()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(1)
            labels = b"".join(bytes([len(label)]) + label.encode() for label in zone.name.split(".") if label)
            client.sendto(struct.pack("!6H", 1, 0, 1, 0, 0, 0) + labels + b"\0\0\6\0\1", (self.address, self.port))
            try:
                return client.recv(4096)[3] & 0x0F == 0
            except OSError:
                return False

    def change(self, changes):
        """`changes` maps (name, type) to the records that take the place of those of this name and type; Knot signs them."""
        control = ["knotc", "-b", "-s", self.root / "run" / "knot.sock"]

        def steer(*words):
            done = subprocess.run([*control, *words], text=True, capture_output=True)
            if done.returncode != 0:
                raise RuntimeError(f"knotc {' '.join(words)}: {done.stdout}{done.stderr}")
        origins = {self.zone_of(name).origin for name, _ in changes}
        for origin in origins:
            steer("zone-begin", origin)
        for (name, kind), values in changes.items():
            origin = self.zone_of(name).origin
            if self.records.get(name, {}).get(kind):
                steer("zone-unset", origin, f"{name}.", kind)
            for value in values:
                steer("zone-set", origin, f"{name}.", str(self.ttl), kind, rdata(kind, value))
            self.records.setdefault(name, {})[kind] = list(values)
        for origin in origins:
            steer("zone-commit", origin)


class Front:
    """Stands before a DNS server and passes on questions and answers, but where `faults` has something for (name, type):
    "SERVFAIL", "silence" (no answer), or "spoil" (each signature has a bit turned over, so the answer is bogus). `asked`
    lists what was asked for. `faults` may be changed at any time.
    """

    def __init__(self, address, port, behind):
        self.address, self.port, self.behind = address, port, behind
        self.faults, self.asked = {}, []
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind((address, port))
        self.listener = socket.create_server((address, port))
        self.inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inner.settimeout(2)
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.serve, self.accept)]
        for thread in self.threads:
            thread.start()

    def serve(self):
        while True:
            packet, client = self.datagrams.recvfrom(4096)
            if len(packet) <= 12:  # what stop() sends
                return
            answer = self.answer(packet, self.ask_by_datagram)
            if answer:
                self.datagrams.sendto(answer, client)

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    while size := connection.recv(2, socket.MSG_WAITALL):
                        packet = connection.recv(struct.unpack("!H", size)[0], socket.MSG_WAITALL)
                        answer = self.answer(packet, self.ask_by_stream)
                        if answer:
                            connection.sendall(struct.pack("!H", len(answer)) + answer)
                except (OSError, struct.error):
                    pass

    def ask_by_datagram(self, packet):
        self.inner.sendto(packet, self.behind)
        while True:
            try:
                answer = self.inner.recv(65535)
            except TimeoutError:
                return None
            if answer[:2] == packet[:2]:
                return answer

    def ask_by_stream(self, packet):
        with socket.create_connection(self.behind, timeout=2) as stream:
            stream.sendall(struct.pack("!H", len(packet)) + packet)
            size = struct.unpack("!H", stream.recv(2, socket.MSG_WAITALL))[0]
            return stream.recv(size, socket.MSG_WAITALL)

    def answer(self, packet, ask):
        name, at = read_name(packet, 12)
        kind = struct.unpack("!H", packet[at:at + 2])[0]
        question = (name.lower(), WORDS.get(kind, kind))
        self.asked.append(question)
        fault = self.faults.get(question)
        if fault == "silence":
            return None
        if fault == "SERVFAIL":
            return packet[:2] + struct.pack("!5H", 0x8180 | SERVFAIL, 1, 0, 0, 0) + packet[12:at + 4]
        answer = ask(packet)
        if not answer:
            return None
        answer = bytearray(answer)
        answer[3] |= 0x80  # "recursion available", which a resolver that forwards expects
        if fault == "spoil":
            spoil(answer, at + 4)
        return bytes(answer)

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", (self.address, self.port))
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()
        self.datagrams.close()
        self.inner.close()


def spoil(answer, at):
    """Turns over the last bit of every signature in the records that begin at `at`."""
    for _ in range(sum(struct.unpack("!3H", answer[6:12]))):
        while answer[at] and answer[at] < 0xC0:
            at += 1 + answer[at]
        at += 2 if answer[at] else 1
        kind, size = struct.unpack("!H6xH", answer[at:at + 10])
        at += 10 + size
        if kind == RRSIG:
            answer[at - 1] ^= 1

"""A scripted DNS server on loopback (UDP): it answers from a table, with SERVFAIL or not at all where the table says so."""
import socket
import struct
import threading

A, CNAME, SOA, MX, TXT, AAAA = 1, 5, 6, 15, 16, 28
TYPES = {"A": A, "CNAME": CNAME, "MX": MX, "TXT": TXT, "AAAA": AAAA}
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
TTL = 60


def wire_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def wire_data(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "MX":
        preference, host = value.split()
        return struct.pack("!H", int(preference)) + wire_name(host)
    if kind == "TXT":
        return bytes([len(value)]) + value.encode()
    return wire_name(value)


def read_name(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    return ".".join(labels), at + 1


class DnsServer:
    """`records` maps a name to {"MX": ["10 mx.a.example"], "A": [...], ...}; a name that is missing is NXDOMAIN.

    The value "SERVFAIL" in place of a type's list, or of a name's whole entry, fails the lookup; "silence" leaves it
    without an answer. The table may be changed while the server runs; `asked` lists what was asked for.
    """

    def __init__(self, address, port, records):
        self.address, self.port, self.records, self.asked = address, port, records, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                packet, client = self.socket.recvfrom(4096)
            except OSError:
                return
            if len(packet) <= 12:  # what stop() sends
                return
            answer = self.answer(packet)
            if answer:
                self.socket.sendto(answer, client)

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", (self.address, self.port))
        self.thread.join()
        self.socket.close()

    def answer(self, packet):
        name, at = read_name(packet, 12)
        kind = struct.unpack("!H", packet[at:at + 2])[0]
        question = packet[12:at + 4]
        self.asked.append((name.lower(), next((word for word, number in TYPES.items() if number == kind), kind)))
        code, records = self.find(name.lower(), kind)
        if code is None:
            return None
        authority = [] if records or code == SERVFAIL else [("example", SOA, self.start_of_authority())]
        header = packet[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(records), len(authority), 0)
        body = b"".join(wire_name(owner) + struct.pack("!HHIH", number, 1, TTL, len(data)) + data
                        for owner, number, data in records + authority)
        return header + question + body

    def find(self, name, kind):
        """The reply code (None: no reply) and the records, a chain of aliases followed."""
        records = []
        for _ in range(8):
            entry = self.records.get(name)
            if entry is None:
                below = any(known.endswith("." + name) for known in self.records)
                return (NOERROR if below or records else NXDOMAIN), records
            values = entry if isinstance(entry, str) else entry.get(next((w for w, n in TYPES.items() if n == kind), ""), [])
            if values == "SERVFAIL":
                return SERVFAIL, []
            if values == "silence":
                return None, []
            if "CNAME" in entry and kind != CNAME:
                target = entry["CNAME"][0]
                records.append((name, CNAME, wire_name(target)))
                name = target.lower().rstrip(".")
                continue
            word = next((w for w, n in TYPES.items() if n == kind), "")
            records += [(name, kind, wire_data(word, value)) for value in values]
            return NOERROR, records
        return SERVFAIL, []

    @staticmethod
    def start_of_authority():
        return wire_name("ns.example") + wire_name("hostmaster.example") + struct.pack("!IIIII", 1, 3600, 600, 86400, 1)

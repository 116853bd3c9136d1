"""Servers that flood, stall, answer out of step, or break TLS: what Postseal as a client makes of them."""
import ssl
import threading
import time

from world.smtp import Closed, ScriptedPeer, polite, server_tls
from world.story import equal, expect

LIMIT = 3.0  # [limits] timeout
FLOOD = 16 * 1024 * 1024  # well above what the sockets' buffers hold


class BadServers:
    def __init__(self, world):
        self.world, self.postseal, self.peers, self.flooded, self.end = world, None, {}, 0, threading.Event()
        self.certificate = world.ca.issue("mx.hostile.example")
        # name: (level that the map asks for, the script)
        self.scripts = {
            "endless-greeting": ("may", lambda wire: self.flood(wire, b"220-welcome\r\n" * 100)),
            "endless-line": ("may", lambda wire: self.flood(wire, b"220-" + b"x" * 4092)),
            "endless-ehlo": ("may", self.endless_ehlo),
            "slow-greeting": ("may", self.slow_greeting),
            "silent": ("may", lambda wire: self.end.wait(60)),
            "never-reads": ("may", self.never_reads),
            "stalled-handshake": ("encrypt", self.stalled_handshake),
            "early-250": ("may", self.early_acceptance),
            "no-final-reply": ("may", self.no_final_reply),
            "rubbish": ("may", self.rubbish),
            "too-many-replies": ("may", self.too_many_replies),
            "no-354": ("may", self.no_354),
            "injected-reply": ("encrypt", self.injected_reply),
            "broken-tls-may": ("may", self.broken_tls),
            "broken-tls-encrypt": ("encrypt", self.broken_tls),
            "old-tls-may": ("may", self.old_tls),
            "old-tls-encrypt": ("encrypt", self.old_tls),
            "unoffered": ("secure", lambda wire: polite(wire)),
        }
        for number, (name, (_, script)) in enumerate(self.scripts.items()):
            address = f"127.0.22.{60 + number}"
            world.dns.records[f"{name}.example"] = {"A": [address]}
            self.peers[name] = world.add(ScriptedPeer(address, world.peer_port, script, limit=60))

    def policy(self):
        return "".join(f"{name}.example {level}\n" for name, (level, _) in self.scripts.items())

    def cases(self):
        rules = {"endless": 49, "slow": 48, "silent": 48, "never": 48, "stalled": 48, "early": 50, "no": 50, "rubbish": 50,
                 "too": 50, "injected": 42, "broken": 45, "old": 57, "unoffered": 45}
        for name in self.scripts:
            rule = rules[name.split("-")[0]]
            if name in ("broken-tls-may", "old-tls-may"):
                yield f"rule {rule}: {name}: delivered in clear on a new connection, and the record says so", \
                    lambda name=name: self.falls_back(name)
            else:
                yield f"rule {rule}: {name}: deferred", lambda name=name: self.deferred(name)

    def deferred(self, name):
        size = 900 * 1024 if name == "never-reads" else 100
        self.flooded = 0
        begun = time.monotonic()
        message_id = self.postseal.submit(f"user@{name}.example", name, ("y" * 76 + "\r\n") * (size // 78 + 1))
        hop = self.postseal.hop_out(message_id, 10 * LIMIT)
        equal(hop["result"], "deferred", f"result ({hop['reply']})")
        equal(self.postseal.recipient(message_id)["state"], "queued", "state")
        expect(self.flooded < FLOOD, f"{self.flooded} bytes of reply were taken")
        if self.scripts[name][0] != "may":
            for wire in self.peers[name].wires:
                expect(b"MAIL FROM" not in wire.heard.upper(), "the envelope was told in clear")
        equal(self.peers[name].errors, [], "the script's own errors")
        return f"{time.monotonic() - begun:.1f} s: {hop['reason'] or hop['reply']}"

    def falls_back(self, name):
        hop = self.postseal.hop_out(self.postseal.submit(f"user@{name}.example", name))
        equal((hop["result"], hop["assurance"], hop["tls"]), ("delivered", "cleartext", None), "the record")
        expect(len(self.peers[name].wires) >= 2, "the clear text went out on a new connection")
        expect(b"MAIL FROM" not in self.peers[name].wires[0].heard.upper(), "nothing was said on the first one")

    # ---- the scripts

    def flood(self, wire, block):
        """Sends until the other side ends it, or until it has plainly taken too much."""
        try:
            while self.flooded < FLOOD:
                wire.send(block)
                self.flooded += len(block)
        except OSError:
            pass

    def endless_ehlo(self, wire):
        wire.send("220 peer.example")
        wire.line()
        self.flood(wire, b"250-KEYWORD\r\n" * 100)

    def slow_greeting(self, wire):
        for octet in b"220-" + b"slow" * 1000:
            wire.send(bytes([octet]))
            if self.end.wait(0.25):
                return

    def greet(self, wire, *extensions):
        wire.send("220 peer.example")
        wire.line()
        for word in ("peer.example", *extensions):
            wire.send(f"250-{word}")
        wire.send("250 HELP")

    def until_data(self, wire):
        """Plays a plain session up to DATA's line."""
        self.greet(wire)
        while not wire.line().upper().startswith(b"DATA"):
            wire.send("250 2.0.0 Ok")

    def never_reads(self, wire):
        self.until_data(wire)
        wire.send("354 go ahead")
        self.end.wait(10 * LIMIT)

    def stalled_handshake(self, wire):
        self.greet(wire, "STARTTLS")
        wire.line()
        wire.send("220 go ahead")
        self.end.wait(10 * LIMIT)

    def early_acceptance(self, wire):
        """The 250 comes before the text is out."""
        self.until_data(wire)
        wire.send(b"354 go ahead\r\n250 2.0.0 Ok: queued already\r\n")
        wire.until(b"\r\n.\r\n")

    def no_final_reply(self, wire):
        self.until_data(wire)
        wire.send("354 go ahead")
        wire.until(b"\r\n.\r\n")

    def rubbish(self, wire):
        self.until_data(wire)
        wire.send("354 go ahead")
        wire.until(b"\r\n.\r\n")
        wire.send("yes, thank you, 250")

    def too_many_replies(self, wire):
        self.greet(wire)
        wire.line()
        wire.send(b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go ahead\r\n250 2.0.0 Ok: queued\r\n")
        try:
            while True:
                wire.line()
        except (Closed, TimeoutError):
            pass

    def no_354(self, wire):
        self.until_data(wire)
        wire.send("250 2.0.0 Ok: queued without a text")
        try:
            wire.until(b"\r\n.\r\n")
        except (Closed, TimeoutError):
            pass

    def injected_reply(self, wire):
        """A reply in clear text behind STARTTLS's 220, as a man in the middle would put it there."""
        self.greet(wire, "STARTTLS")
        wire.line()
        wire.send(b"220 go ahead\r\n250-peer.example\r\n250 SIZE 1\r\n")
        try:
            server_tls(wire, self.certificate)
        except (ssl.SSLError, OSError):
            return
        wire.heard = b""  # what comes now came inside TLS
        wire.until(b"never")

    def broken_tls(self, wire):
        def break_it(verb, wire):
            if verb == "STARTTLS":
                wire.send(b"220 go ahead\r\n")
                wire.receive()
                wire.send(b"this is no ServerHello\r\n" * 10)
                raise Closed()
            return False
        polite(wire, extensions=("PIPELINING", "STARTTLS"), before=break_it)

    def old_tls(self, wire):
        def only_old(verb, wire):
            if verb == "STARTTLS":
                wire.send("220 go ahead")
                try:
                    server_tls(wire, self.certificate, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
                except ssl.SSLError as error:
                    raise Closed() from error
            return False
        polite(wire, extensions=("PIPELINING", "STARTTLS"), before=only_old)

"""Clients that smuggle, stall, inject, try to relay, or ask for more than there is."""
import socket
import ssl
import subprocess
import threading
import time

from world import waiting
from world.smtp import Client, ScriptedPeer, polite
from world.story import equal, expect

LIMIT = 3.0  # [limits] timeout


class BadClients:
    def __init__(self, world):
        self.world, self.postseal, self.texts = world, None, []
        world.add(ScriptedPeer("127.0.22.40", world.peer_port, lambda wire: polite(wire, texts=self.texts)))

    def client(self, source="127.0.22.1", **options):
        return Client(*self.postseal.places[0], source=source, **options)

    def tls_client(self, source="127.0.22.1"):
        return self.client(source).hello().start_tls()

    def cases(self):
        yield "rule 42: what is sent before the handshake is dropped", self.injected_commands
        yield "rule 42: STARTTLS forgets sender and name", self.forgotten_state
        yield "rule 42: a bad client certificate fails no handshake", self.bad_certificates
        yield "rule 42: client certificates are asked for without a CA list", self.no_ca_list
        yield "rule 48: a command a byte at a time", self.slow_command
        yield "rule 48: a text a byte at a time", self.slow_text
        yield "rule 48: a handshake that never begins", self.stalled_handshake
        yield "rule 48: a client that says nothing", self.silent
        yield "rule 48: a client that never reads", self.never_reads
        yield "rule 53: the message's size", self.message_size
        yield "rule 53: sessions of one client", self.sessions
        yield "rule 57: TLS 1.0 and 1.1 are refused", self.old_tls
        yield "an early talker is turned away", self.early_talker
        yield "broken TLS records end one session only", self.broken_records

    # ---- STARTTLS

    def injected_commands(self):
        """CVE-2011-0411: a command that came with STARTTLS must not be answered inside TLS."""
        client = self.client().hello()
        client.send(b"STARTTLS\r\nMAIL FROM:<injected@sender.example>\r\nNOOP\r\n")
        code, _ = client.reply()
        if code != "220":
            expect(code.startswith("5"), f"STARTTLS with more behind it: {code}")
            return
        client.secure()
        client.send(b"NOOP\r\nRCPT TO:<user@ours.example>\r\n")
        equal(client.reply()[0], "250", "the reply to the one NOOP inside TLS")
        equal(client.reply()[0], "503", "RCPT: no MAIL survived")

    def forgotten_state(self):
        client = self.client().hello()
        client.command("MAIL FROM:<a@sender.example>")
        client.command("STARTTLS", "220")
        client.secure()
        client.command("RCPT TO:<user@ours.example>", "503")
        client.command("MAIL FROM:<a@sender.example>", "503")  # not even the name is known any more
        client.hello()
        expect("STARTTLS" not in client.extensions, "STARTTLS is not offered again")
        client.command("STARTTLS", "5")

    def bad_certificates(self):
        for certificate in (self.world.ca.issue("client.example", expired=True), self.world.other_ca.issue("client.example"),
                            self.world.ca.issue("client.example")):
            client = self.client().hello().start_tls(certificate)
            client.message("a@sender.example", ["user@ours.example"], b"Subject: x\r\n\r\nhello\r\n")
            client.command("QUIT")

    def no_ca_list(self):
        address, port = self.postseal.places[0]
        done = subprocess.run(["openssl", "s_client", "-starttls", "smtp", "-connect", f"{address}:{port}"],
                              input="QUIT\r\n", text=True, capture_output=True, timeout=30)
        expect("No client certificate CA names sent" in done.stdout, f"s_client says: {done.stdout[-1500:]}")
        expect("Requested Signature Algorithms" in done.stdout or "Client Certificate Types" in done.stdout,
               "a certificate is asked for")

    # ---- time

    def ends_within(self, client, limit):
        begun = time.monotonic()
        client.socket.settimeout(limit)
        expect(client.ended(), f"the session still stands after {limit:g} s")
        return time.monotonic() - begun

    def trickle(self, client, data):
        """Sends a byte each quarter of a second until the server ends the session; gives the time that took."""
        ended, begun = threading.Event(), time.monotonic()

        def feed():
            for octet in data:
                if ended.wait(0.25):
                    return
                try:
                    client.send(bytes([octet]))
                except OSError:
                    return
        thread = threading.Thread(target=feed)
        thread.start()
        try:
            client.socket.settimeout(4 * LIMIT)
            expect(client.ended(), "a byte at a time holds the session")
        finally:
            ended.set()
            thread.join()
        return time.monotonic() - begun

    def slow_command(self):
        seconds = self.trickle(self.client().hello(), b"NOOP " + b"x" * 200)
        expect(seconds < 3 * LIMIT, f"it took {seconds:.1f} s")

    def slow_text(self):
        client = self.client().hello()
        client.command("MAIL FROM:<a@sender.example>")
        client.command("RCPT TO:<user@ours.example>")
        client.command("DATA", "354")
        self.trickle(client, b"Subject: slow\r\n\r\n" + b"x" * 200)

    def stalled_handshake(self):
        client = self.client().hello()
        client.command("STARTTLS", "220")
        self.ends_within(client, 4 * LIMIT)

    def silent(self):
        self.ends_within(self.client(), 4 * LIMIT)

    def never_reads(self):
        """Replies that nobody takes must not be gathered without end."""
        client = self.client().hello()
        client.socket.settimeout(4 * LIMIT)
        sent = 0
        try:
            while sent < 64 * 1024 * 1024:
                client.send(b"NOOP\r\n" * 1000)
                sent += 6000
        except (OSError, TimeoutError):
            pass
        expect(sent < 64 * 1024 * 1024, "64 MiB of commands were taken without one reply being read")
        waiting.until("the session's end", lambda: self.closed(client), 4 * LIMIT)

    def closed(self, client):
        try:
            client.socket.send(b"NOOP\r\n")
        except TimeoutError:
            return False
        except OSError:
            return True
        return False

    # ---- limits: one less, equal, one more

    def message_size(self):
        client = self.tls_client()
        limit = int(next(word for word in client.extensions if word.startswith("SIZE ")).split()[1])
        client.command(f"MAIL FROM:<a@sender.example> SIZE={limit}", "250")
        client.command("RSET")
        client.command(f"MAIL FROM:<a@sender.example> SIZE={limit + 1}", "552")
        header = b"Subject: size\r\n\r\n"
        for size, wanted in ((limit - 1, "250"), (limit, "250"), (limit + 1, "552")):
            body = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n" * (size // 64 + 1)
            text = (header + body)[:size - 2]
            text = text.removesuffix(b"\r") + b"x" * text.endswith(b"\r") + b"\r\n"
            equal(len(text), size, "the test's own text")
            client.message("a@sender.example", ["user@ours.example"], text, wanted)

    def sessions(self):
        crowd, source = [], "127.0.22.8"
        try:
            for _ in range(20):
                crowd.append(self.client(source))
            late = self.client(source, greet=False)
            equal(late.reply()[0], "421", "the session above the limit")
            crowd.append(late)
            crowd.append(self.client("127.0.22.7"))  # another client is served
            crowd.pop(0).close()
            waiting.until("room again", lambda: self.greeted(source, crowd))
        finally:
            for client in crowd:
                client.close()

    def greeted(self, source, crowd):
        client = self.client(source, greet=False)
        crowd.append(client)
        return client.reply()[0] == "220"

    # ---- TLS and the rest

    def old_tls(self):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            context = ssl._create_unverified_context()
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            client = self.client().hello()
            client.command("STARTTLS", "220")
            try:
                client.secure(context=context)
            except (ssl.SSLError, OSError):
                continue
            raise AssertionError(f"{version.name} was accepted")

    def early_talker(self):
        client = self.client(greet=False)
        client.send(b"EHLO early.example\r\nMAIL FROM:<a@b.example>\r\n" * 3)
        code, _ = client.reply()
        # The greeting may already have been on its way; then nothing is wrong with the client.
        expect(code in ("220", "554", "421"), f"the first reply: {code}")

    def broken_records(self):
        client = self.tls_client()
        raw = client.socket.detach()
        plain = socket.socket(fileno=raw)
        plain.send(b"\x17\x03\x03\x00\x20" + bytes(32))
        plain.settimeout(4 * LIMIT)
        try:
            while plain.recv(65536):
                pass
        except ConnectionError:
            pass
        plain.close()
        self.still_serves()

    def still_serves(self):
        client = self.tls_client()
        client.message("a@sender.example", ["user@ours.example"], b"Subject: still here\r\n\r\nyes\r\n")
        client.command("QUIT")

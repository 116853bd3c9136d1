"""Clients that smuggle, stall, inject, try to relay, or ask for more than there is."""
import re
import socket
import ssl
import subprocess
import threading
import time

from world import waiting
from world.smtp import Client, Closed, ScriptedPeer, polite
from world.story import equal, expect

STRANGER = "127.0.22.9"  # in no relay_networks
LIMIT = 3.0              # [limits] timeout

# What Debian's stock Postfix took for the end of a message or of a line (rule 47, CVE-2023-51764).
SMUGGLES = {"LF dot LF": b"\n.\n", "LF dot CRLF": b"\n.\r\n", "CRLF dot LF": b"\r\n.\n", "CR dot CR": b"\r.\r",
            "CRLF dot CR": b"\r\n.\r", "CR dot CRLF": b"\r.\r\n", "bare LF": b"\nx\r\n", "bare CR": b"\rx\r\n"}

RELAY_TRIES = ["user@foreign.example", "user@FOREIGN.example", "user@foreign.example.", "@ours.example:user@foreign.example",
               "@ours.example,@b.example:user@foreign.example", "user@[127.0.22.40]", '"user"@foreign.example',
               "user%ours.example@foreign.example", "user@[IPv6:::1]", "user@foreign.example@ours.example", "foreign.example!user"]


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
        for name, sequence in SMUGGLES.items():
            yield f"rule 47: {name} is no end of anything", lambda sequence=sequence: self.smuggled(sequence)
        yield "rule 47: a bare LF or CR in a command", self.bare_line_ends
        yield "rule 48: a command a byte at a time", self.slow_command
        yield "rule 48: a text a byte at a time", self.slow_text
        yield "rule 48: a handshake that never begins", self.stalled_handshake
        yield "rule 48: a client that says nothing", self.silent
        yield "rule 48: a client that never reads", self.never_reads
        yield "rule 52: no form of an address is a way to relay", self.relay_tries
        yield "rule 53: the command line", self.command_line
        yield "rule 53: recipients", self.recipients
        yield "rule 53: the message's size", self.message_size
        yield "rule 53: a line of text", self.text_line
        yield "rule 53: errors", self.errors
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

    # ---- line ends

    def smuggled(self, sequence):
        before = len(self.texts)
        client = self.tls_client()
        client.command("MAIL FROM:<a@sender.example>")
        client.command("RCPT TO:<user@ours.example>")
        client.command("DATA", "354")
        client.send(b"Subject: outer\r\n\r\nouter" + sequence + b"MAIL FROM:<admin@ours.example>\r\n"
                    b"RCPT TO:<user@ours.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n.\r\n")
        code, text = client.reply()
        expect(code[0] == "5", f"the text with a bare CR or LF is refused: {code} {text}")
        try:
            client.send("NOOP")
            equal(client.reply()[0], "250", "the only further reply is NOOP's")
            client.command("QUIT")
        except (Closed, OSError):
            pass  # hanging up is an answer too
        equal(len(self.texts), before, "messages passed on")

    def bare_line_ends(self):
        for line in (b"NOOP\nNOOP\r\n", b"NOOP\rNOOP\r\n", b"EHLO a\0b\r\n", b"MAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\r\n"):
            client = self.client().hello()
            client.send(line)
            code, text = client.reply()
            expect(code[0] == "5", f"{line!r}: {code} {text}")
            client.close()

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

    # ---- addresses

    def relay_tries(self):
        client = self.client(STRANGER).hello()
        answers = set()
        for address in RELAY_TRIES:
            client.command("MAIL FROM:<a@elsewhere.example>")
            client.send(f"RCPT TO:<{address}>")
            code, text = client.reply()
            expect(code[0] == "5", f"{address}: {code} {text}")
            if "foreign.example" in address and "!" not in address and address.count("@foreign.example") == 1 \
                    and not address.endswith("@ours.example"):
                answers.add(re.sub(r"<.*?>", "<>", f"{code} {text}"))
            client.command("RSET")
        expect(len({answer[:9] for answer in answers}) == 1, f"one answer for all forms of one address: {answers}")
        for address in ("user@ours.example", "user@OURS.Example", '"user"@ours.example'):
            client.command("MAIL FROM:<a@elsewhere.example>")
            client.command(f"RCPT TO:<{address}>")
            client.command("RSET")

    # ---- limits: one less, equal, one more

    def command_line(self):
        for length, wanted in ((2047, "250"), (2048, "250"), (2049, "500")):
            client = self.client().hello()
            client.send(b"NOOP " + b"x" * (length - 7) + b"\r\n")
            equal(client.reply()[0], wanted, f"a line of {length} octets")
            client.command("NOOP")
            client.close()

    def recipients(self):
        client = self.tls_client()
        client.command("MAIL FROM:<a@sender.example>")
        for number in range(3):
            client.command(f"RCPT TO:<user{number}@ours.example>", "250")
        client.command("RCPT TO:<user3@ours.example>", "452")
        client.close()

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

    def text_line(self):
        for length, wanted in ((65535, "250"), (65536, "250"), (65537, "5")):
            client = self.tls_client()
            client.message("a@sender.example", ["user@ours.example"], b"Subject: x\r\n\r\n" + b"y" * length + b"\r\n", wanted)
            client.close()

    def errors(self):
        client = self.client().hello()
        codes = []
        try:
            for _ in range(40):
                client.send("BOGUS")
                codes.append(client.reply()[0])
        except (Closed, OSError):
            pass
        expect(len(codes) < 40, "40 errors did not end the session")
        equal(codes[-1], "421", "the last word")

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

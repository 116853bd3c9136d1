"""SMTP by hand, from both ends: `Client` sends exactly the bytes that a test wants, `ScriptedPeer` is a server whose
behaviour is a function. Neither corrects anything, so both can misbehave.
"""
import socket
import ssl
import threading


class Closed(Exception):
    """The other side ended the connection."""


class Wire:
    """Lines in, bytes out, TLS when asked for; every read has a limit. `heard` keeps what came, before TLS and in it."""

    def __init__(self, connection, limit=20.0):
        self.socket, self.buffer, self.heard = connection, b"", b""
        self.socket.settimeout(limit)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode() + b"\r\n")

    def receive(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionError as error:
            raise Closed(str(error)) from error
        except ssl.SSLError as error:
            if isinstance(error, TimeoutError):
                raise
            raise Closed(str(error)) from error
        if not data:
            raise Closed("end of stream")
        self.heard += data
        return data

    def line(self):
        while b"\n" not in self.buffer:
            self.buffer += self.receive()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def until(self, end):
        """What comes up to and with `end`."""
        while end not in self.buffer:
            self.buffer += self.receive()
        at = self.buffer.index(end) + len(end)
        data, self.buffer = self.buffer[:at], self.buffer[at:]
        return data

    def exactly(self, size):
        while len(self.buffer) < size:
            self.buffer += self.receive()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def text(self):
        """A message's text, to its lone dot."""
        while not (self.buffer.startswith(b".\r\n") or b"\r\n.\r\n" in self.buffer):
            self.buffer += self.receive()
        return self.until(b".\r\n" if self.buffer.startswith(b".\r\n") else b"\r\n.\r\n")

    def ended(self):
        """Whether the other side ends the connection within the limit; what it still says is dropped."""
        try:
            while True:
                self.receive()
        except Closed:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.socket.close()


class Client(Wire):
    def __init__(self, address, port, source="127.0.22.1", limit=20.0, greet=True):
        super().__init__(socket.create_connection((address, port), timeout=limit, source_address=(source, 0)), limit)
        self.extensions = []
        if greet:
            self.expect("220")

    def reply(self):
        """One reply as (code, all of its text)."""
        lines = []
        while True:
            line = self.line().decode("latin-1")
            lines.append(line[4:])
            if line[3:4] != "-":
                return line[:3], "\n".join(lines)

    def expect(self, code):
        got, text = self.reply()
        if not got.startswith(code):
            raise AssertionError(f"expected {code}, got {got} {text}")
        return text

    def command(self, line, code="2"):
        self.send(line)
        return self.expect(code)

    def hello(self, name="client.example"):
        self.extensions = self.command(f"EHLO {name}", "250").split("\n")[1:]
        return self

    def start_tls(self, certificate=None, context=None, session=None):
        self.command("STARTTLS", "220")
        self.secure(certificate, context, session)
        return self.hello()

    def secure(self, certificate=None, context=None, session=None):
        if context is None:
            context = ssl._create_unverified_context()
            if certificate:
                context.load_cert_chain(certificate.chain, certificate.key)
        self.buffer = b""
        self.socket = context.wrap_socket(self.socket, server_hostname="mx.postseal.example", session=session)

    def message(self, sender, recipients, text, code="250"):
        """One transaction; `text` is the message with CRLF line ends, stuffed here. Returns the last reply's text."""
        self.command(f"MAIL FROM:<{sender}>", "250")
        for recipient in recipients:
            self.command(f"RCPT TO:<{recipient}>", "250")
        self.command("DATA", "354")
        stuffed = b"." + text if text.startswith(b".") else text
        self.send(stuffed.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return self.expect(code)


class ScriptedPeer:
    """A server on address:port that plays `script(wire)` on each connection, in a thread of its own.

    `wires` keeps every connection, so that a test can look at what was heard; an exception of a script that is not the
    other side's hanging up is kept in `errors`.
    """

    def __init__(self, address, port, script, limit=20.0):
        self.address, self.port, self.script, self.limit = address, port, script, limit
        self.wires, self.errors = [], []
        self.listener = socket.create_server((address, port), backlog=1024)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            wire = Wire(connection, self.limit)
            self.wires.append(wire)
            threading.Thread(target=self.play, args=(wire,), daemon=True).start()

    def play(self, wire):
        try:
            self.script(wire)
        except (Closed, TimeoutError, OSError):
            pass
        except Exception as error:  # shown by the test that asked for this peer
            self.errors.append(error)
        finally:
            wire.close()

    def heard(self):
        return b"\n".join(wire.heard for wire in self.wires)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for wire in self.wires:
            wire.close()


def server_tls(wire, certificate, minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_3, by_name=None):
    """The server's side of STARTTLS on a scripted peer, after its 220 was sent. `by_name` maps names that a client may
    ask for (SNI) to other certificates.
    """
    def context_for(certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version, context.maximum_version = minimum, maximum
        if maximum < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(certificate.chain, certificate.key)
        return context

    def choose(connection, name, _):
        if name in by_name:
            connection.context = context_for(by_name[name])

    context = context_for(certificate)
    if by_name:
        context.sni_callback = choose
    wire.buffer = b""
    wire.socket = context.wrap_socket(wire.socket, server_side=True)


def polite(wire, certificate=None, texts=None, extensions=("PIPELINING", "8BITMIME", "SIZE 0"), before=None, by_name=None,
           in_tls=()):
    """A well-behaved server; `texts` collects what it accepts. `before(verb, wire)` may answer in its place: what it
    returns true for is not answered again. `in_tls`: further extensions, once TLS is active. `by_name`: see server_tls.
    """
    secured = False
    wire.send("220 peer.example ESMTP")
    while True:
        line = wire.line().decode("latin-1")
        verb = line.split(" ")[0].upper()
        if before and before(verb, wire):
            continue
        if verb == "EHLO":
            offered = list(extensions) + (list(in_tls) if secured else ["STARTTLS"] if certificate else [])
            lines = ["peer.example", *offered]
            for word in lines[:-1]:
                wire.send(f"250-{word}")
            wire.send(f"250 {lines[-1]}")
        elif verb == "STARTTLS" and certificate:
            wire.send("220 2.0.0 go ahead")
            server_tls(wire, certificate, by_name=by_name)
            secured = True
        elif verb == "DATA":
            wire.send("354 go ahead")
            text = wire.text()
            if texts is not None:
                texts.append(text)
            wire.send("250 2.0.0 Ok: taken")
        elif verb == "QUIT":
            wire.send("221 2.0.0 bye")
            return
        else:
            wire.send("250 2.0.0 Ok")

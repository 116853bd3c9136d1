"""The HTTPS host of MTA-STS policies: one address, and behind it a site for each domain that may misbehave as it likes."""
import socket
import ssl
import threading
from dataclasses import dataclass

from .authority import Certificate

PATH = "/.well-known/mta-sts.txt"
PORT = 443
REQUEST_LIMIT = 8192
ENDLESS = 256 << 20


@dataclass
class Site:
    """What `mta-sts.DOMAIN` answers. `holds` is how long it waits with its answer; `before` is sent before it, `says`
    replaces all of it, and `endless` follows it again and again, for 256 MiB if the client takes that much.
    """
    certificate: Certificate
    policy: str = ""
    status: str = "200 OK"
    type: str = "text/plain"
    headers: tuple = ()
    holds: float = 0.0
    before: bytes = b""
    says: bytes = b""
    endless: bytes = b""

    def answer(self):
        if self.says:
            return self.says
        body = self.policy.encode()
        lines = [f"HTTP/1.1 {self.status}", f"Content-Type: {self.type}", f"Content-Length: {len(body)}", "Connection: close", *self.headers]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class PolicyHost:
    """`sites` maps host names (mta-sts.DOMAIN) to a Site and may be changed at any time; `asked` lists who was asked for
    what, as (host, path). A name without a site gets a handshake failure.
    """

    def __init__(self, address, sites):
        self.address, self.sites, self.asked = address, sites, []
        self.ended = threading.Event()
        self.listener = socket.create_server((address, PORT), backlog=128)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        host = []

        def choose(wrapped, name, _):
            host.append(name)
            if name not in self.sites:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            wrapped.context = self.context(self.sites[name].certificate)
            return None

        first = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        first.sni_callback = choose
        connection.settimeout(20)
        try:
            with connection, first.wrap_socket(connection, server_side=True) as wire:
                request = b""
                while b"\r\n\r\n" not in request and len(request) < REQUEST_LIMIT:
                    data = wire.recv(4096)
                    if not data:
                        return
                    request += data
                self.asked.append((host[0], request.split(b" ")[1].decode("latin-1")))
                site = self.sites[host[0]]
                self.ended.wait(site.holds)
                wire.sendall(site.before + site.answer())
                for _ in range(ENDLESS // len(site.endless) if site.endless else 0):
                    wire.sendall(site.endless)
        except OSError:
            pass  # the client went away, which some of these sites deserve

    @staticmethod
    def context(certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        return context

    def stop(self):
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()

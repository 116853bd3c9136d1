"""A client of a socketmap as Postfix is one, by hand."""
import socket

from .smtp import Wire


class Socketmap(Wire):
    def __init__(self, address, port, limit=30.0):
        super().__init__(socket.create_connection((address, port), timeout=limit), limit)

    def request(self, name, key):
        query = f"{name} {key}".encode()
        self.send(b"%d:%s," % (len(query), query))

    def reply(self):
        length = int(self.until(b":")[:-1])
        text = self.exactly(length)
        if self.exactly(1) != b",":
            raise AssertionError(f"no comma behind {text!r}")
        return text.decode()

    def ask(self, key, name="postseal"):
        self.request(name, key)
        return self.reply()

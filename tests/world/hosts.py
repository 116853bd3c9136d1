"""The mail hosts of a story with many destinations: an address for each kind of host, made when it is first asked for.

A kind is the name of a certificate: a Postfix with it. "twin:KIND": a scripted host with that certificate, of which
every byte that it hears is kept. "strips": scripted, without STARTTLS; "refuses": it answers STARTTLS with 454.
"sni:NAME": scripted; it has the certificate "sni" for who asks for NAME, else the one called "default". "exim:DOMAIN": an
Exim with the certificate "exim" that keeps mail for DOMAIN.
"""
from . import postfix
from .exim import Exim
from .smtp import ScriptedPeer, polite
from .story import equal, expect


def refuses_starttls(wire, texts):
    def refuse(verb, wire):
        if verb == "STARTTLS":
            wire.send("454 4.7.0 TLS not available")
        return verb == "STARTTLS"
    polite(wire, texts=texts, extensions=("PIPELINING", "STARTTLS"), before=refuse)


class Hosts:
    """`certificates` maps kinds to them. Postfix listens at the story's peer port and the next one."""

    def __init__(self, world, certificates, network="127.0.24"):
        self.world, self.certificates, self.network = world, certificates, network
        self.addresses, self.texts, self.exim, self.receiver = {}, [], None, None
        self.scripted, self.services, self.places = {}, [], []

    def address(self, kind):
        if kind not in self.addresses:
            self.addresses[kind] = f"{self.network}.{len(self.addresses) + 1}"
            self.make(kind, self.addresses[kind])
        return self.addresses[kind]

    def make(self, kind, address):
        name, _, detail = kind.partition(":")
        port = self.world.peer_port
        if name == "exim":
            self.exim = self.world.add(Exim(self.world.root / "exim", address, port, detail, self.certificates["exim"]))
        elif kind in self.certificates:
            self.places += [(address, port), (address, port + 1)]
            self.services += [postfix.mail_host(*place, self.certificates[kind]) for place in self.places[-2:]]
        else:
            self.scripted[kind] = self.world.add(ScriptedPeer(address, port, self.script(name, detail)))

    def script(self, name, detail):
        if name == "sni":
            return lambda wire: polite(wire, self.certificates["default"], self.texts, by_name={detail: self.certificates["sni"]})
        if name == "refuses":
            return lambda wire: refuses_starttls(wire, self.texts)
        return lambda wire: polite(wire, self.certificates[detail] if name == "twin" else None, self.texts)

    def start(self, recipients):
        self.receiver = self.world.add(postfix.Postfix("receiver", self.world.root / "receiver", self.places, self.services))
        self.receiver.serve_mailboxes(recipients)
        self.receiver.start()
        if self.exim:
            self.exim.start()

    def stored(self, recipient, message_id):
        """How many copies of a message are anywhere."""
        mark = message_id.encode()
        mailbox = [path.read_bytes() for path in self.receiver.stored(recipient)]
        return sum(mark in text for text in mailbox + (self.exim.stored() if self.exim else []) + self.texts)

    def untouched(self, *kinds):
        """Not one byte of an envelope or of a text reached these scripted hosts; default: the twins, and who has no TLS."""
        for kind in kinds or [kind for kind in self.scripted if kind.startswith("twin:") or kind in ("strips", "refuses")]:
            peer = self.scripted[kind]
            heard = peer.heard().upper()
            expect(not any(word in heard for word in (b"MAIL FROM", b"RCPT", b"DATA", b"BDAT")), f"{kind} heard {heard[-600:]!r}")
            equal(peer.errors, [], f"{kind}: errors")

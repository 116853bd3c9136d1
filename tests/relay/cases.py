"""Sender Postfix -> Postseal -> receiver Postfix: what the policy map demands of each recipient domain, what its mail
host offers, and what must come of it. tests/relay and ./demo play the same table.
"""
import re
from dataclasses import dataclass

from world import postfix, waiting
from world.smtp import Client
from world.story import OURS, equal, expect


@dataclass
class Case:
    name: str                  # also the mail host: mx.NAME.example at an address of its own
    title: str
    policy: str                # the map's line(s); {fingerprint} is the host's, {wrong} another's, {address} its address
    result: str                # delivered or deferred
    assurance: str = ""        # of a delivered hop
    by: str = "none"           # how the peer was authenticated
    reason: str = ""           # what a deferred hop must say, as a regular expression
    certificate: str = "good"  # good, other-ca, wrong-name, expired or none
    domain: str = ""           # of the recipient; default NAME.example
    route: str = ""            # in place of the MX

    def __post_init__(self):
        self.domain = self.domain or f"{self.name}.example"
        self.host = f"mx.{self.name}.example"
        self.recipient = f"user@{self.domain}"
        self.message_id = f"<{self.name}@sender.example>"
        self.address = self.demand = ""  # given by the stage: where its mail host is, and the map's line as it stands


NOT_TRUSTED = r"(?i)certificate|trust|issuer|chain"
WRONG_NAME = r"(?i)name|match"
CASES = [
    Case("sealed", "secure, its CA in the CApath", "sealed.example secure", "delivered", "authenticated", "pkix"),
    Case("wrongca", "secure, but an unknown CA", "wrongca.example secure", "deferred",
         reason=NOT_TRUSTED, certificate="other-ca"),
    Case("wrongname", "secure, but another's name", "wrongname.example secure", "deferred",
         reason=WRONG_NAME, certificate="wrong-name"),
    Case("expired", "secure, but expired", "expired.example secure", "deferred",
         reason=r"(?i)expired", certificate="expired"),
    Case("notls", "secure, but no STARTTLS", "notls.example secure", "deferred",
         reason=r"(?i)starttls", certificate="none"),
    Case("may-wrongca", "may, an unknown CA", "may-wrongca.example may", "delivered", "encrypted", certificate="other-ca"),
    Case("may-wrongname", "may, another's name", "may-wrongname.example may", "delivered", "encrypted",
         certificate="wrong-name"),
    Case("may-expired", "may, expired", "may-expired.example may", "delivered", "encrypted", certificate="expired"),
    Case("may-notls", "may, no STARTTLS", "may-notls.example may", "delivered", "cleartext", certificate="none"),
    Case("default", "no entry: the default level may", "", "delivered", "encrypted"),
    Case("none", "none, though TLS is offered", "none.example none", "delivered", "cleartext"),
    Case("encrypt", "encrypt, any certificate", "encrypt.example encrypt", "delivered", "encrypted", certificate="expired"),
    Case("encrypt-notls", "encrypt, but no STARTTLS", "encrypt-notls.example encrypt", "deferred",
         reason=r"(?i)starttls", certificate="none"),
    Case("pinned", "fingerprint, the right one", "pinned.example fingerprint match={fingerprint}", "delivered",
         "authenticated", "fingerprint", certificate="other-ca"),
    Case("mispinned", "fingerprint, another's", "mispinned.example fingerprint match={wrong}", "deferred",
         reason=r"(?i)fingerprint", certificate="good"),
    Case("branch", "a parent's entry: .bank.example secure", ".bank.example secure match=.branch.example", "delivered",
         "authenticated", "pkix", domain="north.bank.example"),
    Case("ministry", "a parent's entry, and no STARTTLS", ".ministry.example encrypt", "deferred",
         reason=r"(?i)starttls", certificate="none", domain="a.b.ministry.example"),
    Case("itself", "a parent's entry is not for the domain itself", ".itself.example secure", "delivered", "encrypted",
         certificate="expired"),
    Case("match-name", "secure match= a name", "customer.example secure match=mx.match-name.example", "delivered",
         "authenticated", "pkix", domain="customer.example"),
    Case("match-below", "secure match= .parent of the name", "client.example secure match=.match-below.example",
         "delivered", "authenticated", "pkix", domain="client.example"),
    Case("match-nexthop", "secure match=nexthop, certificate of the host", "match-nexthop.example secure match=nexthop",
         "deferred", reason=WRONG_NAME),
    Case("match-dot", "secure match=nexthop:dot-nexthop", "match-dot.example secure match=nexthop:dot-nexthop",
         "delivered", "authenticated", "pkix"),
    Case("match-other", "secure match= somebody else", "match-other.example secure match=mx.bank.example", "deferred",
         reason=WRONG_NAME),
    Case("verify-mx", "verify by the MX name, which DNS alone tells", "verify-mx.example verify match=hostname",
         "delivered", "encrypted"),
    Case("verify-route", "verify by a route's host name", "[mx.verify-route.example]:{port} verify", "delivered",
         "authenticated", "pkix", domain="routed.example", route="smtp:[mx.verify-route.example]:{port}"),
    Case("tafile", "secure with a trust anchor of its own", "tafile.example secure tafile={other_ca}", "delivered",
         "authenticated", "pkix", certificate="other-ca"),
    Case("tls13", "secure, protocols and ciphers asked for", "tls13.example secure protocols=>=TLSv1.3 ciphers=high",
         "delivered", "authenticated", "pkix"),
]


class Stage:
    """The servers that the table is played on. `extra` recipients get a Maildir too, at the mail host of `sealed`;
    `domains` is more of Postseal's configuration.
    """

    def __init__(self, world, cases=None, extra=(), domains=""):
        self.world, self.cases = world, CASES if cases is None else cases
        services, policy, routes = [], [], []
        stranger = world.other_ca.issue("mx.stranger.example")
        for number, case in enumerate(self.cases):
            case.address = f"127.0.22.{100 + number}"
            world.dns.records[case.host] = {"A": [case.address]}
            if not case.route:
                world.dns.records[case.domain] = {"MX": [f"10 {case.host}"]}
            certificate = self.certificate(case)
            service = postfix.mail_host(case.address, world.peer_port, certificate)
            services.append(f"{service}\n    -o syslog_name=postfix/{case.name}")
            values = {"port": world.peer_port, "other_ca": world.other_ca.certificate, "address": case.address,
                      "fingerprint": certificate.fingerprint() if certificate else "", "wrong": stranger.fingerprint()}
            case.demand = case.policy.format(**values)
            policy.append(case.demand)
            if case.route:
                routes.append(f'[[route]]\ndomain = "{case.domain}"\nvia = "{case.route.format(**values)}"\n')
        self.receiver = world.add(postfix.Postfix("receiver", world.root / "receiver",
                                                  [(self.cases[0].address, world.peer_port)], services))
        self.receiver.serve_mailboxes([case.recipient for case in self.cases] + list(extra))
        self.postseal = world.postseal(policy="\n".join(line for line in policy if line) + "\n", extra="\n".join(routes) + domains)
        client = world.ca.issue("sender.example")
        self.sender = world.add(postfix.Postfix(
            "sender", world.root / "sender", [("127.0.22.1", world.port)], [postfix.service("127.0.22.1", world.port)],
            address="127.0.22.1", relay_address="127.0.22.2", relay_port=world.port + 1,
            certificate=client.chain, key=client.key))

    def certificate(self, case):
        if case.certificate == "none":
            return None
        authority = self.world.other_ca if case.certificate == "other-ca" else self.world.ca
        name = f"mx.elsewhere-{case.name}.test" if case.certificate == "wrong-name" else case.host
        return authority.issue(name, expired=case.certificate == "expired")

    def start(self):
        for server in (self.receiver, self.postseal, self.sender):
            server.start()

    def send_all(self):
        """Every case's message into the sender Postfix, which hands them to Postseal."""
        client = Client("127.0.22.1", self.world.port).hello("author.example")
        for case in self.cases:
            text = f"From: author@sender.example\r\nTo: {case.recipient}\r\nMessage-ID: {case.message_id}\r\n" \
                   f"Subject: {case.title}\r\n\r\nHello.\r\n"
            client.message("author@sender.example", [case.recipient], text.encode())
        client.command("QUIT")
        client.close()

    def peer_log(self, case):
        return [line for line in self.receiver.log().splitlines() if f"postfix/{case.name}/smtpd" in line]

    def check(self, case):
        """The record, the mailbox and the mail host's own log must agree; returns the outward hop."""
        hop = self.postseal.hop_out(case.message_id)
        equal(hop["result"], case.result, f"result ({hop.get('reason')}, {hop.get('reply')})")
        if case.result == "delivered":
            self.check_delivered(case, hop)
        else:
            self.check_deferred(case, hop)
        return hop

    def check_delivered(self, case, hop):
        equal(hop["assurance"], case.assurance, "assurance")
        equal((hop["tls"] or {}).get("authenticated_by", "none"), case.by, "authenticated by")
        equal(hop["tls"] is None, case.assurance == "cleartext", "tls is null")
        stored = waiting.until(f"{case.recipient} has its message", lambda: self.receiver.stored(case.recipient))
        equal(len(stored), 1, "copies stored")
        text = stored[0].read_bytes()
        expect(f"by {OURS} ".encode() in text.replace(b"\n\t", b" ").replace(b"\n ", b" "), "our Received: is in the text")
        receiver_had_tls = b"(using TLS" in text.split(b"by receiver.example")[0]
        equal(receiver_had_tls, case.assurance != "cleartext", "the receiver's own Received: tells of TLS")

    def check_deferred(self, case, hop):
        expect(hop["assurance"] != "authenticated", "a refused hop is not called authenticated")
        reason = f"{hop.get('reason') or ''} {hop.get('reply') or ''}"
        expect(re.search(case.reason, reason), f"the reason names {case.reason}: {reason}")
        recipient = self.postseal.trace(case.message_id)["recipients"][0]
        equal(recipient["state"], "queued", "the recipient's state")
        lines = waiting.until(f"mx.{case.name}.example saw us leave",
                              lambda: [line for line in self.peer_log(case) if "disconnect from" in line])
        for line in lines:
            expect(" mail=" not in line and " data=" not in line, f"the mail host got no envelope and no text: {line}")
        equal(self.receiver.stored(case.recipient), [], "messages stored")

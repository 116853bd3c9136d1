"""The servers that the table of cases.py is played on: a signed DNS, a Postfix and an Exim with the certificates to match,
scripted hosts where nothing may arrive, one Postseal; and Postfix's posttls-finger, asked about the same destinations.
"""
import concurrent.futures
import os
import re
import subprocess

from cases import CASES, SIGNED
from world import postfix, waiting
from world.authority import Authority
from world.hosts import Hosts
from world.signed import SignedDns
from world.smtp import Client
from world.story import equal, expect
from world.tlsa import certificates, tlsa
from world.unbound import Unbound

MESSAGES_A_CONNECTION = 20
FINGER_SECONDS = 10
VALIDATION_BY_RESOLVER = '''validate = "resolver"
self_test = { signed = ["signed.example"], bogus = ["wrongds.example"] }'''
FINGER = re.compile(r"(Verified|Trusted|Untrusted|Anonymous) TLS connection established to (\S+?)\[")
FINGER_OF = {"sealed": "Verified", "encrypted": "TLS, not verified", "cleartext": "no TLS", "waits": "refuses"}
SAID = {"Verified": "Verified", "Trusted": "TLS, not verified", "Untrusted": "TLS, not verified", "Anonymous": "TLS, not verified"}


class Certificates(dict):
    """The certificates of the mail hosts by kind, and the records that name them."""

    def __init__(self, world, cases):
        anchor = Authority(world.root / "ca", "anchor")
        middle, stranger = anchor.intermediate("middle"), world.other_ca
        of = {kind: ["mx.nobody.example", *dict.fromkeys(case.host for case in cases if case.peer == kind)]
              for kind in ("ta", "middle", "alone", "ta-expired")}
        super().__init__({
            "self": stranger.issue("mx.stranger.example"), "expired": stranger.issue("mx.gone.example", expired=True),
            "exim": stranger.issue("exim.example"), "ta": anchor.issue(*of["ta"]), "middle": middle.issue(*of["middle"]),
            "alone": anchor.issue(*of["alone"], alone=True), "ta-expired": anchor.issue(*of["ta-expired"], expired=True),
            "ta-stranger": anchor.issue("mx.elsewhere.example"), "ta-shared": anchor.issue("shared.signed.example"),
            "ta-domain": anchor.issue("ta-nexthop.signed.example", "target.ta-expanded.signed.example", "ta-half.unsigned.example"),
            "ta-wildcard": anchor.issue("wildcard.example", "*.ta-wildcard.signed.example"),
            "default": stranger.issue("mx.default.example"), "sni": stranger.issue("mx.sni.example"),
        })
        self.whom = {kind: certificates(certificate.chain)[0] for kind, certificate in self.items()}
        self.whom |= {"anchor": anchor.certificate.read_text(), "middle": middle.certificate.read_text(),
                      "other": stranger.certificate.read_text()}

    def record(self, text):
        """A record of the table as the zone has it."""
        usage, selector, matching, whom = text.split()
        if whom.startswith("="):
            return f"{usage} {selector} {matching} {whom[1:]}"
        return tlsa(int(usage), int(selector), int(matching), self.whom[whom])


def verdict(status, peer, reason):
    """Our word for what Postfix logged."""
    if status != "sent":
        return {"deferred": "waits", "bounced": "returns"}[status], reason
    return ("sealed" if peer == "Verified" else "encrypted" if peer else "cleartext"), reason


def kind_of(case):
    """Where a message must wait its host is a twin of the real one."""
    waits = case.result in ("waits", "returns") and case.peer not in ("strips", "refuses") and not case.peer.startswith("twin:")
    return f"twin:{case.peer}" if waits else case.peer


class Stage:
    def __init__(self, world, cases=CASES):
        self.world, self.cases = world, cases
        self.certificates = Certificates(world, cases)
        self.hosts = Hosts(world, self.certificates)
        records, faults, policy, routes = {}, {}, [], []
        for case in cases:
            fill = self.filler(case)
            self.add_records(records, case, fill)
            faults |= {(fill(name), kind): what for (name, kind), what in case.faults.items()}
            if case.policy:
                policy.append(f"{case.domain} {case.policy}\n")
            if case.route:
                routes.append(f'[[route]]\ndomain = "{case.domain}"\nvia = "{fill(case.route)}"\n')
        self.dns = SignedDns(world, records)
        self.dns.front.faults |= faults
        self.unbound = world.add(Unbound(world.root / "unbound", self.dns.place, self.dns.knot.trust_anchor))
        world.readable()
        self.postseal = world.postseal(policy="".join(policy), extra="\n".join(routes), **self.dns.settings)
        self.postfix = world.add(postfix.Postfix(
            "outbound", world.root / "outbound", [("127.0.22.1", world.port + 10)], [postfix.service("127.0.22.1", world.port + 10)],
            address="127.0.22.1", port=world.peer_port, ca_path=world.ca_path, settings="smtp_tls_security_level = dane"))
        self.postfix.inside = self.unbound.inside
        # Two more that trust the AD bit of a resolver on loopback: one that validates, and one that doesn't.
        place = "127.0.22.{}@{}"
        asks = {"trusting": place.format(153, 53), "blind": place.format(54, world.port + 54)}
        self.others = {name: world.postseal(name=name, port=world.port + 2 + number, **self.dns.settings | {
            "dns": server, "validation": VALIDATION_BY_RESOLVER}, policy=f"map-only.{SIGNED} dane-only\n")
            for number, (name, server) in enumerate(asks.items())}

    def filler(self, case):
        """What puts a case's own names and addresses into a text of the table."""
        def fill(text):
            text = text.replace("{peer}", self.hosts.address(kind_of(case)))
            while "{peer:" in text:
                kind = text.partition("{peer:")[2].partition("}")[0]
                text = text.replace("{peer:" + kind + "}", self.hosts.address(kind))
            return text.format(domain=case.domain, host=case.host, port=self.world.peer_port, other_port=self.world.peer_port + 1)
        return fill

    def add_records(self, records, case, fill):
        def add(name, kind, values):
            known = records.setdefault(fill(name), {}).setdefault(kind, [])
            known += [value for value in values if value not in known]
        if case.mx:
            add("{domain}", "MX", [fill(value) for value in case.mx])
        if case.tlsa:
            add(case.tlsa_at, "TLSA", [self.certificates.record(text) for text in case.tlsa])
        for name, entry in case.also.items():
            for kind, values in entry.items():
                add(name, kind, [self.certificates.record(value) if kind == "TLSA" else fill(value) for value in values])
        if not any(case.host == fill(name) and "CNAME" in entry for name, entry in case.also.items()):
            add("{host}", "A", [fill("{peer}")])

    def start(self):
        self.dns.knot.start()
        self.hosts.start([case.recipient for case in self.cases if not case.peer.startswith("exim")])
        self.unbound.start()
        self.postfix.start()
        for server in (self.postseal, *self.others.values()):
            server.start()

    def send_all(self):
        """Every case's message at once, from a client that may relay."""
        cases = [case for case in self.cases if not case.later]
        for begin in range(0, len(cases), MESSAGES_A_CONNECTION):
            client = Client(*self.postseal.places[0]).hello().start_tls()
            self.send(client, [(case.recipient, case.message_id) for case in cases[begin:begin + MESSAGES_A_CONNECTION]])

    def send_by_postfix(self):
        """The same destinations, but of those that Postseal alone knows a route or an entry for."""
        self.send(Client(*self.postfix.places[0]).hello(), [(case.recipient, f"<postfix-{case.name}@direct.example>") for case in self.by_postfix()])

    def by_postfix(self):
        return [case for case in self.cases if not case.policy and not case.route]

    @staticmethod
    def send(client, messages):
        for recipient, message_id in messages:
            text = f"From: author@sender.example\r\nTo: {recipient}\r\nMessage-ID: {message_id}\r\n\r\nHello.\r\n"
            client.message("author@sender.example", [recipient], text.encode())
        client.command("QUIT")
        client.close()

    def outcomes(self):
        """What became of Postfix's deliveries: {name: (verdict, reason)}."""
        cases = self.by_postfix()

        def look():
            found = postfix.outcomes(self.postfix.log())
            return found if all(case.recipient in found for case in cases) else None
        found = waiting.until("Postfix tried every destination", look, 60)
        return {case.name: verdict(*found[case.recipient]) for case in cases}

    def check(self, case):
        """The record, the peer, and what DNS was asked must agree; returns what the record says."""
        hop = self.postseal.hop_out(case.message_id, 90)
        recipient = self.postseal.recipient(case.message_id)
        said = f"{recipient.get('reason') or ''} {hop.get('reason') or ''} {hop.get('reply') or ''}".strip()
        want = {"waits": "deferred", "returns": "bounced"}.get(case.result, "delivered")
        equal(hop["result"], want, f"result ({said})")
        if case.unasked:
            name = f"_{self.world.peer_port}._tcp." + self.filler(case)(case.unasked)
            expect((name, "TLSA") not in self.dns.front.asked, f"{name} was asked for TLSA records")
        if want != "delivered":
            expect(hop["assurance"] != "authenticated", "a refused hop is not called authenticated")
            expect(re.search(case.reason, said), f"the reason names {case.reason}: {said}")
            equal(recipient["state"], "queued" if want == "deferred" else "returned", "state")
            equal(self.hosts.stored(case.recipient, case.message_id), 0, "copies stored")
            return said
        self.check_delivered(case, hop)
        return None

    def check_delivered(self, case, hop):
        assurance = {"sealed": "authenticated"}.get(case.result, case.result)
        equal(hop["assurance"], assurance, f"assurance ({hop.get('requirement')}, {hop.get('tls')})")
        equal(hop["peer"]["name"], self.filler(case)(case.at) or case.host, "the host") if not case.route else None
        if case.result == "sealed":
            equal(hop["tls"]["authenticated_by"], "dane", "authenticated by")
        waiting.until(f"{case.recipient} has its message", lambda: self.hosts.stored(case.recipient, case.message_id))
        equal(self.hosts.stored(case.recipient, case.message_id), 1, "copies stored")

    def untouched(self):
        """The twins, but for the one that delivered messages go to as well."""
        taken = {case.peer for case in self.cases if case.result not in ("waits", "returns")}
        self.hosts.untouched(*(kind for kind in self.hosts.scripted if kind.partition(":")[0] in ("twin", "strips", "refuses") and kind not in taken - {"twin:self"}))

    def finger_all(self):
        """What posttls-finger says of each destination: {name: (verdict, its output)}."""
        asked = [case for case in self.cases if case.finger != "-"]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return dict(zip([case.name for case in asked], pool.map(self.finger, asked)))

    def finger(self, case):
        command = ["posttls-finger", "-l", "dane", "-t", FINGER_SECONDS, "-T", FINGER_SECONDS, "-L", "summary,verbose", "-o", "inet_protocols=ipv4",
                   self.filler(case)(case.finger_at)]
        done = subprocess.run(self.unbound.inside(command), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=os.environ | {"MAIL_CONFIG": str(self.hosts.receiver.configuration)}, timeout=120)
        found = FINGER.findall(done.stdout)
        usable = done.stdout.count("DNSSEC-signed TLSA record:") - done.stdout.count("unusable TLSA RR:")
        # It goes on where smtp(8) would defer: with records that can be used, and none that matches.
        if "> QUIT" not in done.stdout or (usable and "verification failed" in done.stdout):
            return "refuses", done.stdout
        return (SAID[found[-1][0]] if found else "no TLS"), done.stdout

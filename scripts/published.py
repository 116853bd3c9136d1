"""The part of ./demo that comes first: a message that is held and comes back, and domains that publish what they need, by DANE
in a signed DNS or by MTA-STS.
"""
import email
import email.policy
from dataclasses import dataclass

from world import waiting
from world.hosts import Hosts
from world.policy_host import PolicyHost, Site
from world.signed import SignedDns
from world.smtp import ScriptedPeer, polite
from world.story import equal
from world.tlsa import certificates, tlsa

POLICY_HOST = "127.0.26.1"
SENDER = "127.0.22.72"  # where reports to the author go
# The author of what is held learns it in seconds here, in five days elsewhere.
RETRY = 'retry = { first = "3s", max = "3s", give_up = "3s", warn = "0" }'
POLICY = "version: STSv1\nmode: enforce\nmx: mx.sts.unsigned.example\nmax_age: 86400\n"


@dataclass
class Destination:
    title: str
    domain: str
    host: str
    kind: str        # of mail host
    publishes: str   # or demands, where the policy map does
    result: str      # delivered or deferred
    assurance: str = ""
    by: str = ""
    entry: str = ""  # of the policy map


DESTINATIONS = [
    Destination("the map demands proof, and somebody else answers", "bank.unsigned.example", "mx.bank.unsigned.example", "stranger",
                "nothing; the policy map says: bank.unsigned.example secure", "deferred", entry="bank.unsigned.example secure"),
    Destination("DANE: its certificate is in the signed DNS", "dane.signed.example", "mx.dane.signed.example", "stranger",
                "TLSA records of its key, and every answer on the way is signed", "delivered", "authenticated", "dane"),
    Destination("MTA-STS: its policy names the server", "sts.unsigned.example", "mx.sts.unsigned.example", "good",
                "an MTA-STS policy over HTTPS, mode enforce", "delivered", "authenticated", "mta-sts"),
    Destination("DANE: the server has another key", "forged.signed.example", "mx.forged.signed.example", "twin:good",
                "TLSA records of another key than the server shows", "deferred"),
    Destination("DANE, but an unsigned MX", "half.unsigned.example", "mx.half.signed.example", "stranger",
                "TLSA records of its server's key; its own MX record is not signed, so it proves no domain", "delivered", "encrypted"),
]


class Published:
    def __init__(self, world):
        self.hosts = Hosts(world, {"stranger": world.other_ca.issue("mx.anything.example"), "good": world.ca.issue("mx.sts.unsigned.example")})
        records = {"_mta-sts.sts.unsigned.example": {"TXT": ["v=STSv1; id=1;"]}, "mta-sts.sts.unsigned.example": {"A": [POLICY_HOST]}}
        key = tlsa(3, 1, 1, certificates(self.hosts.certificates["stranger"].chain)[0])
        for destination in DESTINATIONS:
            records[destination.domain] = {"MX": [f"10 {destination.host}"]}
            records[destination.host] = {"A": [self.hosts.address(destination.kind)]}
            if "TLSA" in destination.publishes:
                records[f"_{world.peer_port}._tcp.{destination.host}"] = {"TLSA": [key]}
        records["sender.example"] = {"A": [SENDER]}
        self.returned = []
        world.add(ScriptedPeer(SENDER, world.peer_port, lambda wire: polite(wire, texts=self.returned)))
        self.dns = SignedDns(world, records)
        site = Site(world.ca.issue("mta-sts.sts.unsigned.example"), POLICY)
        self.policies = world.add(PolicyHost(POLICY_HOST, {"mta-sts.sts.unsigned.example": site}))
        world.readable()
        policy = "\n".join(destination.entry for destination in DESTINATIONS) + "\n"
        self.postseal = world.postseal(policy=policy, outbound=RETRY, **self.dns.settings | {"mta_sts": "true"})

    def start(self):
        self.dns.knot.start()
        self.hosts.start([f"user@{destination.domain}" for destination in DESTINATIONS])
        self.postseal.start()

    def send(self, destination):
        """Sends one message; its Message-ID."""
        return self.postseal.submit(f"user@{destination.domain}", destination.domain)

    def check(self, destination, message_id):
        """The record and the host agree with what must come; the outward hop."""
        hop = self.postseal.hop_out(message_id)
        equal(hop["result"], destination.result, f"result ({hop['reason']})")
        if destination.result == "delivered":
            equal(hop["assurance"], destination.assurance, "assurance")
            equal(hop["tls"]["authenticated_by"], destination.by or hop["tls"]["authenticated_by"], "proven by")
            waiting.until("the message in its mailbox", lambda: self.hosts.stored(f"user@{destination.domain}", message_id) == 1)
        else:
            self.hosts.untouched()
        return hop

    def bounce(self, domain):
        """How the report to the author of what was held begins."""
        texts = waiting.until(f"the report about {domain}", lambda: [text for text in self.returned if domain.encode() in text])
        report = email.message_from_bytes(texts[0], policy=email.policy.default)
        return next(report.iter_parts()).get_content()

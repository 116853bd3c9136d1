"""The part of ./demo about what domains publish: DANE in a signed DNS, MTA-STS, and a server that is not who it should be."""
from dataclasses import dataclass

from world import waiting
from world.hosts import Hosts
from world.policy_host import PolicyHost, Site
from world.signed import SignedDns
from world.story import equal
from world.tlsa import certificates, tlsa

POLICY_HOST = "127.0.26.1"
POLICY = "version: STSv1\nmode: enforce\nmx: mx.sts.unsigned.example\nmax_age: 86400\n"


@dataclass
class Destination:
    title: str
    domain: str
    host: str
    kind: str        # of mail host
    publishes: str
    result: str      # delivered or deferred
    assurance: str = ""
    by: str = ""


DESTINATIONS = [
    Destination("DANE: its certificate is in the signed DNS", "dane.signed.example", "mx.dane.signed.example", "stranger",
                "TLSA records of its key, and every answer on the way is signed", "delivered", "authenticated", "dane"),
    Destination("MTA-STS: its policy names the server", "sts.unsigned.example", "mx.sts.unsigned.example", "good",
                "an MTA-STS policy over HTTPS, mode enforce", "delivered", "authenticated", "mta-sts"),
    Destination("DANE, but an unsigned MX", "half.unsigned.example", "mx.half.signed.example", "stranger",
                "TLSA records of its server's key; its own MX record is not signed, so it proves no domain", "delivered", "encrypted"),
    Destination("DANE: the server has another key", "forged.signed.example", "mx.forged.signed.example", "twin:good",
                "TLSA records of another key than the server shows", "deferred"),
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
        self.dns = SignedDns(world, records)
        site = Site(world.ca.issue("mta-sts.sts.unsigned.example"), POLICY)
        self.policies = world.add(PolicyHost(POLICY_HOST, {"mta-sts.sts.unsigned.example": site}))
        world.readable()
        self.postseal = world.postseal(**self.dns.settings | {"mta_sts": "true"})

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

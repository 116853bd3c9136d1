"""The servers that the table of cases.py is played on: DNS, the HTTPS host of the policies, mail hosts with the
certificates to match, and one Postseal, which is started again before the second messages.
"""
import json
import pathlib
import re

from cases import CASES, WRONG
from world import waiting
from world.hosts import Hosts
from world.policy_host import PolicyHost, Site
from world.signed import SignedDns
from world.smtp import Client
from world.story import equal, expect
from world.tlsa import certificates, tlsa

POLICY_HOST, NOBODY = "127.0.26.1", "127.0.26.2"
TTL = 1
MESSAGES_A_CONNECTION = 20
MOST_MEMORY = 160 << 10  # KiB at the highest, of a server that has met all of these hosts
FETCH_SECONDS = 90  # a policy host may take one minute of that


def kind_of(peer, result):
    """Where a message must wait its host is a scripted twin of the real one."""
    return f"twin:{peer}" if result == "waits" and peer not in ("strips", "refuses") else peer


class Stage:
    def __init__(self, world, cases=CASES):
        self.world, self.cases = world, cases
        self.hosts = Hosts(world, self.mail_certificates())
        self.site_certificates = self.make_site_certificates()
        records = {"evil.unsigned.example": {"A": [self.hosts.address(f"twin:{WRONG}")]}}
        faults = {}
        for case in cases:
            self.add_records(records, case)
            faults |= {(case.fill(name), kind): what for (name, kind), what in case.faults.items()}
        for case in cases:  # an address for each kind that the second messages need, before Postfix starts
            if case.then and case.then.peer:
                self.hosts.address(kind_of(case.then.peer, case.then.result))
        self.dns = SignedDns(world, records, TTL)
        self.dns.front.faults |= faults
        self.policies = world.add(PolicyHost(POLICY_HOST, {}))
        self.policies.sites |= {self.site_name(case): self.site(case, case.site) for case in cases if case.site is not None}
        world.readable()
        entries = "".join(f"{case.domain} {case.entry}\n" for case in cases if case.entry)
        self.postseal = world.postseal(policy=entries, **self.dns.settings | {"mta_sts": "true"})

    def mail_certificates(self):
        ca, stranger = self.world.ca, self.world.other_ca
        names = ["mx.nobody.example", "moved.renewed.unsigned.example", *dict.fromkeys(case.host for case in self.cases)]
        return {"good": ca.issue(*names), "expired": ca.issue(*names, expired=True), "other-ca": stranger.issue(*names),
                "stranger": ca.issue("mx.elsewhere.example"), "wildcard": ca.issue("wildcard.example", "*.wildcard.unsigned.example"),
                "by-pattern": ca.issue("other.certificate-by-pattern.unsigned.example"), "nexthop": ca.issue("nexthop-name.unsigned.example"),
                "common-name": ca.issue("mx.common-name.unsigned.example", no_names=True)}

    def make_site_certificates(self):
        names = [self.site_name(case) for case in self.cases]
        ca = self.world.ca
        return {"site": ca.issue(*names), "site-stranger": ca.issue("www.elsewhere.example"), "site-expired": ca.issue(*names, expired=True),
                "site-unknown": self.world.other_ca.issue(*names)}

    @staticmethod
    def site_name(case):
        return f"mta-sts.{case.domain}"

    def site(self, case, changes):
        how = {"policy": case.policy_text(), "certificate": "site"} | {key: value for key, value in changes.items() if key != "down"}
        how["certificate"] = self.site_certificates[how["certificate"]]
        how["policy"] = case.fill(how["policy"])
        return Site(**how)

    def fill(self, case, text):
        for name in ("evil", "good"):
            text = text.replace("{" + name + "}", self.hosts.address(f"twin:{WRONG}" if name == "evil" else name))
        return case.fill(text.replace("{port}", str(self.world.peer_port)))

    def add_records(self, records, case):
        def add(name, kind, values):
            records.setdefault(self.fill(case, name), {}).setdefault(kind, []).extend(self.fill(case, value) for value in values)
        add("_mta-sts.{domain}", "TXT", case.txt)
        if case.mx:
            add("{domain}", "MX", case.mx)
        if case.site is not None:
            add(self.site_name(case), "A", [NOBODY if case.site.get("down") else POLICY_HOST])
        if case.peer:
            add("{host}", "A", [self.hosts.address(kind_of(case.peer, case.result))])
        for name, entry in case.also.items():
            for kind, values in entry.items():
                add(name, kind, [self.tlsa(value) for value in values] if kind == "TLSA" else values)

    def tlsa(self, text):
        usage, selector, matching, whom = text.split()
        chain = self.world.other_ca.certificate if whom == "other" else self.hosts.certificates[whom].chain
        return tlsa(int(usage), int(selector), int(matching), certificates(chain)[0])

    def start(self):
        self.dns.knot.start()
        self.hosts.start([case.recipient for case in self.cases])
        self.postseal.start()

    def send(self, messages):
        """All at once, from a client that may relay: (case, message id)."""
        for begin in range(0, len(messages), MESSAGES_A_CONNECTION):
            client = Client(*self.postseal.places[0]).hello().start_tls()
            for case, message_id in messages[begin:begin + MESSAGES_A_CONNECTION]:
                text = f"From: author@sender.example\r\nTo: {case.recipient}\r\nMessage-ID: {message_id}\r\n{case.header}\r\nHello.\r\n"
                client.message("author@sender.example", [case.recipient], text.encode())
            client.command("QUIT")
            client.close()

    def check_first(self, case):
        hop = self.check(case, case.message_id, case.result, case.reason)
        if case.note:
            expect(re.search(case.note, json.dumps(hop.get("claims") or [])), f"the record says {case.note}: {hop.get('claims')}")
        if case.result != "waits":
            equal(hop["failure"], case.failure or None, "what a TLS report counts")
        if case.rule == 18 and case.result == "encrypted":
            equal([path for host, path in self.policies.asked if host == self.site_name(case)], [], "the policy host was asked")

    def check(self, case, message_id, result, reason):
        """The record and the mail host must agree; returns the outward hop."""
        hop = self.postseal.hop_out(message_id, FETCH_SECONDS)
        recipient = self.postseal.recipient(message_id)
        said = f"{recipient.get('reason') or ''} {hop.get('reason') or ''} {hop.get('reply') or ''}".strip()
        equal(hop["result"], "deferred" if result == "waits" else "delivered", f"result ({said}; {hop.get('claims')})")
        if result == "waits":
            expect(hop["assurance"] != "authenticated", "a refused hop is not called authenticated")
            expect(re.search(reason, said), f"the reason names {reason}: {said}")
            equal(recipient["state"], "queued", "state")
            equal(self.hosts.stored(case.recipient, message_id), 0, "copies stored")
            return hop
        equal(hop["assurance"], {"sealed": "authenticated"}.get(result, result), f"assurance ({hop.get('requirement')}, {hop.get('claims')})")
        if result == "sealed":
            equal(hop["tls"]["authenticated_by"], case.by, "authenticated by")
        waiting.until(f"{case.recipient} has its message", lambda: self.hosts.stored(case.recipient, message_id))
        equal(self.hosts.stored(case.recipient, message_id), 1, "copies stored")
        return hop

    def check_memory(self):
        status = pathlib.Path(f"/proc/{self.postseal.process.pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
        expect(peak < MOST_MEMORY, f"at most {MOST_MEMORY} KiB at the highest, not {peak}")

    def change_all(self):
        """What the second messages meet: other records, another policy, another mail host. Postseal starts again with what
        its store has kept, so nothing of DNS is remembered either.
        """
        equal(self.postseal.stop(), 0, "exit status")
        records, self.dns.front.faults = {}, {}
        for case in self.cases:
            then = case.then
            if then is None:
                continue
            self.dns.front.faults |= {(case.fill(name), kind): what for (name, kind), what in then.faults.items()}
            if then.txt is not None:
                records[case.fill("_mta-sts.{domain}"), "TXT"] = then.txt
            if then.site is None:
                records[self.site_name(case), "A"] = [NOBODY]
            else:
                self.policies.sites[self.site_name(case)] = self.site(case, (case.site or {}) | then.site)
            if then.mx:
                records[case.domain, "MX"] = [self.fill(case, value) for value in then.mx]
            if then.peer:
                records[case.host, "A"] = [self.hosts.address(kind_of(then.peer, then.result))]
        self.dns.knot.change(records)
        self.policies.asked.clear()
        self.postseal.start()
        self.send([(case, case.again_id) for case in self.cases if case.then])

    def check_then(self, case):
        self.check(case, case.again_id, case.then.result, case.then.reason)

"""What MTA-STS must make of a destination: TXT record, policy host, mail host, and the verdict; and what an attacker or a
fault changes after the policy is known (`then`). tests/mta_sts plays the table; the numbers are those of docs/rules.md.
"""
from dataclasses import dataclass, field

ZONE = "unsigned.example"  # MTA-STS is for those without DNSSEC
SIGNED = "signed.example"
FAILED = r"(?i)mta-sts"
FETCH, INVALID, WEBPKI = "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"


@dataclass
class Then:
    """The second message, after a restart with nothing in memory but what the store has kept."""
    title: str
    result: str
    txt: tuple | None = None       # None: as before
    site: dict | None = field(default_factory=dict)  # what of the site changes; None: the policy host is down
    peer: str = ""                 # the mail host that the same name now leads to
    mx: tuple = ()                 # a spoofed MX answer
    reason: str = ""
    faults: dict = field(default_factory=dict)


@dataclass
class Case:
    """{domain}, {host} and {zone} are filled in everywhere. `note` is what the hop's record must say besides."""
    name: str
    rule: int
    section: str
    title: str
    result: str = "sealed"         # sealed (proven as MTA-STS asks), encrypted, cleartext, waits
    mode: str = "enforce"
    patterns: tuple = ("{host}",)
    policy: str = ""               # in place of one made of mode and patterns
    txt: tuple = ("v=STSv1; id=1;",)
    site: dict | None = field(default_factory=dict)
    peer: str = "good"
    host: str = "mx.{domain}"
    mx: tuple = ("10 {host}",)
    also: dict = field(default_factory=dict)
    faults: dict = field(default_factory=dict)
    entry: str = ""                # of the policy map
    header: str = ""               # of the message
    reason: str = ""
    note: str = ""
    failure: str = ""              # RFC 8460 §4.3: of a policy that could not be had
    at: str = ""
    by: str = "mta-sts"
    zone: str = ZONE
    then: Then | None = None

    def __post_init__(self):
        self.note = self.note or (FAILED if self.failure else "")
        self.domain = f"{self.name}.{self.zone}"
        self.host = self.fill(self.host)
        self.recipient = f"user@{self.domain}"
        self.message_id = f"<{self.name}@direct.example>"
        self.again_id = f"<{self.name}-again@direct.example>"

    def fill(self, text):
        return text.format(domain=self.domain, host=self.host, zone=self.zone)

    def policy_text(self):
        lines = ["version: STSv1", f"mode: {self.mode}", *(f"mx: {pattern}" for pattern in self.patterns), "max_age: 86400"]
        return self.fill(self.policy or "\r\n".join(lines) + "\r\n")


MISMATCH = r"(?i)certificate|name|trust|issuer|MTA-STS"
UNLISTED = r"(?i)MTA-STS|list"
NO_TLS = r"454|(?i:STARTTLS)"
WRONG = "stranger"  # a host with a certificate for another name: who took the mail host's place
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
ENFORCED = "version: STSv1\nmode: enforce\nmx: {host}\nmax_age: 86400\n"


def old(title, result="waits", **how):
    """The policy is known, and somebody else answers for the mail host: the old policy must still hold."""
    return Then(title, result, peer=how.pop("peer", WRONG), reason=how.pop("reason", MISMATCH), **how)


CASES = [
    # A policy that is met
    Case("listed", 23, "8461 §4.1", "enforce, the MX listed, its name in the certificate",
         then=old("the policy host is down, and another host answers as MX", site=None)),
    Case("pattern", 23, "8461 §4.1", "a pattern *.domain for one more label", patterns=("*.{domain}",),
         then=old("the TXT record is gone, and another host answers", txt=())),
    Case("wildcard", 23, "8461 §4.2", "a wildcard in the certificate", peer="wildcard",
         then=Then("the MX answer is spoofed: a host that the policy doesn't list", "waits", mx=("10 evil.unsigned.example",), reason=UNLISTED)),
    Case("case", 23, "8461 §4.1", "names are compared without case", patterns=("MX.{domain}",), then=old(
        "enforce becomes none without a new id", site={"policy": "version: STSv1\nmode: none\nmax_age: 86400\n"})),
    Case("second", 14, "8461 §8.4", "the first host is not listed: the next one", host="second.{domain}", mx=("10 first.{domain}", "20 {host}"),
         also={"first.{domain}": {"A": ["{evil}"]}}, then=Then("both are replaced by a host that is not listed", "waits", mx=("10 evil.unsigned.example",), reason=UNLISTED)),
    Case("implicit", 24, "8461 §4", "no MX: the domain itself is the host", host="{domain}", mx=(),
         then=old("a certificate of an unknown authority", peer="other-ca")),
    Case("joined", 18, "8461 §3.1", "a TXT record in two strings", txt=('"v=STSv1; " "id=1;"',), then=old("STARTTLS is stripped", peer="strips", reason=NO_TLS)),
    Case("beside", 18, "8461 §3.1", "other TXT records beside it", txt=("v=spf1 -all", "v=STSv1; id=1;"),
         then=old("STARTTLS is refused in clear text", peer="refuses", reason=NO_TLS)),
    Case("txt-alias", 18, "8461 §3.1", "the TXT record is an alias", txt=(), also={"_mta-sts.{domain}": {"CNAME": ["sts.{domain}"]}, "sts.{domain}": {"TXT": ["v=STSv1; id=1;"]}},
         then=old("the certificate has expired", peer="expired", reason=r"(?i)expired|certificate")),
    Case("line-feeds", 20, "8461 §3.2", "lines that end in LF, the last one without", policy=ENFORCED.rstrip("\n"),
         then=old("a new id, and the policy host redirects", txt=("v=STSv1; id=2;",), site={"status": "301 Moved Permanently", "headers": ("Location: https://evil.unsigned.example/",)})),
    Case("unknown-keys", 20, "8461 §3.2", "unknown keys, and spaces at the end of lines",
         policy="version: STSv1  \r\nfuture: yes\r\nmode: enforce \r\nmx: {host}\t\r\nmax_age: 86400\r\n",
         then=old("a new id, and the policy host answers 404", txt=("v=STSv1; id=2;",), site={"status": "404 Not Found"})),
    Case("duplicates", 20, "8461 §3.2", "of two modes the first counts", policy="version: STSv1\nmode: enforce\nmode: none\nmx: {host}\nmax_age: 86400\n",
         then=old("a new id, and a policy of another type", txt=("v=STSv1; id=2;",), site={"type": "text/html", "policy": "version: STSv1\nmode: none\nmax_age: 1\n"})),
    Case("charset", 19, "8461 §3.3", "text/plain with a parameter", site={"type": "text/plain; charset=utf-8"},
         then=old("a new id, and a policy of a megabyte", txt=("v=STSv1; id=2;",), site={"policy": "version: STSv1\nmode: none\nmax_age: 1\n" + "#" * (1 << 20)})),
    Case("interim", 19, "9110 §15.2", "interim answers before the policy",
         site={"before": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"}),
    Case("long-age", 20, "8461 §3.2", "max_age at its greatest", policy=ENFORCED.replace("86400", "31557600"),
         then=old("a new id, and a policy host with another's certificate", txt=("v=STSv1; id=2;",), site={"certificate": "site-stranger"})),
    Case("slow-later", 19, "8461 §3.3", "a policy that is fetched",
         then=old("a new id, and a policy host that doesn't answer in time", txt=("v=STSv1; id=2;",), site={"holds": 120.0})),
    Case("spoilt-later", 20, "8461 §3.3", "a policy that is fetched",
         then=old("a new id, and a policy that is none", txt=("v=STSv1; id=2;",), site={"policy": "<html>sorry</html>"})),
    Case("two-records-later", 18, "8461 §3.1", "one TXT record", then=old("two TXT records", txt=("v=STSv1; id=2;", "v=STSv1; id=3;"))),
    Case("servfail-later", 18, "8461 §5.1", "a TXT record", then=old("DNS fails for the TXT record", faults={("_mta-sts.{domain}", "TXT"): "SERVFAIL"})),
    Case("renewed", 21, "8461 §3.3", "a policy", then=Then("a new id, and a policy that lists the new host", "sealed", txt=("v=STSv1; id=2;",),
         site={"policy": "version: STSv1\nmode: enforce\nmx: moved.{domain}\nmax_age: 86400\n"}, mx=("10 moved.{domain}",)), also={"moved.{domain}": {"A": ["{good}"]}}),
    Case("ended", 21, "8461 §8.3", "a policy", then=Then("a new id, and a policy of mode none: MTA-STS is over", "encrypted", txt=("v=STSv1; id=2;",), peer=WRONG,
         site={"policy": "version: STSv1\nmode: none\nmax_age: 86400\n"})),
    Case("short", 21, "8461 §3.2", "a policy for one second", policy=ENFORCED.replace("86400", "1"),
         then=old("five minutes are the least that we keep it", txt=(), site=None)),
    # A policy that is not met, at first contact
    Case("unlisted", 23, "8461 §4.1", "the MX is not listed", "waits", patterns=("other.{domain}",), reason=UNLISTED),
    Case("two-labels", 23, "8461 §4.1", "* stands for one label alone", "waits", host="a.b.{domain}", patterns=("*.{domain}",), reason=UNLISTED),
    Case("star-itself", 23, "8461 §4.1", "* does not stand for no label", "waits", host="{domain}", mx=("10 {domain}",), patterns=("*.{domain}",), reason=UNLISTED),
    Case("certificate-by-pattern", 23, "8461 §4.2", "the certificate fits the pattern, not the MX", "waits", patterns=("*.{domain}",), peer="by-pattern", reason=MISMATCH),
    Case("nexthop-name", 23, "8461 §4.2", "a certificate for the recipient domain alone", "waits", peer="nexthop", reason=MISMATCH),
    Case("common-name", 23, "8461 §4.2", "the name stands in the common name alone", "waits", peer="common-name", reason=MISMATCH),
    Case("stranger", 23, "8461 §4.2", "a certificate for another name", "waits", peer=WRONG, reason=MISMATCH),
    Case("other-ca", 23, "8461 §4.2", "a certificate of an unknown authority", "waits", peer="other-ca", reason=MISMATCH),
    Case("expired", 23, "8461 §4.2", "a certificate that has expired", "waits", peer="expired", reason=r"(?i)expired|certificate"),
    Case("stripped", 25, "8461 §4.2", "no STARTTLS", "waits", peer="strips", reason=NO_TLS),
    Case("refused", 51, "8461 §4.2", "STARTTLS refused in clear text", "waits", peer="refuses", reason=NO_TLS),
    # Policies that demand nothing
    Case("testing", 25, "8461 §5", "testing: delivered as if there were none", "encrypted", "testing", peer="stranger"),
    Case("testing-unlisted", 25, "8461 §5", "testing, and the MX is not listed", "encrypted", "testing", patterns=("other.{domain}",), peer="stranger"),
    Case("testing-plain", 25, "8461 §5", "testing, and no STARTTLS", "cleartext", "testing", peer="plain"),
    Case("mode-none", 20, "8461 §3.2", "none needs no mx", "encrypted", policy="version: STSv1\nmode: none\nmax_age: 86400\n", peer="stranger"),
    # Nothing that can be read: opportunistic, and the record says why
    Case("no-record", 18, "8461 §3.1", "no TXT record: the policy host isn't asked", "encrypted", txt=(), peer="stranger"),
    Case("two-records", 18, "8461 §3.1", "two TXT records are none", "encrypted", txt=("v=STSv1; id=1;", "v=STSv1; id=2;"), peer="stranger"),
    Case("no-id", 18, "8461 §3.1", "a TXT record without id", "encrypted", txt=("v=STSv1;",), peer="stranger"),
    Case("servfail", 18, "8461 §5.1", "DNS fails for the TXT record", "encrypted", peer="stranger", faults={("_mta-sts.{domain}", "TXT"): "SERVFAIL"}, note=FAILED),
    Case("host-missing", 19, "8461 §3.3", "the policy host has no address", "encrypted", site=None, peer="stranger", failure=FETCH),
    Case("host-refuses", 19, "8461 §3.3", "nobody listens at the policy host", "encrypted", site={"down": True}, peer="stranger", failure=FETCH),
    Case("redirect", 19, "8461 §3.3", "a redirect is not followed", "encrypted", site={"status": "302 Found", "headers": ("Location: https://mta-sts.listed.unsigned.example/.well-known/mta-sts.txt",)},
         peer="stranger", failure=FETCH),
    Case("missing", 19, "8461 §3.3", "404", "encrypted", site={"status": "404 Not Found"}, peer="stranger", failure=FETCH),
    Case("error", 19, "8461 §3.3", "500", "encrypted", site={"status": "500 Internal Server Error"}, peer="stranger", failure=FETCH),
    Case("wrong-type", 19, "8461 §3.2", "a policy of type text/html", "encrypted", site={"type": "text/html"}, peer="stranger", failure=FETCH),
    Case("oversized", 19, "8461 §3.3", "more than 64 KiB", "encrypted", policy=ENFORCED + "x: " + "y" * 70_000, peer="stranger", failure=FETCH),
    Case("cut", 19, "8461 §3.3", "a text shorter than it was announced", "encrypted", peer="stranger", failure=FETCH,
         site={"says": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\nversion: STSv1\r\nmode: enforce\r\n"}),
    Case("endless-extension", 53, "9112 §7.1.1", "the extension of a chunk without end", "encrypted", peer="stranger", failure=FETCH,
         site={"says": CHUNKED + b"5;a=", "endless": b"x" * 65536}),
    Case("endless-trailer", 53, "9112 §7.1.2", "a trailer without end", "encrypted", peer="stranger", failure=FETCH,
         site={"says": CHUNKED + b"0\r\n", "endless": b"X-A: y\r\n" * 8192}),
    Case("endless-chunks", 53, "9112 §7.1", "chunks of one octet with long extensions", "encrypted", peer="stranger", failure=FETCH,
         site={"says": CHUNKED, "endless": b"1;" + b"x" * 8192 + b"\r\n#\r\n"}),
    Case("endless-header", 53, "9112 §5", "a header without end", "encrypted", peer="stranger", failure=FETCH,
         site={"says": b"HTTP/1.1 200 OK\r\n", "endless": b"X-A: y\r\n" * 8192}),
    Case("endless-interim", 53, "9110 §15.2", "interim answers without end", "encrypted", peer="stranger", failure=FETCH,
         site={"says": b"HTTP/1.1 100 Continue\r\n\r\n", "endless": b"HTTP/1.1 100 Continue\r\n\r\n" * 1024}),
    Case("site-stranger", 19, "8461 §3.3", "the policy host has another's certificate", "encrypted", site={"certificate": "site-stranger"}, peer="stranger", failure=WEBPKI),
    Case("site-expired", 19, "8461 §3.3", "its certificate has expired", "encrypted", site={"certificate": "site-expired"}, peer="stranger", failure=WEBPKI),
    Case("site-unknown", 19, "8461 §3.3", "its authority is unknown", "encrypted", site={"certificate": "site-unknown"}, peer="stranger", failure=WEBPKI),
    Case("no-version", 20, "8461 §3.2", "a policy without version", "encrypted", policy="mode: enforce\nmx: {host}\nmax_age: 86400\n", peer="stranger", failure=INVALID),
    Case("no-age", 20, "8461 §3.2", "a policy without max_age", "encrypted", policy="version: STSv1\nmode: enforce\nmx: {host}\n", peer="stranger", failure=INVALID),
    Case("no-mx", 20, "8461 §3.2", "enforce without mx", "encrypted", policy="version: STSv1\nmode: enforce\nmax_age: 86400\n", peer="stranger", failure=INVALID),
    Case("domain-alias", 24, "8461 §3.4", "an alias has not the policy of its target", "encrypted", txt=(), site=None, mx=(), also={"{domain}": {"CNAME": ["listed.{zone}"]}},
         host="mx.listed.{zone}", peer=""),
    Case("below.listed", 24, "8461 §3.4", "a subdomain has not the policy of its parent", "encrypted", txt=(), site=None, peer="stranger"),
    # Beside the other claims
    Case("tls-required-no", 33, "8689 §4.2.2", "TLS-Required: No sets the policy aside", "encrypted", header="TLS-Required: No\r\n",
         peer="stranger"),
    Case("map-may", 26, "8461 §2", "the administrator's entry may is honoured", "encrypted", entry="may", peer="stranger"),
    Case("dane-decides", 26, "8461 §2", "DANE is met, the policy is not: DANE decides", zone=SIGNED, patterns=("other.{domain}",), peer="stranger", by="dane",
         also={"_{port}._tcp.{host}": {"TLSA": ["3 1 1 stranger"]}}),
    Case("dane-fails", 26, "8461 §2", "the policy is met, DANE is not: never healed", "waits", zone=SIGNED, reason="TLSA", also={"_{port}._tcp.{host}": {"TLSA": ["3 1 1 other"]}}),
]

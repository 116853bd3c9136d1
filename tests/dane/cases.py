"""What DANE must make of a destination: records, what fails, which peer is there, and the verdict. tests/dane plays the
table against Postseal and against Postfix's posttls-finger, and docs/dane-compared.md is printed from it.
"""
from dataclasses import dataclass, field

SIGNED, NSEC3, UNSIGNED, WRONG_DS, EXPIRED = (f"{name}.example" for name in ("signed", "nsec3", "unsigned", "wrongds", "expired"))


@dataclass
class Case:
    """`tlsa` has records as "usage selector matching WHOM", where WHOM is a certificate of world.py's, or =HEX for the
    data itself; they stand at `tlsa_at`. In all texts {domain}, {host}, {port} and {peer:NAME} (an address) are filled in.
    """
    name: str
    rule: int                      # in docs/rules.md
    section: str
    title: str
    tlsa: tuple = ()
    result: str = "sealed"         # sealed, encrypted, waits, returns
    peer: str = "self"             # which certificate, or which misbehaviour, the mail host has
    reason: str = ""               # what a message that waits or returns must say, as a regular expression
    zone: str = SIGNED             # of the domain
    host_zone: str = ""            # of the mail host; default: the domain's
    host: str = ""                 # default mx.NAME.ZONE
    mx: tuple = ("10 {host}",)
    tlsa_at: str = "_{port}._tcp.{host}"
    also: dict = field(default_factory=dict)    # more records
    faults: dict = field(default_factory=dict)  # (name, type): what happens to that lookup
    policy: str = ""               # an entry of the policy map
    route: str = ""                # in place of the MX
    at: str = ""                   # the host that must have got it, when not `host`
    later: bool = False            # not sent with the others: a case of its own in `run`
    unasked: str = ""              # a name whose TLSA records must not be asked for
    postfix: str = ""              # what becomes of it in a Postfix with smtp_tls_security_level = dane, when that is not `result`
    finger: str = ""               # what posttls-finger says when that is not the same verdict; "-": not asked
    differs: str = ""              # why
    finger_at: str = "{domain}:{port}"

    def __post_init__(self):
        self.domain = f"{self.name}.{self.zone}"
        self.host = (self.host or f"mx.{self.name}.{self.host_zone or self.zone}").format(domain=self.domain)
        self.recipient = f"user@{self.domain}"
        self.message_id = f"<{self.name}@direct.example>"


TLSA = r"TLSA"
NO_MAP = {"finger": "-", "differs": "posttls-finger knows no policy map"}
ONLY_TELLS = {"finger": "no TLS", "differs": "posttls-finger tells that STARTTLS is missing; smtp(8) then defers"}
FIRST_HOST = {"finger": "refuses", "differs": "posttls-finger stops at the first host that answers; smtp(8) goes on to the next"}
NO_ROUTE = {"finger": "-", "differs": "posttls-finger knows no routes"}
ENTRY = "10 {host}"


def alias(name, target):
    return {name: {"CNAME": [target]}}


REAL = "real.{domain}"
ALIASED = alias("{host}", REAL) | {REAL: {"A": ["{peer}"]}}

CASES = [
    # Which records match
    Case("ee-311", 9, "7672 §3.1.1", "DANE-EE: key, SHA-256", ("3 1 1 self",)),
    Case("ee-312", 9, "7672 §3.1.1", "DANE-EE: key, SHA-512", ("3 1 2 self",)),
    Case("ee-301", 9, "7672 §3.1.1", "DANE-EE: certificate, SHA-256", ("3 0 1 self",)),
    Case("ee-302", 9, "7672 §3.1.1", "DANE-EE: certificate, SHA-512", ("3 0 2 self",)),
    Case("ee-300", 9, "7672 §3.1.1", "DANE-EE: the certificate itself", ("3 0 0 self",)),
    Case("ee-310", 9, "7672 §3.1.1", "DANE-EE: the key itself", ("3 1 0 self",)),
    Case("ee-expired", 10, "7671 §5.1", "DANE-EE: neither dates nor names count", ("3 1 1 expired",), peer="expired"),
    Case("ee-exim", 10, "7672 §3.1.1", "DANE-EE of an Exim", ("3 1 1 exim",), peer="exim:ee-exim.signed.example"),
    Case("ee-mismatch", 15, "7672 §2.2", "another's key: waits, never returns at once", ("3 1 1 other",), "waits", reason=TLSA),
    Case("rollover", 10, "7671 §8.1", "the records of the old and the new key", ("3 1 1 other", "3 1 1 self")),
    Case("rollover-late", 15, "7671 §8.1", "the records of two keys that are not in use", ("3 1 1 other", "3 1 1 expired"), "waits",
         reason=TLSA),
    Case("mixed-ee", 10, "7672 §3.1", "DANE-EE matches beside a DANE-TA that doesn't", ("2 1 1 other", "3 1 1 self")),
    Case("mixed-ta", 10, "7672 §3.1", "DANE-TA matches beside a DANE-EE that doesn't", ("3 1 1 other", "2 1 1 anchor"), peer="ta"),
    Case("mixed-none", 15, "7672 §2.2", "neither matches", ("3 1 1 other", "2 1 1 other"), "waits", "ta", TLSA),
    # Trust anchors
    Case("ta-201", 11, "7672 §3.1.2", "DANE-TA: a root's certificate, SHA-256", ("2 0 1 anchor",), peer="ta"),
    Case("ta-211", 11, "7672 §3.1.2", "DANE-TA: a root's key, SHA-256", ("2 1 1 anchor",), peer="ta"),
    Case("ta-212", 11, "7672 §3.1.2", "DANE-TA: a root's key, SHA-512", ("2 1 2 anchor",), peer="ta"),
    Case("ta-mid", 11, "7672 §3.1.2", "an intermediate as anchor; its root is not sent", ("2 0 1 middle",), peer="middle"),
    Case("ta-unsent", 11, "7672 §3.1.2", "a root known by its digest alone, and not sent", ("2 0 1 anchor",), "waits", "middle", TLSA),
    Case("ta-full", 11, "7672 §3.1.2", "a root that is not sent, but whole in DNS", ("2 0 0 anchor",), peer="alone"),
    Case("ta-key", 11, "7672 §3.1.2", "a root's key that is not sent, but whole in DNS", ("2 1 0 anchor",), peer="alone"),
    Case("ta-alone", 11, "7672 §3.1.2", "the same, but only its digest is in DNS", ("2 1 1 anchor",), "waits", "alone", TLSA),
    Case("ta-wrongname", 11, "7672 §3.2.2", "the chain is right, the name another's", ("2 1 1 anchor",), "waits", "ta-stranger", r"TLSA|name"),
    Case("ta-expired", 11, "7671 §5.2", "under DANE-TA dates count", ("2 1 1 anchor",), "waits", "ta-expired", r"TLSA|expired"),
    Case("ta-nexthop", 11, "7672 §3.2.2", "a certificate for the recipient domain alone", ("2 1 1 anchor",), peer="ta-domain"),
    Case("ta-expanded", 11, "7672 §3.2.2", "a certificate for what the recipient domain is an alias of", ("2 1 1 anchor",), peer="ta-domain",
         mx=(), also=alias("{domain}", "target.ta-expanded.signed.example") | {"target.ta-expanded.signed.example": {"MX": [ENTRY]}}),
    Case("ta-wildcard", 11, "7672 §3.2.3", "a wildcard in the certificate", ("2 1 1 anchor",), peer="ta-wildcard"),
    Case("ta-half", 11, "7672 §3.2.2", "over an insecure MX the domain's name proves nothing", ("2 1 1 anchor",), "waits", "ta-domain",
         r"TLSA|name", UNSIGNED, SIGNED, finger="TLS, not verified", postfix="encrypted",
         differs="Postfix takes the recipient domain's name there too; RFC 7672 §3.2.2 leaves the host's name alone"),
    # Which records can be used at all
    Case("usage-0", 9, "7672 §3.1.3", "PKIX-TA alone: TLS, whoever it is", ("0 0 1 self",), "encrypted"),
    Case("usage-1", 9, "7672 §3.1.3", "PKIX-EE alone: TLS, whoever it is", ("1 1 1 self",), "encrypted"),
    Case("usage-4", 9, "7672 §2.2", "a usage that nobody knows", ("4 1 1 self",), "encrypted"),
    Case("selector-2", 9, "7672 §2.2", "a selector that nobody knows", ("3 2 1 self",), "encrypted"),
    Case("matching-3", 9, "7672 §2.2", "a matching type that nobody knows", ("3 1 3 self",), "encrypted"),
    Case("digest-short", 9, "7672 §2.2", "a digest that is too short", ("3 1 1 =abcd",), "encrypted"),
    Case("digest-long", 9, "7672 §2.2", "a digest that is too long", ("3 1 2 =" + "ab" * 65,), "encrypted"),
    Case("unusable-plain", 9, "7672 §2.2", "unusable records, and STARTTLS is missing: never in clear", ("1 1 1 self",), "waits", "strips",
         r"(?i)STARTTLS", **ONLY_TELLS),
    Case("unusable-beside", 9, "7672 §2.2", "unusable ones beside one that matches", ("1 1 1 other", "3 1 1 self")),
    Case("unusable-beside-bad", 9, "7672 §2.2", "unusable ones don't excuse one that can be used", ("1 1 1 self", "3 1 1 other"), "waits",
         reason=TLSA),
    # Digest agility
    Case("agility-weak", 12, "7671 §9", "the weaker digest matches, the stronger doesn't", ("3 1 1 self", "3 1 2 other"), "waits", reason=TLSA),
    Case("agility-strong", 12, "7671 §9", "the stronger digest matches, the weaker doesn't", ("3 1 1 other", "3 1 2 self")),
    Case("agility-full", 12, "7671 §9", "a record without digest counts beside the strongest", ("3 1 0 self", "3 1 2 other")),
    Case("agility-selector", 12, "7671 §9", "each selector by itself", ("3 0 1 self", "3 1 2 other")),
    # The four answers
    Case("none", 1, "7672 §2.1.1", "securely no records: as without DANE", (), "encrypted"),
    Case("none-nsec3", 1, "7672 §2.1.1", "the same, proven by NSEC3", (), "encrypted", zone=NSEC3),
    Case("ee-nsec3", 1, "7672 §2.1.1", "records in a zone with NSEC3", ("3 1 1 self",), zone=NSEC3),
    Case("zone-unsigned", 1, "7672 §2.1.1", "records in an unsigned zone are none, even false ones", ("3 1 1 other",), "encrypted", zone=UNSIGNED,
         unasked="{host}"),
    Case("tlsa-servfail", 1, "7672 §2.1.2", "SERVFAIL for the TLSA records", ("3 1 1 self",), "waits", reason=TLSA,
         faults={("_{port}._tcp.{host}", "TLSA"): "SERVFAIL"}),
    Case("tlsa-spoilt", 1, "7672 §2.1.2", "TLSA records with a false signature", ("3 1 1 self",), "waits", reason=TLSA,
         faults={("_{port}._tcp.{host}", "TLSA"): "spoil"}),
    Case("tlsa-next", 1, "7672 §2.1.2", "SERVFAIL for one host's: the next host", ("3 1 1 self",), at="second.{domain}",
         mx=("10 {host}", "20 second.{domain}"), faults={("_{port}._tcp.{host}", "TLSA"): "SERVFAIL"},
         also={"second.{domain}": {"A": ["{peer:self}"]}, "_{port}._tcp.second.{domain}": {"TLSA": ["3 1 1 self"]}}),
    Case("mx-spoilt", 1, "7672 §2.1.2", "an MX answer with a false signature", ("3 1 1 self",), "waits", reason=r"(?i)bogus|MX|DNSSEC",
         faults={("{domain}", "MX"): "spoil"}),
    Case("zone-wrongds", 1, "7672 §2.1.2", "a zone whose key its parent doesn't know", ("3 1 1 self",), "waits", zone=WRONG_DS,
         reason=r"(?i)bogus|DNSSEC"),
    Case("zone-expired", 1, "7672 §2.1.2", "a zone whose signatures have expired", ("3 1 1 self",), "waits", zone=EXPIRED,
         reason=r"(?i)bogus|DNSSEC"),
    Case("address-spoilt", 1, "7672 §2.1.2", "an address with a false signature", ("3 1 1 self",), "waits", reason=r"(?i)bogus|DNSSEC",
         faults={("{host}", "A"): "spoil"}),
    Case("address-next", 1, "7672 §2.1.2", "an address with a false signature: the next host", ("3 1 1 self",), at="second.{domain}",
         mx=("10 {host}", "20 second.{domain}"), faults={("{host}", "A"): "spoil"},
         also={"second.{domain}": {"A": ["{peer:self}"]}, "_{port}._tcp.second.{domain}": {"TLSA": ["3 1 1 self"]}}),
    Case("host-insecure", 2, "7672 §2.2.2", "a host in an unsigned zone: its TLSA records are not asked for", (), "encrypted", host_zone=UNSIGNED,
         faults={("_{port}._tcp.{host}", "TLSA"): "SERVFAIL"}, unasked="{host}"),
    Case("one-family", 2, "7672 §2.2.2", "IPv4 validated, IPv6 SERVFAIL: one is enough", ("3 1 1 self",),
         faults={("{host}", "AAAA"): "SERVFAIL"}),
    # MX and next hop
    Case("implicit", 7, "7672 §2.2.2", "securely no MX: the domain itself", ("3 1 1 self",), host="{domain}", mx=()),
    Case("implicit-bad", 7, "7672 §2.2.2", "securely no MX, and another's key", ("3 1 1 other",), "waits", host="{domain}", mx=(), reason=TLSA),
    Case("null-mx", 7, "7505 §3", "a null MX returns at once", ("3 1 1 self",), "returns", mx=("0 .",), reason=r"5\.1\.10|null MX",
         finger="-", differs="there is no host to connect to"),
    Case("half", 6, "7672 §2.2.1", "an insecure MX: TLS as DANE asks, never called proven", ("3 1 1 self",), "encrypted", zone=UNSIGNED, host_zone=SIGNED),
    Case("half-bad", 6, "7672 §2.2.1", "an insecure MX, another's key", ("3 1 1 other",), "waits", zone=UNSIGNED, host_zone=SIGNED, reason=TLSA),
    Case("domain-alias", 6, "7672 §2.2.2", "the domain is a secure alias", ("3 1 1 self",), mx=(),
         also=alias("{domain}", "target.{domain}") | {"target.{domain}": {"MX": [ENTRY]}}),
    Case("domain-alias-half", 6, "7672 §2.2.1", "the domain is an insecure alias of a signed one", ("3 1 1 self",), "encrypted", zone=UNSIGNED,
         host_zone=SIGNED, mx=(), also=alias("{domain}", "target.domain-alias-half.signed.example") |
         {"target.domain-alias-half.signed.example": {"MX": [ENTRY]}}),
    Case("order", 14, "7672 §2.2.1", "the first host has no records, the second has: order stays", (), "encrypted",
         mx=("10 {host}", "20 second.{domain}"),
         also={"second.{domain}": {"A": ["{peer:self}"]}, "_{port}._tcp.second.{domain}": {"TLSA": ["3 1 1 self"]}}),
    Case("order-bad", 15, "7672 §2.2", "the first host has another's key: the next one", ("3 1 1 other",), at="second.{domain}", peer="twin:self", **FIRST_HOST,
         mx=("10 {host}", "20 second.{domain}"),
         also={"second.{domain}": {"A": ["{peer:self}"]}, "_{port}._tcp.second.{domain}": {"TLSA": ["3 1 1 self"]}}),
    # Aliases of hosts and of records
    Case("alias-expanded", 4, "7672 §2.2.3", "the host is an alias: records at what it stands for", ("3 1 1 self",), also=ALIASED,
         tlsa_at="_{port}._tcp." + REAL),
    Case("alias-original", 4, "7672 §2.2.3", "records at the alias alone", ("3 1 1 self",), also=ALIASED),
    Case("alias-both", 4, "7672 §2.2.3", "records at both: the expanded name's count", ("3 1 1 other",),
         also=ALIASED | {"_{port}._tcp." + REAL: {"TLSA": ["3 1 1 self"]}}),
    Case("alias-both-bad", 4, "7672 §2.2.3", "the alias's own don't heal the expanded name's", ("3 1 1 self",), "waits", reason=TLSA,
         also=ALIASED | {"_{port}._tcp." + REAL: {"TLSA": ["3 1 1 other"]}}),
    Case("alias-middle", 4, "7672 §2.2.3", "records at a name between are nobody's", ("3 1 1 other",), "encrypted", tlsa_at="_{port}._tcp.middle.{domain}",
         also=alias("{host}", "middle.{domain}") | alias("middle.{domain}", REAL) | {REAL: {"A": ["{peer}"]}}, unasked="middle.{domain}"),
    Case("alias-out", 3, "7672 §2.1.3", "a secure alias of an unsigned host: its own records count", ("3 1 1 self",),
         also=alias("{host}", "host.alias-out.unsigned.example") | {"host.alias-out.unsigned.example": {"A": ["{peer}"]}}),
    Case("alias-out-bad", 3, "7672 §2.1.3", "the same with another's key", ("3 1 1 other",), "waits", reason=TLSA,
         also=alias("{host}", "host.alias-out-bad.unsigned.example") | {"host.alias-out-bad.unsigned.example": {"A": ["{peer}"]}}),
    Case("alias-in", 3, "7672 §2.1.3", "an insecure alias of a signed host: no DANE", ("3 1 1 other",), "encrypted", host_zone=UNSIGNED,
         tlsa_at="_{port}._tcp.host.{domain}", also=alias("{host}", "host.{domain}") | {"host.{domain}": {"A": ["{peer}"]}}),
    Case("alias-zones", 4, "7672 §2.2.3", "a secure alias into another signed zone", ("3 1 1 self",), tlsa_at="_{port}._tcp.host.alias-zones.nsec3.example",
         also=alias("{host}", "host.alias-zones.nsec3.example") | {"host.alias-zones.nsec3.example": {"A": ["{peer}"]}}),
    Case("tlsa-alias", 5, "7672 §2.2.3", "the records are an alias", ("3 1 1 self",), tlsa_at="keys.{domain}",
         also=alias("_{port}._tcp.{host}", "keys.{domain}")),
    Case("tlsa-alias-zones", 5, "7672 §2.2.3", "an alias into another signed zone", ("3 1 1 self",), tlsa_at="keys.tlsa-alias-zones.nsec3.example",
         also=alias("_{port}._tcp.{host}", "keys.tlsa-alias-zones.nsec3.example")),
    Case("tlsa-alias-out", 5, "7672 §2.2.3", "an alias into an unsigned zone: no records", ("3 1 1 other",), "encrypted",
         tlsa_at="keys.tlsa-alias-out.unsigned.example", also=alias("_{port}._tcp.{host}", "keys.tlsa-alias-out.unsigned.example")),
    Case("tlsa-alias-fails", 5, "7672 §2.1.2", "an alias whose target answers SERVFAIL", ("3 1 1 self",), "waits", reason=TLSA, tlsa_at="keys.{domain}",
         also=alias("_{port}._tcp.{host}", "keys.{domain}"), faults={("keys.{domain}", "TLSA"): "SERVFAIL"}),
    Case("tlsa-alias-dangling", 5, "7672 §2.1.1", "an alias of nothing, securely", (), "encrypted", also=alias("_{port}._tcp.{host}", "keys.{domain}")),
    Case("sni-expanded", 13, "7672 §8.1", "SNI is the name with the records: the expanded one", ("3 1 1 sni",), peer="sni:real.sni-expanded.signed.example",
         also=ALIASED, tlsa_at="_{port}._tcp." + REAL),
    Case("sni-original", 13, "7672 §8.1", "SNI is the name with the records: the alias", ("3 1 1 sni",), peer="sni:mx.sni-original.signed.example",
         also=ALIASED),
    # What the connection does
    Case("stripped", 15, "7672 §2.2", "records, and STARTTLS is missing", ("3 1 1 self",), "waits", "strips", r"(?i)STARTTLS", **ONLY_TELLS),
    Case("refused", 51, "7672 §2.2", "records, and STARTTLS is refused in clear text", ("3 1 1 self",), "waits", "refuses", r"454|(?i:STARTTLS)"),
    Case("stripped-none", 1, "7672 §2.1.1", "securely no records, and STARTTLS is missing: in clear, as asked", (), "cleartext", "plain"),
    Case("shared", 16, "7672 §3.2.2", "one host for two domains, a certificate for this one", ("2 1 1 anchor",), peer="twin:ta-shared",
         host="mx.shared-host.signed.example"),
    Case("shared-other", 16, "7672 §3.2.2", "the same host for the other: no connection of the first is good", (), "waits", peer="twin:ta-shared",
         host="mx.shared-host.signed.example", reason=r"TLSA|name"),
    Case("resume", 16, "7672 §2.2", "a host that another domain reaches with less", ("3 1 1 self",), later=True),
    Case("resume-lax", 16, "7672 §2.2", "the same host under an entry may", (), "encrypted", host="mx.resume.signed.example", policy="may", later=True,
         **NO_MAP),
    # The administrator's word
    Case("route-port", 8, "7672 §2.2.3", "a route to [host]:port: records of that port", ("3 1 1 self",), tlsa_at="_{other_port}._tcp.{host}",
         route="smtp:[{host}]:{other_port}", mx=(), finger_at="[{host}]:{other_port}"),
    Case("route-unsigned", 8, "7672 §2.2.2", "a route needs no signed MX", ("3 1 1 self",), zone=UNSIGNED, host_zone=SIGNED,
         route="smtp:[{host}]:{port}", mx=(), finger_at="[{host}]:{port}"),
    Case("route-literal", 8, "7672 §2.2.2", "an address in place of a name never has DANE", (), "encrypted", route="smtp:[{peer}]:{port}", mx=(), **NO_ROUTE),
    Case("map-encrypt", 15, "7672 §2.2", "an entry that is weaker than the records is honoured", ("3 1 1 other",), "encrypted", policy="encrypt", **NO_MAP),
    Case("map-dane", 1, "7672 §2.2", "the entry dane, securely no records", (), "encrypted", policy="dane", **NO_MAP),
    Case("map-only", 1, "7672 §6", "the entry dane-only, and a record that matches", ("3 1 1 self",), policy="dane-only", **NO_MAP),
    Case("map-only-none", 1, "7672 §6", "the entry dane-only, securely no records", (), "waits", policy="dane-only", reason=r"(?i)dane|TLSA", **NO_MAP),
    Case("map-only-unusable", 9, "7672 §6", "the entry dane-only, and no record that can be used", ("1 1 1 self",), "waits", policy="dane-only",
         reason=r"(?i)dane|TLSA", **NO_MAP),
    Case("map-only-half", 6, "7672 §6", "the entry dane-only, and an insecure MX", ("3 1 1 self",), "waits", zone=UNSIGNED, host_zone=SIGNED,
         policy="dane-only", reason=r"(?i)dane|MX|DNSSEC", **NO_MAP),
]

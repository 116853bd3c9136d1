"""Servers, and who stands between, that take TLS away, fake it, or can't prove who they are (rules 42, 45, 51; RFC 3207)."""
from scripted import CLOSE, HANG, RESET, TLS, Row, Table

OFFER = "250-peer.example\n250 STARTTLS"
# What may come in place of a handshake, each a script's part.
REFUSALS = [("454", "454 4.7.0 not now"), ("500", "500 5.5.1 what?"), ("501", "501 5.5.4 no"), ("502", "502 5.5.1 what?"),
            ("530", "530 5.7.0 no"), ("554", "554 5.7.1 no"), ("421", "421 4.3.2 going down")]
FAILURES = [("it ends", CLOSE), ("a reset", RESET), ("220, and it ends", ("220 go", CLOSE)), ("220 and rubbish", ("220 go", b"rubbish" * 50)),
            ("220 and an alert", ("220 go", b"\x15\x03\x03\x00\x02\x02\x28")), ("220 and a reply", ("220 go", "250 hello")),
            ("220 and an empty record", ("220 go", b"\x16\x03\x03\x00\x00")), 
            ("220 and a ServerHello cut short", ("220 go", b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", CLOSE)),
            ("220 and a record of 64 KiB", ("220 go", b"\x16\x03\x03\xff\xff" + bytes(70_000)))]
INJECTED = [("a reply", b"250 ok\r\n"), ("an EHLO reply", b"250-peer.example\r\n250 SIZE 1\r\n"), ("one octet", b"2")]


def offering(said):
    return {"EHLO": OFFER, "STARTTLS": said}


def inject(data):
    """In one packet with the 220, as a man in the middle would; then the handshake."""
    return {"tls": "good", "EHLO": OFFER, "EHLO tls": "250 peer.example", "STARTTLS": (b"220 go ahead\r\n" + data, TLS)}


DEMAND = "530 5.7.0 Must issue a STARTTLS command first"


def demanding(said):
    return {**offering(said), "MAIL": DEMAND}


def certificates(*rows):
    return [Row(kind, {"tls": kind}, wanted, says=says) for kind, wanted, says in rows]


TABLES = [
    Table("rule 45: may, TLS is refused", [Row(why, offering(said), "sent 2.0.0 may/cleartext") for why, said in REFUSALS]),
    # What comes with the 220 may be seen before the handshake begins: then it is out of step (rule 50).
    Table("rule 45: may, TLS fails, a new connection", [Row(why, offering(said), "(sent 2.0.0 may/cleartext|deferred 4.5.0)")
                                                        for why, said in FAILURES]),
    Table("rule 45: may, TLS is dead behind the handshake", [
        Row(why, {"tls": "good", "EHLO tls": said}, "sent 2.0.0 may/cleartext") for why, said in
        (("it ends", CLOSE), ("a reset", RESET), ("it is silent", HANG))]),
    # Only a host that spoke of the message returns it.
    Table("RFC 3207 §4: may, and the host demands TLS", [
        *[Row(f"{why} to STARTTLS", demanding(said), "deferred 4.7.10", says="demands TLS .*Must issue.*STARTTLS") for why, said in REFUSALS],
        *[Row(why, demanding(said), "deferred (4.7.10|4.5.0)") for why, said in FAILURES],
        Row("it offers none", {"MAIL": DEMAND}, "deferred 4.7.10", says="does not offer STARTTLS"),
        Row("at RCPT", {"RCPT": "550 5.7.10 Encryption needed"}, "deferred 4.7.10"),
        Row("in other words", {"MAIL": "550 5.7.1 Session encryption is required"}, "deferred 4.7.10"),
        Row("the handshake's end", {"tls": "good", "EHLO tls": CLOSE, "MAIL": DEMAND}, "deferred 4.7.10", says="EHLO within TLS"),
        Row("the second host doesn't", [{"MAIL": DEMAND}, {}], "sent 2.0.0"),
        Row("530 for want of AUTH is about us", {"MAIL": "530 5.7.0 Authentication required"}, "bounced 5.7.0"),
        Row("once TLS stands it is about the message", {"tls": "good", "MAIL": DEMAND}, "bounced 5.7.0"),
    ]),
    Table("rule 51: encrypt, TLS is refused", [Row(why, offering(said), "deferred 4.7") if why != "421" else Row(why, offering(said), "deferred 4.3.2")
                                               for why, said in REFUSALS], level="encrypt"),
    Table("rule 51: encrypt, TLS fails", [Row(why, offering(said), "deferred 4") for why, said in FAILURES], level="encrypt"),
    Table("rule 51: secure, TLS is taken away", [
        Row("not offered", {}, "deferred 4.7.4"),
        Row("the word is mangled, as by some firewalls", {"EHLO": "250-peer.example\n250 XXXXXXXA"}, "deferred 4.7.4"),
        Row("EHLO is refused", {"EHLO": "502 5.5.1 what?"}, "deferred 4.7", unheard=b"HELO "),
        Row("EHLO is refused for good", {"EHLO": "550 5.7.1 no"}, "deferred 4"),
        Row("the greeting says no", {"greeting": "554 5.7.1 no"}, "deferred 4"),
        Row("it accepts all in clear", offering("250 ok, no TLS needed"), "deferred 4"),
        Row("it hangs", offering(HANG), "deferred 4"),
    ], level="secure"),
    Table("rule 42: may, words behind the 220", [Row(why, inject(data), "(sent|deferred)") for why, data in INJECTED]),
    Table("rule 42: encrypt, words behind the 220", [Row(why, inject(data), "deferred 4", unheard=b"MAIL FROM") for why, data in INJECTED],
          level="encrypt"),
    Table("rule 57: TLS 1.0 and 1.1 are refused, may", [Row("old", {"tls": "old"}, "sent 2.0.0 may/cleartext")]),
    Table("rule 57: TLS 1.0 and 1.1 are refused, encrypt", [Row("old", {"tls": "old"}, "deferred 4.7.5")], level="encrypt"),
    Table("may, any certificate", certificates(
        ("good", "sent 2.0.0 may/encrypted", ""), ("other", "sent 2.0.0 may/encrypted", ""), ("expired", "sent 2.0.0 may/encrypted", ""),
        ("wrong", "sent 2.0.0 may/encrypted", ""))),
    Table("encrypt, any certificate", certificates(
        ("good", "sent 2.0.0 encrypt/encrypted", ""), ("other", "sent 2.0.0 encrypt/encrypted", ""), ("expired", "sent 2.0.0 encrypt/encrypted", "")),
        level="encrypt"),
    Table("secure, the certificate must prove the name", certificates(
        ("good", "sent 2.0.0 secure/authenticated", ""), ("other", "deferred 4.7.5", "(?i)trust"), ("expired", "deferred 4.7.5", "(?i)expired"),
        ("wrong", "deferred 4.7.5", "(?i)name|match")), level="secure"),
    Table("RFC 3207 §4.2: within TLS", [
        Row("STARTTLS is offered again", {"tls": "good", "EHLO tls": OFFER}, "sent 2.0.0 encrypt/encrypted"),
        Row("no extension any more", {"tls": "good", "EHLO tls": "250 peer.example"}, "sent 2.0.0 encrypt/encrypted"),
        Row("EHLO is refused", {"tls": "good", "EHLO tls": "502 what?"}, "sent 2.0.0 encrypt/encrypted", heard=b"HELO "),
        Row("it ends after the handshake", {"tls": "good", "EHLO tls": CLOSE}, "deferred 4.4.2"),
        Row("421 after the handshake", {"tls": "good", "EHLO tls": "421 4.3.2 no"}, "deferred 4.3.2"),
        Row("a greeting after the handshake", {"tls": "good", "EHLO tls": "220 hello\n250 ok"}, "deferred 4"),
        Row("550 to MAIL", {"tls": "good", "MAIL": "550 5.7.1 no"}, "bounced 5.7.1"),
        Row("it ends behind the text", {"tls": "good", "dot": CLOSE}, "deferred 4.4.2"),
        Row("a reset behind the text", {"tls": "good", "dot": RESET}, "deferred 4.4.2"),
        Row("two 250 behind the text", {"tls": "good", "dot": "250 ok\n250 ok"}, "deferred 4.5.0"),
    ], level="encrypt"),
    Table("rule 51: a demand holds for each host", [
        Row("the first has no TLS", [{}, {"tls": "good"}], "sent 2.0.0 encrypt/encrypted"),
        Row("neither has", [{}, {}], "deferred 4.7.4"),
        Row("the first is broken, the second refuses", [offering(("220 go", CLOSE)), offering("454 no")], "deferred 4.7"),
    ], level="encrypt"),
]

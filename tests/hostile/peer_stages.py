"""Servers that refuse, vanish, stall or talk rubbish, at each stage of a session (RFC 5321 §3, §4.2; rules 48 to 50)."""
from scripted import CLOSE, HANG, LINGER, NOBODY, RESET, DEAF, After, Flood, Row, Table, Trickle

GREETING, HELLO = "220 peer.example", "250 peer.example"
STAGES = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"]


def at_each(stages, said, wanted, **more):
    return [Row(stage, {stage: said}, wanted, **more) for stage in stages]


BIG = (b"y" * 76 + b"\r\n") * 12_000


def amid(said, end):
    return {"DATA": ("354 go", After(100_000), said, end)}


TABLES = [
    Table("RFC 5321 §4.2: a good server", [
        Row("polite", {}, "sent 2.0.0 may/cleartext"),
        Row("no ESMTP", {"EHLO": "500 what?", "HELO": HELLO}, "sent 2.0.0", heard=b"HELO "),
        Row("502 to EHLO", {"EHLO": "502 5.5.1 what?"}, "sent 2.0.0", heard=b"HELO "),
        Row("a greeting of many lines", {"greeting": "220-hello\n220-again\n220 at last"}, "sent"),
        Row("a greeting of 128 lines", {"greeting": "220-x\n" * 127 + "220 y"}, "sent"),
        Row("codes alone", {"greeting": "220", "MAIL": "250", "RCPT": "250", "dot": "250"}, "sent"),
        Row("251 at RCPT", {"RCPT": "251 2.1.5 will forward"}, "sent"),
        Row("252 at RCPT", {"RCPT": "252 2.1.5 maybe"}, "sent"),
        Row("replies of ten lines", {"MAIL": "250-x\n" * 9 + "250 y", "RCPT": "250-x\n" * 9 + "250 y"}, "sent"),
        Row("an octet at a time, but in time", {"MAIL": Trickle(b"250 k\r\n")}, "sent"),
        Row("no pipelining", {"offers": ("8BITMIME",)}, "sent"),
        Row("500 to QUIT", {"QUIT": "500 never"}, "sent"),
        Row("nothing to QUIT", {"QUIT": HANG}, "sent"),
        Row("it ends behind its 250", {"dot": ("250 2.0.0 ok", CLOSE)}, "sent"),
        Row("UTF-8 and ESC in replies", {"dot": b"250 2.0.0 gr\xc3\xbc\xc3\x9fe \x1b[2J\r\n"}, "sent"),
    ]),
    Table("RFC 5321 §4.2.1: 5xx", [
        *at_each(["MAIL", "RCPT", "DATA", "dot"], "550 5.7.1 we don't want it", "bounced 5.7.1"),
        *at_each(["MAIL", "RCPT", "DATA", "dot"], "554 no code of RFC 3463", "bounced 5.0.0"),
        Row("550 with another class in the enhanced code", {"RCPT": "550 2.1.5 fine"}, "bounced 5.0.0"),
        Row("a refusal of three lines", {"RCPT": "550-5.1.1 no\n550-5.1.1 such\n550 5.1.1 user"}, "bounced 5.1.1"),
        Row("its code in a later line", {"RCPT": "550-\n550-5.1.1\n550 5.1.1 <a@b>: no"}, "bounced 5.1.1", says=r"\S+ 550 5\.1\.1 <a@b>: no"),
        Row("599, which nobody knows", {"MAIL": "599 what"}, "bounced 5.0.0"),
        Row("552 at RCPT is 452", {"RCPT": "552 5.2.2 too many"}, "deferred 4"),
        Row("552 at the text is not", {"dot": "552 5.2.2 mailbox full"}, "bounced 5.2.2"),
        Row("the greeting: it speaks of the host", {"greeting": "554 5.7.1 no service"}, "deferred 4"),
        Row("EHLO and HELO", {"EHLO": "550 no", "HELO": "550 no"}, "deferred 4"),
        Row("a log line's end in a refusal", {"RCPT": b"550 5.1.1 x) status=sent (250 \x1b[0m\r\n"}, "bounced 5.1.1"),
    ]),
    Table("RFC 5321 §4.2.1: 4xx", [
        *at_each(["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"], "451 4.7.1 later", "deferred 4.7.1"),
        *at_each(["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"], "421 4.3.2 going down", "deferred 4.3.2"),
        Row("421 and gone", {"MAIL": ("421 4.3.2 bye", CLOSE)}, "deferred 4.3.2"),
        *at_each(["greeting", "EHLO", "MAIL", "RCPT"], "250 ok\n421 4.3.2 going down", "deferred 4.3.2"),
        Row("421 behind a text that is taken takes nothing back", {"dot": "250 2.0.0 ok\n421 4.3.2 going down"}, "sent 2.0.0"),
        Row("499, which nobody knows", {"MAIL": "499 what"}, "deferred 4.0.0"),
        Row("421 with 5.x.x is still 4", {"MAIL": "421 5.7.1 no"}, "deferred 4"),
    ]),
    Table("RFC 5321 §3.8: the connection ends", [
        *at_each(STAGES, CLOSE, "deferred 4.4.2", says="lost"),
        *at_each(STAGES, RESET, "deferred 4.4.2", says="lost"),
        *at_each(STAGES, (b"25", CLOSE), "deferred 4.4.2", says="lost"),
        *at_each(["EHLO", "MAIL"], (b"250-half of\r\n", CLOSE), "deferred 4.4.2"),
        Row("a refusal cut short at the text", {"dot": (b"550 5.7.1 n", CLOSE)}, "deferred 4.4.2"),
        Row("an acceptance cut short at the text", {"dot": (b"250 2.0.0 ok", CLOSE)}, "deferred 4.4.2"),
        Row("an acceptance with CR alone", {"dot": (b"250 2.0.0 ok\r", CLOSE)}, "deferred 4.4.2"),
        Row("in the midst of a large text", {"DATA": ("354 go", CLOSE)}, "deferred 4.4.2", text=b"y" * 70 + b"\r\n" + b"z" * 60_000 + b"\r\n"),
    ]),
    Table("rule 50: a refusal amid the text", [
        Row("and it ends in order", amid("552 5.3.4 too large", LINGER), "bounced 5.3.4", text=BIG, delivered=0),
        Row("and it closes", amid("552 5.3.4 too large", CLOSE), "bounced 5.3.4", text=BIG, delivered=0),
        Row("for now", amid("452 4.3.1 full", LINGER), "deferred 4.3.1", text=BIG, delivered=0),
        Row("but it stays", amid("552 5.3.4 too large", HANG), "deferred 4.5.0", text=BIG, delivered=0),
        Row("but it goes on", amid("552 5.3.4 too large\n250 ok", LINGER), "deferred 4.5.0", text=BIG, delivered=0),
        Row("a success amid the text", amid("250 2.0.0 taken", LINGER), "deferred 4.5.0", text=BIG, delivered=0),
    ]),
    Table("RFC 5321 §5.1: a backup behind hosts that are no use", [
        Row("ten that are down", [NOBODY] * 10 + [{}], "sent 2.0.0"),
        Row("twenty-five", [NOBODY] * 25 + [{}], "sent 2.0.0"),
        Row("twelve that are busy", [{"greeting": "450 4.3.2 busy"}] * 12 + [{}], "sent 2.0.0"),
        Row("two backups behind as many", [{"greeting": "450 4.3.2 busy"}] * 11 + [NOBODY, {}], "sent 2.0.0"),
        Row("nobody at all", [NOBODY] * 12, "deferred 4.4.1", says="refused"),
    ]),
    Table("rule 48: it says nothing", at_each(STAGES, HANG, "deferred 4.4.2", says="timed out")),
    Table("rule 48: an octet now and then", [
        *at_each(STAGES, Trickle(b"250-" + b"slow" * 100), "deferred 4.4.2", says="timed out"),
        Row("it never reads", {"DATA": ("354 go", DEAF)}, "deferred 4.4.2", text=(b"y" * 76 + b"\r\n") * 12_000),
    ]),
    Table("rule 49: replies without end", [
        *at_each(STAGES, Flood(b"250-x\r\n" * 500), "deferred 4"),
        *at_each(["greeting", "EHLO", "dot"], Flood(b"250-" + b"x" * 4092), "deferred 4", says="64 KiB"),
        Row("a greeting of 129 lines", {"greeting": "220-x\n" * 128 + "220 y"}, "deferred 4.5.0"),
        Row("a reply of 129 lines", {"dot": "250-x\n" * 128 + "250 y"}, "deferred 4.5.0"),
        Row("a refusal of 129 lines is none", {"RCPT": "550-x\n" * 128 + "550 y"}, "deferred 4.5.0"),
        Row("128 lines of 511 octets", {"greeting": "220-x\n" * 127 + "220 " + "y" * 500}, "sent"),
        Row("just below 64 KiB", {"MAIL": b"250 " + b"y" * 65530 + b"\r\n"}, "sent"),
        Row("just above", {"MAIL": b"250 " + b"y" * 65531 + b"\r\n"}, "deferred 4.5.0", says="64 KiB"),
    ]),
]

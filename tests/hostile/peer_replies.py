"""Servers whose replies are malformed or out of step, and what no first host may do to a second (rules 47, 50)."""
from scripted import CLOSE, HANG, Row, Table

STAGES = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"]
VIOLATION = "deferred 4.5.0"
THREE = ("one", "two", "three")


def each(stage, *said, wanted=VIOLATION):
    return [Row(f"{stage}: {words}", {stage: data}, wanted) for words, data in said]


MALFORMED = [
    ("a bare LF", b"220 hello\n250 hello\n"), ("a bare CR", b"250 hel\rlo\r\n"), ("letters", b"hello\r\n"), ("an empty line", b"\r\n"),
    ("two digits", b"25 x\r\n"), ("four digits", b"2500 x\r\n"), ("code 000", b"000 x\r\n"), ("code 150", b"150 x\r\n"),
    ("code 600", b"600 x\r\n"), ("a space first", b" 250 x\r\n"), ("a tab behind the code", b"250\tx\r\n"), ("mixed codes", b"250-x\r\n550 y\r\n"),
    ("rubbish between lines", b"250-x\r\nrubbish\r\n250 y\r\n"), ("a NUL first", b"\x00250 x\r\n"), ("fullwidth digits", "２５０ x\r\n".encode()),
    ("354 where none belongs", b"354 go ahead\r\n"), ("code 334", b"334 VXNlcm5hbWU6\r\n"),
]

TABLES = [
    Table("RFC 5321 §4.2: no SMTP server at all", [
        *each("greeting", ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n"), ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n"), ("IMAP", b"* OK ready\r\n"),
              ("POP", b"+OK ready\r\n"), ("TLS at once", b"\x15\x03\x01\x00\x02\x02\x46\r\n"), ("zeros", bytes(3000) + b"\r\n"),
              ("UTF-16", "220 hello\r\n".encode("utf-16"))),
        Row("greeting: 4 KiB of random octets, no line", {"greeting": (bytes(range(11, 256)) * 16, CLOSE)}, "deferred 4"),
    ]),
    Table("RFC 5321 §4.2: malformed replies", [
        *each("MAIL", *MALFORMED),
        *each("dot", *MALFORMED),
        *each("EHLO", *(row for row in MALFORMED if row[0] in ("a bare LF", "letters", "mixed codes", "354 where none belongs"))),
        *each("DATA", *(row for row in MALFORMED if row[0] in ("a bare LF", "letters", "mixed codes", "code 334"))),
        Row("DATA: 250 in place of 354", {"DATA": "250 2.0.0 taken without a text"}, VIOLATION),
        Row("DATA: 355", {"DATA": "355 go ahead"}, "deferred 4"),
    ]),
    Table("rule 50: more replies than commands", [
        Row("a second greeting", {"greeting": "220 one\n220 two"}, VIOLATION),
        Row("behind EHLO", {"EHLO": "250 peer.example\n250 one more"}, VIOLATION),
        Row("a whole session at once", {"EHLO": "250 peer.example\n250 ok\n250 ok\n354 go\n250 ok"}, VIOLATION),
        Row("behind MAIL, without pipelining", {"offers": ("SIZE",), "MAIL": "250 ok\n250 ok"}, VIOLATION),
        Row("behind RCPT", {"RCPT": "250 ok\n354 go"}, VIOLATION),
        Row("the 250 before the text", {"DATA": "354 go ahead\n250 2.0.0 taken"}, VIOLATION),
        Row("a 550 before the text", {"DATA": "354 go ahead\n550 5.7.1 no"}, VIOLATION),
        Row("two 250 behind the text", {"dot": "250 2.0.0 one\n250 2.0.0 two"}, VIOLATION),
        Row("rubbish behind the 250", {"dot": b"250 2.0.0 ok\r\nrubbish"}, VIOLATION),
        Row("an octet behind the 250", {"dot": b"250 2.0.0 ok\r\n\0"}, VIOLATION),
        Row("a 550 behind the 250", {"dot": "250 2.0.0 ok\n550 5.7.1 no"}, VIOLATION),
    ]),
    Table("RFC 2920 §3.1: a reply for each recipient", [
        Row("taken, refused, later", {"RCPT": ["250 2.1.5 ok", "550 5.1.1 no", "450 4.2.0 later"]},
            ["sent 2.0.0", "bounced 5.1.1", "deferred 4.2.0"], recipients=THREE),
        Row("all refused", {"RCPT": "550 5.1.1 no"}, "bounced 5.1.1", recipients=THREE, delivered=0),
        Row("all later", {"RCPT": "450 4.2.0 no"}, "deferred 4.2.0", recipients=THREE, delivered=0),
        Row("all refused, and 354 all the same", {"RCPT": "550 5.1.1 no", "DATA": "354 go", "dot": "554 no recipients"}, "bounced 5.1.1",
            recipients=THREE),
        Row("all refused, 354, and 250 for nobody", {"RCPT": "550 5.1.1 no", "DATA": "354 go", "dot": "250 ok"}, "bounced 5.1.1", recipients=THREE),
        Row("one taken, and the text refused", {"RCPT": ["250 ok", "550 5.1.1 no"], "dot": "554 5.6.0 no"},
            ["bounced 5.6.0", "bounced 5.1.1", "bounced 5.1.1"], recipients=THREE),
        Row("452 for too many", {"RCPT": ["250 ok", "250 ok", "452 4.5.3 enough"]}, ["sent", "sent", "deferred 4.5.3"], recipients=THREE),
        Row("it ends after the first", {"RCPT": ["250 ok", CLOSE]}, "deferred 4.4.2", recipients=THREE, delivered=0),
        Row("MAIL refused, RCPT taken", {"MAIL": "550 5.7.1 no", "RCPT": "250 ok", "DATA": "503 no MAIL"}, "bounced 5.7.1", recipients=THREE),
        Row("MAIL refused, and 354 all the same", {"MAIL": "550 5.7.1 no", "RCPT": "250 ok", "DATA": "354 go", "dot": "250 ok"},
            "bounced 5.7.1", recipients=THREE, unheard=b"Hello."),
    ]),
    Table("RFC 5321 §5.1: the next host", [
        *[Row(f"the first ends at {stage}", [{stage: CLOSE}, {}], "sent 2.0.0") for stage in STAGES if stage != "dot"],
        *[Row(f"451 at the first's {stage}", [{stage: "451 4.3.0 later"}, {}], "sent 2.0.0") for stage in STAGES if stage != "dot"],
        *[Row(f"550 at the first's {stage}", [{stage: "550 5.7.1 no"}, {}], "bounced 5.7.1") for stage in STAGES[2:]],
        Row("554 as the first's greeting", [{"greeting": "554 no service"}, {}], "sent 2.0.0"),
        Row("the first is mute", [{"greeting": HANG}, {}], "sent 2.0.0"),
        Row("rubbish from the first", [{"MAIL": "what?"}, {}], "sent 2.0.0"),
        Row("the first ends after the text: it may have it", [{"dot": CLOSE}, {}], "deferred 4.4.2", delivered=1),
        Row("the first's 250 is not whole: it may have it", [{"dot": (b"250 o", CLOSE)}, {}], "deferred 4.4.2", delivered=1),
        Row("one recipient is refused here, another goes on", [{"RCPT": ["550 5.1.1 no", "451 4.2.0 later", "250 ok"]}, {}],
            ["bounced 5.1.1", "sent", "sent"], recipients=THREE, delivered=2),
        Row("both say later", [{"MAIL": "451 4.3.0 one"}, {"MAIL": "452 4.3.1 two"}], "deferred 4.3.1"),
    ]),
]

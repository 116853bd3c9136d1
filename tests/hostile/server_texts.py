"""Texts of messages: every way to make one end where it does not, or to bring in what no line may hold."""
from tables import MAIL, RCPT, Arrives, Table

INNER = b"MAIL FROM:<admin@ours.example>\r\nRCPT TO:<user@ours.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n.\r\n"
# What some server took for the end of a text (CVE-2023-51764 to -51766); after each a whole transaction follows.
FALSE_ENDS = [
    ("LF dot LF", b"\n.\n"), ("LF dot CRLF", b"\n.\r\n"), ("CRLF dot LF", b"\r\n.\n"), ("CR dot CR", b"\r.\r"),
    ("CR dot CRLF", b"\r.\r\n"), ("CRLF dot CR", b"\r\n.\r"), ("LF dot CR", b"\n.\r"), ("CR dot LF", b"\r.\n"),
    ("LF dot CR LF LF", b"\n.\r\n\n"), ("CRLF dot CR CR LF", b"\r\n.\r\r\n"),
    ("LF CR dot LF CR", b"\n\r.\n\r"), ("CRLF NUL dot CRLF and LF", b"\r\n\0.\r\n\n"), ("CRLF dot NUL LF", b"\r\n.\0\n"),
    ("LF LF dot LF LF", b"\n\n.\n\n"), ("a bare LF alone", b"\n"), ("a bare CR alone", b"\r"), ("LF CR", b"\n\r"),
    ("a bare CR at the end of a line", b"x\r\r\n"), ("VT dot VT and a bare LF", b"\x0b.\x0b\n"),
]
# What is a line of text and nothing else.
NO_ENDS = [
    ("CRLF NUL dot CRLF", b"\r\n\0.\r\n"), ("CRLF dot NUL CRLF", b"\r\n.\0\r\n"), ("CRLF dot space CRLF", b"\r\n. \r\n"),
    ("CRLF space dot CRLF", b"\r\n .\r\n"), ("CRLF dot dot CRLF", b"\r\n..\r\n"), ("NEL dot NEL", b"\x85.\x85\r\n"),
    ("U+2028 dot U+2028", "\u2028.\u2028\r\n".encode()), ("UTF-16's CRLF dot CRLF", "\r\n.\r\n".encode("utf-16-be").hex().encode()),
    ("a dot in the middle", b"x.\r\n"), ("a dot, CRLF in two lines", b"\r\n.x\r\n.\t\r\n"),
]


def unstuffed(text):
    return text.replace(b"\r\n.", b"\r\n")


TABLES = [
    Table("rule 47: no end of a text", "data", [
        (why, b"outer" + end + INNER, "550 5.6.0") for why, end in FALSE_ENDS
    ]),
    Table("rule 47: a line of text", "data", [
        (why, b"outer" + end + b"inner\r\n.\r\n", "250 2.0.0", Arrives(unstuffed(b"outer" + end + b"inner\r\n")))
        for why, end in NO_ENDS
    ]),
    Table("RFC 5321 §4.5.2: dots", "data", [
        ("a first line of two dots", b"..\r\n.\r\n", "250 2.0.0", Arrives(b".\r\n")),
        ("a dot stuffed and one not", b"..a\r\n.b\r\n.\r\n", "250 2.0.0", Arrives(b".a\r\nb\r\n")),
        ("ten dots", b"..........\r\n.\r\n", "250 2.0.0", Arrives(b".........\r\n")),
        ("no body at all", b".\r\n", "250 2.0.0", Arrives(b"")),
        ("an empty line", b"\r\n.\r\n", "250 2.0.0", Arrives(b"\r\n")),
    ]),
    Table("RFC 5321 §4.5.2: octets of a text", "data", [
        ("all octets but CR and LF", bytes(o for o in range(256) if o not in (10, 13)) + b"\r\n.\r\n", "250 2.0.0",
         Arrives(bytes(o for o in range(256) if o not in (10, 13)) + b"\r\n")),
        ("malformed UTF-8", b"\xc0\xae\xed\xa0\x80\xf4\x90\x80\x80\xfe\r\n.\r\n", "250 2.0.0",
         Arrives(b"\xc0\xae\xed\xa0\x80\xf4\x90\x80\x80\xfe\r\n")),
        ("a thousand NULs", bytes(1000) + b"\r\n.\r\n", "250 2.0.0", Arrives(bytes(1000) + b"\r\n")),
        ("commands are text", b"QUIT\r\nRSET\r\nSTARTTLS\r\n.\r\n", "250 2.0.0", Arrives(b"QUIT\r\nRSET\r\nSTARTTLS\r\n")),
    ]),
    Table("rule 53: lines and sizes of a text", "data", [
        ("a line of 65,535 octets", b"y" * 65535 + b"\r\n.\r\n", "250 2.0.0", Arrives(b"y" * 65535 + b"\r\n")),
        ("a line of 65,536", b"y" * 65536 + b"\r\n.\r\n", "250 2.0.0", Arrives(b"y" * 65536 + b"\r\n")),
        ("a line of 65,537", b"y" * 65537 + b"\r\n.\r\n", "550 5.6.0"),
        ("a line of a million octets", b"y" * 1_000_000 + b"\r\n.\r\n", "550 5.6.0"),
        ("over the limit, without SIZE", b"0123456789\r\n" * 100_000 + b".\r\n", "552 5.3.4"),
        ("twice the limit and no end", b"0123456789\r\n" * 300_000, "552 5.3.4, closed"),
        ("a line too long and a bare LF", b"y" * 70_000 + b"\n.\r\n" + INNER, "550 5.6.0"),
    ]),
    Table("rule 53: the header of a message", "rcpt", [
        ("a loop of 51 hops", "DATA", "354", b"Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n" * 51 + b"@case@\r\n.\r\n",
         "554 5.4.6"),
        ("50 hops are borne", "DATA", "354", b"Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n" * 49 + b"@case@\r\n.\r\n",
         "250 2.0.0", Arrives(b"")),
        ("no header at all", "DATA", "354", b"just text\r\n.\r\n", "250 2.0.0"),
        ("a field of 60,000 octets", "DATA", "354", b"X-Long: " + b"z" * 60_000 + b"\r\n@case@\r\n.\r\n", "250 2.0.0", Arrives(b"")),
        ("10,000 fields", "DATA", "354", b"X: y\r\n" * 10_000 + b"@case@\r\n.\r\n", "250 2.0.0", Arrives(b"")),
        ("a Message-ID of 20,000 octets", "DATA", "354", b"Message-ID: <" + b"m" * 20_000 + b"@x>\r\n@case@\r\n.\r\n", "250 2.0.0",
         Arrives(b"")),
        ("folded without end", "DATA", "354", b"@case@" + b" \r\n" * 5000 + b"\r\nb\r\n.\r\n", "250 2.0.0", Arrives(b"b\r\n")),
        ("a Message-ID with ESC and NUL", "DATA", "354", b"Message-ID: <\x1b[2J\0@x>\r\n@case@\r\n.\r\n", "250 2.0.0", Arrives(b"")),
    ]),
    Table("rule 47: a bare CR before the proper end", "data", [
        ("CR CR LF dot CRLF", b"outer\r\r\n.\r\n", "550 5.6.0"),
    ]),
    Table("RFC 5321 §3.3: the text's end comes in parts", "data", [
        ("CRLF | dot | CRLF", b"x\r\n", "", b".", "", b"\r\n", "250 2.0.0", Arrives(b"x\r\n")),
        ("CR | LF dot CR | LF", b"x\r", "", b"\n.\r", "", b"\n", "250 2.0.0", Arrives(b"x\r\n")),
        ("a dot, and then no end", b"x\r\n.", "", b"x\r\n.\r\n", "250 2.0.0", Arrives(b"x\r\nx\r\n")),
    ]),
    Table("RFC 5321 §4.1.1.4: after a text", "data", [
        ("DATA again", b".\r\n", "250 2.0.0", "DATA", "503 5.5.1", Arrives(b"")),
        ("RCPT again", b".\r\n", "250 2.0.0", RCPT, "503 5.5.1", Arrives(b"")),
        ("a refused text ends the transaction too", b"x\n.\r\n.\r\n", "550 5.6.0", "DATA", "503 5.5.1"),
        ("a second message after a refused one", b"x\ny\r\n.\r\n", "550 5.6.0", MAIL, "250", RCPT, "250", "DATA", "354",
         b"@case@\r\nok\r\n.\r\n", "250 2.0.0", Arrives(b"ok\r\n")),
    ]),
]

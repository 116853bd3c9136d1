"""Servers that lie about extensions, or lack what a message needs: SIZE, 8BITMIME, SMTPUTF8, DSN, CHUNKING, and LMTP."""
from scripted import CLOSE, HANG, RESET, Flood, Row, Table

CHUNKS = ("PIPELINING", "CHUNKING", "8BITMIME")
BIG = (b"0123456789" * 7 + b"\r\n") * 8000  # several chunks
EIGHT_BIT = "Grüße\r\n".encode()
THREE = ("one", "two", "three")


def ehlo(*lines):
    return {"EHLO": "250-peer.example\n" + "\n".join(f"250-{line}" for line in lines[:-1]) + ("\n" if lines[1:] else "") + f"250 {lines[-1]}"}


def chunked(**script):
    return {"offers": CHUNKS, **script}


TABLES = [
    Table("RFC 1870: SIZE", [
        Row("smaller than the message", ehlo("SIZE 10"), "bounced 5.3.4", delivered=0, unheard=b"MAIL"),
        Row("large enough", ehlo("SIZE 100000"), "sent", heard=b" SIZE="),
        Row("no limit told", ehlo("SIZE"), "sent", heard=b" SIZE="),
        Row("no number", ehlo("SIZE huge"), "sent"),
        Row("negative", ehlo("SIZE -1"), "sent"),
        Row("30 digits", ehlo("SIZE " + "9" * 30), "sent"),
        Row("it is told twice, the last counts", ehlo("SIZE 10", "SIZE 100000"), "sent"),
        Row("552 to SIZE= at MAIL", {**ehlo("SIZE 0"), "MAIL": "552 5.3.4 too big"}, "bounced 5.3.4"),
        Row("555 to SIZE=, though it was offered", {**ehlo("SIZE 0"), "MAIL": "555 5.5.4 what?"}, "bounced 5.5.4"),
    ]),
    Table("RFC 5321 §4.1.1.1: EHLO lines", [
        Row("words that nobody knows", ehlo("XFOO", "X-BAR=1", "AUTH PLAIN", "HELP"), "sent"),
        Row("a keyword of 400 letters", ehlo("K" * 400), "sent"),
        Row("octets above 127 and ESC", {"EHLO": b"250-peer\r\n250-\xff\xfe\x1b[2J\r\n250 PIPELINING\r\n"}, "sent"),
        Row("STARTTLS with an argument is none", ehlo("STARTTLS now"), "sent 2.0.0 may/cleartext"),
        Row("lower case", ehlo("pipelining", "size 100000"), "sent"),
        Row("120 lines", ehlo(*[f"X{number}" for number in range(120)]), "sent"),
        Row("an EHLO reply that takes CHUNKING back", {"EHLO": ["250-peer.example\n250 CHUNKING", "250 peer.example"]}, "sent"),
    ]),
    Table("RFC 6152: 8-bit text", [
        Row("offered", {}, "sent", text=EIGHT_BIT, options=" BODY=8BITMIME", heard=b"BODY=8BITMIME"),
        Row("not offered: it goes as it is", ehlo("PIPELINING"), "sent", text=EIGHT_BIT, options=" BODY=8BITMIME", unheard=b"BODY="),
    ]),
    Table("RFC 6531 §3.5: SMTPUTF8", [
        Row("not offered", {}, "bounced 5.6.7", recipients=("müller",), options=" SMTPUTF8", delivered=0, unheard="müller".encode()),
        Row("not offered, and not needed", {}, "sent", options=" SMTPUTF8", unheard=b"SMTPUTF8"),
        Row("a sender that needs it", {}, "bounced 5.6.7", sender="müller@sender.example", options=" SMTPUTF8", delivered=0),
        Row("offered", {"offers": ("SMTPUTF8", "8BITMIME")}, "sent", recipients=("müller",), options=" SMTPUTF8", heard=b" SMTPUTF8"),
        Row("offered by the second host", [{}, {"offers": ("SMTPUTF8", "8BITMIME")}], "sent", recipients=("müller",), options=" SMTPUTF8",
            heard="müller".encode()),
        Row("offered, and then refused", {"offers": ("SMTPUTF8",), "RCPT": "553 5.6.7 no"}, "bounced 5.6.7", recipients=("müller",),
            options=" SMTPUTF8"),
    ]),
    Table("RFC 3461 §5.2: DSN", [
        Row("offered", {"offers": ("DSN",)}, "sent", options=" RET=HDRS ENVID=a+2Bb", heard=b" RET=HDRS ENVID=a+2Bb"),
        Row("not offered", {}, "sent", options=" RET=HDRS ENVID=ab", unheard=b"ENVID"),
        Row("offered, and then refused", {"offers": ("DSN",), "MAIL": "501 5.5.4 what?"}, "bounced 5.5.4", options=" RET=FULL"),
    ]),
    Table("RFC 3030 §2: CHUNKING", [
        Row("taken", chunked(), "sent", text=BIG, unheard=b"DATA\r\n"),
        Row("a small text", chunked(), "sent", heard=b" LAST\r\n"),
        Row("dots stay as they are", chunked(), "sent", text=b".\r\n..\r\n.a\r\n"),
        Row("without pipelining", {"offers": ("CHUNKING",)}, "sent", text=BIG),
        Row("a chunk is refused", chunked(BDAT="554 5.6.0 no", dot="503 5.5.1 what?"), "bounced 5.6.0", text=BIG),
        Row("the second chunk is refused", chunked(BDAT=["250 ok", "552 5.2.2 full"], dot="503 5.5.1 what?"), "bounced 5.2.2", text=BIG),
        Row("a chunk is put off", chunked(BDAT="452 4.3.1 later", dot="503 5.5.1 what?"), "deferred 4.3.1", text=BIG),
        Row("the last chunk is refused", chunked(dot="550 5.7.1 no"), "bounced 5.7.1", text=BIG),
        Row("the last chunk is put off", chunked(dot="451 4.7.1 no"), "deferred 4.7.1", text=BIG),
        *[Row(f"BDAT is unknown after all, {said}: DATA", chunked(dot=[said, "250 2.0.0 taken"]), "sent 2.0.0", heard=b"DATA\r\n", unheard=b"RSET")
          for said in ("500 what?", "502 5.5.1 no", "503 5.5.1 no", "504 no")],
        Row("BDAT is unknown, chunk by chunk", {"offers": ("CHUNKING",), "BDAT": "502 5.5.1 no"}, "sent 2.0.0", text=BIG, heard=b"DATA\r\n"),
        Row("chunks are taken for commands: DATA on a new connection", chunked(BDAT="500 what?\n500 what?"), "sent 2.0.0", text=BIG,
            heard=b"DATA\r\n"),
        Row("the last chunk is taken for commands", chunked(dot=["500 what?\n500 what?", "250 2.0.0 taken"]), "sent 2.0.0", heard=b"DATA\r\n"),
        Row("BDAT is unknown, and it ends", chunked(BDAT=("500 what?\n500 what?", CLOSE)), "sent 2.0.0", text=BIG, heard=b"DATA\r\n"),
        Row("neither BDAT nor the text of DATA", chunked(dot="500 5.5.2 what?"), "bounced 5.5.2"),
        Row("a refused chunk, and the last is taken", chunked(BDAT=["554 5.6.0 no", "250 ok"], dot="250 ok"), "(deferred 4.5.0|bounced 5.6.0)", text=BIG),
        Row("354 to a chunk", chunked(BDAT="354 go on", dot="354 go on"), "deferred 4.5.0", text=BIG),
        Row("two replies to a chunk", chunked(BDAT="250 ok\n250 ok"), "deferred 4.5.0", text=BIG),
        Row("two replies to the last", chunked(dot="250 ok\n250 ok"), "deferred 4.5.0"),
        Row("it ends within the chunks", chunked(BDAT=CLOSE), "deferred 4.4.2", text=BIG),
        Row("a reset within the chunks", chunked(BDAT=RESET), "deferred 4.4.2", text=BIG),
        Row("no reply to a chunk", chunked(BDAT=HANG), "deferred 4.4.2", text=BIG),
        Row("no reply to the last", chunked(dot=HANG), "deferred 4.4.2"),
        Row("it ends after the last: it may have it", [chunked(dot=CLOSE), {}], "deferred 4.4.2", delivered=1),
        Row("a chunk fails at the first host, the second has none", [chunked(BDAT="451 4.3.0 no", dot="503 what?"), {}], "sent", text=BIG),
        Row("a flood for a reply", chunked(BDAT=Flood(b"250-x\r\n" * 500)), "deferred 4", text=BIG),
        Row("all recipients refused: no chunk", chunked(RCPT="550 5.1.1 no"), "bounced 5.1.1", recipients=THREE, unheard=b"BDAT"),
    ]),
    Table("RFC 2033 §4.2: LMTP, a reply for each recipient", [
        Row("all taken", {"dot": "250 one\n250 two\n250 three"}, "sent 2.0.0", recipients=THREE, heard=b"LHLO "),
        Row("taken, full, later", {"dot": "250 2.1.5 ok\n552 5.2.2 full\n452 4.2.2 later"}, ["sent 2.1.5", "bounced 5.2.2", "deferred 4.2.2"],
            recipients=THREE),
        Row("one refused at RCPT", {"RCPT": ["550 5.1.1 no", "250 ok"], "dot": "250 two\n452 4.2.2 three"},
            ["bounced 5.1.1", "sent", "deferred 4.2.2"], recipients=THREE),
        Row("too few, and it ends", {"dot": ("250 one\n250 two", CLOSE)}, "deferred 4.4.2", recipients=THREE, delivered=1),
        Row("too few, and it hangs", {"dot": ("250 one", HANG)}, "deferred 4.4.2", recipients=THREE),
        Row("too many", {"dot": "250 one\n250 two\n250 three\n250 four"}, "deferred 4.5.0", recipients=THREE),
        Row("rubbish for the second", {"dot": "250 one\nwhat?\n250 three"}, "deferred 4.5.0", recipients=THREE),
        Row("421 for the second", {"dot": "250 one\n421 4.3.2 bye"}, "deferred 4.3.2", recipients=THREE),
        Row("a reply of two lines for each", {"dot": "250-a\n250 one\n552-5.2.2 b\n552 5.2.2 two\n250-c\n250 three"},
            ["sent", "bounced 5.2.2", "sent"], recipients=THREE),
        Row("LHLO is refused: no HELO", {"LHLO": "500 what?"}, "deferred 4", unheard=b"HELO "),
        Row("a server of SMTP", {"LHLO": "502 5.5.1 EHLO, please"}, "deferred 4", unheard=b"EHLO "),
        Row("354 though all were refused", {"RCPT": "550 5.1.1 no", "DATA": "354 go"}, "bounced 5.1.1", recipients=THREE),
        Row("all refused", {"RCPT": "550 5.1.1 no", "DATA": "503 5.5.1 no"}, "bounced 5.1.1", recipients=THREE),
        Row("in chunks", chunked(dot="250 one\n552 5.2.2 two\n250 three"), ["sent", "bounced 5.2.2", "sent"], recipients=THREE, text=BIG),
        Row("a chunk refused", chunked(BDAT="452 4.3.1 no", dot="503 5.5.1 no"), "deferred 4.3.1", recipients=THREE, text=BIG),
        Row("it ends behind the text", {"dot": CLOSE}, "deferred 4.4.2"),
        Row("421 as greeting", {"greeting": "421 4.3.2 busy"}, "deferred 4.3.2"),
    ], level="", delivery="lmtp"),
]

"""BDAT (RFC 3030): sizes that lie, chunks out of order, and texts that no DATA would bring."""
from tables import EHLO, MAIL, RCPT, Arrives, Table

HEAD = b"@case@\r\n"


def chunk(data, last=False):
    """One BDAT with its octets; `@case@` has 14 octets when it stands for the case's line."""
    size = len(data.replace(b"@case@", b"X-Case: 0000.\r\n"))
    return f"BDAT {size}{' LAST' if last else ''}\r\n".encode() + data


def refused(why, body, reply="550 5.6.0"):
    return (why, chunk(HEAD + body, last=True), reply)


BIG = b"0123456789\r\n" * 100_000  # above [limits] message_size
TABLES = [
    Table("RFC 3030 §2: BDAT's grammar", "rcpt", [
        ("no size", "BDAT", "501 5.5.4, closed"),
        ("a word for a size", "BDAT many", "501 5.5.4, closed"),
        ("a negative size", "BDAT -1", "501 5.5.4, closed"),
        ("a plus", "BDAT +5", "501 5.5.4, closed"),
        ("hexadecimal", "BDAT 0x10", "501 5.5.4, closed"),
        ("a fraction", "BDAT 1.5", "501 5.5.4, closed"),
        ("words behind LAST", "BDAT 5 LAST now", "501 5.5.4, closed"),
        ("something for LAST", "BDAT 5 FIRST", "501 5.5.4, closed"),
        ("2^64", "BDAT 18446744073709551616", "5, closed"),
        ("2^64 - 1", "BDAT 18446744073709551615", "552 5.3.4, closed"),
        ("2^63", "BDAT 9223372036854775808", "552 5.3.4, closed"),
        ("30 digits", "BDAT " + "9" * 30, "5, closed"),
        ("lower case", b"bdat 0 last\r\n", "250 2.0.0"),
    ]),
    Table("RFC 3030 §2: BDAT out of order", "ehlo", [
        ("without MAIL, its octets are no commands", chunk(b"NOOP\r\nNOOP\r\n", last=True), "503 5.5.1"),
        ("without RCPT", MAIL, "250", chunk(b"NOOP\r\n"), "503 5.5.1"),
        ("after a refused RCPT", MAIL, "250", "RCPT TO:<>", "501", chunk(b"NOOP\r\n", last=True), "5"),
        ("a refused chunk after another", MAIL, "250", chunk(b"QUIT\r\n"), "503", chunk(b"QUIT\r\n", last=True), "503"),
        ("pipelined behind a refused MAIL", b"MAIL FROM:a\r\n" + RCPT.encode() + b"\r\n" + chunk(b"QUIT\r\n", last=True),
         "501 5.1.7, 503 5.5.1, 503 5.5.1"),
        ("pipelined behind a refused RCPT", MAIL.encode() + b"\r\nRCPT TO:<\r\n" + chunk(b"QUIT\r\n", last=True),
         "250, 501 5.1.3, 5"),
        ("before EHLO", "HELO x.example", "250", MAIL, "250", RCPT, "250", chunk(b"NOOP\r\n", last=True), "50"),
    ]),
    Table("RFC 3030 §2: DATA and BDAT", "rcpt", [
        ("DATA after a chunk", chunk(b"x\r\n"), "250 2.0.0", "DATA", "503 5.5.1"),
        ("MAIL after a chunk", chunk(b"x\r\n"), "250", MAIL, "503 5.5.1"),
        ("RCPT after a chunk", chunk(b"x\r\n"), "250", "RCPT TO:<b@ours.example>", "503 5.5.1"),
        ("STARTTLS after a chunk", chunk(b"x\r\n"), "250", "STARTTLS", "503 5.5.1"),
        ("RSET after a chunk", chunk(b"x\r\n"), "250", "RSET", "250 2.0.0", chunk(b"y", last=True), "503 5.5.1"),
        ("EHLO after a chunk", chunk(b"x\r\n"), "250", EHLO, "250", chunk(b"y", last=True), "503 5.5.1"),
        ("NOOP between", chunk(HEAD), "250", "NOOP", "250 2.0.0", chunk(b"y\r\n", last=True), "250 2.0.0", Arrives(b"y\r\n")),
        ("a chunk after the last", chunk(HEAD, last=True), "250", chunk(b"y", last=True), "503 5.5.1", Arrives(b"")),
        ("QUIT after a chunk", chunk(b"x\r\n"), "250", "QUIT", "221, closed"),
    ]),
    Table("rule 47: bare CR and LF in chunks", "rcpt", [
        refused("a bare LF", b"a\nb\r\n"),
        refused("a bare CR", b"a\rb\r\n"),
        refused("LF dot LF", b"a\n.\nb\r\n"),
        refused("a LF first", b"\n"),
        refused("a CR at the very end", b"a\r"),
        ("a CR at a chunk's end, no LF in the next", chunk(HEAD + b"a\r"), "250", chunk(b"b\r\n", last=True), "550 5.6.0"),
        ("a LF at a chunk's beginning, no CR before", chunk(HEAD + b"a"), "250", chunk(b"\nb\r\n", last=True), "550 5.6.0"),
        ("a CRLF over two chunks", chunk(HEAD + b"a\r"), "250", chunk(b"\nb\r\n", last=True), "250 2.0.0", Arrives(b"a\r\nb\r\n")),
    ]),
    Table("RFC 3030 §2: chunks are taken as they are", "rcpt", [
        ("dots are text", chunk(HEAD + b".\r\n..\r\n...\r\n.\r\n", last=True), "250 2.0.0", Arrives(b".\r\n..\r\n...\r\n.\r\n")),
        ("a final dot is a line", chunk(HEAD + b"a\r\n.\r\nb\r\n", last=True), "250 2.0.0", Arrives(b"a\r\n.\r\nb\r\n")),
        ("a dot line over chunks", chunk(HEAD + b"a\r\n."), "250", chunk(b"\r\nb\r\n", last=True), "250", Arrives(b"a\r\n.\r\nb\r\n")),
        ("commands are text", chunk(HEAD + b"QUIT\r\nRSET\r\n", last=True), "250 2.0.0", Arrives(b"QUIT\r\nRSET\r\n")),
        ("NULs", chunk(HEAD + bytes(100) + b"\r\n", last=True), "250 2.0.0", Arrives(bytes(100) + b"\r\n")),
        ("a last line without CRLF gets one", chunk(HEAD + b"a", last=True), "250 2.0.0", Arrives(b"a\r\n")),
        ("an empty last chunk", chunk(HEAD + b"a\r\n"), "250", "BDAT 0 LAST", "250 2.0.0", Arrives(b"a\r\n")),
        ("empty chunks between", chunk(HEAD), "250", "BDAT 0", "250", "BDAT 0", "250", chunk(b"a\r\n", last=True), "250", Arrives(b"a\r\n")),
        ("an octet a chunk", chunk(HEAD), "250", b"".join(chunk(bytes([o])) for o in b"abc\r\n"), "250, 250, 250, 250, 250",
         "BDAT 0 LAST", "250 2.0.0", Arrives(b"abc\r\n")),
        ("pipelined as a whole", f"RSET\r\n{MAIL}\r\n{RCPT}\r\n".encode() + chunk(HEAD + b"a\r\n") + chunk(b"b\r\n", last=True) + b"NOOP\r\n",
         "250, 250, 250, 250, 250 2.0.0, 250 2.0.0", Arrives(b"a\r\nb\r\n")),
        ("nothing at all", "BDAT 0 LAST", "250 2.0.0"),
    ]),
    Table("rule 53: the size of chunks", "rcpt", [
        ("one chunk above the limit", chunk(HEAD + BIG, last=True), "552 5.3.4"),
        ("many chunks above it", b"".join(chunk(BIG[:600_000]) for _ in range(2)), "250, 552 5.3.4", chunk(b"", last=True), "5"),
        ("a line above its limit", chunk(HEAD + b"y" * 65537 + b"\r\n", last=True), "550 5.6.0"),
        ("a line above it over chunks", chunk(HEAD + b"y" * 40_000), "250", chunk(b"y" * 40_000 + b"\r\n", last=True), "550 5.6.0"),
    ]),
]

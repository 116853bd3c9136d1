"""Messages that a careless server would change, with CRLF line ends, and what the receiving Postfix stored of them."""
import random

from world.story import OURS


def header(name):
    return f"From: author@sender.example\r\nMessage-ID: <bytes-{name}@sender.example>\r\nSubject: {name}\r\n\r\n".encode()


def hostile_texts():
    """{name: message}"""
    eight_bit = bytes(octet for octet in range(1, 256) if octet not in (10, 13))
    draw = random.Random(1)
    long_lines = b"".join(bytes(draw.choices(range(33, 256), k=998)) + b"\r\n" for _ in range(50))
    big = b"".join(draw.randbytes(57).hex().encode() + b"\r\n" for _ in range(10 * 1024 * 1024 // 116 + 1))
    return {
        "8-bit": header("8-bit") + eight_bit + b"\r\n",
        "dots": header("dots") + b".\r\n..\r\n...\r\n.a\r\n. \r\n\r\n.\r\n",
        "998": header("998") + long_lines,
        "10mb": header("10mb") + big,
        "empty-body": header("empty-body"),
        "white": header("white") + b"\r\n\r\n \t \r\ntrailing \r\n\r\n\r\n",
        "odd-header": b"Received: from [10.0.0.1] by elsewhere.example; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
                      b"X-Folded: one\r\n\t two\r\n  three\r\nBcc: secret@example\r\nReturn-Path: <x@example>\r\n"
                      b"subject:no space\r\nX-8bit: \xe4\xf6\xfc\r\n" + header("odd-header") + b"body\r\n",
    }


def fields(text):
    """The header's fields with their ends, in order, and the rest of a message with LF line ends."""
    head, _, body = text.partition(b"\n\n")
    found = []
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t") and found:
            found[-1] += line + b"\n"
        else:
            found.append(line + b"\n")
    return found, body


def below_our_received(stored):
    """Our Received: field, and byte for byte what stands below it."""
    at = 0
    for field in fields(stored)[0]:
        at += len(field)
        if field.startswith(b"Received:") and f"by {OURS}".encode() in b" ".join(field.split()):
            return field, stored[at:]
    raise AssertionError(f"no Received: of ours in {stored[:600]!r}")

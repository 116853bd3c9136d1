"""Statements in the name of mx.müller.example, written in every way that some reader may take for it, and others' that look
like them; and a reader that is not ours: Python's email package.
"""
import base64
import email
import email.policy
import email._header_value_parser as parser
import random
import re
import unicodedata

ID = "mx.xn--mller-kva.example"
LABELS = ("mx", "müller", "example")
GAPS = [" ", "\t", "\r\n ", "\r\n\t", " \r\n \r\n  "]
FOREIGN = ["other.example", "mx.muller.example", "amx.xn--mller-kva.example", "xn--mller-kva.example", "mx.xn--mller-kva.example.net",
           "mx.xn--mller-kva.examples", "a.mx.müller.example", "OTHER.example."]


class Draw(random.Random):
    def gap(self):
        return self.choice(GAPS) if self.random() < 0.7 else f"{self.choice(GAPS)}{self.comment()}"

    def comment(self, words=("a", "other.example;", "x=y", "\\)", "\\(", "\"", ID)):
        inner = " ".join(self.choice(words) for _ in range(self.randrange(3)))
        return f"({inner}{self.comment() if self.random() < 0.3 else ''})"

    def cased(self, text):
        return "".join(self.choice((c.lower, c.upper))() for c in text)

    def some(self, makers):
        return self.choice(makers)(self)


def dotted(draw):
    """The name in one of its forms, with or without what RFC 5322 lets stand around its dots."""
    labels = list(LABELS)
    labels[1] = draw.choice(("xn--mller-kva", "müller", unicodedata.normalize("NFD", "müller"), "m\u00fcl\u00adler"))
    if draw.random() < 0.2:
        labels[0] = "\uff4d\uff58"
    dot = draw.choice((".", ".", ".", "\u3002")) if draw.random() < 0.3 else "."
    around = (lambda: draw.gap() if draw.random() < 0.5 else "") if draw.random() < 0.3 else (lambda: "")
    return draw.cased(labels[0]) + "".join(f"{around()}{dot}{around()}{draw.cased(label)}" for label in labels[1:])


def quoted(draw):
    return '"' + "".join(draw.choice(("", "\\")) + c if c.isascii() else c for c in draw.cased(ID)) + '"'


def encoded(draw):
    charset = draw.choice(("utf-8", "iso-8859-1", "utf-16-be", "utf-7"))
    octets = ".".join(LABELS).encode(charset)
    if draw.random() < 0.5:
        return f"=?{charset}?b?{base64.b64encode(octets).decode()}?="
    return f"=?{charset}?q?" + "".join(f"={octet:02X}" for octet in octets) + "?="


def with_octets(draw):
    at = draw.randrange(len(ID))
    return ID[:at] + draw.choice(("\0", "\x0b", "\x0c", "\x01", "\x7f", "\udcff", "\u200b")) + ID[at:]


def unfinished(draw):
    return draw.choice(("(", '"', "(\\)", "((a)")) + " " + ID


def forged(draw):
    name = draw.cased("Transport-Security") + draw.choice(("", "", " ", "\t", " \t "))
    before = "".join(draw.choice((draw.gap(), draw.comment())) for _ in range(draw.randrange(3)))
    written = draw.some((dotted, dotted, quoted, encoded, with_octets, unfinished))
    after = draw.choice((";", " ;", "\r\n ;", draw.comment() + ";", ".;", "\x0b;", "/1;", " 1;", "", "\u00a0;"))
    return f"{name}:{before or draw.choice(('', ' '))}{written}{after} hop=1; assurance=authenticated\r\n"


def foreign(draw, number):
    """Well formed, and another's, whatever stands in it."""
    name = draw.cased("Transport-Security")
    before = draw.choice((" ", "", "\r\n ", f" ({ID}) ", f" (a ({ID};) \\) b)"))
    written = draw.choice(FOREIGN)
    if draw.random() < 0.3 and written.isascii():
        written = f'"{written}"'
    after = draw.choice(("", f'; name="{ID}"', f"; by={ID}", f"\r\n\t({ID})", f"; ({ID})"))
    return f"{name}:{before}{written}{draw.choice((';', ' ;', '(x);'))} case={number}{after}\r\n"


def message(draw, number, fields):
    """Its octets, those that must be left of them, and how many of the forged fields Python takes for ours."""
    left, header, seen = [], [], 0
    for i in range(fields):
        header.append(forged(draw))
        # Alone, and with nothing before the colon: there Python's header ends.
        alone = re.sub(r"^([^:]*?)[ \t]+:", r"\1:", header[-1])
        seen += len(ours(f"{alone}\r\n".encode("utf-8", "surrogateescape")))
        if draw.random() < 0.5:
            left.append(foreign(draw, f"{number}.{i}"))
            header.append(left[-1])
        if draw.random() < 0.2:
            left.append(f"X-Other-{i}: a\r\n b\r\n")
            header.append(left[-1])
    subject = f"Subject: case {number}\r\n"
    at = draw.randrange(len(header) + 1)
    octets = lambda lines: "".join(lines).encode("utf-8", "surrogateescape")
    body = f"\r\nTransport-Security: {ID}; hop=1\r\n".encode()
    # What is left stands in its order; where the subject stands among it is found by its place.
    kept = [line for line in header[:at] if line in left] + [subject] + [line for line in header[at:] if line in left]
    return octets([*header[:at], subject, *header[at:]]) + body, octets(kept) + body, seen


def plain(name):
    """One form for all spellings of a name."""
    name = unicodedata.normalize("NFKC", name.replace("\u00ad", "").replace("\u200b", ""))
    name = re.sub(r"[\s\x00-\x20\x7f\ufffd\udc80-\udcff]+", "", name).rstrip(".").lower()
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name


def readings(value):
    """What Python takes for the first word: by RFC 5322's grammar, as a quoted string, as it stands; folding undone."""
    value = re.sub(r"\r?\n(?=[ \t])", "", value)
    yield value.split(";")[0]
    try:
        comments, value = parser.get_cfws(value)
    except (email.errors.HeaderParseError, IndexError):
        comments = ""
    yield value.split(";")[0]
    # Comments between the words, as its grammar of an address's domain has them, up to what is no word.
    words = []
    while value and value[0] not in ";,<>@":
        try:
            token, value = parser.get_quoted_string(value) if value[0] == '"' else parser.get_cfws(value) if value[0] in " \t(" \
                else (value[0], value[1:])
        except (email.errors.HeaderParseError, IndexError):
            break
        words.append(getattr(token, "content", token) if not isinstance(token, parser.CFWSList) else " ")
    yield "".join(words)
    yield re.split(r"(?<!\.)\s+(?!\.)", "".join(words).strip())[0] if "".join(words).strip() else ""


def ours(octets):
    """The places, among all fields, of those that Python reads as ours by either of its policies."""
    places = set()
    for policy in (email.policy.default, email.policy.compat32):
        parsed = email.message_from_bytes(octets, policy=policy)
        for place, (name, value) in enumerate(parsed.raw_items() if policy is email.policy.compat32 else parsed.items()):
            if name.strip().lower() == "transport-security" and any(plain(reading) == ID for reading in readings(str(value))):
                places.add(place)
    return places

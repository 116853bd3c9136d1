"""The form of the tables of hostile clients, and how a row is played over a socket.

A row is (why, send, replies, send, replies ...). What is sent as text is a line, CRLF is added; bytes go out as they are.
Replies are told by how they begin, "250 2.1.0, 503 5.5.1"; ", closed" says that the server then ends the session. A row
that ends with Arrives(body) was accepted, and its text reaches the next host byte for byte; no other row's text does.
Unless the session has ended, one NOOP at the end gets one 250: nothing else was taken for a command.
"""
import concurrent.futures
from dataclasses import dataclass, field

from world import waiting
from world.smtp import Client, Closed
from world.story import equal, expect

RELAY, STRANGER = "127.0.22.1", "127.0.22.9"  # a client of relay_networks, and one of none
MAIL, RCPT = "MAIL FROM:<a@sender.example>", "RCPT TO:<user@ours.example>"
EHLO = "EHLO client.example"
# What is said before a row begins, each with the reply's code.
STARTS = {"greeted": [], "ehlo": [EHLO], "helo": ["HELO client.example"], "mail": [EHLO, MAIL], "rcpt": [EHLO, MAIL, RCPT],
          "data": [EHLO, MAIL, RCPT, "DATA"], "tls": [EHLO, "STARTTLS"], "utf8": [EHLO, MAIL + " SMTPUTF8"],
          "utf8 rcpt": [EHLO, MAIL + " SMTPUTF8", RCPT]}


@dataclass
class Table:
    title: str            # begins with the rule or the section that it holds
    start: str            # of STARTS
    rows: list
    source: str = RELAY
    limit: float = 20.0   # seconds for each reply


@dataclass
class Arrives:
    body: bytes


@dataclass
class Case:
    table: Table
    row: tuple
    number: int
    body: bytes = None    # what must arrive
    name: str = field(init=False)

    def __post_init__(self):
        self.name = f"{self.table.title}: {self.row[0]}"
        if isinstance(self.row[-1], Arrives):
            self.body, self.row = self.row[-1].body, self.row[:-1]

    @property
    def token(self):
        return f"X-Case: {self.number}.\r\n".encode()

    def play(self, address, port):
        client = Client(address, port, source=self.table.source, limit=self.table.limit)
        try:
            self.begin(client)
            said = [(self.row[i], self.row[i + 1]) for i in range(1, len(self.row), 2)]
            if any(self.say(client, *step) for step in said):
                return
            client.send("NOOP")
            self.hear(client, "250 2.0.0")
        finally:
            client.close()

    def begin(self, client):
        for line in STARTS[self.table.start]:
            client.command(line, "354" if line == "DATA" else "2")
            if line == "STARTTLS":
                client.secure()
                client.hello()
        if self.table.start == "data":
            client.send(self.token + b"\r\n")

    def say(self, client, data, replies):
        """Sends, and hears all replies; whether the session has ended as it must."""
        data = data.replace(b"@case@", self.token) if isinstance(data, bytes) else data
        try:
            client.send(data)
        except OSError:
            if "closed" not in replies:
                raise
        for wanted in filter(None, replies.split(", ")):
            if wanted == "closed":
                if not client.ended():
                    raise AssertionError("the session still stands")
                return True
            self.hear(client, wanted)
        return False

    @staticmethod
    def hear(client, wanted):
        try:
            code, text = client.reply()
        except (Closed, TimeoutError, OSError) as error:
            raise AssertionError(f"expected {wanted}, got {type(error).__name__} {error}") from error
        if not f"{code} {text}".startswith(wanted):
            raise AssertionError(f"expected {wanted}, got {code} {text}")


def cases(tables):
    return [Case(table, row, number) for number, (table, row) in
            enumerate(((table, row) for table in tables for row in table.rows), 1000)]


def arrived(texts, case):
    """The body of the case's message as the next host got it, or None; dots are unstuffed."""
    for text in texts:
        if case.token in text:
            header, _, body = text.removesuffix(b".\r\n").partition(b"\r\n\r\n")
            return (b"\r\n" + body).replace(b"\r\n..", b"\r\n.")[2:]
    return None


def play_all(tables, address, port, sessions=8):
    """Plays every row, a few at a time; gives each case with what went wrong, or None."""
    def one(case):
        try:
            case.play(address, port)
        except Exception as error:
            return case, error
        return case, None

    with concurrent.futures.ThreadPoolExecutor(sessions) as pool:
        return list(pool.map(one, cases(tables)))


def check(case, error, texts):
    """What came of a case: its replies, and its text at the next host, or none there."""
    if error:
        raise AssertionError(f"{type(error).__name__}: {error}")
    if case.body is None:
        expect(arrived(texts, case) is None, "a text that was refused has been passed on")
    else:
        waiting.until("the text's arrival", lambda: arrived(texts, case) is not None)
        equal(arrived(texts, case), case.body, "the text at the next host")

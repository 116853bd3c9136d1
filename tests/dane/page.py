"""docs/dane-compared.md, printed from the table of cases.py: what Postseal does beside what Postfix says."""
import os
import pathlib

from stage import FINGER_OF
from world.story import equal

PAGE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "dane-compared.md"

HEAD = """\
# DANE, case by case, beside Postfix

Each row is a destination in a DNS of our own (root, top-level domain and zones signed by Knot), with real servers behind
it: Postfix, Exim, and scripted ones where nothing may arrive. Three ask for it: Postseal delivers; a Postfix with
`smtp_tls_security_level = dane` delivers; and Postfix's `posttls-finger -l dane` looks, both through Unbound. All columns
are checked whenever `tests/dane/run` plays, and this page is written from its table. Rules are those of [rules.md](rules.md).

*sealed*: TLS, and the host proven by DANE. *encrypted*: TLS, the host not proven. *cleartext*: neither, and nobody asked
for more. *waits*: not one byte of the message was sent; it is tried again, and returns to its sender when it is too old.
*returns*: at once.

| rule | RFC | destination | records | Postseal | Postfix | posttls-finger |
|---|---|---|---|---|---|---|
"""


def record(text):
    numbers, _, whom = text.rpartition(" ")
    note = " of another" if whom == "other" else " malformed" if whom.startswith("=") else ""
    return f"`{numbers}`{note}"


def row(case):
    finger = case.finger or FINGER_OF[case.result]
    looks = "" if finger == "-" else f"{finger}: {case.differs}" if case.differs else finger
    delivers = "" if case.policy or case.route else case.postfix or case.result
    found = ", ".join(map(record, case.tlsa)) or "none"
    return f"| {case.rule} | {case.section} | {case.title} | {found} | {case.result} | {delivers} | {looks} |\n"


def text(cases):
    delivered = [case for case in cases if not case.policy and not case.route]
    same = sum(not case.postfix for case in delivered)
    asked = [case for case in cases if case.finger != "-"]
    tail = (f"\n{len(cases)} destinations. Of {len(delivered)} that Postfix delivers to, {same} end alike; of {len(asked)} that posttls-finger "
            f"looks at, {sum(not case.differs for case in asked)}. The others have an entry in our policy map or a route, which Postfix has not.\n")
    return HEAD + "".join(map(row, cases)) + tail


def check(cases):
    if os.environ.get("POSTSEAL_WRITE_DOCS"):
        PAGE.write_text(text(cases))
    equal(PAGE.read_text() == text(cases), True, "the page is what the table says (POSTSEAL_WRITE_DOCS=1 writes it)")

"""A real Postfix that asks Postseal's socketmap, and Postseal itself, send to the same destinations of tests/dane: what one
delivers, defers or returns the other must, too.
"""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "dane"))

from cases import CASES
from stage import Stage
from world import unbound
from world.story import equal, expect

SAMPLE = 30
# What `postseal check` says of a destination with this end: encryption that nobody demands is no promise.
FORECASTS = {"sealed": ["sealed"], "encrypted": ["encrypted", "open"], "waits": ["waits"], "returns": ["returns"]}
# A host that could not be asked counts as if it had no records: it may be the one that is reached.
WEAKER = {"tlsa-next": ["open"]}
unbound.ADDRESS = "127.0.22.154"  # a resolver of its own: tests/dane may be running


def sample():
    """At least so many, evenly, of those that need no map, no route and no later change."""
    fit = [case for case in CASES if not case.policy and not case.route and not getattr(case, "later", False)]
    return fit[::max(1, len(fit) // SAMPLE)]


def map_name():
    """What this Postfix may ask for: since 3.10 it takes the attributes for its own TLSRPT, too."""
    version = subprocess.run(["postconf", "-dh", "mail_version"], text=True, capture_output=True, check=True).stdout
    return "QUERYwithTLSRPT" if tuple(map(int, version.split(".")[:2])) >= (3, 10) else "postseal"


def way(verdict):
    return verdict if verdict in ("waits", "returns") else "delivered"


class Beside:
    def __init__(self, world, address, port):
        self.cases = sample()
        self.stage = Stage(world, self.cases)
        text = self.stage.postseal.configuration.read_text()
        self.stage.postseal.configuration.write_text(f'{text}\n[[listener]]\naddress = "{address}:{port}"\nrole = "socketmap"\n')
        # Debian's 3.7.11 needs the last line; 3.7.13 and later do not.
        self.stage.postfix.set(smtp_tls_security_level="may", smtp_tls_policy_maps=f"socketmap:inet:{address}:{port}:{map_name()}",
                               smtp_tls_dane_insecure_mx_policy="dane")

    def play(self):
        self.stage.start()
        self.stage.send_all()
        self.stage.send_by_postfix()
        self.delivered = self.stage.outcomes()
        done = self.stage.postseal.run("check", "--all-from", "-", "--connect", "--json", text="\n".join(case.domain for case in self.cases))
        self.checked = {answer["domain"]: answer for answer in json.loads(done.stdout)}

    def same(self, case):
        hop = self.stage.postseal.hop_out(case.message_id, 90)
        ours = {"deferred": "waits", "bounced": "returns"}.get(hop["result"], "delivered")
        theirs, reason = self.delivered[case.name]
        equal(way(theirs), ours, f"Postfix ({reason}) beside Postseal ({hop['reason']})")
        checked = self.checked[case.domain]
        expect(checked["verdict"] in WEAKER.get(case.name, FORECASTS[case.result]), f"postseal check: {checked['verdict']}: {checked['sentence']}")
        return f"{theirs}; check: {checked['verdict']}"

    def run(self, runner):
        runner.case(f"{len(self.cases)} destinations by Postseal and by a Postfix that asks it", self.play)
        if not hasattr(self, "delivered"):
            return
        for case in self.cases:
            runner.case(f"{case.name}: {case.title}", self.same, case)
        taken = {case.peer for case in self.cases if way(case.result) == "delivered"}
        refused = [kind for kind in self.stage.hosts.scripted if kind.startswith("twin:") and kind not in taken]
        runner.case("not one byte to a host that is refused", self.stage.hosts.untouched, *refused)

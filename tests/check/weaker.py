"""What `postseal check` says where one of two hosts is proven by DANE and the other demands nothing: the weaker one counts,
also while it is down or its lookup fails, since it may be back when the mail leaves.
"""
import importlib.util
import json
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent


def of_dane(name):
    """A file of tests/dane; tests/mta_sts, which is at hand already, has some of the same names."""
    spec = importlib.util.spec_from_file_location(f"dane_{name}", TESTS / "dane" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


beside = {name: sys.modules.pop(name, None) for name in ("cases", "stage")}
cases = sys.modules["cases"] = of_dane("cases")
stage = of_dane("stage")
sys.modules.update({name: module for name, module in beside.items() if module})

from world.story import equal

NOBODY = "127.0.22.43"
OTHER = "other.{domain}"
BOTH = ("10 {host}", "20 " + OTHER)


def case(name, title, **more):
    return cases.Case(name, 1, "7672 §2.2", title, ("3 1 1 self",), mx=BOTH, **more)


CASES = [
    case("weaker-down", "the host that demands nothing is down", also={OTHER: {"A": [NOBODY]}}),
    case("weaker-lost", "its address can't be looked up", also={OTHER: {"A": [NOBODY]}}, faults={(OTHER, "A"): "SERVFAIL"}),
    case("weaker-gone", "it has no address at all", result="encrypted", also={OTHER: {"TXT": ["none"]}}),
]
FORECASTS = {"sealed": ("open", False), "encrypted": ("sealed", True)}  # of a host that is never used


class Weaker:
    def __init__(self, world):
        self.stage = stage.Stage(world, CASES)

    def says(self, one, *words):
        done = self.stage.postseal.run("check", one.domain, "--json", *words)
        answer = json.loads(done.stdout)
        equal((answer["verdict"], answer["promised"]), FORECASTS[one.result], f"{words}: {answer['sentence']}")

    def run(self, runner):
        runner.case("a signed DNS and its hosts", self.stage.start)
        for one in CASES:
            runner.case(f"{one.title}: without a handshake", self.says, one)
            runner.case(f"{one.title}: with one", self.says, one, "--connect")

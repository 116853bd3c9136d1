"""What `postseal check --connect` says of the destinations of tests/mta_sts: what becomes of a message there."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "mta_sts"))

from cases import CASES
import stage
from stage import Stage
from world.story import equal, expect

stage.POLICY_HOST, stage.NOBODY = "127.0.26.3", "127.0.26.4"  # tests/mta_sts may be running
# A message's own word is not the domain's.
ASKED = [case for case in CASES if not case.header]
# Encryption that nobody demands is no promise.
FORECASTS = {"sealed": ("sealed", True), "waits": ("waits", True), "encrypted": ("open", False), "cleartext": ("open", False)}


class Published:
    def __init__(self, world):
        self.stage = Stage(world)
        self.checked = {}

    def ask(self):
        self.stage.start()
        done = self.stage.postseal.run("check", "--all-from", "-", "--connect", "--json", text="\n".join(case.domain for case in ASKED))
        self.checked = {answer["domain"]: answer for answer in json.loads(done.stdout)}

    def says(self, case):
        answer = self.checked[case.domain]
        equal((answer["verdict"], answer["promised"]), FORECASTS[case.result], answer["sentence"])
        expect(answer["sentence"], "the sentence")

    def run(self, runner):
        runner.case(f"check of {len(ASKED)} domains", self.ask)
        for case in ASKED if self.checked else []:
            runner.case(f"check of {case.name}: {case.result}", self.says, case)

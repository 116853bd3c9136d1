"""Follows docs/own-domain.md as a new user would: its ```sh blocks are run one after the other in a copy of this machine that
is thrown away (an overlay over /, with a network and processes of its own), and what its ```text blocks promise must come.

systemctl is played by a few lines of shell (world/machine.py): they start what the unit says, and Dovecot.
"""
import os
import re
import subprocess

from world import machine
from world.postseal import BUILT, ROOT
from world.story import expect

PAGE = ROOT / "docs" / "own-domain.md"


def script(world):
    """The page's commands as one script that says where each block begins and what it ended with."""
    lines = ["#!/bin/bash", f"cd {ROOT}", "mkdir -p /usr/local/sbin /etc/letsencrypt/live/mx.example.org /var/lib/dovecot /var/log",
             f"cat > /usr/local/sbin/systemctl <<'STUB'\n{machine.SYSTEMCTL}STUB", "chmod 755 /usr/local/sbin/systemctl",
             "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
             "delivered() { for i in $(seq 100); do postseal queue balance | grep -q 'queued *0' && break; sleep 0.1; done; }",
             "echo '127.0.0.1 localhost mx.example.org' > /etc/hosts"]
    for name, path in (("fullchain", world.ecdsa.chain), ("privkey", world.ecdsa.key)):
        lines.append(f"cat > /etc/letsencrypt/live/mx.example.org/{name}.pem <<'PEM'\n{path.read_text()}PEM")
    for number, (kind, text) in enumerate(machine.blocks(PAGE)):
        if kind == "sh":
            text = text.replace("build/release/postseal", str(world.root / "program"))
            # Packages are there already: this machine has no network.
            text = re.sub(r"^apt-get install -y (.*)$", r"dpkg-query -W \1 > /dev/null", text, flags=re.M)
            # A reader takes a moment between two commands; mail takes less.
            text = re.sub(r"^(swaks .*)$", r"\1\ndelivered", text, flags=re.M)
            lines.append(f"echo '@@@ block {number}'\n(set -e -o pipefail\n{text}) 2>&1\necho \"@@@ status $?\"")
    lines.append("echo '@@@ log'; cat /var/log/postseal.log; postseal queue balance; kill $(cat /run/postseal.pid)")
    return "\n".join(lines) + "\n"


def follow(world):
    """What each block said and its exit status, by its number; and the log at the end."""
    program = world.root / "program"
    program.write_bytes(BUILT.read_bytes())
    program.chmod(0o755)
    for name in ("machine", "page"):
        (world.root / name).mkdir()
    typed = world.root / "page" / "own-domain.sh"
    typed.write_text(script(world))
    typed.chmod(0o755)
    done = subprocess.run(machine.enter(ROOT, world.root / "machine", typed),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=120,
                          env={"LANG": "C.UTF-8", "PATH": os.environ["PATH"]})
    said = {int(number): (text, int(status)) for number, text, status in
            re.findall(r"^@@@ block (\d+)\n(.*?)^@@@ status (\d+)$", done.stdout, re.S | re.M)}
    return said, done.stdout


def check(number, text, said):
    expect(number in said, "it was not reached")
    output, status = said[number]
    expect(status == 0, f"exit status {status}: {output[-1500:]}")


def promised(text, before, said):
    output = "\n".join(said[number][0] for number in before if number in said)
    for line in text.splitlines():
        expect(line.strip() in output, f"{line!r} did not come: {output[-2500:]}")


def run(world, runner):
    said, everything = follow(world)
    commands = []
    for number, (kind, text) in enumerate(machine.blocks(PAGE)):
        first = machine.title(text)
        if kind == "sh":
            commands.append(number)
            runner.case(f"own-domain.md: {first}", check, number, text, said)
        else:
            runner.case(f"own-domain.md says: {first}", promised, text, commands[-1:], said)
    runner.case("the last message came by LMTP", lambda: expect(
        re.search(r"to=<ben@example\.org>, .*status=sent \(250 2\.0\.0 <ben@example.org> \S+ Saved", everything), everything[-3000:]))
    runner.case("the queue's balance", lambda: expect("difference" in everything and re.search(r"difference\s+0", everything), everything[-500:]))
    if runner.failed:
        print(everything[-6000:])

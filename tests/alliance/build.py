"""500 domains whose mail hosts have certificates under different roots, or none, or for other names."""
import json
import resource
import time

from world.smtp import ScriptedPeer, polite
from world.story import equal, expect

DOMAINS = 500
MOST_SECONDS, MOST_KIB = 120, 512 << 10


class Build:
    """Ten hosts share the domains: three of them prove themselves under the root that is asked for."""

    def __init__(self, world, postseal):
        self.world, self.postseal = world, postseal
        root, other = world.other_ca, world.ca
        kinds = [root.issue("mx0.build.example"), root.issue("mx1.build.example"), root.issue("mx2.build.example"),
                 other.issue("mx3.build.example"), other.issue("mx4.build.example"), root.issue("mx5.build.example", expired=True),
                 root.issue("elsewhere.build.example"), None, None, "gone"]
        self.members = set()
        for number, certificate in enumerate(kinds):
            address = f"127.0.22.{190 + number}"
            world.dns.records[f"mx{number}.build.example"] = {"A": [address]}
            if certificate != "gone":
                world.add(ScriptedPeer(address, world.peer_port, lambda wire, c=certificate: polite(wire, c)))
        for number in range(DOMAINS):
            name = f"d{number}.example"
            host = number % len(kinds)
            world.dns.records[name] = {"MX": [f"10 mx{host}.build.example"]}
            if number % 50 == 1:  # its second host proves nothing, so it is no member
                world.dns.records[name]["MX"].append("20 mx7.build.example")
            elif host < 3:
                self.members.add(name)

    def finds(self):
        begun = time.monotonic()
        words = "".join(f"d{number}.example\n" for number in range(DOMAINS))
        done = self.postseal.run("alliance", "build", "-", "--root", self.world.other_ca.certificate, "--name", "found", text=words)
        taken = time.monotonic() - begun
        equal(done.returncode, 0, done.stderr[-2000:])
        found = {domain for member in json.loads(done.stdout)["members"] for domain in member["domains"]}
        equal(found, self.members, "members")
        expect(f"{DOMAINS}/{DOMAINS}" in done.stderr, "progress")
        expect(f"{len(self.members)} of {DOMAINS} domains prove themselves" in done.stderr, done.stderr[-300:])
        expect("d5.example: mx5.build.example: the certificate" in done.stderr, "why one is no member")
        kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        expect(taken < MOST_SECONDS and kib < MOST_KIB, f"{taken:.0f} s, {kib} KiB")
        return f"{len(found)} of {DOMAINS} in {taken:.1f} s"

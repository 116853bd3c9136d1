"""What every story shares: the world with its folder and its end, and a runner that counts.

A story's `run` is:    with World("relay", 22000) as world: ... ; runner = Runner(world); runner.case("...", function)
"""
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

from .authority import Authority
from .dns_server import DnsServer
from .postseal import BASE, BUILT, Postseal

OURS = "mx.postseal.example"


class World:
    """A folder under /tmp, two certificate authorities, a DNS server, and whatever servers a story adds."""

    def __init__(self, name, first_port):
        if os.geteuid() != 0:
            sys.exit(f"tests/{name}: needs root, since Postfix does")
        if not BUILT.exists():
            sys.exit(f"tests/{name}: {BUILT} is missing; build it first: cmake --preset release && cmake --build build/release")
        self.name = name
        self.port, self.dns_port, self.peer_port = first_port, first_port + 53, first_port + 25
        self.root = pathlib.Path(tempfile.mkdtemp(prefix=f"postseal-{name}-"))
        self.root.chmod(0o755)
        self.servers = []
        self.ca, self.other_ca = Authority(self.root / "ca", "good"), Authority(self.root / "ca", "other")
        self.ca_path = self.ca.hashed_folder()
        self.ecdsa, self.rsa = self.ca.issue(OURS), self.ca.issue(OURS, rsa=True)
        self.readable()
        self.dns = self.add(DnsServer("127.0.22.53", self.dns_port, {}))

    def readable(self):
        """Postseal runs as nobody: it may read every key of this world."""
        for path in (self.root / "ca").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def add(self, server):
        """Has the server stopped at the end; what was added last is stopped first."""
        self.servers.append(server)
        return server

    def postseal(self, address="127.0.22.2", name="postseal", port=None, role="mx", extra="", policy="", **values):
        """A Postseal with one mail listener; `extra` is more TOML, `values` replace what BASE asks for."""
        port = port or self.port + 1
        server = Postseal(self.root / name, [(address, port)])
        settings = {"hostname": OURS, "ecdsa": self.ecdsa, "rsa": self.rsa, "ca_path": self.ca_path,
                    "dns": f"127.0.22.53@{self.dns_port}", "validation": 'validate = "off"', "dane": "false",
                    "mta_sts": "false", "requiretls": '"enforce"', "memory": '"off"', "relay_networks": '["127.0.22.1/32"]', "level": "may",
                    "allow_addresses": '["127.0.0.0/8"]', "port": self.peer_port, "outbound": "", "inbound": "", "tls": "may",
                    "client_certificates": "request"}
        settings.update(values)
        text = BASE.format(**settings) + f"""
[[listener]]
address = "{address}:{port}"
role = "{role}"
tls = "{settings['tls']}"
client_certificates = "{settings['client_certificates']}"

{extra}"""
        server.configuration.write_text(text)
        server.policy_map.write_text(policy)
        self.readable()
        return self.add(server)

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, *_):
        for server in reversed(self.servers):
            try:
                server.stop()
            except Exception:  # the others must still be stopped
                traceback.print_exc()
        if os.environ.get("POSTSEAL_KEEP_WORLD"):
            print(f"kept: {self.root}")
        else:
            shutil.rmtree(self.root, ignore_errors=True)

    def logs(self):
        for server in self.servers:
            if hasattr(server, "log"):
                yield server.root.name, server.log()


class Runner:
    """Runs cases one after the other, prints a line for each, and at the first failure of a story all logs at its end."""

    def __init__(self, world):
        self.world, self.passed, self.failed = world, 0, 0

    def case(self, name, function, *arguments):
        begun = time.monotonic()
        try:
            note = function(*arguments)
        except Exception as error:
            self.failed += 1
            print(f"FAILED {name}: {type(error).__name__}: {error}")
            frames = traceback.extract_tb(error.__traceback__)
            print("".join(f"    {frame.filename.rsplit('/', 2)[-2]}/{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}: {frame.line}\n"
                          for frame in frames[1:]), end="", flush=True)
        else:
            self.passed += 1
            print(f"ok     {name} ({time.monotonic() - begun:.1f} s){f': {note}' if note else ''}", flush=True)

    def finish(self):
        """Prints the logs where something failed, and the counts; the exit status."""
        if self.failed:
            for name, text in self.world.logs():
                lines = text.splitlines()
                print(f"---- log of {name} (last {min(len(lines), 400)} of {len(lines)} lines)")
                print("\n".join(lines[-400:]))
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def equal(got, want, what):
    if got != want:
        raise AssertionError(f"{what}: expected {want!r}, got {got!r}")

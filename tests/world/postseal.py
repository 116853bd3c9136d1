"""Postseal under test: its configuration, its process, and what its commands say."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

from . import waiting
from .smtp import Client

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILT = pathlib.Path(os.environ.get("POSTSEAL_PROGRAM", ROOT / "build/release/postseal"))
NOBODY = 65534

# Each story adds or replaces tables of this; see the configuration page for what the keys mean.
BASE = """\
hostname = "{hostname}"
data_dir = "data"

[tls]
certificates = [{{ chain = "{ecdsa.chain}", key = "{ecdsa.key}" }}, {{ chain = "{rsa.chain}", key = "{rsa.key}" }}]
ca_path = "{ca_path}"

[dns]
servers = ["{dns}"]
{validation}

[inbound]
relay_networks = {relay_networks}
{inbound}

[outbound]
level = "{level}"
dane = {dane}
mta_sts = {mta_sts}
requiretls = {requiretls}
memory = {memory}
policy_map = "tls_policy"
allow_addresses = {allow_addresses}
port = {port}
{outbound}
"""


class Postseal:
    """`root` holds configuration, policy map, data and log; the program runs as nobody, as a server should."""

    def __init__(self, root, places):
        self.root, self.places = pathlib.Path(root), places
        self.root.mkdir(parents=True)
        self.configuration = self.root / "postseal.toml"
        self.policy_map = self.root / "tls_policy"
        self.log_file = self.root / "log"
        self.process, self.starts = None, 0
        self.prefix, self.environment = [], {}  # words before the program, such as prlimit's; more variables
        # A copy: nobody may not be allowed to enter the folder of the checkout.
        self.built, self.program = BUILT, self.root / "postseal"
        shutil.copy2(BUILT, self.program)
        (self.root / "data").mkdir(mode=0o700)
        shutil.chown(self.root / "data", NOBODY, NOBODY)
        self.policy_map.write_text("")

    def launch(self):
        """Starts the program without waiting for it."""
        self.starts += 1
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([*self.prefix, self.program, "serve", "--config", self.configuration], cwd="/",
                                            env=os.environ | self.environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                            user=NOBODY, group=NOBODY, extra_groups=[])

    def start(self, limit=20.0):
        self.launch()
        for address, port in self.places:
            waiting.until(f"postseal on {address}:{port}", lambda: self.listens(address, port), limit)

    def listens(self, address, port):
        if self.process.poll() is not None:
            raise RuntimeError(f"postseal serve ended with {self.process.returncode}:\n{self.log()}")
        return waiting.listening(address, port)

    def stop(self, limit=30.0):
        """SIGTERM; returns the exit status."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(limit)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def run(self, *words, text=None):
        """One of the commands; the finished process with its output as text."""
        return subprocess.run([self.program, *words, "--config", self.configuration], input=text, text=True,
                              capture_output=True, cwd="/", user=NOBODY, group=NOBODY, extra_groups=[], timeout=60)

    def json(self, *words, status=(0,)):
        done = self.run(*words, "--json")
        if done.returncode not in status:
            raise AssertionError(f"postseal {' '.join(words)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def trace(self, message_id):
        """The one message with this id, or None while there is none."""
        done = self.run("trace", message_id, "--json")
        messages = json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else []
        return messages[0] if messages else None

    def hop_out(self, message_id, limit=30.0):
        """The newest outward hop of a message, once there is one."""
        def look():
            message = self.trace(message_id)
            return message and [hop for hop in message["hops"] if hop["direction"] == "out"]
        return waiting.until(f"an outward hop of {message_id}", look, limit)[-1]

    def submit(self, recipient, name, text="Hello.\r\n", sender="author@sender.example", code="250"):
        """Hands over one message over TLS as a client that may relay; returns its Message-ID."""
        message_id = f"<{name}@direct.example>"
        client = Client(*self.places[0]).hello().start_tls()
        client.message(sender, [recipient], f"Message-ID: {message_id}\r\n\r\n{text}".encode(), code)
        client.command("QUIT")
        client.close()
        return message_id

    def recipient(self, message_id):
        """The first recipient of a message, with its state and reason."""
        return self.trace(message_id)["recipients"][0]

    def until_returned(self, message_id, limit=30.0):
        """The first recipient, once its message has been returned."""
        def look():
            message = self.trace(message_id)
            return message and message["recipients"][0]["state"] == "returned" and message["recipients"][0]
        return waiting.until(f"the return of {message_id}", look, limit)

    def until_logged(self, pattern, limit=20.0, since=0):
        """The first match of a regular expression in the log from byte `since` on."""
        return waiting.until(f"{pattern!r} in the log", lambda: re.search(pattern, self.log()[since:]), limit)

    def balance(self):
        return self.json("queue", "balance", status=(0, 1))

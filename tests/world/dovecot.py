"""A real Dovecot, run from tests/world/dovecot/ with everything of its own. /etc/dovecot is neither read nor touched."""
import imaplib
import os
import pathlib
import shutil
import signal
import subprocess

from . import waiting

HERE = pathlib.Path(__file__).resolve().parent / "dovecot"
NOBODY = 65534
PASSWORD = "secret"


class Dovecot:
    """`users` maps an address to its quota in bytes, or None; mailboxes are Maildirs below `mail`, kept by nobody."""

    def __init__(self, root, address, port, users):
        self.root, self.address, self.imap_port, self.lmtp_port = pathlib.Path(root), address, port, port + 1
        self.root.mkdir(parents=True)
        self.process = None
        for name in ("mail", "home"):
            (self.root / name).mkdir()
            shutil.chown(self.root / name, NOBODY, NOBODY)
        text = (HERE / "dovecot.conf").read_text()
        values = {"root": self.root, "address": address, "imap_port": port, "lmtp_port": port + 1, "uid": NOBODY}
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        self.configuration = self.root / "dovecot.conf"
        self.configuration.write_text(text)
        self.serve_mailboxes(users)

    @property
    def socket(self):
        return self.root / "lmtp"

    def serve_mailboxes(self, users):
        (self.root / "users").write_text("".join(
            f"{address}:{{PLAIN}}{PASSWORD}:{NOBODY}:{NOBODY}::{self.root}/home/{address}::"
            + (f"userdb_quota_rule=*:bytes={quota}" if quota is not None else "") + "\n" for address, quota in users.items()))

    def start(self):
        # In a session of its own, so that ending the group ends all of its daemons.
        self.process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", self.configuration], start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=open(self.root / "stdout", "wb"), stderr=subprocess.STDOUT)
        for port in (self.imap_port, self.lmtp_port):
            waiting.until(f"Dovecot on {self.address}:{port}", lambda: self.listens(port))

    def listens(self, port):
        if self.process.poll() is not None:
            raise RuntimeError(f"Dovecot ended at once:\n{self.log()}")
        return waiting.listening(self.address, port)

    def stop(self):
        if self.process is None:
            return
        group = self.process.pid
        self.process.terminate()
        try:
            self.process.wait(10)
        finally:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None

    def log(self):
        return "".join(path.read_text(errors="replace") for path in (self.root / "log", self.root / "stdout") if path.exists())

    def messages(self, address, folder="INBOX"):
        """What a user reads over IMAP: the messages of a folder, as bytes with CRLF."""
        with imaplib.IMAP4(self.address, self.imap_port, timeout=20) as client:
            client.login(address, PASSWORD)
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]

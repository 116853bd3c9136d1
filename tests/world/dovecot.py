"""A real Dovecot, run from tests/world/dovecot/ with everything of its own. /etc/dovecot is neither read nor touched."""
import imaplib
import pathlib
import shutil
import subprocess

from .daemon import Daemon

HERE = pathlib.Path(__file__).resolve().parent / "dovecot"
NOBODY = 65534
PASSWORD = "secret"


def release():
    """2.3 is Debian 12's, 2.4 Debian 13's: each has words of its own for the same configuration."""
    return ".".join(subprocess.run(["dovecot", "--version"], text=True, capture_output=True, check=True).stdout.split(".")[:2])


class Dovecot(Daemon):
    """`users` maps an address to its quota in bytes, or None; mailboxes are Maildirs below `mail`, kept by nobody."""

    def __init__(self, root, address, port, users):
        self.root, self.address, self.imap_port, self.lmtp_port = pathlib.Path(root), address, port, port + 1
        self.root.mkdir(parents=True)
        self.name = "Dovecot"
        for name in ("mail", "home"):
            (self.root / name).mkdir()
            shutil.chown(self.root / name, NOBODY, NOBODY)
        self.version = release()
        text = (HERE / f"{self.version}.conf").read_text()
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
        quota_words = {"2.3": "userdb_quota_rule=*:bytes={}", "2.4": "userdb_quota_storage_size={}B"}
        (self.root / "users").write_text("".join(
            f"{address}:{{PLAIN}}{PASSWORD}:{NOBODY}:{NOBODY}::{self.root}/home/{address}::"
            + (quota_words[self.version].format(quota) if quota is not None else "") + "\n" for address, quota in users.items()))

    def start(self):
        self.launch(["/usr/sbin/dovecot", "-F", "-c", self.configuration])
        for port in (self.imap_port, self.lmtp_port):
            self.wait_for(self.address, port)

    def messages(self, address, folder="INBOX"):
        """What a user reads over IMAP: the messages of a folder, as bytes with CRLF."""
        with imaplib.IMAP4(self.address, self.imap_port, timeout=20) as client:
            client.login(address, PASSWORD)
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]

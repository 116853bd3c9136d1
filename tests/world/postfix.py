"""A real Postfix, run from one of the configuration folders in tests/world/postfix/ with everything of its own:
queue, data, log. The machine's own /etc/postfix is neither read nor touched.
"""
import pathlib
import re
import shutil
import subprocess

from .daemon import Daemon

HERE = pathlib.Path(__file__).resolve().parent / "postfix"
MASTER = "/usr/lib/postfix/sbin/master"


def service(address, port, **options):
    """A master.cf line for an smtpd at address:port with the given main.cf parameters."""
    words = "".join(f"\n    -o {name}={value}" for name, value in options.items())
    return f"{address}:{port} inet n - n - - smtpd{words}"


def mail_host(address, port, certificate=None):
    """An smtpd that offers STARTTLS with this certificate, or none at all."""
    if certificate is None:
        return service(address, port, smtpd_tls_security_level="none")
    return service(address, port, smtpd_tls_chain_files=f"{certificate.key},{certificate.chain}")


class Postfix(Daemon):
    def __init__(self, kind, root, places, services, **values):
        """`kind` is the configuration folder; `places` are the (address, port) that `services` listen on."""
        self.name, self.root, self.places = f"the {kind} Postfix", pathlib.Path(root), places
        self.inside = lambda command: command  # Unbound.inside gives it a resolver of its own
        values = {"root": self.root, "services": "\n".join(services), **values}
        self.configuration = self.root / "etc"
        self.configuration.mkdir(parents=True)
        for name in ("main.cf", "master.cf"):
            text = (HERE / kind / name).read_text()
            for key, value in values.items():
                text = text.replace(f"@{key}@", str(value))
            (self.configuration / name).write_text(text)
        shutil.copy("/etc/postfix/dynamicmaps.cf", self.configuration)
        (self.root / "queue").mkdir()
        for name, owner in (("data", "postfix"), ("mail", "nobody")):
            (self.root / name).mkdir(mode=0o755)
            shutil.chown(self.root / name, owner)

    def serve_mailboxes(self, addresses):
        """Which addresses get a Maildir, and so which domains are ours."""
        domains = sorted({address.partition("@")[2] for address in addresses})
        (self.root / "domains").write_text("".join(f"{domain} -\n" for domain in domains))
        (self.root / "mailboxes").write_text("".join(
            f"{address} {address.partition('@')[2]}/{address.partition('@')[0]}/\n" for address in addresses))

    def set(self, **parameters):
        """More lines of main.cf, before the start."""
        with open(self.configuration / "main.cf", "a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in parameters.items())

    def start(self):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MAIL_CONFIG": str(self.configuration), "LANG": "C"}
        # Makes the queue's folders.
        checked = subprocess.run(["postfix", "-c", self.configuration, "check"], env=environment, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if checked.returncode != 0:
            raise RuntimeError(f"postfix check, {self.name}:\n{checked.stdout}{self.log()}")
        self.launch(self.inside([MASTER, "-d", "-c", self.configuration]), environment)
        for address, port in self.places:
            self.wait_for(address, port)

    def log_files(self):
        return [self.root / "maillog", self.root / "stdout"]

    def stored(self, address):
        """The files of the messages in an address's Maildir."""
        local, _, domain = address.partition("@")
        folder = self.root / "mail" / domain / local / "new"
        return sorted(folder.iterdir()) if folder.exists() else []


TLS_LINE = re.compile(r"postfix/smtp\[(\d+)\]: (Verified|Trusted|Untrusted|Anonymous) TLS connection established")
STATUS_LINE = re.compile(r"postfix/smtp\[(\d+)\]: \w+: to=<([^>]+)>,.* status=(\w+) \((.*)\)")


def outcomes(log):
    """How a Postfix of kind "outbound" fared with each recipient: {address: (status, how the peer was, reason)}."""
    connections, result = {}, {}
    for line in log.splitlines():
        if found := TLS_LINE.search(line):
            connections[found[1]] = found[2]
        elif found := STATUS_LINE.search(line):
            result.setdefault(found[2], (found[3], connections.pop(found[1], None), found[4]))
    return result

"""A real Exim, unpacked by scripts/install-deps since its package can't be installed beside Postfix's, and run from
tests/world/exim/. It wants a user Debian-exim, whom it sees in a mount namespace of its own.
"""
import pathlib
import shutil

from .daemon import Daemon

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "build/peers/exim/usr/sbin/exim4"
NOBODY = 65534


class Exim(Daemon):
    def __init__(self, root, address, port, domain, certificate=None, **values):
        """Offers STARTTLS where it has a certificate. `values` tell where other mail goes: see the configuration."""
        self.root, self.address, self.port = pathlib.Path(root), address, port
        self.name = "Exim"
        for name in ("spool", "log", "mail"):
            (self.root / name).mkdir(parents=True)
            shutil.chown(self.root / name, NOBODY, NOBODY)
        self.program = self.root / "exim4"  # a copy: Debian-exim may not be allowed to enter the folder of the checkout
        shutil.copy2(PROGRAM, self.program)
        text = (ROOT / "tests/world/exim/exim.conf").read_text()
        values = {"relay_address": "", "relay_port": 25, "source": address, "ca": "system", "client_chain": "", "client_key": "", **values}
        values |= {"root": self.root, "address": address, "port": port, "domain": domain, "program": self.program, "tls_for": "*" if certificate else "",
                   "certificate": certificate.chain if certificate else "", "key": certificate.key if certificate else ""}
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        (self.root / "exim.conf").write_text(text)
        for name, line in (("passwd", f"Debian-exim:x:{NOBODY}:{NOBODY}::/nonexistent:/usr/sbin/nologin\n"), ("group", f"Debian-exim:x:{NOBODY}:\n")):
            (self.root / name).write_text(pathlib.Path(f"/etc/{name}").read_text() + line)

    def start(self):
        command = " && ".join([f"mount --bind {self.root}/passwd /etc/passwd", f"mount --bind {self.root}/group /etc/group",
                               f"exec {self.program} -C {self.root}/exim.conf -bdf -q5s"])
        self.launch(["unshare", "--mount", "sh", "-c", command])
        self.wait_for(self.address, self.port)

    def log_files(self):
        return [*sorted((self.root / "log").iterdir()), self.root / "stdout"]

    def stored(self):
        folder = self.root / "mail" / "new"
        return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.exists() else []

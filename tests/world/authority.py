"""Certificate authorities and the certificates of the world, made by openssl: good ones, expired ones, foreign ones."""
import hashlib
import pathlib
import ssl
import subprocess


def openssl(*words, text=None, clock=()):
    """What it prints; `clock` goes before it, where it is to believe in another time."""
    return subprocess.run([*clock, "openssl", *map(str, words)], input=text, text=True, capture_output=True, check=True).stdout


def key_exchange():
    """The group that two ends agree on here: the hybrid one, which is safe against later decryption, since OpenSSL 3.5."""
    return "X25519MLKEM768" if "X25519MLKEM768" in openssl("list", "-kem-algorithms") else "X25519"


class Certificate:
    """A certificate with its key, as files; `chain` is the leaf followed by what a client needs to reach the root."""

    def __init__(self, chain, key):
        self.chain, self.key = chain, key

    def fingerprint(self):
        """SHA-256 of the certificate in Postfix's notation, AA:BB:..."""
        der = ssl.PEM_cert_to_DER_cert(self.chain.read_text().split("-----END")[0] + "-----END CERTIFICATE-----\n")
        return hashlib.sha256(der).digest().hex(":").upper()


class Authority:
    """A root; `chain` is what its certificates bring beside the leaf. `intermediate` makes one below it."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        self.name = name
        self.make()
        self.chain = self.certificate.read_text()

    def make(self):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", f"/O=Postseal world/CN={self.name}", "-keyout", self.key, "-out", self.certificate,
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def intermediate(self, name):
        """An authority whose certificates bring its own but not this one's."""
        return Intermediate(self, name)

    def issue(self, *names, expired=False, rsa=False, alone=False, no_names=False, uses="serverAuth,clientAuth"):
        """A certificate for these DNS names; files are named after the first and this authority. `alone` brings no other;
        with `no_names` the first is its common name and no more; `uses` are those that it may be used for.
        """
        stem = f"{names[0]}.{self.name}" + "".join(f"-{word}" for word, on in (
            ("expired", expired), ("rsa", rsa), ("alone", alone), ("cn", no_names), (uses, "," not in uses)) if on)
        chain, key, request = (self.folder / f"{stem}.{end}" for end in ("pem", "key", "csr"))
        algorithm = ["rsa:2048"] if rsa else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("req", "-new", "-newkey", *algorithm, "-nodes", "-subj", f"/CN={names[0]}", "-keyout", key, "-out", request)
        extensions = self.folder / f"{stem}.ext"
        extensions.write_text("basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\n"
                              f"extendedKeyUsage={uses}\n"
                              + ("" if no_names else "subjectAltName=" + ",".join(f"DNS:{name}" for name in names) + "\n"))
        # OpenSSL 3.5 makes none that has expired at once.
        leaf = openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                       "-days", "20", "-extfile", extensions, clock=["faketime", "21 days ago"] if expired else ())
        chain.write_text(leaf + ("" if alone else self.chain))
        return Certificate(chain, key)

    def hashed_folder(self):
        """A CApath with only this authority in it, as c_rehash leaves it."""
        folder = self.folder / f"capath-{self.name}"
        folder.mkdir(exist_ok=True)
        (folder / f"{self.name}.pem").write_text(self.certificate.read_text())
        openssl("rehash", folder)
        return folder


def self_signed(folder, name):
    """A certificate that nobody vouches for but itself."""
    chain, key = (pathlib.Path(folder) / f"{name}.self-signed.{end}" for end in ("pem", "key"))
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "20", "-subj", f"/CN={name}",
            "-addext", f"subjectAltName=DNS:{name}", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", chain)
    return Certificate(chain, key)


class Intermediate(Authority):
    def __init__(self, above, name):
        self.above = above
        super().__init__(above.folder, name)

    def make(self):
        request, extensions = self.folder / f"{self.name}.csr", self.folder / f"{self.name}.ext"
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", f"/O=Postseal world/CN={self.name}", "-keyout", self.key, "-out", request)
        extensions.write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        self.certificate.write_text(openssl("x509", "-req", "-in", request, "-CA", self.above.certificate, "-CAkey", self.above.key,
                                            "-CAcreateserial", "-days", "20", "-extfile", extensions))

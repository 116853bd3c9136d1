"""A bare root of this machine's own Debian, without the network: the files of the packages that every Debian has, of those
that are named, and of what they depend on, as this machine has them. What a page forgets to install is not there.
"""
import os
import pathlib
import re
import stat
import subprocess

FIELDS = ["db:Status-Abbrev", "Package", "Essential", "Priority", "Provides", "Pre-Depends", "Depends"]
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")  # links into /usr
UNREAD = re.compile(r"/usr/share/(doc|doc-base|info|lintian|locale|man)/")


def names(clause):
    """`a (>= 1) | b:any`: the names in their order."""
    return [re.sub(r"[:(\s].*", "", each.strip()) for each in clause.split("|") if each.strip()]


class Packages:
    """What is installed here, and what each needs."""

    def __init__(self):
        form = "".join("${%s}\t" % field for field in FIELDS) + "\n"
        listed = subprocess.run(["dpkg-query", "-W", "-f", form], text=True, capture_output=True, check=True).stdout
        self.needs, self.provider, self.always = {}, {}, set()
        for row in (line.split("\t") for line in listed.splitlines()):
            status, name, essential, priority, provides, before, needs = row[:7]
            if not status.startswith("ii"):
                continue
            self.needs[name] = [names(clause) for clause in f"{before},{needs}".split(",") if names(clause)]
            self.provider.update({virtual: name for clause in provides.split(",") for virtual in names(clause)})
            if essential == "yes" or priority == "required":
                self.always.add(name)

    def with_needs(self, wanted):
        """The packages with all that they depend on; LookupError where one of `wanted` is not of this Debian."""
        closed, open_ends = set(), list(wanted)
        for name in wanted:
            if name not in self.needs:
                raise LookupError(f"the package {name} is not installed here")
        while open_ends:
            name = open_ends.pop()
            if name in closed:
                continue
            closed.add(name)
            for clause in self.needs[name]:
                here = [self.provider.get(each, each) if each not in self.needs else each for each in clause]
                open_ends += [each for each in here if each in self.needs][:1]
        return closed


class BareRoot:
    """`root` is an empty folder; what is mounted in it ends with the caller's mount namespace."""

    def __init__(self, root, checkout, wanted):
        self.root, self.packages, self.there = pathlib.Path(root), Packages(), set()
        for name in MERGED:
            there = pathlib.Path("/", name)
            if there.is_symlink():
                (self.root / "usr" / name).mkdir(parents=True)
                (self.root / name).symlink_to(there.readlink())
        subprocess.run(["cp", "-a", "/etc", str(self.root)], check=True)
        self.install([*self.packages.always, *wanted])
        for name in ("proc", "dev", "run", "tmp", "root", "var/mail", "usr/local/bin", "usr/local/sbin", str(checkout).strip("/")):
            self.folder_like_ours(name)
        for words in (["-t", "proc", "proc", self.root / "proc"], ["--rbind", "/dev", self.root / "dev"],
                      ["--bind", checkout, self.root / str(checkout).strip("/")]):
            subprocess.run(["mount", *map(str, words)], check=True)

    def folder_like_ours(self, name):
        """What packages make at their installation."""
        (self.root / name).mkdir(parents=True, exist_ok=True)
        ours = pathlib.Path("/", name).stat()
        os.chown(self.root / name, ours.st_uid, ours.st_gid)
        (self.root / name).chmod(stat.S_IMODE(ours.st_mode))

    def install(self, wanted):
        """What apt-get would add; configuration is this machine's."""
        new = self.packages.with_needs(wanted) - self.there
        self.there |= new
        if not new:
            return
        listed = subprocess.run(["dpkg", "-L", *sorted(new)], text=True, capture_output=True, check=True).stdout
        files = {line for line in listed.splitlines() if line.startswith("/") and line != "/." and not UNREAD.match(line)}
        files = sorted(path.lstrip("/") for path in files if pathlib.Path(path).exists() or pathlib.Path(path).is_symlink())
        with subprocess.Popen(["tar", "-C", "/", "--no-recursion", "-cf", "-", "-T", "-"], text=True, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as read:
            with subprocess.Popen(["tar", "-C", str(self.root), "-xpf", "-"], stdin=read.stdout) as write:
                read.stdin.write("\n".join(files))
                read.stdin.close()
        if read.returncode or write.returncode:
            raise RuntimeError(f"the files of {sorted(new)} could not be copied")
        subprocess.run(["ldconfig", "-r", str(self.root)], check=True)

"""The page that shim.c reads: which calls of the server fail, and what its clock says."""
import errno
import mmap
import os
import pathlib
import struct
import subprocess

OPEN, WRITE, SYNC, READ, UNLINK = 1, 2, 4, 8, 16
EIO, ENOSPC, SHORT = errno.EIO, errno.ENOSPC, 0  # SHORT: half of a write is done
ONCE, FROM = 0, 1
FIELDS = ("kinds", "countdown", "error", "mode", "counted", "failed", "clock_nanos")
SIZE = 8 * len(FIELDS) + 256


def build(folder):
    """The library, made by the C compiler that builds Postseal."""
    library = pathlib.Path(folder) / "shim.so"
    source = pathlib.Path(__file__).with_name("shim.c")
    subprocess.run(["clang-19", "-O1", "-fPIC", "-shared", "-Wall", "-Werror", "-o", library, source, "-ldl"], check=True)
    return library


class Shim:
    def __init__(self, folder, library):
        self.file = pathlib.Path(folder) / "shim.page"
        self.file.write_bytes(bytes(SIZE))
        self.file.chmod(0o666)
        with open(self.file, "r+b") as page:
            self.page = mmap.mmap(page.fileno(), SIZE)
        self.environment = {"LD_PRELOAD": str(library), "POSTSEAL_SHIM": str(self.file)}

    def get(self, field):
        return struct.unpack_from("q", self.page, 8 * FIELDS.index(field))[0]

    def put(self, field, value):
        struct.pack_into("q", self.page, 8 * FIELDS.index(field), value)

    def arm(self, kinds, path, turn=1, error=EIO, mode=ONCE):
        """The `turn`-th call of these kinds on a file whose path has `path` in it fails (from it on, with FROM)."""
        self.put("kinds", 0)
        encoded = path.encode()
        self.page[8 * len(FIELDS):SIZE] = encoded + bytes(256 - len(encoded))
        for field, value in (("countdown", turn), ("error", error), ("mode", mode), ("counted", 0), ("failed", 0)):
            self.put(field, value)
        self.put("kinds", kinds)

    def disarm(self):
        """Returns how many calls counted, and how many failed."""
        self.put("kinds", 0)
        return self.get("counted"), self.get("failed")

    def move_clock(self, seconds):
        self.put("clock_nanos", self.get("clock_nanos") + seconds * 10**9)

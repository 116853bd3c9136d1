"""What the real servers of the world have in common: a process in a session of its own, so that all of its daemons can be
ended with it, what it said, and whether it listens.
"""
import os
import signal
import subprocess

from . import waiting

LIMIT_SECONDS = 10.0  # for an end in good order


class Daemon:
    """A subclass sets `name` (for people) and `root` (its folder), and starts by `launch`."""
    process = None

    def launch(self, command, environment=None):
        with open(self.root / "stdout", "wb") as output:
            self.process = subprocess.Popen(command, env=environment, start_new_session=True, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=subprocess.STDOUT)

    def is_running(self):
        """True; RuntimeError with the log where the process has ended."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended at once:\n{self.log()}")
        return True

    def wait_for(self, address, port):
        waiting.until(f"{self.name} on {address}:{port}", lambda: self.is_running() and waiting.listening(address, port))

    def stop(self):
        if self.process is None:
            return
        group = self.process.pid
        self.process.terminate()
        try:
            self.process.wait(LIMIT_SECONDS)
        finally:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None

    def log_files(self):
        return [self.root / "log", self.root / "stdout"]

    def log(self):
        return "".join(path.read_text(errors="replace") for path in self.log_files() if path.exists())

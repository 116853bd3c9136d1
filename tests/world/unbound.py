"""Debian's Unbound as the validating resolver of a Postfix: its libc asks 127.0.22.153 at port 53, which a mount
namespace with its own /etc/resolv.conf tells it. Postseal needs none of this: it validates itself.
"""
import pathlib

from . import waiting
from .daemon import Daemon

ADDRESS, PORT = "127.0.22.153", 53

CONFIGURATION = """\
server:
    interface: {address}
    port: {port}
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    do-daemonize: no
    use-syslog: no
    verbosity: 1
    val-log-level: 2
    num-threads: 1
    so-reuseport: no
    username: ""
    chroot: ""
    directory: "{root}"
    pidfile: "{root}/pid"
    trust-anchor-file: "{trust_anchor}"
    module-config: "validator iterator"
    edns-buffer-size: 1232
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: {forward}
"""


class Unbound(Daemon):
    def __init__(self, root, forward, trust_anchor):
        self.root = pathlib.Path(root)
        self.root.mkdir(parents=True)
        self.name = "Unbound"
        self.configuration = self.root / "unbound.conf"
        self.configuration.write_text(CONFIGURATION.format(address=ADDRESS, port=PORT, root=self.root, trust_anchor=trust_anchor,
                                                           forward=f"{forward[0]}@{forward[1]}"))
        self.resolv_conf = self.root / "resolv.conf"
        self.resolv_conf.write_text(f"nameserver {ADDRESS}\noptions edns0 trust-ad\n")

    def start(self):
        # It would share the port with another one, and each would get some of the questions.
        if waiting.listening(ADDRESS, PORT):
            raise RuntimeError(f"somebody listens on {ADDRESS}:{PORT} already")
        self.launch(["unbound", "-d", "-c", self.configuration])
        self.wait_for(ADDRESS, PORT)

    def inside(self, command):
        """The words that run `command` where this is the system's resolver."""
        return ["unshare", "--mount", "sh", "-c", f'mount --bind {self.resolv_conf} /etc/resolv.conf && exec "$@"', "sh", *map(str, command)]

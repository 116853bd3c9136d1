"""A copy of this machine for pages that are followed as a reader would: an overlay over /, with a network and processes of
its own, thrown away afterwards. systemctl is played by a few lines of shell that do what the unit says.
"""
import os
import pathlib
import platform
import re
import subprocess
import sys

BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.S | re.M)
RELEASE = re.compile(r"# Debian (\d+)\b")  # how a block begins that is for this release alone
SYSTEMCTL = """\
#!/bin/sh
# Plays what pages ask of systemd: the unit with its drop-ins, and Dovecot.
units=/etc/systemd/system
started=/run/postseal.pid
value() { cat $units/postseal.service $units/postseal.service.d/*.conf 2> /dev/null | sed -n "s/^$1=//p" | tail -1; }
running() { [ -e $started ] && kill -0 $(cat $started) 2> /dev/null; }
serving() { for i in $(seq 200); do "$@" > /dev/null 2>&1 && break; sleep 0.1; done; }
start() {
    user=$(value User)
    install -d -o $user -g $user -m 700 /var/lib/$(value StateDirectory)
    setpriv --reuid $user --regid $user --init-groups --reset-env --no-new-privs --bounding-set -all,+net_bind_service \\
        --inh-caps -all,+net_bind_service --ambient-caps -all,+net_bind_service $(value ExecStart) > /var/log/postseal.log 2>&1 &
    echo $! > $started
    serving grep -q 'listening on' /var/log/postseal.log
}
case "$*" in
    "enable --now postseal") start ;;
    "try-reload-or-restart postseal") running && kill -HUP $(cat $started) || true ;;
    "reload postseal") kill -HUP $(cat $started); sleep 1 ;;
    "restart dovecot") doveadm stop 2> /dev/null; mkdir -p /run/dovecot; dovecot; serving test -S /run/dovecot/auth-userdb ;;
    daemon-reload) ;;
    *) echo "systemctl $*: not played" >&2; exit 1 ;;
esac
"""
PREPARE = """\
set -e
mount -t tmpfs tmpfs {root}
mkdir {root}/upper {root}/work {root}/machine
mount -t overlay overlay -o lowerdir=/,upperdir={root}/upper,workdir={root}/work {root}/machine
mount -t proc proc {root}/machine/proc
mount --rbind /dev {root}/machine/dev
mount -t tmpfs tmpfs {root}/machine/run
mkdir -p {root}/machine{checkout}
mount --bind {checkout} {root}/machine{checkout}
ip link set lo up
exec chroot {root}/machine {program}
"""
APART = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-c"]


def write_systemctl(path):
    path.write_text(SYSTEMCTL)
    path.chmod(0o755)


def enter(checkout, root, program):
    """What to call for `program` to run in a copy whose changes go to `root`, an empty folder."""
    return APART + [PREPARE.format(root=root, checkout=checkout, program=program)]


def move_in(run):
    """Goes on with the story `run` in a copy of the machine; comes back there alone."""
    if os.environ.get("POSTSEAL_IN_A_COPY"):
        write_systemctl(pathlib.Path("/usr/local/sbin/systemctl"))
        os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return
    root = pathlib.Path("/tmp") / f"postseal-machine-{os.getpid()}"
    root.mkdir()
    try:
        done = subprocess.run(enter(pathlib.Path(run).resolve().parent.parent.parent, root, pathlib.Path(run).resolve()),
                              env=os.environ | {"POSTSEAL_IN_A_COPY": "1", "LANG": "C.UTF-8"}, timeout=540)
    finally:
        root.rmdir()
    sys.exit(done.returncode)


def blocks(page):
    """The page's commands and what it promises of them: [(kind, text)]; what another release of Debian is told is left out."""
    here, found = platform.freedesktop_os_release()["VERSION_ID"], BLOCK.findall(pathlib.Path(page).read_text())
    return [(kind, text) for kind, text in found if not (named := RELEASE.match(text)) or named[1] == here]


def title(text):
    """The first line of a block that says something."""
    return next(line for line in text.splitlines() if not RELEASE.match(line))

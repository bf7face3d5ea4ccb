"""pcscd in namespaces of its own: `python -m simulator.chip.cage RUN CONF`, started under unshare(1).

vpcd listens on all addresses, and pcscd's paths are fixed; inside its own network and mount namespaces neither is
seen by anybody else, so any number of these can stand side by side. The host sees pcscd's socket in RUN, which is
mounted over /run/pcscd. Commands on standard input, one a line, each answered by one line:
    start   start pcscd; "ready PID"
    kill    kill it without warning; "killed"
It ends, and pcscd with it, when its standard input does.
"""

import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_READY = "daemon ready"


def main(run: Path, conf: Path) -> None:
    """Set the namespaces up and serve commands until standard input ends."""
    _loopback_up()
    _mount(run)
    daemon: subprocess.Popen[str] | None = None
    print(f"caged {os.getpid()}", flush=True)
    for line in sys.stdin:
        if line.strip() == "start":
            daemon = _start(conf)
            print(f"ready {daemon.pid}", flush=True)
        elif line.strip() == "kill" and daemon is not None:
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
            print("killed", flush=True)
    if daemon is not None:
        daemon.kill()
        daemon.wait()


def _loopback_up() -> None:
    request = struct.pack("16sh14x", b"lo", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def _mount(run: Path) -> None:
    fixed = Path("/run/pcscd")
    if not fixed.is_dir():
        # Only inside this mount namespace; opened first, lest RUN itself lies under /run.
        here = os.open(run, os.O_PATH | os.O_DIRECTORY)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
        fixed.mkdir()
        subprocess.run(["mount", "--bind", f"/proc/self/fd/{here}", fixed], check=True, pass_fds=(here,))
    else:
        subprocess.run(["mount", "--bind", run, fixed], check=True)
    # No driver for real readers: a reader of this machine is none of the simulation's.
    drivers = Path("/usr/lib/pcsc/drivers")
    if drivers.is_dir():
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", drivers], check=True)


def _start(conf: Path) -> "subprocess.Popen[str]":
    for left in ("pcscd.comm", "pcscd.pid"):
        Path("/run/pcscd", left).unlink(missing_ok=True)
    # Killed with this process, whatever becomes of it; it logs no APDUs unless asked to.
    daemon = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "pcscd", "--foreground", "--info", "--config", conf],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert daemon.stdout is not None  # a pipe was asked for
    said = []
    for line in daemon.stdout:
        said.append(line)
        if _READY in line:
            threading.Thread(target=_drain, args=(daemon,), daemon=True).start()
            return daemon
    raise SystemExit("pcscd ended: " + "".join(said[-5:]))


def _drain(daemon: "subprocess.Popen[str]") -> None:
    """Keep pcscd's log from filling its pipe."""
    assert daemon.stdout is not None  # a pipe was asked for
    for _ in daemon.stdout:
        pass


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

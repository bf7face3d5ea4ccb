"""A real cupsd run by hand, with one queue and a backend of ours in place of a closed driver's."""

import os
import socket
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from drivers.card_printer.cups import CupsCardPrinter, Settings
from drivers.deadline import Deadline
from drivers.status import DeviceState

START_S = 20.0

# A backend is told job, user, title, copies, options, file; it writes reasons on standard error (backend(7)).
_BACKEND = """#!{python}
import pathlib, socket, sys, time
if len(sys.argv) == 1:
    print('direct adm "ADM test" "card printer"')
    sys.exit(0)
folder = pathlib.Path({folder!r})
data = open(sys.argv[6], "rb").read() if len(sys.argv) > 6 else sys.stdin.buffer.read()
number = len(list(folder.glob("*.pdf"))) + 1
(folder / f"{{number}}.pdf").write_bytes(data)
(folder / f"{{number}}.options").write_text(sys.argv[5])
if (folder / "mechanics").exists():
    with socket.socket(socket.AF_UNIX) as mechanics:
        mechanics.connect(str(folder / "mechanics"))
        mechanics.sendall(sys.argv[5].encode() + b"\\n")
        mechanics.recv(1)
while (folder / "hold").exists():
    time.sleep(0.05)
if (folder / "jam").exists():
    print("STATE: +media-jam-error", file=sys.stderr, flush=True)
    sys.exit(1)
"""
_QUEUE = """<Printer card>
Info Card printer
MakeModel HDP6600 (simulated)
DeviceURI adm:/card
State Idle
Accepting Yes
Shared No
JobSheets none none
OpPolicy default
ErrorPolicy {policy}
</Printer>
"""
_CONFIGURATION = """LogLevel warn
MaxLogSize 0
Listen 127.0.0.1:{port}
Browsing Off
WebInterface No
DefaultAuthType None
<Location />
Order allow,deny
Allow all
</Location>
<Policy default>
JobPrivateAccess all
JobPrivateValues none
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""


class CupsBench:
    """One cupsd and its queue.

    Attributes:
        printed: Where the backend leaves what it is given, and looks for files named "hold" and "jam", and for a socket
            named "mechanics" which it tells a job's options, and waits for a byte.
    """

    def __init__(self, directory: Path, policy: str = "abort-job") -> None:
        self.printed = directory / "printed"
        self._directory = directory
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._write(policy)
        self._daemon = subprocess.Popen(
            ["/usr/sbin/cupsd", "-f", "-c", str(directory / "cupsd.conf"), "-s", str(directory / "cups-files.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = Deadline.after(START_S)
        printer = self.driver()
        while printer.status(deadline).device is not DeviceState.ONLINE:
            deadline.check("cupsd")
            with suppress(subprocess.TimeoutExpired):
                self._daemon.wait(0.05)
                raise AssertionError((directory / "error_log").read_text())

    def driver(self, **changes: object) -> CupsCardPrinter:
        """A driver for the queue."""
        given = {"uri": f"ipp://127.0.0.1:{self._port}/printers/card", "poll_s": 0.05, "silence_s": 1.0}
        return CupsCardPrinter(Settings.model_validate(given | changes))

    def stop(self) -> None:
        """End cupsd; may be called twice."""
        if self._daemon.poll() is None:
            self._daemon.terminate()
        self._daemon.wait(START_S)

    def _write(self, policy: str) -> None:
        folder = self._directory
        for name in ("printed", "bin/backend", "spool/tmp", "cache", "state", "root"):
            (folder / name).mkdir(parents=True)
        (folder / "bin" / "daemon").symlink_to("/usr/lib/cups/daemon")
        backend = folder / "bin" / "backend" / "adm"
        backend.write_text(_BACKEND.format(python=sys.executable, folder=str(self.printed)))
        # Without rights for others cupsd runs it as itself, and our folders are ours alone.
        backend.chmod(stat.S_IRWXU)
        (folder / "root" / "printers.conf").write_text(_QUEUE.format(policy=policy))
        (folder / "cupsd.conf").write_text(_CONFIGURATION.format(port=self._port))
        lines = {
            "ServerRoot": folder / "root",
            "ServerBin": folder / "bin",
            "DataDir": "/usr/share/cups",
            "RequestRoot": folder / "spool",
            "TempDir": folder / "spool" / "tmp",
            "CacheDir": folder / "cache",
            "StateDir": folder / "state",
            "AccessLog": folder / "access_log",
            "ErrorLog": folder / "error_log",
            "PageLog": folder / "page_log",
            "SystemGroup": "root",
        }
        if os.geteuid() != 0:
            del lines["SystemGroup"]
        (folder / "cups-files.conf").write_text("".join(f"{name} {value}\n" for name, value in lines.items()))

"""Starts and ends ippeveprinter with the daemons it needs, in namespaces of their own."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

from simulator.document_printer.client import Client

START_S = 20.0
END_S = 5.0
TRIES = 3
"""A port that was free may be taken by another before ippeveprinter has it."""
_HERE = Path(__file__).parent
_DBUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow
own="*"/> </policy></busconfig>
"""
_AVAHI = "[server]\nhost-name=adm\nenable-dbus=yes\n[publish]\ndisable-publishing=yes\n"


class CannotStart(Exception):
    """The printer cannot be started; the message says why."""


class Cage:
    """One ippeveprinter that takes documents of these formats, PWG Raster among them.

    Attributes:
        runtime: Directory for its configuration, spool and sockets; removed with it.
        uri: Where it listens, after `start`.
    """

    def __init__(self, formats: tuple[str, ...]) -> None:
        self._formats = formats
        self.runtime = Path()
        self.uri = ""
        self._process: asyncio.subprocess.Process | None = None

    def prepare(self) -> Path:
        """Make the directory; gives where the print command will look for the simulator."""
        # A short path of its own: a Unix socket's name may have 107 bytes.
        self.runtime = Path(tempfile.mkdtemp(prefix="adm-a4-"))
        command_socket = self.runtime / "command"
        (self.runtime / "spool").mkdir()
        (self.runtime / "dbus.conf").write_text(_DBUS)
        (self.runtime / "avahi.conf").write_text(_AVAHI)
        command = self.runtime / "print"
        script = f'exec "{sys.executable}" -I -S "{_HERE / "print_command.py"}" "{command_socket}" "$1"'
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(0o700)
        return command_socket

    async def start(self) -> None:
        """Start it; returns when it answers.

        Raises:
            CannotStart: A program is missing, namespaces are not allowed, or it does not answer.
        """
        for program in ("unshare", "setpriv", "dbus-daemon", "avahi-daemon", "ippeveprinter"):
            if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
                raise CannotStart(f"{program} is not installed")
        for _ in range(TRIES):
            if await self._started(_free_port()):
                return
        raise CannotStart(f"ippeveprinter ended: {self._last_words()}")

    async def stop(self) -> None:
        """End it and everything it started, and remove its files."""
        await self._kill()
        if self.runtime != Path():
            await asyncio.to_thread(shutil.rmtree, self.runtime, True)
            self.runtime = Path()

    async def _kill(self) -> None:
        if self._process is None:
            return
        first = _first_inside(self._process.pid)
        with contextlib.suppress(ProcessLookupError):
            # unshare ignores gentler signals while its child lives; its death takes the PID namespace along.
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        self._process = None
        if first is not None:
            await _ended(first)

    async def _started(self, port: int) -> bool:
        """Whether it answers on this port; False when it ended, which a taken port makes it do."""
        namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
        if os.geteuid() != 0:
            namespaces = ["--user", "--map-root-user", *namespaces]
        arguments = ["--pdeathsig", "KILL", "unshare", *namespaces]
        environment = os.environ | {
            "HOME": str(self.runtime),
            "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin",
        }
        with (self.runtime / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                "setpriv",
                *arguments,
                "sh",
                str(_HERE / "cage.sh"),
                str(self.runtime),
                str(port),
                ",".join(self._formats),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
            )
        self.uri = f"ipp://127.0.0.1:{port}/ipp/print"
        client = Client(self.uri)
        give_up = time.monotonic() + START_S
        while self._process.returncode is None:
            if await asyncio.to_thread(client.printer):
                return True
            if time.monotonic() > give_up:
                await self._kill()
                raise CannotStart(f"ippeveprinter does not answer: {self._last_words()}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 0.03)
        return False

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            return (self.runtime / "log").read_text(errors="replace")[-400:].strip()
        return ""


def _first_inside(unshare: int) -> int | None:
    """A pidfd of the PID namespace's first process, which ends only after all others in it."""
    try:
        children = Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()
        return os.pidfd_open(int(children[0])) if children else None
    except OSError:
        return None


async def _ended(pidfd: int) -> None:
    """Wait until the process is gone."""
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(pidfd, gone.set)
    try:
        async with asyncio.timeout(END_S):
            await gone.wait()
    finally:
        loop.remove_reader(pidfd)
        os.close(pidfd)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

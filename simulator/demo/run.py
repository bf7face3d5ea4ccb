"""`./adm run`: the whole machine until Ctrl-C."""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from simulator.demo.children import ChildDied
from simulator.demo.demo import CannotStart, Demo, Options, forget
from simulator.demo.waiting import NotInTime
from simulator.server.serve import PortInUse, listen

ATTRACT_WITHIN_S = 60.0


class AlreadyRunning(Exception):
    """Another run uses the same directory; the message says which."""


@contextlib.contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Hold the directory for this process; the lock ends with the process, however that ends.

    Raises:
        AlreadyRunning: Another process holds it.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Opened without truncating: the holder's pid must stay readable for the second.
    with os.fdopen(os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = lock.read().strip()
            raise AlreadyRunning(f"A demo is running here already (process {pid}): end it with kill {pid}.") from None
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


async def run(options: Options, *, check: bool, fresh: bool) -> int:
    """Start, say what to do, and wait for the end.

    Args:
        options: What to start.
        check: End as soon as the kiosk invites residents.
        fresh: Forget what former runs have printed.

    Returns:
        Exit status: 0 when asked to end, 1 when something failed.
    """
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ending.set)
    told_to_end = asyncio.create_task(ending.wait())
    running = asyncio.create_task(_run(options, check, fresh))
    try:
        await asyncio.wait({running, told_to_end}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            _say("ending")
            running.cancel()
            # A second Ctrl-C must not interrupt the clean end.
            with contextlib.suppress(asyncio.CancelledError):
                await running
            return 0
        return await running
    finally:
        told_to_end.cancel()


async def _run(options: Options, check: bool, fresh: bool) -> int:
    try:
        with only_one(options.directory):
            # Said before anything is started: everything else takes seconds.
            listen(options.page_port).close()
            if fresh:
                forget(options.directory)
            _say("starting simulator, central, kiosk and screens")
            async with Demo(options) as demo:
                view = await demo.panel.view("attract", within_s=ATTRACT_WITHIN_S)
                if check:
                    _say(f"the kiosk shows {view.WhichOneof('screen')}; ending")
                    return 0
                _instructions(demo)
                dead = await demo.children.first_death()
                while dead.name == "kiosk" and dead.process.returncode == 0:
                    _say("a technician restarts the kiosk")
                    await demo.children.end("kiosk")
                    await demo.start_kiosk()
                    dead = await demo.children.first_death()
                if demo.windowed and dead.name == "screens" and dead.process.returncode == 0:
                    _say("the kiosk's window was closed; ending")
                    return 0
                raise dead.death()
    except (AlreadyRunning, CannotStart, ChildDied, NotInTime, PortInUse) as error:
        print(f"adm run: {error}", file=sys.stderr)
        return 1


def _instructions(demo: Demo) -> None:
    where = "the kiosk's window is open; its devices are at" if demo.windowed else "the kiosk and its devices are at"
    print(f"Open   {demo.page}  ({where} this address)")
    print("Try    put Hamid's card on the reader, let him stand before the camera, choose Kartu Keluarga")
    print("Stop   Ctrl-C", flush=True)


def _say(text: str) -> None:
    print(f"adm run: {text}", file=sys.stderr, flush=True)

"""Virtual hardware as one process: `python -m simulator --dir DIR`. Wiring only."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.server.app import SimulatorApi
from simulator.server.machine import Machine
from simulator.server.residents import load_residents
from simulator.server.screen import Screen
from simulator.server.serve import PortInUse, listen, serving
from simulator.server.wiring import Devices

SAMPLES = Path(__file__).parent.parent / "samples"
DEFAULT_PORT = 8600

log = logging.getLogger("simulator")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT.

    Returns:
        0 when it was asked to end; 1 when it could not start.
    """
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    options.dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        listener = listen(options.port)
    except PortInUse as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    screen = Screen(options.screen, options.screen_size[0], options.screen_size[1], options.vnc_socket)
    devices = Devices.make(options.dir, options.samples, options.codes, options.feeder)
    asyncio.run(_run(options.dir, listener, screen, options.samples, devices))
    return 0


async def _run(directory: Path, listener: socket.socket, screen: Screen, samples: Path, devices: Devices) -> None:
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    ready_file = directory / "simulator.json"
    ready_file.unlink(missing_ok=True)
    machine = Machine(devices.all(), devices.pictures())
    api = SimulatorApi(machine, load_residents(samples), screen)
    async with contextlib.AsyncExitStack() as stack:
        if not await _started(machine, ending):
            return
        stack.push_async_callback(machine.stop)
        await stack.enter_async_context(serving(api.app(), listener))
        stack.callback(api.events.close)
        stack.callback(ready_file.unlink, missing_ok=True)
        page = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        _write_atomically(ready_file, {"pid": os.getpid(), "page": page, "devices": devices.kiosk_settings()})
        log.info("ready: %s", page)
        await ending.wait()
        log.info("ending")


async def _started(machine: Machine, ending: asyncio.Event) -> bool:
    """Start the machine; False when it was told to end meanwhile."""
    starting = asyncio.create_task(machine.start())
    told_to_end = asyncio.create_task(ending.wait())
    await asyncio.wait({starting, told_to_end}, return_when=asyncio.FIRST_COMPLETED)
    told_to_end.cancel()
    if not starting.done():
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return False
    await starting
    return True


def _write_atomically(path: Path, content: dict[str, object]) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    unfinished.rename(path)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="Virtual hardware for ADM.")
    parser.add_argument("--dir", type=Path, required=True, help="for sockets, spools and simulator.json")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="of page and API; 0 takes a free one")
    parser.add_argument("--samples", type=Path, default=SAMPLES, help="sample residents")
    parser.add_argument("--codes", type=Path, help="folder with the sample residents' QR codes")
    parser.add_argument("--feeder", action="store_true", help="with a paper feeder around the A4 printer")
    parser.add_argument(
        "--screen", choices=("window", "vnc", "none"), default="none", help="where people see the kiosk"
    )
    parser.add_argument("--screen-size", type=_size, default=(1080, 1920), metavar="WxH", help="of the kiosk, px")
    parser.add_argument("--vnc-socket", type=Path, help="where x11vnc will listen, with --screen vnc")
    return parser.parse_args(arguments)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())

"""Where the kiosk's screen is drawn: the person's own display, or one in memory that the page shows."""

import asyncio
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from simulator.demo.children import Children
from simulator.demo.waiting import NotInTime, until

START_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Size:
    """Of a screen, in pixels."""

    width_px: int
    height_px: int

    def __str__(self) -> str:
        return f"{self.width_px}x{self.height_px}"


PORTRAIT = Size(1080, 1920)
LANDSCAPE = Size(1920, 1080)

# Share of the person's display that the kiosk's window may take: room for panels and the title bar.
WINDOW_SHARE = 0.86


def fitted(size: Size, within: Size) -> Size:
    """`size`, made smaller in proportion until it fits well into `within`."""
    scale = min(1.0, WINDOW_SHARE * within.width_px / size.width_px, WINDOW_SHARE * within.height_px / size.height_px)
    return Size(round(size.width_px * scale), round(size.height_px * scale))


async def display_size(display: str) -> Size:
    """The size of a running X display, as xdotool tells it.

    Raises:
        NotInTime: The display does not answer.
    """
    process = await asyncio.create_subprocess_exec(
        "xdotool", "getdisplaygeometry", env={**os.environ, "DISPLAY": display}, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(process.communicate(), START_WITHIN_S)
    if process.returncode != 0:
        raise NotInTime(f"display {display} does not answer")
    width, height = output.split()
    return Size(int(width), int(height))


async def start_xvfb(children: Children, size: Size) -> str:
    """Start an X server in memory on a display number that it chooses itself.

    Returns:
        The display, as ":99", once it takes clients.
    """
    reading, writing = os.pipe()
    try:
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
        await children.start("xvfb", command, pass_fds=(writing,))
    finally:
        os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            number = await asyncio.wait_for(reader.readline(), START_WITHIN_S)
        except TimeoutError:
            raise NotInTime(f"Xvfb: not within {START_WITHIN_S:.0f} s") from None
        finally:
            transport.close()
    if not number.strip():
        raise children["xvfb"].death()
    return f":{int(number)}"


async def start_vnc(children: Children, display: str, vnc_socket: Path) -> None:
    """Share a display on a local socket that is not there yet; no TCP port is opened."""
    command: list[str | Path] = [
        "x11vnc",
        "-display",
        display,
        "-unixsock",
        vnc_socket,
        "-rfbport",
        "0",
        "-rfbportv6",
        "-1",
    ]
    options = ["-no6", "-noipv6", "-forever", "-shared", "-nopw", "-quiet", "-nocursor", "-xkb", "-nosel"]
    await children.start("x11vnc", [*command, *options])

    def answers() -> bool:
        children.check()
        return _greets(vnc_socket)

    await until(answers, "x11vnc", START_WITHIN_S)


def _greets(vnc_socket: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(1.0)
        try:
            link.connect(str(vnc_socket))
            return link.recv(4) == b"RFB "
        except OSError:
            return False

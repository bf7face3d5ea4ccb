"""The kiosk's screen inside the page: VNC frames between the browser's WebSocket and x11vnc's local socket."""

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path

from starlette.websockets import WebSocket, WebSocketDisconnect

CHUNK_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Screen:
    """How people see the kiosk's screen.

    Attributes:
        kind: "window" (it has its own), "vnc" (inside the page), "none" (no kiosk is running).
        width_px: Of the kiosk's screen.
        height_px: Of the kiosk's screen.
        vnc_socket: Where x11vnc listens; kind "vnc" only.
    """

    kind: str = "none"
    width_px: int = 1080
    height_px: int = 1920
    vnc_socket: Path | None = None


async def bridge(websocket: WebSocket, vnc_socket: Path) -> None:
    """Carry bytes both ways until either side ends. Closes with 1013 (try again) while no screen is there."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(vnc_socket))
    except OSError:
        await websocket.close(1013)
        return
    offered = websocket.scope.get("subprotocols", ())
    await websocket.accept(subprotocol="binary" if "binary" in offered else None)
    try:
        directions = {
            asyncio.create_task(_to_browser(websocket, reader)),
            asyncio.create_task(_to_screen(websocket, writer)),
        }
        _, pending = await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*directions, return_exceptions=True)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _to_browser(websocket: WebSocket, reader: asyncio.StreamReader) -> None:
    while data := await reader.read(CHUNK_BYTES):
        await websocket.send_bytes(data)
    await websocket.close()


async def _to_screen(websocket: WebSocket, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            writer.write(await websocket.receive_bytes())
            await writer.drain()

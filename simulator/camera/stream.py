"""HTTP MJPEG (multipart/x-mixed-replace) on a free loopback port, sent only while somebody looks."""

import asyncio
import contextlib
from collections.abc import Callable

BOUNDARY = b"adm-frame"
_HEAD = (
    b"HTTP/1.0 200 OK\r\nCache-Control: no-store\r\nConnection: close\r\n"
    b"Content-Type: multipart/x-mixed-replace; boundary=" + BOUNDARY + b"\r\n\r\n"
)
_REQUEST_TIMEOUT_S = 5.0


class MjpegServer:
    """Serves one moving picture to any number of clients.

    Args:
        next_jpeg: Gives the picture of this moment.
        frames_per_s: Gives the rate of this moment.
    """

    def __init__(self, next_jpeg: Callable[[], bytes], frames_per_s: Callable[[], float]) -> None:
        self._next_jpeg = next_jpeg
        self._frames_per_s = frames_per_s
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._plugged = True

    @property
    def url(self) -> str:
        """Where the stream is; only after `start`."""
        if self._server is None:
            raise RuntimeError("the stream has not been started")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/camera.mjpg"

    @property
    def clients(self) -> int:
        """How many look now."""
        return len(self._clients)

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        """End every connection and stop listening. May be called twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await self._drop_clients()
            await server.wait_closed()

    async def set_plugged(self, plugged: bool) -> None:
        """Pull the plug, or put it back; the port stays ours meanwhile."""
        self._plugged = plugged
        if not plugged:
            await self._drop_clients()

    async def _drop_clients(self) -> None:
        clients = tuple(self._clients)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._plugged:
                async with asyncio.timeout(_REQUEST_TIMEOUT_S):
                    await reader.readuntil(b"\r\n\r\n")
                writer.write(_HEAD)
                await self._send_frames(writer)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _send_frames(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            jpeg = self._next_jpeg()
            writer.write(b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (BOUNDARY, len(jpeg)))
            writer.write(jpeg + b"\r\n")
            await writer.drain()
            due_s = max(due_s + 1.0 / self._frames_per_s(), loop.time())
            await asyncio.sleep(due_s - loop.time())

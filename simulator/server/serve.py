"""Serves an ASGI application on loopback until told to end."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp


class PortInUse(Exception):
    """Somebody else listens there; the message says what to do."""


def listen(port: int, option: str = "--port") -> socket.socket:
    """A listening socket on 127.0.0.1.

    Args:
        port: 0 takes a free one.
        option: Where people choose another port, for the error's message.

    Raises:
        PortInUse: The port is taken.
    """
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # A port just left by an ended simulator may be taken again at once.
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", port))
        server.listen(64)
    except OSError as error:
        server.close()
        raise PortInUse(
            f"Port {port} is in use by another program: end it, or choose another with {option}."
        ) from error
    return server


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to the process that embeds this server.
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, on: socket.socket) -> AsyncIterator[None]:
    """Serve inside the block; open streams must end by themselves when it is left, or are cut after 2 s."""
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        lifespan="off",
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[on]))
    try:
        yield
    finally:
        server.should_exit = True
        await task

"""Serves the public pages in the server's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

# Plain HTTP does not leave the machine: a proxy in front adds TLS.
HOST = "127.0.0.1"
# How many browsers are answered at once; more are told to come again.
_AT_ONCE = 100


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to central, which embeds this server.
        yield


def listen(port: int) -> socket.socket:
    """A listening socket on loopback.

    Raises:
        OSError: The port is taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(64)
    except OSError:
        listening.close()
        raise
    return listening


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, on: socket.socket, stop_s: float) -> AsyncIterator[None]:
    """Serve inside the block; answers under way may go on for `stop_s` when it is left."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,
        limit_concurrency=_AT_ONCE,
        timeout_graceful_shutdown=max(1, round(stop_s)),
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[on]))
    try:
        yield
    finally:
        server.should_exit = True
        await task

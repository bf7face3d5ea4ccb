"""Hears when a child says that it is ready, as systemd would (sd_notify(3))."""

import asyncio
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

MAX_STATE_BYTES = 4096


class Readiness:
    """The receiving end of NOTIFY_SOCKET; a context manager.

    Args:
        path: Of the socket to make.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(path))

    @property
    def environment(self) -> dict[str, str]:
        """What the child needs to know."""
        return {"NOTIFY_SOCKET": str(self._path)}

    async def wait(self) -> None:
        """Return when the child has said READY=1."""
        loop = asyncio.get_running_loop()
        while b"READY=1" not in (await loop.sock_recv(self._socket, MAX_STATE_BYTES)).split(b"\n"):
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)

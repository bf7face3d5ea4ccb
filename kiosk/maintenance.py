"""Hands the devices to one technician's command at a time; nobody is served meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager


class Busy(Exception):
    """Somebody is being served, or another technician has the devices."""


class Maintenance:
    """The door between the one who serves and the one who mends.

    Attributes:
        wanted: A technician waits or is at work.
    """

    def __init__(self) -> None:
        self.wanted = asyncio.Event()
        self._given = asyncio.Event()
        self._returned = asyncio.Event()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Technician's side: inside the block every device is free.

        Raises:
            Busy: Another technician has them.
        """
        if self.wanted.is_set():
            raise Busy
        self._given.clear()
        self._returned.clear()
        self.wanted.set()
        try:
            await self._given.wait()
            yield
        finally:
            self.wanted.clear()
            self._returned.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """The daemon itself has them, while nobody is served: nobody else gets them.

        Raises:
            Busy: A technician waits for them.
        """
        if self.wanted.is_set():
            raise Busy
        self.wanted.set()
        try:
            yield
        finally:
            self.wanted.clear()

    async def give(self) -> None:
        """Serving side, with every device closed: return when they are given back."""
        self._given.set()
        await self._returned.wait()

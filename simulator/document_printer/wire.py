"""The cable between kiosk and printer: a TCP relay that can be cut, go silent, or lose an answer."""

import asyncio
import contextlib
import re
import time
from enum import StrEnum

_CHUNK = 65536
_DOCUMENT = re.compile(rb"%PDF-|RaS2PwgRaster")


class Trouble(StrEnum):
    """What is wrong with the cable."""

    NONE = "none"
    CUT = "cut"
    """Connections are refused, those there are broken."""
    SILENT = "silent"
    """Nothing comes back."""
    LOSES_ANSWER = "loses answer"
    """The next document arrives, its answer does not; mended after that."""
    CUT_AFTER_DOCUMENT = "cut after document"
    """The next document arrives; from then on the cable is cut."""
    CUTS_DOCUMENT = "cuts document"
    """The next document arrives in part, then the connection breaks; mended after that."""


class Wire:
    """Relays 127.0.0.1:`port` to the printer.

    Attributes:
        documents: How many it has carried, or begun to.
        document_at_s: When the newest one's first byte came, on the monotonic clock.
    """

    def __init__(self) -> None:
        self.port = 0
        self.documents = 0
        self.document_at_s = 0.0
        self.trouble = Trouble.NONE
        self._printer_port = 0
        self._server: asyncio.Server | None = None
        self._relays: set[asyncio.Task[None]] = set()

    async def start(self, printer_port: int) -> None:
        """Listen; the port stays the same when started again."""
        self._printer_port = printer_port
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Break every connection; may be called twice."""
        if self._server is not None:
            self._server.close()
        for relay in tuple(self._relays):
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    async def set_trouble(self, trouble: Trouble) -> None:
        """Have this trouble from now on."""
        self.trouble = trouble
        if trouble is Trouble.CUT:
            await self.stop()
        elif self._server is None or not self._server.is_serving():
            await self.stop()
            await self.start(self._printer_port)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        inner: asyncio.StreamWriter | None = None
        try:
            answers, inner = await asyncio.open_connection("127.0.0.1", self._printer_port)
            document_went = asyncio.Event()
            up = asyncio.create_task(self._up(reader, inner, document_went))
            down = asyncio.create_task(self._down(answers, writer, document_went))
            try:
                await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                up.cancel()
                down.cancel()
                await asyncio.gather(up, down, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # Whichever end went away, the other is let go of below.
        finally:
            self._relays.discard(task)
            for end in (inner, writer):
                if end is not None:
                    end.transport.abort()

    async def _up(
        self, reader: asyncio.StreamReader, printer: asyncio.StreamWriter, document_went: asyncio.Event
    ) -> None:
        while data := await reader.read(_CHUNK):
            document = _DOCUMENT.search(data)
            if document is not None:
                self.documents += 1
                self.document_at_s = time.monotonic()
                document_went.set()
            if document is not None and self.trouble is Trouble.CUTS_DOCUMENT:
                self.trouble = Trouble.NONE
                printer.write(data[: document.start() + 100])
                await printer.drain()
                return
            printer.write(data)
            with contextlib.suppress(ConnectionError):
                await printer.drain()

    async def _down(
        self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter, document_went: asyncio.Event
    ) -> None:
        while data := await answers.read(_CHUNK):
            if self.trouble is Trouble.SILENT:
                continue
            if self.trouble is Trouble.LOSES_ANSWER and document_went.is_set():
                self.trouble = Trouble.NONE
                return
            if self.trouble is Trouble.CUT_AFTER_DOCUMENT and document_went.is_set() and self._server is not None:
                self.trouble = Trouble.CUT
                self._server.close()
                return
            writer.write(data)
            await writer.drain()

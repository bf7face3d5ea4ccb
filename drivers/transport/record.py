"""Recordings of what went over a wire, byte for byte and without what is personal; and a wire that plays one back.

A fault in the field becomes a test: record it there, replay it before the same driver. One line an event:

    # adm wire 1 crt
    write 0.2 F200000443323001 03B5
    read 1.4 06
    read 250.7 error DeadlineExceeded
    write 3.1 1B40 ~812 1D5642 00

`~N` are N bytes that were taken out. What is harmless is decided by each device's redactor, by what a command is and
never by what its data looks like.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TextIO

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, Disconnected, DriverError, NotFound, ProtocolError
from drivers.transport.ipp import DocumentMayHaveLeft
from drivers.transport.usb import CHUNK_BYTES

HEAD = "# adm wire 1"
_ERRORS: Mapping[str, type[DriverError]] = {
    kind.__name__: kind for kind in (DeadlineExceeded, Disconnected, NotFound, DocumentMayHaveLeft)
}
Piece = bytes | int
"""Bytes that may be kept, or how many were taken out."""


class Way(StrEnum):
    """Whose bytes."""

    WRITE = "write"
    READ = "read"


Redactor = Callable[[Way, bytes], Sequence[Piece]]
"""What may be kept of one write or one read."""


class Channel(Protocol):
    """A byte wire, as `UsbChannel`."""

    def write(self, data: bytes, deadline: Deadline, chunk_bytes: int = CHUNK_BYTES) -> None:
        """See `UsbChannel.write`."""

    def read(self, deadline: Deadline, at_most: int = 512) -> bytes:
        """See `UsbChannel.read`."""

    def close(self) -> None:
        """See `UsbChannel.close`."""


class RecordingWrong(Exception):
    """Not a recording, or the driver says something else than when it was made."""


@dataclass(frozen=True, slots=True)
class Event:
    """One write or read.

    Attributes:
        pieces: What went over the wire.
        error: Name of the error it ended in, empty when it went well.
        took_ms: How long it took.
    """

    way: Way
    pieces: tuple[Piece, ...]
    error: str
    took_ms: float

    def line(self) -> str:
        """As text."""
        words = [f"~{piece}" if isinstance(piece, int) else piece.hex().upper() for piece in self.pieces]
        if self.error:
            words += ["error", self.error]
        return " ".join([self.way.value, f"{self.took_ms:.1f}", *words])

    @classmethod
    def parse(cls, line: str) -> "Event":
        """Raises RecordingWrong."""
        try:
            way, took, *words = line.split()
            error = words.pop() if "error" in words else ""
            pieces = tuple(
                int(word[1:]) if word.startswith("~") else bytes.fromhex(word) for word in words if word != "error"
            )
            return cls(Way(way), pieces, error, float(took))
        except ValueError as wrong:
            raise RecordingWrong(f"not a line of a recording: {line!r}") from wrong

    @property
    def data(self) -> bytes:
        """With zeros for what was taken out."""
        return b"".join(bytes(piece) if isinstance(piece, int) else piece for piece in self.pieces)

    def matches(self, data: bytes) -> bool:
        """Whether these bytes are the ones that were recorded, as far as they were kept."""
        at = 0
        for piece in self.pieces:
            if not isinstance(piece, int) and data[at : at + len(piece)] != piece:
                return False
            at += piece if isinstance(piece, int) else len(piece)
        return at == len(data)


class Recorder:
    """Writes events to a file as they happen, so that a recording survives what it records."""

    def __init__(self, file: Path, device: str, redact: Redactor) -> None:
        """Begin, or go on at the end of the file.

        Args:
            device: The driver's name, for the first line.
        """
        self._redact = redact
        self._out: TextIO = file.open("a", encoding="ascii", buffering=1)
        if self._out.tell() == 0:
            self._out.write(f"{HEAD} {device}\n")

    def note(self, way: Way, data: bytes, began_s: float, failed: DriverError | None = None) -> None:
        """One write or read."""
        error = type(failed).__name__ if failed else ""
        took_ms = (time.monotonic() - began_s) * 1000
        self._out.write(Event(way, tuple(self._redact(way, data)) if data else (), error, took_ms).line() + "\n")

    def close(self) -> None:
        """End it; may be called twice."""
        self._out.close()


class RecordedChannel:
    """A channel whose every byte is noted."""

    def __init__(self, channel: Channel, recorder: Recorder) -> None:
        self._channel = channel
        self._recorder = recorder

    def write(self, data: bytes, deadline: Deadline, chunk_bytes: int = CHUNK_BYTES) -> None:
        """See `UsbChannel.write`."""
        began_s = time.monotonic()
        try:
            self._channel.write(data, deadline, chunk_bytes)
        except DriverError as failed:
            self._recorder.note(Way.WRITE, data, began_s, failed)
            raise
        self._recorder.note(Way.WRITE, data, began_s)

    def read(self, deadline: Deadline, at_most: int = 512) -> bytes:
        """See `UsbChannel.read`."""
        began_s = time.monotonic()
        try:
            data = self._channel.read(deadline, at_most)
        except DriverError as failed:
            self._recorder.note(Way.READ, b"", began_s, failed)
            raise
        self._recorder.note(Way.READ, data, began_s)
        return data

    def close(self) -> None:
        """See `UsbChannel.close`."""
        self._channel.close()
        self._recorder.close()


class ReplayChannel:
    """Plays a recording back: says what the device said, and holds the driver to what it said itself.

    Attributes:
        left: Events not played yet.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.left = list(events)

    def write(self, data: bytes, deadline: Deadline, chunk_bytes: int = CHUNK_BYTES) -> None:
        """Raises RecordingWrong when something else was written then."""
        event = self._next(Way.WRITE)
        if not event.matches(data):
            raise RecordingWrong(f"the driver writes {len(data)} bytes, not those of: {event.line()}")
        _fail(event)

    def read(self, deadline: Deadline, at_most: int = 512) -> bytes:
        """What was read then, or the error it ended in."""
        event = self._next(Way.READ)
        _fail(event)
        return event.data

    def close(self) -> None:
        """Nothing to let go of."""

    def _next(self, way: Way) -> Event:
        if not self.left:
            raise Disconnected("the recording ends here")
        event = self.left.pop(0)
        if event.way is not way:
            raise RecordingWrong(f"the driver wants to {way}; recorded is: {event.line()}")
        return event


def events(text: str) -> Iterator[Event]:
    """The events of a recording. Raises RecordingWrong."""
    first, *lines = text.splitlines() or [""]
    if not first.startswith(HEAD):
        raise RecordingWrong("not a recording of a wire")
    for line in lines:
        if line and not line.startswith("#"):
            yield Event.parse(line)


def recorded(channel: Channel, file: Path | None, device: str, redact: Redactor) -> Channel:
    """The channel itself, or noted into a file when there shall be a recording."""
    return channel if file is None else RecordedChannel(channel, Recorder(file, device, redact))


def everything(_way: Way, data: bytes) -> Sequence[Piece]:
    """The redactor of a wire that never carries anything personal."""
    return (data,)


def _fail(event: Event) -> None:
    """Raise the error that was recorded; one that no wire raises counts as nonsense."""
    if event.error:
        raise _ERRORS.get(event.error, ProtocolError)("as recorded")

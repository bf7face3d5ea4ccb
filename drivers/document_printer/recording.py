"""IPP requests and answers recorded and played back; no document and no job's name is kept.

The wire is that of `drivers/transport/record.py`: a request is a write, its answer a read.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from drivers.deadline import Deadline
from drivers.document_printer.ipp_codec import Attribute, Message, Value, decode, encode
from drivers.errors import DriverError, ProtocolError
from drivers.transport.record import Event, Piece, Recorder, ReplayChannel, Way

NAME = "redacted"
"""Stands for each job's name: a receipt's number leads to a person."""
_NAMES = frozenset(("job-name", "document-name", "job-originating-user-name"))


class Transport(Protocol):
    """As `IppTransport`."""

    @property
    def printer_uri(self) -> str:
        """Where the printer is."""

    def request(self, message: bytes, document: bytes, deadline: Deadline) -> bytes:
        """See `IppTransport.request`."""


class RecordedTransport:
    """Requests that are noted."""

    def __init__(self, transport: Transport, file: Path) -> None:
        """Begin, or go on at the end of the file."""
        self._transport = transport
        self.printer_uri = transport.printer_uri
        self._recorder = Recorder(file, "ipp", redact)

    def request(self, message: bytes, document: bytes, deadline: Deadline) -> bytes:
        """See `IppTransport.request`."""
        began_s = time.monotonic()
        self._recorder.note(Way.WRITE, message + document, began_s)
        try:
            answer = self._transport.request(message, document, deadline)
        except DriverError as failed:
            self._recorder.note(Way.READ, b"", began_s, failed)
            raise
        self._recorder.note(Way.READ, answer, began_s)
        return answer


class ReplayTransport:
    """Plays a recording back.

    Attributes:
        left: Events not played yet.
    """

    def __init__(self, events: Sequence[Event], printer_uri: str) -> None:
        """Take the recording, and the address that stands in its requests."""
        self.printer_uri = printer_uri
        self._channel = ReplayChannel(events)

    @property
    def left(self) -> list[Event]:
        """Events not played yet."""
        return self._channel.left

    def request(self, message: bytes, document: bytes, deadline: Deadline) -> bytes:
        """Raises RecordingWrong when something else was asked then."""
        kept = redact(Way.WRITE, message + document)
        self._channel.write(b"".join(bytes(piece) if isinstance(piece, int) else piece for piece in kept), deadline)
        return self._channel.read(deadline)


def redact(_way: Way, data: bytes) -> Sequence[Piece]:
    """The message without names; of the document its length."""
    try:
        used, message = decode(data)
    except ProtocolError:
        return (len(data),)
    document = len(data) - used
    kept = encode(_without_names(message))
    return (kept, document) if document else (kept,)


def _without_names(message: Message) -> Message:
    groups = tuple((tag, tuple(_nameless(one) for one in attributes)) for tag, attributes in message.groups)
    return replace(message, groups=groups)


def _nameless(one: Attribute) -> Attribute:
    if one.name not in _NAMES:
        return one
    return replace(one, values=tuple(Value(value.tag, NAME) for value in one.values))

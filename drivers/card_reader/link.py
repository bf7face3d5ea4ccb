"""The resident's card as a channel: a PC/SC connection with every failure translated into what it means."""

import time
from collections.abc import Callable
from types import TracebackType

from drivers.card_reader.channel import Channel
from drivers.card_reader.escape import SamEscape
from drivers.card_reader.port import CardRemoved, CardUnreadable
from drivers.card_reader.sam import SamLost
from drivers.card_reader.trace import ChipName
from drivers.card_reader.worker import Worker
from drivers.errors import DeviceFault, DriverError, NotFound
from drivers.status import DeviceState
from drivers.transport import pcsc

# pcscd looks at a slot every 400 ms; after a failed command this is how long it may take to say "removed".
_REMOVAL_SEEN_MS = 600

CARD_GONE = {pcsc.NO_SMARTCARD, pcsc.REMOVED, pcsc.RESET}
READER_GONE = {pcsc.UNKNOWN_READER, pcsc.READER_UNAVAILABLE}
SERVICE_GONE = {pcsc.NO_SERVICE, pcsc.SERVICE_STOPPED}

Tap = Callable[[ChipName, bytes, bytes, float], None]
"""Hears each exchange: chip, command, answer, seconds."""


def timed(tap: Tap, chip: ChipName, transmit: Callable[[bytes], bytes], apdu: bytes) -> bytes:
    """Transmit, and let `tap` hear of it."""
    began_s = time.perf_counter()
    answer = transmit(apdu)
    tap(chip, apdu, answer, time.perf_counter() - began_s)
    return answer


class ChipLink:
    """The resident's card, powered from `with` to the end of it."""

    def __init__(self, context: pcsc.Context, worker: Worker, reader: str, tap: Tap) -> None:
        self._context = context
        self._tap = tap
        self._worker = worker
        self._reader = reader
        self._connection: pcsc.Connection | None = None
        self._event: pcsc.ReaderEvent | None = None
        self.channel = Channel(self._transmit)

    def __enter__(self) -> "ChipLink":
        try:
            with self._worker.device_call():
                self._connection = self._context.connect(self._reader, exclusive=True)
            self._event = self._look()
        except pcsc.PcscError as error:
            self._let_go()
            raise self._translated(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()

    @property
    def atr(self) -> bytes:
        """Answer to reset; for a contactless card the reader makes it up (PC/SC Part 3)."""
        return self._event.atr if self._event else b""

    def check_same(self) -> None:
        """Whether the card that was connected lay there all the time, as far as the reader noticed.

        Raises:
            CardRemoved: It did not.
        """
        try:
            now = self._look()
        except pcsc.PcscError as error:
            raise self._translated(error) from error
        if self._event is None or not now.present or now.counter != self._event.counter:
            raise CardRemoved("the card was taken during the read")

    def escape(self, escape: SamEscape, apdu: bytes) -> bytes:
        """Pass an APDU to the SAM inside this reader."""
        connection = self._powered()
        try:
            with self._worker.device_call():
                if escape.control_code is None:
                    answer = connection.transmit(escape.wrap(apdu))
                else:
                    answer = connection.control(escape.control_code, escape.wrap(apdu))
        except pcsc.PcscError as error:
            raise SamLost("the SAM does not answer through its reader") from error
        return escape.unwrap(answer)

    def _powered(self) -> pcsc.Connection:
        if self._connection is None:
            raise CardRemoved("the card is not connected")
        return self._connection

    def _transmit(self, apdu: bytes) -> bytes:
        connection = self._powered()
        try:
            with self._worker.device_call():
                return timed(self._tap, ChipName.CARD, connection.transmit, apdu)
        except pcsc.PcscError as error:
            raise self._translated(error) from error

    def _look(self) -> pcsc.ReaderEvent:
        with self._worker.device_call():
            events = self._context.events(0, [(self._reader, 0)])
        if not events or not events[0].known:
            raise pcsc.PcscError("look at the reader", pcsc.UNKNOWN_READER)
        return events[0]

    def _translated(self, error: pcsc.PcscError) -> DriverError:
        if error.code in CARD_GONE:
            return CardRemoved("the card was taken away")
        if error.code in READER_GONE:
            return NotFound("the card reader is gone")
        if error.code in SERVICE_GONE:
            return NotFound("pcscd does not answer")
        if error.code == pcsc.SHARING_VIOLATION:
            return DeviceFault("another program holds the card", {"device": DeviceState.DEVICE_BUSY})
        if self._event is not None and self._left_since(self._event):
            return CardRemoved("the card was taken away")
        return CardUnreadable(str(error))

    def _left_since(self, event: pcsc.ReaderEvent) -> bool:
        """Wait as long as pcscd needs to notice a removal, to tell it from a disturbed command."""
        try:
            # Ends by itself, so it is no call that could hang.
            events = self._context.events(_REMOVAL_SEEN_MS, [(self._reader, event.seen)])
        except pcsc.PcscError:
            return False
        return events is not None and (not events[0].present or events[0].counter != event.counter)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # A reset ends the card's session with the SAM, whoever connects next.
            connection.disconnect(reset=True)

"""The two chips as channels: PC/SC connections with every failure translated into what it means for the read."""

import hashlib
import logging
from pathlib import Path
from types import TracebackType

from drivers.card_reader.channel import Channel
from drivers.card_reader.escape import SamEscape
from drivers.card_reader.port import CardRemoved, CardUnreadable, SamFault
from drivers.card_reader.profile import SamProfile
from drivers.card_reader.sam import Sam, SamCode, SamLost, sam_fault
from drivers.card_reader.worker import Worker
from drivers.errors import DeviceFault, DriverError, NotFound
from drivers.status import DeviceState
from drivers.transport import pcsc

log = logging.getLogger(__name__)

# pcscd looks at a slot every 400 ms; after a failed command this is how long it may take to say "removed".
_REMOVAL_SEEN_MS = 600

_CARD_GONE = {pcsc.NO_SMARTCARD, pcsc.REMOVED, pcsc.RESET}
_READER_GONE = {pcsc.UNKNOWN_READER, pcsc.READER_UNAVAILABLE}
_SERVICE_GONE = {pcsc.NO_SERVICE, pcsc.SERVICE_STOPPED}


class ChipLink:
    """The resident's card, powered from `with` to the end of it."""

    def __init__(self, context: pcsc.Context, worker: Worker, reader: str) -> None:
        self._context = context
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
                return connection.transmit(apdu)
        except pcsc.PcscError as error:
            raise self._translated(error) from error

    def _look(self) -> pcsc.ReaderEvent:
        with self._worker.device_call():
            events = self._context.events(0, [(self._reader, 0)])
        if not events or not events[0].known:
            raise pcsc.PcscError("look at the reader", pcsc.UNKNOWN_READER)
        return events[0]

    def _translated(self, error: pcsc.PcscError) -> DriverError:
        if error.code in _CARD_GONE:
            return CardRemoved("the card was taken away")
        if error.code in _READER_GONE:
            return NotFound("the card reader is gone")
        if error.code in _SERVICE_GONE:
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


class SamLink:
    """The SAM, opened at the first read and kept open: powering and unlocking it anew costs a read its speed."""

    def __init__(self, worker: Worker, secret_file: Path | None, escape: SamEscape | None, profile: SamProfile) -> None:
        self._worker = worker
        self._secret_file = secret_file
        self._escape = escape
        self._profile = profile
        self._context: pcsc.Context | None = None
        self._connection: pcsc.Connection | None = None
        self._seat: tuple[str, int] | None = None
        self._refused: tuple[tuple[str, int] | None, bytes, SamFault] | None = None
        self.faulty = False

    def opened(self, reader: str | None, card: ChipLink) -> tuple[Sam | None, str]:
        """An opened SAM, or None and the reason why there is none.

        Raises:
            SamFault: It is there and cannot be used.
        """
        if self._secret_file is None:
            return None, SamCode.NOT_CONFIGURED
        if reader is None and self._escape is None:
            self.close()
            return None, SamCode.MISSING
        try:
            return self._opened(reader, card, self._secret(self._secret_file)), ""
        except SamLost:
            self.close()
            return None, SamCode.MISSING
        except SamFault:
            self.faulty = True
            self.close()
            raise

    def close(self) -> None:
        """Let go of the SAM; it forgets its secret."""
        connection, self._connection = self._connection, None
        context, self._context = self._context, None
        self._seat = None
        if connection is not None:
            connection.disconnect(reset=True)
        if context is not None:
            context.release()

    def _opened(self, reader: str | None, card: ChipLink, secret: bytes) -> Sam:
        if self._escape is not None:
            escape = self._escape
            return self._unlock(Sam(Channel(lambda apdu: card.escape(escape, apdu)), self._profile), None, secret)
        assert reader is not None  # `opened` saw to it
        sam = Sam(Channel(self._transmit), self._profile)
        if self._seat is not None and self._seat == self._look(reader):
            return sam
        self.close()
        try:
            with self._worker.device_call():
                self._context = pcsc.Context()
                self._connection = self._context.connect(reader, exclusive=True)
        except pcsc.PcscError as error:
            raise _connect_fault(error) from error
        seat = self._look(reader)
        self._unlock(sam, seat, secret)
        self._seat = seat
        return sam

    def _unlock(self, sam: Sam, seat: tuple[str, int] | None, secret: bytes) -> Sam:
        digest = hashlib.sha256(secret).digest()
        if self._refused is not None and self._refused[:2] == (seat, digest):
            # Tries are counted inside the SAM: the same secret is never offered twice to the same SAM.
            raise self._refused[2]
        self._refused = None
        try:
            sam.open(secret)
        except SamFault as fault:
            if fault.code in (SamCode.SECRET_REFUSED, SamCode.LOCKED):
                self._refused = (seat, digest, fault)
            raise
        self.faulty = False
        return sam

    def _look(self, reader: str) -> tuple[str, int] | None:
        """Reader and event counter; None when the SAM, the reader or pcscd is gone."""
        if self._context is None:
            return None
        try:
            with self._worker.device_call():
                events = self._context.events(0, [(reader, 0)])
        except pcsc.PcscError:
            return None
        return (reader, events[0].counter) if events and events[0].present else None

    def _transmit(self, apdu: bytes) -> bytes:
        connection = self._connection
        if connection is None:
            raise SamLost("the SAM is not connected")
        try:
            with self._worker.device_call():
                return connection.transmit(apdu)
        except pcsc.PcscError as error:
            self._seat = None
            raise SamLost("the SAM went away") from error

    def _secret(self, file: Path) -> bytes:
        """The provisioned secret: raw bytes, or as many hex digits twice."""
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise sam_fault(SamCode.SECRET_MISSING, "the secret file cannot be read") from error
        if len(raw) != self._profile.secret_bytes:
            try:
                raw = bytes.fromhex(raw.decode("ascii"))
            except ValueError as error:
                raise sam_fault(SamCode.SECRET_MISSING, "the secret file holds no secret") from error
        if len(raw) != self._profile.secret_bytes:
            raise sam_fault(SamCode.SECRET_MISSING, f"the secret is not {self._profile.secret_bytes} bytes")
        return raw


def _connect_fault(error: pcsc.PcscError) -> DriverError:
    if error.code in _CARD_GONE | _READER_GONE | _SERVICE_GONE:
        return SamLost("no SAM in its slot")
    if error.code == pcsc.SHARING_VIOLATION:
        return sam_fault(SamCode.BUSY, "another program holds it")
    return sam_fault(SamCode.ERROR, str(error))

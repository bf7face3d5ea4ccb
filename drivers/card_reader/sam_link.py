"""The SAM as a channel: a PC/SC connection, opened at the first read and kept, with its failures told apart."""

import hashlib
import logging
from pathlib import Path

from drivers.card_reader.channel import Channel
from drivers.card_reader.escape import SamEscape
from drivers.card_reader.link import CARD_GONE, READER_GONE, SERVICE_GONE, ChipLink, Tap, timed
from drivers.card_reader.monitor import Seat
from drivers.card_reader.port import SamFault
from drivers.card_reader.profile import SamProfile
from drivers.card_reader.sam import Sam, SamCode, SamLost, sam_fault
from drivers.card_reader.sam_record import SamRecord
from drivers.card_reader.trace import ChipName
from drivers.card_reader.worker import Worker
from drivers.errors import DriverError
from drivers.transport import pcsc

log = logging.getLogger(__name__)


class SamLink:
    """The SAM, opened at the first read and kept open: powering and unlocking it anew costs a read its speed."""

    def __init__(
        self,
        worker: Worker,
        secret_file: Path | None,
        escape: SamEscape | None,
        profile: SamProfile,
        tap: Tap,
        record: SamRecord,
    ) -> None:
        self._worker = worker
        self._secret_file = secret_file
        self._escape = escape
        self._profile = profile
        self._tap = tap
        self._record = record
        self._context: pcsc.Context | None = None
        self._connection: pcsc.Connection | None = None
        self._seat: tuple[str, int] | None = None
        self._refused: tuple[Seat | None, bytes, SamCode] | None = None
        self._faulty: tuple[Seat | None, str] | None = None

    def fault(self, seat: Seat | None) -> str:
        """Code of what failed when this very SAM was last tried; empty when nothing did."""
        if self._record.refused:
            return SamCode.SECRET_REFUSED
        return self._faulty[1] if self._faulty is not None and self._faulty[0] == seat else ""

    def failed(self, seat: Seat | None, fault: SamFault) -> None:
        """Remember that this SAM failed in the middle of a read."""
        self._faulty = seat, fault.code or SamCode.ERROR

    def inherit(self, other: "SamLink | None") -> None:
        """Remember what another link found out about the SAM."""
        if other is not None:
            self._refused, self._faulty = other._refused, other._faulty

    def opened(self, seat: Seat | None, card: ChipLink) -> tuple[Sam | None, str]:
        """An opened SAM, or None and the reason why there is none.

        Args:
            seat: The SAM's reader as it was last seen; None when there is none, or no SAM in it.
            card: The card's connection, for SAMs behind an escape.

        Raises:
            SamFault: It is there and cannot be used.
        """
        if self._secret_file is None:
            return None, SamCode.NOT_CONFIGURED
        if seat is None and self._escape is None:
            self.close()
            return None, SamCode.MISSING
        try:
            sam = self._opened(seat, card, self._secret(self._secret_file))
        except SamLost:
            self.close()
            return None, SamCode.MISSING
        except SamFault as fault:
            # What is on record ends when a technician ends it, not when another SAM is seen.
            self._faulty = None if self._record.refused else (seat, fault.code)
            self.close()
            raise
        self._faulty = None
        return sam, ""

    def close(self) -> None:
        """Let go of the SAM; it forgets its secret."""
        connection, self._connection = self._connection, None
        context, self._context = self._context, None
        self._seat = None
        if connection is not None:
            connection.disconnect(reset=True)
        if context is not None:
            context.release()

    def _opened(self, seat: Seat | None, card: ChipLink, secret: bytes) -> Sam:
        if self._escape is not None:
            escape = self._escape

            def through_reader(apdu: bytes) -> bytes:
                return timed(self._tap, ChipName.SAM, lambda one: card.escape(escape, one), apdu)

            return self._unlock(Sam(Channel(through_reader), self._profile), None, secret)
        assert seat is not None  # `opened` saw to it
        sam = Sam(Channel(self._transmit), self._profile)
        if self._seat is not None and self._seat == self._look(seat.reader):
            return sam
        self.close()
        try:
            with self._worker.device_call():
                self._context = pcsc.Context()
                self._connection = self._context.connect(seat.reader, exclusive=True)
        except pcsc.PcscError as error:
            raise _connect_fault(error) from error
        inside = self._look(seat.reader)
        self._unlock(sam, seat, secret)
        self._seat = inside
        return sam

    def _unlock(self, sam: Sam, seat: Seat | None, secret: bytes) -> Sam:
        digest = hashlib.sha256(secret).digest()
        if self._record.refused:
            raise sam_fault(SamCode.SECRET_REFUSED, "refused before; not tried again until it is reset")
        if self._refused is not None and self._refused[:2] == (seat, digest):
            # Tries are counted inside the SAM: the same secret is never offered twice to the same SAM.
            raise sam_fault(self._refused[2], "refused before, and not tried again")
        self._refused = None
        try:
            sam.open(secret)
        except SamFault as fault:
            noted = fault.code == SamCode.SECRET_REFUSED and self._noted(seat)
            if fault.code in (SamCode.SECRET_REFUSED, SamCode.LOCKED) and not noted:
                self._refused = (seat, digest, SamCode(fault.code))
            raise
        return sam

    def _noted(self, seat: Seat | None) -> bool:
        try:
            return self._record.note(seat.reader if seat is not None else "behind the card reader")
        except OSError as error:
            # This driver still remembers it; only a restart would try again.
            log.error("cannot note that the SAM refused its secret: %s", error.strerror)
            return False

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
                return timed(self._tap, ChipName.SAM, connection.transmit, apdu)
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
    if error.code in CARD_GONE | READER_GONE | SERVICE_GONE:
        return SamLost("no SAM in its slot")
    if error.code == pcsc.SHARING_VIOLATION:
        return sam_fault(SamCode.BUSY, "another program holds it")
    return sam_fault(SamCode.ERROR, str(error))

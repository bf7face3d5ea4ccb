"""Card reader driver for any PC/SC reader: watches, reads in a worker that may hang, and translates errors."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from drivers.card_reader import ektp, monitor
from drivers.card_reader.escape import SamEscape
from drivers.card_reader.link import ChipLink
from drivers.card_reader.port import CardReaderStatus, CardUnreadable, ChipReading, SamFault
from drivers.card_reader.profile import KTP_EL, Profile
from drivers.card_reader.sam_link import SamLink
from drivers.card_reader.sam_record import SamRecord
from drivers.card_reader.trace import ChipName, Recorder
from drivers.card_reader.worker import Abandoned, Hung, Worker
from drivers.catalog import DriverSettings
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DeviceFault, DriverError, NotFound
from drivers.facts import either, tidy
from drivers.status import DeviceState, MediaState
from drivers.transport import pcsc

log = logging.getLogger(__name__)

_STOP_S = 2.0
T = TypeVar("T")


class Settings(DriverSettings):
    """Settings of the PC/SC card reader.

    Attributes:
        card_pattern: Regular expression of the contactless reader's name, as `pcsc_scan -r` lists it.
        sam_pattern: The same of the SAM's slot.
        sam_secret_file: Credential file with the SAM's provisioned secret; None reads without a SAM.
        sam_state_file: Where it is kept that the SAM refused its secret, so that neither a restart nor a technician's
            command tries it again before `adm card sam-reset`. None keeps it for this driver's life only.
        sam_escape: For combined readers whose SAM slot is no reader of its own.
        pcscd_socket: Path of pcscd's socket; None is the system's own. The same for a whole process.
        transmit_timeout_s: Longest that one APDU may take before the reader counts as hung.
        profile: Files, lengths and instructions of the card and the SAM.
    """

    card_pattern: str = r"(?i)contactless|picc|\bCL\b"
    sam_pattern: str = r"(?i)\bsam\b"
    sam_secret_file: Path | None = None
    sam_state_file: Path | None = None
    sam_escape: SamEscape | None = None
    pcscd_socket: str | None = None
    transmit_timeout_s: float = Field(default=3.0, gt=0)
    profile: Profile = KTP_EL


def create(settings: Settings) -> "PcscCardReader":
    """The driver, not yet opened."""
    return PcscCardReader(settings)


class PcscCardReader:
    """A `drivers.card_reader.port.CardReader` over PC/SC.

    `read` runs in a worker thread, in which `on_progress` is called too. When one call into pcscd takes longer than
    `transmit_timeout_s`, that worker is left behind and a new one takes its place; the device is `hardwareError`
    until the call that hangs comes back (the card is taken, the reader unplugged, or pcscd restarted).
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._monitor = monitor.Monitor(monitor.Roles(settings.card_pattern, settings.sam_pattern))
        self._worker: Worker | None = None
        self._stuck: Worker | None = None
        self._sam: SamLink | None = None
        self._recorder: Recorder | None = None

    def open(self, deadline: Deadline) -> None:
        """Start watching; returns once pcscd was asked, or at the deadline."""
        pcsc.use_socket(self._settings.pcscd_socket)
        self._replace_worker()
        self._monitor.start()
        self._monitor.wait(lambda now: now.started, deadline)

    def close(self) -> None:
        """Stop; ends waits. May be called twice."""
        deadline = Deadline.after(_STOP_S)
        self._monitor.stop(deadline)
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop(deadline)

    def status(self) -> CardReaderStatus:
        """Newest known state; never waits."""
        now = self._monitor.latest
        sam = self._sam_state(now)
        reason = self._sam.fault(now.sam) if self._sam is not None and sam is DeviceState.HARDWARE_ERROR else None
        return CardReaderStatus(device=self._device(now), media=_media(now), sam=sam, sam_reason=reason or None)

    def wait_for_card(self, deadline: Deadline) -> bool:
        """True as soon as a card lies on the reader, False at the deadline."""
        return self._monitor.wait(lambda now: now.card is not None and now.card.present, deadline)

    def wait_for_removal(self, deadline: Deadline) -> bool:
        """True as soon as no card lies on the reader, False at the deadline."""
        return self._monitor.wait(lambda now: now.started and not (now.card and now.card.present), deadline)

    def read(self, deadline: Deadline, on_progress: Callable[[float], None]) -> ChipReading:
        """Read the card that lies there; errors as the port says."""
        now, worker, sam = self._ready()
        seat, sam_seat = now.card, now.sam if now.sam and now.sam.present else None
        assert seat is not None

        def job() -> ChipReading:
            with pcsc.Context() as context:
                return self._read(context, worker, sam, seat, sam_seat, on_progress)

        return self._done(worker, job, deadline)

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """What the reader's driver tells of it, and at least the name under which pcscd lists it."""
        try:
            now, worker, _ = self._ready()
        except DriverError:
            return {}
        reader = now.card.reader if now.card else ""

        def job() -> dict[str, str]:
            with pcsc.Context() as context, worker.device_call():
                connection = context.connect_direct(reader)
                try:
                    return connection.facts()
                finally:
                    connection.disconnect()

        try:
            told = self._done(worker, job, deadline)
        except DriverError:
            told = {}
        return either(told, tidy(model=reader))

    def plain_file(self, deadline: Deadline) -> bytes:
        """The file that needs no SAM; errors as the port says."""
        now, worker, _ = self._ready()
        seat, profile = now.card, self._settings.profile
        assert seat is not None

        def job() -> bytes:
            with pcsc.Context() as context, ChipLink(context, worker, seat.reader, self._tap) as card:
                return ektp.EktpRead(card.channel, None, "", profile, lambda _: None).plain_photo()

        return self._done(worker, job, deadline)

    def uid(self, deadline: Deadline) -> bytes:
        """The UID alone of any card; errors as the port says."""
        now, worker, _ = self._ready()
        seat = now.card
        assert seat is not None

        def job() -> bytes:
            with pcsc.Context() as context, ChipLink(context, worker, seat.reader, self._tap) as card:
                return ektp.uid_of(card.channel)

        return self._done(worker, job, deadline)

    def _ready(self) -> tuple[monitor.Presence, Worker, SamLink]:
        now = self._monitor.latest
        if now.card is None:
            raise NotFound("no card reader" if now.service else "pcscd does not answer")
        self._refuse_if_stuck()
        if self._worker is None or self._sam is None:
            raise NotFound("the card reader is closed")
        return now, self._worker, self._sam

    def _done(self, worker: Worker, job: Callable[[], T], deadline: Deadline) -> T:
        try:
            return worker.do(job, deadline)
        except Hung as error:
            self._leave_behind(worker)
            raise _hung() from error
        except DeadlineExceeded as error:
            raise CardUnreadable("the card answers too slowly") from error
        except Abandoned as error:
            raise CardUnreadable("the reading was given up") from error
        except pcsc.PcscError as error:
            raise NotFound("pcscd does not answer") from error

    def record(self, recorder: Recorder | None) -> None:
        """Have the APDUs of the next reads recorded, redacted, for a technician; None ends it."""
        self._recorder = recorder

    def _tap(self, chip: ChipName, command: bytes, answer: bytes, took_s: float) -> None:
        if self._recorder is not None:
            self._recorder(chip, command, answer, took_s)

    def _read(
        self,
        context: pcsc.Context,
        worker: Worker,
        sam: SamLink,
        seat: monitor.Seat,
        sam_seat: monitor.Seat | None,
        on_progress: Callable[[float], None],
    ) -> ChipReading:
        profile = self._settings.profile
        with ChipLink(context, worker, seat.reader, self._tap) as card:
            ektp.refuse_foreign(card.atr, profile)
            opened, reason = sam.opened(sam_seat, card)
            try:
                reading = ektp.EktpRead(card.channel, opened, reason, profile, on_progress).run()
                card.check_same()
            except DriverError as error:
                # A SAM left in the middle of a card starts the next one from its reset.
                sam.close()
                if isinstance(error, SamFault):
                    sam.failed(sam_seat, error)
                raise
            return reading

    def _refuse_if_stuck(self) -> None:
        if self._stuck is not None and self._stuck.busy:
            raise _hung()
        self._stuck = None

    def _leave_behind(self, worker: Worker) -> None:
        log.error("a call into the card reader hangs; its worker is replaced")
        self._stuck = worker
        worker.stop(Deadline.after(0))
        self._replace_worker()

    def _replace_worker(self) -> None:
        settings = self._settings
        self._worker = Worker("card-worker", settings.transmit_timeout_s)
        record = SamRecord(settings.sam_state_file)
        sam = SamLink(
            self._worker, settings.sam_secret_file, settings.sam_escape, settings.profile.sam, self._tap, record
        )
        sam.inherit(self._sam)
        self._sam = sam
        # A worker that hung still holds the SAM when its call comes back: it lets go by itself.
        self._worker.at_end(sam.close)

    def _device(self, now: monitor.Presence) -> DeviceState:
        stuck = self._stuck
        if stuck is not None and stuck.busy:
            return DeviceState.HARDWARE_ERROR
        if not now.started:
            return DeviceState.STARTING
        if not now.service:
            return DeviceState.OFFLINE
        return DeviceState.ONLINE if now.card else DeviceState.NO_DEVICE

    def _sam_state(self, now: monitor.Presence) -> DeviceState:
        if not now.started:
            return DeviceState.STARTING
        if not now.service:
            return DeviceState.OFFLINE
        escape = self._settings.sam_escape is not None
        if (escape and now.card is None) or (not escape and (now.sam is None or not now.sam.present)):
            return DeviceState.NO_DEVICE
        mute = now.sam is not None and now.sam.mute and not escape
        if mute or (self._sam is not None and self._sam.fault(None if escape else now.sam)):
            return DeviceState.HARDWARE_ERROR
        return DeviceState.ONLINE


def _hung() -> DeviceFault:
    return DeviceFault("the card reader does not answer", {"device": DeviceState.HARDWARE_ERROR})


def _media(now: monitor.Presence) -> MediaState:
    if now.card is None:
        return MediaState.UNKNOWN
    return MediaState.PRESENT if now.card.present else MediaState.NOT_PRESENT

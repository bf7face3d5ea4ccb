"""The encoder inside a card printer: an ordinary PC/SC reader at the contactless station.

The printer brings a blank there; this writes it, powers it anew, reads everything back, compares, and locks it.
"""

import re
from collections.abc import Callable
from typing import Literal, TypeVar

from pydantic import Field

from drivers.card_printer.personalise import BlankDefective, BlankNotSeen, CardFiles, Personaliser
from drivers.card_printer.personalise_simulated import SimulatedPersonaliser
from drivers.card_reader.apdu import Command
from drivers.card_reader.link import ChipLink
from drivers.card_reader.port import CardRemoved, CardUnreadable
from drivers.card_reader.worker import Hung, Worker
from drivers.catalog import DriverSettings
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, NotFound, ProtocolError
from drivers.status import DeviceState
from drivers.transport import pcsc

_STOP_S = 2.0
_LOOK_MS = 500
T = TypeVar("T")
_UID = Command(0xFF, 0xCA, ne=256)


class Settings(DriverSettings):
    """Settings of an encoder.

    Attributes:
        reader_pattern: Regular expression of the reader's name; it must not match the resident's card reader.
        pcscd_socket: Path of pcscd's socket; None is the system's own. The same for a whole process.
        transmit_timeout_s: Longest that one command may take before the chip counts as mute.
        personalisation: How a blank is written. "simulated" is the only one there is.
    """

    reader_pattern: str = r"(?i)encoder|evolis"
    pcscd_socket: str | None = None
    transmit_timeout_s: float = Field(default=3.0, gt=0)
    personalisation: Literal["simulated"] = "simulated"


def create(settings: Settings) -> "PcscEncoder":
    """The encoder, not yet opened."""
    return PcscEncoder(settings)


def _unheard(_chip: object, _command: bytes, _answer: bytes, _seconds: float) -> None:
    """What is written into a card is never recorded."""


class PcscEncoder:
    """Encodes one blank at a time. One thread calls."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pattern = re.compile(settings.reader_pattern)
        self._personaliser: Personaliser = SimulatedPersonaliser()
        self._worker: Worker | None = None

    @property
    def simulated(self) -> bool:
        """Whether the chips it writes are no real cards."""
        return self._personaliser.simulated

    def open(self, deadline: Deadline) -> None:
        """Get ready. A reader that is not there is no error: `state` says noDevice."""
        pcsc.use_socket(self._settings.pcscd_socket)
        self._start_worker()

    def close(self) -> None:
        """Stop. May be called twice."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop(Deadline.after(_STOP_S))

    def state(self, deadline: Deadline) -> DeviceState:
        """Whether the reader is there; never an exception."""
        try:
            self._do(self._reader_there, deadline)
        except NotFound:
            return DeviceState.NO_DEVICE
        except DeadlineExceeded:
            return DeviceState.HARDWARE_ERROR
        return DeviceState.ONLINE

    def encode(self, files: CardFiles, deadline: Deadline, on_progress: Callable[[float], None]) -> bytes:
        """Write the blank at the station, verify it, lock it; gives its UID.

        Args:
            on_progress: Hears 0 to 1; called in another thread.

        Raises:
            ValueError: The files cannot be on a card; the blank is as it was.
            BlankDefective: Reject this blank. Never locked with wrong contents.
            NotFound: There is no encoder, or no pcscd.
            DeadlineExceeded: The chip or the encoder does not answer; reject the blank.
        """
        contents = files.by_identifier()
        return self._do(lambda worker: self._encode(worker, contents, deadline, on_progress), deadline)

    def _do(self, job: Callable[[Worker], T], deadline: Deadline) -> T:
        worker = self._worker
        if worker is None:
            raise NotFound("the encoder is closed")
        try:
            # A little longer than the job's own deadline, so that the job says by itself what it waits for.
            return worker.do(lambda: job(worker), Deadline(deadline.at_s + 2 * _LOOK_MS / 1000))
        except Hung as error:
            # The call comes back when the card leaves the field; that worker ends then.
            worker.stop(Deadline.after(0))
            self._start_worker()
            raise DeadlineExceeded("the chip in the encoder does not answer") from error

    def _encode(
        self, worker: Worker, contents: dict[int, bytes], deadline: Deadline, on_progress: Callable[[float], None]
    ) -> bytes:
        try:
            with worker.device_call():
                context = pcsc.Context()
        except pcsc.PcscError as error:
            raise NotFound("pcscd does not answer") from error
        with context:
            reader = self._reader(worker, context)
            try:
                self._await_chip(worker, context, reader, deadline)
                return self._written(context, worker, reader, contents, on_progress)
            except (CardRemoved, CardUnreadable, ProtocolError) as error:
                raise BlankDefective(f"the chip does not answer as it should: {error}") from error

    def _written(
        self,
        context: pcsc.Context,
        worker: Worker,
        reader: str,
        contents: dict[int, bytes],
        on_progress: Callable[[float], None],
    ) -> bytes:
        chip, total, done = self._personaliser, 2 * sum(map(len, contents.values())), 0
        with ChipLink(context, worker, reader, _unheard) as link:
            uid = link.channel.send(_UID).data
            chip.begin(link.channel)
            for file, content in contents.items():
                chip.write(link.channel, file, content)
                done += len(content)
                on_progress(done / total)
        # Powered anew: what is read back comes from the chip's memory, not from what it still holds of the writing.
        with ChipLink(context, worker, reader, _unheard) as link:
            chip.begin(link.channel)
            for file, content in contents.items():
                if chip.read(link.channel, file, len(content)) != content:
                    raise BlankDefective("what was read back is not what was written")
                done += len(content)
                on_progress(done / total)
            chip.lock(link.channel)
            if not chip.locked(link.channel) or link.channel.send(_UID).data != uid:
                raise BlankDefective("it is not locked")
        return uid

    def _await_chip(self, worker: Worker, context: pcsc.Context, reader: str, deadline: Deadline) -> None:
        known = 0
        while True:
            try:
                with worker.device_call():
                    events = context.events(_LOOK_MS, [(reader, known)])
            except pcsc.PcscError as error:
                raise NotFound("the encoder is gone") from error
            if events is not None:
                if events[0].present and not events[0].mute and self._answers(context, worker, reader):
                    return
                known = events[0].seen
            if deadline.expired:
                raise BlankNotSeen("the encoder sees no chip")

    def _answers(self, context: pcsc.Context, worker: Worker, reader: str) -> bool:
        """Whether a chip is really there: for 400 ms pcscd still believes in one that has left."""
        try:
            with ChipLink(context, worker, reader, _unheard) as link:
                return bool(link.channel.send(_UID).data)
        except CardRemoved:
            return False

    def _reader_there(self, worker: Worker) -> None:
        try:
            with worker.device_call():
                context = pcsc.Context()
        except pcsc.PcscError as error:
            raise NotFound("pcscd does not answer") from error
        with context:
            self._reader(worker, context)

    def _reader(self, worker: Worker, context: pcsc.Context) -> str:
        try:
            with worker.device_call():
                names = context.readers()
        except pcsc.PcscError as error:
            raise NotFound("pcscd does not answer") from error
        for name in names:
            if self._pattern.search(name):
                return name
        raise NotFound("there is no encoder")

    def _start_worker(self) -> None:
        self._worker = Worker("card-encoder", self._settings.transmit_timeout_s)

"""What each PC/SC result means for the card, and that a card that moved is noticed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from drivers.card_reader.escape import SamEscape
from drivers.card_reader.link import ChipLink
from drivers.card_reader.port import CardRemoved, CardUnreadable, SamFault
from drivers.card_reader.profile import KTP_EL
from drivers.card_reader.sam import Sam
from drivers.card_reader.sam_link import SamLink
from drivers.card_reader.sam_record import SamRecord
from drivers.card_reader.worker import Worker
from drivers.deadline import Deadline
from drivers.errors import DeviceFault, NotFound
from drivers.transport import pcsc
from simulator.chip import keys
from simulator.chip.sam_app import SimulatedSam

LONG_S = 20.0
PRESENT, EMPTY = 0x20, 0x10
READER = "Some Contactless 00 00"
SELECT = bytes.fromhex("00A40000027F0A")


class Script:
    """A context and its connection: states to report one after another, and how connecting or transmitting fails."""

    def __init__(self, *states: int, connect: int = 0, transmit: int = 0) -> None:
        self._states = list(states)
        self._connect, self._transmit = connect, transmit
        self.disconnected = 0

    def events(self, timeout_ms: int, known: object) -> tuple[pcsc.ReaderEvent, ...] | None:
        if not self._states:
            return None
        return (pcsc.ReaderEvent(READER, self._states.pop(0), b"\x3b"),)

    def connect(self, reader: str, *, exclusive: bool) -> "Script":
        assert exclusive
        if self._connect:
            raise pcsc.PcscError("connect", self._connect)
        return self

    def transmit(self, apdu: bytes) -> bytes:
        if self._transmit:
            raise pcsc.PcscError("transmit", self._transmit)
        return b"\x90\x00"

    def disconnect(self, *, reset: bool) -> None:
        assert reset
        self.disconnected += 1


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("w", LONG_S)
    yield worker
    worker.stop(Deadline.after(LONG_S))


def linked(worker: Worker, script: Script, job: Callable[[ChipLink], Any]) -> Any:
    def in_worker() -> Any:
        with ChipLink(cast("pcsc.Context", script), worker, READER, lambda *exchange: None) as link:
            return job(link)

    return worker.do(in_worker, Deadline.after(LONG_S))


def test_a_card_that_stays_is_the_same(worker: Worker) -> None:
    script = Script(PRESENT | 4 << 16, PRESENT | 4 << 16)
    linked(worker, script, lambda link: link.check_same())
    assert script.disconnected == 1


@pytest.mark.parametrize("after", [PRESENT | 6 << 16, EMPTY | 5 << 16], ids=["out and in again", "out"])
def test_a_card_that_moved_is_another_one(worker: Worker, after: int) -> None:
    script = Script(PRESENT | 4 << 16, after)
    with pytest.raises(CardRemoved):
        linked(worker, script, lambda link: link.check_same())
    assert script.disconnected == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (pcsc.NO_SMARTCARD, CardRemoved),
        (pcsc.REMOVED, CardRemoved),
        (pcsc.UNRESPONSIVE, CardUnreadable),
        (pcsc.UNPOWERED, CardUnreadable),
        (pcsc.UNKNOWN_READER, NotFound),
        (pcsc.READER_UNAVAILABLE, NotFound),
        (pcsc.NO_SERVICE, NotFound),
        (pcsc.SHARING_VIOLATION, DeviceFault),
    ],
)
def test_a_card_that_cannot_be_powered(worker: Worker, code: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        linked(worker, Script(connect=code), lambda link: None)


@pytest.mark.parametrize(
    ("code", "later", "error"),
    [
        (pcsc.REMOVED, (), CardRemoved),
        (pcsc.RESET, (), CardRemoved),
        (pcsc.NOT_TRANSACTED, (EMPTY | 5 << 16,), CardRemoved),
        (pcsc.NOT_TRANSACTED, (PRESENT | 6 << 16,), CardRemoved),
        (pcsc.NOT_TRANSACTED, (), CardUnreadable),
        (pcsc.SERVICE_STOPPED, (), NotFound),
        (pcsc.READER_UNAVAILABLE, (), NotFound),
    ],
)
def test_a_command_that_fails(worker: Worker, code: int, later: tuple[int, ...], error: type[Exception]) -> None:
    script = Script(PRESENT | 4 << 16, *later, transmit=code)
    with pytest.raises(error):
        linked(worker, script, lambda link: link.channel.raw(SELECT))
    assert script.disconnected == 1


class CombinedReader(Script):
    """A reader whose SAM is reached by an escape: E0, 2 bytes of length, the APDU; 90 00 of its own behind."""

    def __init__(self, passes_on: bool = True) -> None:
        # As many looks as a test takes.
        super().__init__(*[PRESENT] * 20)
        self._sam, self._passes_on = SimulatedSam(), passes_on
        self.escapes = 0

    def control(self, code: int, data: bytes) -> bytes:
        self.escapes += 1
        assert (code, data[0], int.from_bytes(data[1:3], "big")) == (3500, 0xE0, len(data) - 3)
        return self._sam.process(data[3:]) + b"\x90\x00" if self._passes_on else b"\x63\x00"


ESCAPE = SamEscape(head=b"\xe0", length_bytes=2, strip_tail_bytes=2, good_tail=b"\x90\x00")


def opened_by_escape(worker: Worker, script: CombinedReader, secret_file: Path) -> tuple[Sam | None, str]:
    sam = SamLink(worker, secret_file, ESCAPE, KTP_EL.sam, lambda *exchange: None, SamRecord(None))
    opened: tuple[Sam | None, str] = linked(worker, script, lambda link: sam.opened(None, link))
    return opened


def test_the_sam_of_a_combined_reader_is_opened_by_its_escape(worker: Worker, tmp_path: Path) -> None:
    secret_file = tmp_path / "secret"
    secret_file.write_text(keys.SAM_SECRET.hex() + "\n")
    reader = CombinedReader()
    sam, reason = opened_by_escape(worker, reader, secret_file)
    assert sam is not None
    assert (reason, reader.escapes) == ("", 2)


def test_a_combined_reader_that_does_not_pass_on_is_the_sams_fault(worker: Worker, tmp_path: Path) -> None:
    secret_file = tmp_path / "secret"
    secret_file.write_bytes(keys.SAM_SECRET)
    with pytest.raises(SamFault) as caught:
        opened_by_escape(worker, CombinedReader(passes_on=False), secret_file)
    assert caught.value.code == "samError"


def test_a_reader_that_went_away_before_the_first_look_is_gone(worker: Worker) -> None:
    script = Script(0x04)
    with pytest.raises(NotFound):
        linked(worker, script, lambda link: None)
    assert script.disconnected == 1

"""The card reader and its SAM: there at all; and with an operator, one card read from end to end."""

import time
from collections.abc import Mapping
from typing import Final

from drivers.card_reader.port import (
    Assurance,
    CardNotAuthentic,
    CardReader,
    CardRemoved,
    CardUnreadable,
    NotAnEktp,
    SamFault,
)
from drivers.deadline import Deadline
from drivers.errors import DeviceFault, DriverError, NotFound
from drivers.status import DeviceState
from selftest import advice
from selftest.model import (
    Advice,
    Check,
    Finding,
    Level,
    Limits,
    Measurement,
    Needs,
    Subject,
    Words,
    failed,
    judged,
    passed,
    skipped,
)
from selftest.operator import Operator, Step
from selftest.telling import telling

DEVICE: Final = "card_reader"
SAM: Final = "sam"
OPEN_S: Final = 5.0
PLACE_S: Final = 20.0
READ_S: Final = 20.0
# A good read takes three seconds; at eight, people take their card away.
READ_LIMITS: Final = Limits(at_most=8.0)

STRANGER: Final = "card:notAnEktp"
REMOVED: Final = "card:removed"
READ_WITHIN_S: Final = 3 * PLACE_S + 2 * READ_S + 5.0
NO_CARD: Final = "no card was placed"
SLICE_S: Final = 1.0

SAM_CODES: Final[Mapping[str, Advice]] = {
    "samMissing": advice.SAM_MISSING,
    "samBusy": advice.SAM_BUSY,
    "samNotConfigured": advice.SAM_NOT_CONFIGURED,
    "samSecretMissing": advice.SAM_SECRET_MISSING,
    "samLocked": advice.SAM_LOCKED,
    "samSecretRefused": advice.SAM_SECRET,
}
_CARD_ERRORS: Final[Mapping[type[DriverError], tuple[str, Advice]]] = {
    CardRemoved: (REMOVED, advice.CARD),
    CardUnreadable: ("card:unreadable", advice.CARD),
    NotAnEktp: (STRANGER, advice.BAD_CARD),
    CardNotAuthentic: ("card:notAuthentic", advice.BAD_CARD),
}


def subject(port: CardReader, operator: Operator | None = None, accepted_serial: str = "") -> Subject:
    """Reader and SAM share one driver.

    Args:
        operator: Who is asked to place the test card; None: whoever reads the line on the terminal.
        accepted_serial: Of the reader that belongs here; empty when none was accepted.
    """
    reading = _Reading(port, operator)
    ready = Words("Pembaca kartu siap", "Card reader ready")
    read = Words("Baca kartu uji: letakkan KTP-el", "Read a test card: place an e-KTP")
    return Subject(
        (
            Check(f"{DEVICE}.ready", DEVICE, ready, lambda: _ready(port, accepted_serial), 5.0),
            Check(f"{SAM}.ready", SAM, Words("SAM siap", "SAM ready"), lambda: _sam(port), 5.0),
            Check(f"{DEVICE}.read", DEVICE, read, reading.read, READ_WITHIN_S, Needs.OPERATOR, Level.FULL),
            Check(
                f"{SAM}.opens",
                SAM,
                Words("SAM membuka kartu", "The SAM opens the card"),
                reading.sam,
                5.0,
                Needs.OPERATOR,
                Level.FULL,
            ),
        ),
        lambda: port.open(Deadline.after(OPEN_S)),
        port.close,
    )


def _ready(port: CardReader, accepted_serial: str) -> Finding:
    state = port.status().device
    if state is DeviceState.ONLINE:
        return telling(passed(), port, accepted_serial)
    mend = advice.SERVICE if state is DeviceState.OFFLINE else advice.of_state(state)
    return failed(f"device:{state}", mend)


def _sam(port: CardReader) -> Finding:
    status = port.status()
    if status.device is not DeviceState.ONLINE:
        return skipped(f"{DEVICE}:{status.device}")
    if status.sam is DeviceState.ONLINE:
        return passed()
    if status.sam_reason is not None:
        return _sam_failed(status.sam_reason)
    missing = status.sam is DeviceState.NO_DEVICE
    return failed(f"device:{status.sam}", advice.SAM_MISSING if missing else advice.SAM_MUTE)


class _Reading:
    """One card read, and what it says of the reader and of the SAM. Nothing that is read is kept."""

    def __init__(self, port: CardReader, operator: Operator | None) -> None:
        self._port = port
        self._operator = operator
        self._sam = skipped("no card was read")

    def read(self) -> Finding:
        """The reader's part. With somebody to ask, a service card that still lies there is waited away."""
        operator = self._operator
        if operator is None:
            return self._read() if self._port.wait_for_card(Deadline.after(PLACE_S)) else skipped(NO_CARD)
        operator.begin(Step.PLACE_CARD, 2 * PLACE_S)
        try:
            finding = self._placed(operator)
            if finding.reason == STRANGER and self._port.wait_for_removal(Deadline.after(PLACE_S)):
                finding = self._placed(operator)
            elif finding.reason == REMOVED:
                # It was just being taken away; one that does not come back was lost in the read.
                again = self._placed(operator)
                finding = finding if again.reason == NO_CARD else again
        finally:
            operator.end()
        return finding

    def _placed(self, operator: Operator) -> Finding:
        return self._read() if placed(self._port, operator, PLACE_S) else skipped(NO_CARD)

    def _read(self) -> Finding:
        began = time.monotonic()
        try:
            reading = self._port.read(Deadline.after(READ_S), lambda _: None)
        except SamFault as fault:
            self._sam = _sam_failed(fault.code)
            return skipped(f"sam:{fault.code}")
        except (CardRemoved, CardUnreadable, NotAnEktp, CardNotAuthentic) as error:
            return failed(*_CARD_ERRORS[type(error)])
        except NotFound:
            return failed("device:noDevice", advice.PLUG)
        except DeviceFault:
            return failed("reader:hangs", advice.HUNG)
        verified = reading.assurance is Assurance.SAM_VERIFIED
        self._sam = passed() if verified else _sam_failed(reading.reason)
        return judged("card:slow", advice.CARD, Measurement("time", time.monotonic() - began, "s", READ_LIMITS))

    def sam(self) -> Finding:
        """The SAM's part."""
        return self._sam


def placed(port: CardReader, operator: Operator, within_s: float) -> bool:
    """Wait for a card, and no longer than the operator means to place one."""
    until = Deadline.after(within_s)
    while not until.expired and not operator.gave_up():
        if port.wait_for_card(until.sooner(SLICE_S)):
            return True
    return False


def _sam_failed(code: str) -> Finding:
    return failed(code, SAM_CODES.get(code, advice.SAM_MUTE))

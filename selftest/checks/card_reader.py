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

DEVICE: Final = "card_reader"
SAM: Final = "sam"
OPEN_S: Final = 5.0
PLACE_S: Final = 20.0
READ_S: Final = 20.0
# A good read takes three seconds; at eight, people take their card away.
READ_LIMITS: Final = Limits(at_most=8.0)

_SAM_CODES: Final[Mapping[str, Advice]] = {
    "samMissing": advice.SAM_MISSING,
    "samLocked": advice.SAM_LOCKED,
    "samSecretRefused": advice.SAM_SECRET,
}
_CARD_ERRORS: Final[Mapping[type[DriverError], tuple[str, Advice]]] = {
    CardRemoved: ("card:removed", advice.CARD),
    CardUnreadable: ("card:unreadable", advice.CARD),
    NotAnEktp: ("card:notAnEktp", advice.BAD_CARD),
    CardNotAuthentic: ("card:notAuthentic", advice.BAD_CARD),
}


def subject(port: CardReader) -> Subject:
    """Reader and SAM share one driver."""
    reading = _Reading(port)
    ready = Words("Pembaca kartu siap", "Card reader ready")
    read = Words("Baca kartu uji: letakkan KTP-el", "Read a test card: place an e-KTP")
    return Subject(
        (
            Check(f"{DEVICE}.ready", DEVICE, ready, lambda: _ready(port), 5.0),
            Check(f"{SAM}.ready", SAM, Words("SAM siap", "SAM ready"), lambda: _sam(port), 5.0),
            Check(f"{DEVICE}.read", DEVICE, read, reading.read, PLACE_S + READ_S + 5.0, Needs.OPERATOR, Level.FULL),
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


def _ready(port: CardReader) -> Finding:
    state = port.status().device
    if state is DeviceState.ONLINE:
        return passed()
    mend = advice.SERVICE if state is DeviceState.OFFLINE else advice.of_state(state)
    return failed(f"device:{state}", mend)


def _sam(port: CardReader) -> Finding:
    status = port.status()
    if status.device is not DeviceState.ONLINE:
        return skipped(f"{DEVICE}:{status.device}")
    if status.sam is DeviceState.ONLINE:
        return passed()
    missing = status.sam is DeviceState.NO_DEVICE
    return failed(f"device:{status.sam}", advice.SAM_MISSING if missing else advice.SAM_MUTE)


class _Reading:
    """One card read, and what it says of the reader and of the SAM. Nothing that is read is kept."""

    def __init__(self, port: CardReader) -> None:
        self._port = port
        self._sam = skipped("no card was read")

    def read(self) -> Finding:
        """The reader's part."""
        if not self._port.wait_for_card(Deadline.after(PLACE_S)):
            return skipped("no card was placed")
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


def _sam_failed(code: str) -> Finding:
    return failed(code, _SAM_CODES.get(code, advice.SAM_MUTE))

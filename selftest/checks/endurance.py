"""The same question again and again: a cable that is loose now and then, a device that gets slower."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from drivers.deadline import Deadline
from drivers.errors import DriverError
from drivers.status import DeviceState
from selftest import advice
from selftest.cycles import measurements, timed
from selftest.model import Check, Finding, Level, Limits, Needs, Subject, Words, failed, passed

OPEN_S: Final = 8.0
ONE_S: Final = 6.0
CYCLES: Final = 30
WORST: Final = Limits(at_most=4000.0)
DRIFT: Final = Limits(at_most=3.0)


class _Lost(Exception):
    """It was not online in one of the cycles."""


def _status(port: Any) -> None:
    state = port.status(Deadline.after(ONE_S)).device
    if state not in (DeviceState.ONLINE, DeviceState.DEVICE_BUSY):
        raise _Lost(state)


def _frames(port: Any) -> None:
    first = port.newest(0, Deadline.after(ONE_S))
    port.newest(first.number, Deadline.after(ONE_S))


_WORK: Final[Mapping[str, Callable[[Any], None]]] = {
    "camera": _frames,
    "document_printer": _status,
    "receipt_printer": _status,
    "paper_feeder": _status,
    "card_printer": _status,
    "kia_printer": _status,
}
ROLES: Final = frozenset(_WORK)
_TITLE: Final = Words("Bertahan diulang", "Holds when repeated")


def subject(role: str, port: Any) -> Subject:
    """One device, not yet opened; each with a thread of its own, after everything else."""

    def run() -> Finding:
        try:
            seconds = timed(lambda: _WORK[role](port), CYCLES)
        except _Lost as lost:
            return failed(f"device:{lost}", advice.PLUG)
        except DriverError as error:
            return failed(f"repeat:{type(error).__name__}", advice.PLUG)
        told = measurements(seconds, WORST, DRIFT)
        # Questions that take a millisecond drift by chance.
        slow = [one.name for one in told if not one.holds and (one.name != "drift" or _median_ms(told) > 20)]
        return failed(f"repeat:{','.join(slow)}", advice.RESTART, *told) if slow else passed(*told)

    check = Check(f"{role}.repeat", role, _TITLE, run, CYCLES * ONE_S, Needs.NOTHING, Level.ENDURANCE)
    return Subject((check,), lambda: port.open(Deadline.after(OPEN_S)), port.close, phase=1)


def _median_ms(told: tuple[Any, ...]) -> float:
    return next(float(one.value) for one in told if one.name == "median")

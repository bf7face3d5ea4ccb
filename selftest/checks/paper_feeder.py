"""The A4 feeder: ready, paper, bin, an empty path; and sheets fed and drawn into the bin, timed."""

import contextlib
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from drivers.deadline import Deadline
from drivers.errors import DeviceFault, DriverError, Unsupported
from drivers.paper_feeder.port import FeederStatus, MoveFailed, MoveUnknown, PaperFeeder
from drivers.status import DeviceState, MediaState, PaperState, RetractBinState
from selftest import advice
from selftest.asking import ask
from selftest.cycles import measurements, timed
from selftest.model import Check, Finding, Level, Limits, Measurement, Needs, Subject, Words, failed, passed, skipped
from selftest.telling import telling

DEVICE: Final = "paper_feeder"
OPEN_S: Final = 5.0
STATUS_S: Final = 4.0
MOVE_S: Final = 20.0
CYCLES: Final = 10
# From the hopper to the printer's entry and back into the bin; a slipping roller is slow before it fails.
WORST: Final = Limits(at_most=15000.0)
DRIFT: Final = Limits(at_most=1.5)
# Of S1 to S8: what a sheet at the printer's entry covers, and what lies beyond the gate.
ENTRY, GATE = 3, 7
OCCUPIED: Final = "a sheet lies in the path"


def subject(port: PaperFeeder, accepted_serial: str = "") -> Subject:
    """How the feeder is; not yet opened."""
    asked = _Asked(port, accepted_serial)
    return Subject(
        (
            Check(f"{DEVICE}.ready", DEVICE, Words("Pengumpan siap", "Feeder ready"), asked.ready, 2 * STATUS_S + 3.0),
            Check(f"{DEVICE}.paper", DEVICE, Words("Kertas di baki", "Paper in the tray"), asked.paper, STATUS_S),
            Check(f"{DEVICE}.bin", DEVICE, Words("Tempat buangan", "Reject bin"), asked.bin, STATUS_S),
            Check(f"{DEVICE}.path", DEVICE, Words("Jalur kertas kosong", "Paper path empty"), asked.path, STATUS_S),
        ),
        lambda: port.open(Deadline.after(OPEN_S)),
        port.close,
    )


def moves(port: PaperFeeder, spend: Callable[[str, int], None] | None) -> Subject:
    """What it does with sheets.

    Args:
        port: Not yet opened.
        spend: Called with what is used up and how many before it is; None: nothing may be used up.
    """

    def cycles(count: int) -> Finding:
        return skipped("nothing may be used up here") if spend is None else _cycles(port, count, spend)

    within_s = 2 * MOVE_S + 10.0
    feed = Words("Tarik dan buang lembar", "Feed and retract a sheet")
    again = Words("Tarik dan buang berulang", "Feed and retract again and again")
    return Subject(
        (
            Check(f"{DEVICE}.feed", DEVICE, feed, lambda: cycles(1), within_s, Needs.PAPER, Level.FULL),
            Check(
                f"{DEVICE}.cycles",
                DEVICE,
                again,
                lambda: cycles(CYCLES),
                CYCLES * within_s,
                Needs.PAPER,
                Level.ENDURANCE,
            ),
        ),
        lambda: port.open(Deadline.after(OPEN_S)),
        port.close,
        phase=1,
    )


class _Asked:
    """One answer of the feeder, judged from four sides."""

    def __init__(self, port: PaperFeeder, accepted_serial: str) -> None:
        self._port = port
        self._accepted = accepted_serial
        self._status: FeederStatus | None = None

    def ready(self) -> Finding:
        """Online; an empty tray and a full bin have checks of their own."""
        self._status = status = ask(self._port.status, STATUS_S)
        if status.media is MediaState.JAMMED or status.paper is PaperState.JAMMED:
            return failed("media:jammed", advice.JAM)
        supplies = status.paper is PaperState.OUT or status.retract_bin is RetractBinState.FULL
        if status.device is not DeviceState.ONLINE and not supplies:
            return failed(f"device:{status.device}", advice.of_state(status.device))
        return telling(passed(), self._port, self._accepted)

    def paper(self) -> Finding:
        """In the tray."""
        word = self._status.paper if self._status else None
        if word in (PaperState.OUT, PaperState.LOW):
            return failed(f"paper:{word}", advice.HOPPER)
        return passed() if word is PaperState.FULL else skipped("the feeder does not tell")

    def bin(self) -> Finding:
        """Room for more."""
        word = self._status.retract_bin if self._status else None
        if word in (RetractBinState.FULL, RetractBinState.HIGH):
            return failed(f"bin:{word}", advice.BIN)
        return passed() if word is RetractBinState.OK else skipped("the feeder does not tell")

    def path(self) -> Finding:
        """Nothing lies in it."""
        word = self._status.media if self._status else None
        if word in (MediaState.PRESENT, MediaState.ENTERING, MediaState.JAMMED):
            return failed(f"media:{word}", advice.PATH)
        return passed() if word is MediaState.NOT_PRESENT else skipped("the feeder does not tell")


def occupied(port: PaperFeeder | None) -> bool:
    """Whether a sheet of an earlier check lies in the path, whose finding says why."""
    free = (MediaState.NOT_PRESENT, None)
    return port is not None and port.status(Deadline.after(STATUS_S)).media not in free


def _cycles(port: PaperFeeder, count: int, spend: Callable[[str, int], None]) -> Finding:
    if occupied(port):
        return skipped(OCCUPIED)
    spend("paper", count)

    moved = _Moved(port)
    try:
        port.initialise(False, Deadline.after(MOVE_S))
        seconds = timed(moved.once, count)
    except Unsupported:
        return skipped("this model cannot")
    except _SensorWrong as wrong:
        with contextlib.suppress(DriverError):
            port.initialise(True, Deadline.after(MOVE_S))
        return failed(f"sensor:{wrong}", advice.SENSOR)
    except DriverError as error:
        return stopped(port, error)
    told = (*measurements(seconds, WORST, DRIFT), *moved.timings())
    outside = [one.name for one in told if not one.holds]
    return failed(f"feed:{','.join(outside)}", advice.FEED, *told) if outside else passed(*told)


def stopped(port: PaperFeeder, error: DriverError) -> Finding:
    """Why a sheet did not move, as the feeder says now."""
    status = port.status(Deadline.after(STATUS_S))
    told = error.words.get("media") if isinstance(error, DeviceFault) else None
    if MediaState.JAMMED in (status.media, told):
        found = failed("media:jammed", advice.JAM)
    elif status.paper is PaperState.OUT:
        found = failed("paper:out", advice.HOPPER)
    elif status.device in (DeviceState.NO_DEVICE, DeviceState.OFFLINE):
        found = failed(f"device:{status.device}", advice.of_state(status.device))
    else:
        found = failed(f"feed:{type(error).__name__}", advice.FEED)
    return replace(found, blames=DEVICE)


def hindered(port: PaperFeeder | None, error: DriverError) -> Finding | None:
    """Of a page that went through printer and feeder: what the feeder has to do with its failing; None: nothing."""
    if port is None:
        return None
    if isinstance(error, MoveFailed | MoveUnknown):
        return stopped(port, error)
    gone = port.status(Deadline.after(STATUS_S)).device in (DeviceState.NO_DEVICE, DeviceState.OFFLINE)
    return stopped(port, error) if gone else None


class _SensorWrong(Exception):
    """A sensor does not see what lies before it, or sees what does not; its name."""


class _Moved:
    """Sheets fed and retracted: how long each way took, and whether the sensors saw it."""

    def __init__(self, port: PaperFeeder) -> None:
        self._port = port
        self._fed: list[float] = []
        self._retracted: list[float] = []

    def once(self) -> None:
        """One sheet, from the hopper past the printer's entry and into the bin."""
        began = time.monotonic()
        self._port.feed(Deadline.after(MOVE_S))
        fed = time.monotonic()
        self._look(True)
        looked = time.monotonic()
        self._port.retract(Deadline.after(MOVE_S))
        self._retracted.append(time.monotonic() - looked)
        self._fed.append(fed - began)
        self._look(False)

    def _look(self, there: bool) -> None:
        try:
            sensors = self._port.sensors(Deadline.after(STATUS_S))
        except Unsupported:
            return
        if there and not sensors[ENTRY]:
            raise _SensorWrong(f"S{ENTRY + 1} sees no sheet")
        if not there and any(sensors[ENTRY:GATE]):
            raise _SensorWrong(f"S{ENTRY + sensors[ENTRY:GATE].index(True) + 1} sees a sheet")

    def timings(self) -> tuple[Measurement, ...]:
        """Medians of both ways: from the hopper to the entry's sensor, and from there into the bin."""
        return (
            Measurement("to_entry", 1000 * statistics.median(self._fed), "ms"),
            Measurement("to_bin", 1000 * statistics.median(self._retracted), "ms"),
        )

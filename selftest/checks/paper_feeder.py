"""The A4 feeder: ready, paper, bin, an empty path; and sheets fed and drawn into the bin, timed."""

from collections.abc import Callable
from typing import Final

from drivers.deadline import Deadline
from drivers.errors import DriverError, Unsupported
from drivers.paper_feeder.port import FeederStatus, PaperFeeder
from drivers.status import DeviceState, MediaState, PaperState, RetractBinState
from selftest import advice
from selftest.cycles import measurements, timed
from selftest.model import Check, Finding, Level, Limits, Needs, Subject, Words, failed, passed, skipped

DEVICE: Final = "paper_feeder"
OPEN_S: Final = 5.0
STATUS_S: Final = 4.0
MOVE_S: Final = 20.0
CYCLES: Final = 10
# From the hopper to the printer's entry and back into the bin; a slipping roller is slow before it fails.
WORST: Final = Limits(at_most=15000.0)
DRIFT: Final = Limits(at_most=1.5)


def subject(port: PaperFeeder) -> Subject:
    """How the feeder is; not yet opened."""
    asked = _Asked(port)
    return Subject(
        (
            Check(f"{DEVICE}.ready", DEVICE, Words("Pengumpan siap", "Feeder ready"), asked.ready, STATUS_S + 3.0),
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

    def __init__(self, port: PaperFeeder) -> None:
        self._port = port
        self._status: FeederStatus | None = None

    def ready(self) -> Finding:
        """Online; an empty tray and a full bin have checks of their own."""
        self._status = status = self._port.status(Deadline.after(STATUS_S))
        if status.media is MediaState.JAMMED or status.paper is PaperState.JAMMED:
            return failed("media:jammed", advice.JAM)
        supplies = status.paper is PaperState.OUT or status.retract_bin is RetractBinState.FULL
        if status.device is not DeviceState.ONLINE and not supplies:
            return failed(f"device:{status.device}", advice.of_state(status.device))
        return passed()

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


def _cycles(port: PaperFeeder, count: int, spend: Callable[[str, int], None]) -> Finding:
    spend("paper", count)

    def once() -> None:
        port.feed(Deadline.after(MOVE_S))
        port.retract(Deadline.after(MOVE_S))

    try:
        port.initialise(False, Deadline.after(MOVE_S))
        seconds = timed(once, count)
    except Unsupported:
        return skipped("this model cannot")
    except DriverError as error:
        status = port.status(Deadline.after(STATUS_S))
        if status.media is MediaState.JAMMED:
            return failed("media:jammed", advice.JAM)
        if status.paper is PaperState.OUT:
            return failed("paper:out", advice.HOPPER)
        return failed(f"feed:{type(error).__name__}", advice.FEED)
    told = measurements(seconds, WORST, DRIFT)
    outside = [one.name for one in told if not one.holds]
    return failed(f"feed:{','.join(outside)}", advice.FEED, *told) if outside else passed(*told)

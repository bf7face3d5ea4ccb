"""What the kiosk asks of the A4 sheet's path: hopper -> printer -> presenter -> resident, or -> retract
bin.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.deadline import Deadline
from drivers.status import DeviceState, MediaState, PaperState, PresentedState, RetractBinState


class Position(StrEnum):
    """Where the sheet is."""

    NONE = "none"
    ENTRY = "entry"
    PRINTER = "printer"
    HELD = "held"
    PRESENTED = "presented"
    MOVING = "moving"


@dataclass(frozen=True, slots=True)
class FeederStatus:
    """How the path is. None: not known.

    Attributes:
        paper: The hopper.
        media: The sheet in the path.
        position: Where it is.
        retract_bin: The bin for sheets nobody took.
        presented: Whether a sheet lies where the resident can take it.
    """

    device: DeviceState
    paper: PaperState | None
    media: MediaState | None
    position: Position | None
    retract_bin: RetractBinState | None
    presented: PresentedState | None


@dataclass(frozen=True, slots=True)
class Counters:
    """Sheets since manufacture; `in_bin` since the bin was last emptied."""

    fed: int
    presented: int
    taken: int
    retracted: int
    in_bin: int


class PaperFeeder(Protocol):
    """The path of one sheet at a time. A sheet is never moved twice because an answer was lost.

    Every move raises DeviceFault when the feeder says that it failed (the words and the code say how),
    NotFound when nothing was asked, and OutcomeUnknown when the move was asked for and nobody can say what
    became of it.
    """

    def open(self, deadline: Deadline) -> None:
        """Find the feeder. One that is not there is no error: status says noDevice."""

    def close(self) -> None:
        """Let go of it. May be called twice."""

    def status(self, deadline: Deadline) -> FeederStatus:
        """Ask it how it is; one that does not answer is `offline`, never an exception."""

    def sensors(self, deadline: Deadline) -> tuple[bool, ...]:
        """S1 to S8 as they are now, True where paper is seen."""

    def initialise(self, clear: bool, deadline: Deadline) -> FeederStatus:
        """Make it ready after power-up or a fault.

        Args:
            clear: Whether a sheet in the path goes to the retract bin; else it stays where it is.
        """

    def feed(self, deadline: Deadline) -> None:
        """One sheet from the hopper to the printer's entry."""

    def present(self, deadline: Deadline) -> None:
        """The printed sheet to where the resident can take it."""

    def wait_taken(self, deadline: Deadline) -> None:
        """Wait until the presented sheet is gone.

        Raises:
            DeadlineExceeded: It still lies there.
            Disconnected: The feeder stopped answering.
        """

    def retain(self, deadline: Deadline) -> None:
        """Take the sheet out of reach and hold it; it can be presented again."""

    def retract(self, deadline: Deadline) -> None:
        """The sheet to the retract bin."""

    def counters(self, deadline: Deadline) -> Counters:
        """Read them."""

    def bin_emptied(self, deadline: Deadline) -> None:
        """A technician emptied the retract bin."""

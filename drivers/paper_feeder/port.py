"""What the kiosk asks of the A4 sheet's path: hopper -> printer -> presenter -> resident, or -> retract
bin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.deadline import Deadline
from drivers.errors import DeviceFault, OutcomeUnknown
from drivers.status import DeviceState, MediaState, PaperState, PresentedState, RetractBinState


class Position(StrEnum):
    """Where the sheet is. MOVING: between two sensors, as in the printer."""

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


class SheetAt(StrEnum):
    """Where a move that failed left the sheet.

    UNMOVED: nothing moved. INSIDE: in the machine, out of reach. GATE: in reach of a hand, or half in it.
    GONE: a hand has it. UNKNOWN: the feeder cannot tell.
    """

    UNMOVED = "unmoved"
    INSIDE = "inside"
    GATE = "gate"
    GONE = "gone"
    UNKNOWN = "unknown"


class MoveFailed(DeviceFault):
    """The feeder says that a move failed.

    Attributes:
        sheet: Where that left the sheet.
    """

    def __init__(self, message: str, words: Mapping[str, str], sheet: SheetAt, code: str = "") -> None:
        super().__init__(message, words, code)
        self.sheet = sheet


class NotInitialised(MoveFailed):
    """Nothing moved: the feeder has been without power and waits for `initialise`."""


class MoveUnknown(OutcomeUnknown):
    """A move was asked for, and the feeder has not said what became of it."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a model can do.

    Attributes:
        feeds: It brings blank sheets to the printer; else the printer has paper of its own.
        collects: So many sheets of one document are held and presented together; 1 where it cannot.
        retains: It can take a sheet out of reach without putting it into the bin.
    """

    feeds: bool = True
    collects: int = 1
    retains: bool = True


class PaperFeeder(Protocol):
    """The path of one document. A sheet is never moved twice because an answer was lost.

    Every move raises MoveFailed when the feeder says that it failed (the words and the code say how; NotInitialised
    when it has lost power since),
    NotFound when nothing was asked, MoveUnknown when the move was asked for and nobody can say what
    became of it, and Unsupported where the model has no such move.
    """

    @property
    def abilities(self) -> Abilities:
        """What this model can do."""

    def open(self, deadline: Deadline) -> None:
        """Find the feeder. One that is not there is no error: status says noDevice."""

    def close(self) -> None:
        """Let go of it. May be called twice."""

    def status(self, deadline: Deadline) -> FeederStatus:
        """Ask it how it is; one that does not answer is `offline`, never an exception."""

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """What it says of itself (`drivers.facts`); empty when it tells nothing or cannot be asked."""

    def sensors(self, deadline: Deadline) -> tuple[bool, ...]:
        """S1 to S8 as they are now, True where paper is seen."""

    def initialise(self, clear: bool, deadline: Deadline) -> FeederStatus:
        """Make it ready after power-up or a fault.

        Args:
            clear: Whether a sheet in the path goes to the retract bin; else it stays where it is.
        """

    def feed(self, deadline: Deadline) -> None:
        """One sheet from the hopper to the printer's entry; sheets held before it stay where they are."""

    def present(self, deadline: Deadline) -> None:
        """The printed sheet, and those held before it, to where the resident can take them."""

    def wait_taken(self, deadline: Deadline) -> None:
        """Wait until the presented sheet is gone.

        Raises:
            DeadlineExceeded: It still lies there.
            Disconnected: The feeder stopped answering.
        """

    def retain(self, deadline: Deadline) -> None:
        """Hold the sheet out of reach, with those held before it; it can be presented, or another one fed."""

    def retract(self, deadline: Deadline) -> None:
        """Every sheet in the path to the retract bin."""

    def counters(self, deadline: Deadline) -> Counters:
        """Read them."""

    def bin_emptied(self, deadline: Deadline) -> None:
        """A technician emptied the retract bin."""

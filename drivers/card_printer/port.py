"""What the kiosk asks of a card printer, whatever its make.

A blank is fed with `move` to a station, printed with `print` and `wait`, and leaves with `move` to the exit or the
reject bin. Each of these moves a blank, so none is ever repeated by a driver: when the end of one is not known it
raises `OutcomeUnknown`, and `status`, `counters` and `recall` say what the printer itself can tell.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drivers.deadline import Deadline
from drivers.status import DeviceState, InkState, MediaState, PaperState, PresentedState, RetractBinState

WIDTH_DOTS = 1016
HEIGHT_DOTS = 648
"""A CR-80 card at 300 dpi, edge to edge (ISO/IEC 7810 ID-1 is 1011 x 637; the rest runs over the edges)."""
DOTS_PER_MM = 300 / 25.4


class Place(StrEnum):
    """Where a card is or goes."""

    INSIDE = "inside"
    CONTACT = "contact"
    CONTACTLESS = "contactless"
    EXIT = "exit"
    REJECT = "reject"


class JobState(StrEnum):
    """What became of one print."""

    PRINTED = "printed"
    NOT_PRINTED = "notPrinted"
    PARTLY = "partly"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CardSide:
    """One side of a card as it is to look. Its repr shows nothing of it.

    Attributes:
        colour: uint8 RGB, shape (648, 1016, 3): photo, background, everything that is not black text.
        black: bool, shape (648, 1016): dots for the black panel, printed sharp and without dye under them.
    """

    colour: NDArray[np.uint8] = field(repr=False)
    black: NDArray[np.bool_] = field(repr=False)

    def __post_init__(self) -> None:
        if self.colour.shape != (HEIGHT_DOTS, WIDTH_DOTS, 3) or self.colour.dtype != np.uint8:
            raise ValueError(f"a side's colours are uint8 {HEIGHT_DOTS} x {WIDTH_DOTS} x 3")
        if self.black.shape != (HEIGHT_DOTS, WIDTH_DOTS) or self.black.dtype != np.bool_:
            raise ValueError(f"a side's black dots are bool {HEIGHT_DOTS} x {WIDTH_DOTS}")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this model can do.

    Attributes:
        places: Where `move` can bring a card.
        duplex: Whether it prints both sides in one pass.
        back_in_colour: Whether the ribbon that is configured has colour for the back.
        holds_after_print: Whether a printed card waits inside for `move` to the exit; else it is out at once.
        retracts: Whether a card that lies in the exit can be taken back.
        tells_taken: Whether it sees a card in the exit.
        feeds_on_print: Whether `print` takes its blank by itself; else a card has to be inside.
    """

    places: frozenset[Place]
    duplex: bool
    back_in_colour: bool
    holds_after_print: bool
    retracts: bool
    tells_taken: bool
    feeds_on_print: bool = False


@dataclass(frozen=True, slots=True)
class CardPrinterStatus:
    """How the printer is. None: this model does not tell, or nobody could be asked.

    Attributes:
        media: Whether a card is in the card path.
        card_at: Where in it.
        presented: Whether a card lies in the exit.
        ribbon: Of the panels that are fitted.
        ribbon_panels: Panels left on the ribbon, of every kind.
        ribbon_cards: Cards the ribbon is still good for, both sides as configured.
        hopper: Of the blanks.
        reject_bin: Of the cards that were rejected.
        cleaning_due: Whether the printer asks to be cleaned.
        head_hot: Whether its last print failed on a hot print head; cool down before the next.
        temperature_c: Of the print head.
        code: The vendor's word for what is wrong, empty when nothing is.
    """

    device: DeviceState
    media: MediaState | None = None
    card_at: Place | None = None
    presented: PresentedState | None = None
    ribbon: InkState | None = None
    ribbon_panels: int | None = None
    ribbon_cards: int | None = None
    hopper: PaperState | None = None
    reject_bin: RetractBinState | None = None
    cleaning_due: bool | None = None
    cover_open: bool | None = None
    head_hot: bool | None = None
    temperature_c: float | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Counters:
    """What the printer has counted in its life. None: this model does not tell."""

    panels: int | None
    cards: int | None
    cleanings: int | None
    cards_between_cleanings: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the printer says it is."""

    model: str
    serial: str
    firmware: str
    print_head: str


@dataclass(frozen=True, slots=True)
class CardJob:
    """One print that was started: plain values, so that a journal can keep them.

    Attributes:
        panels_before: The printer's panel count before it; None when it does not tell.
        panels: How many panels the whole card takes; 0 when nobody can say.
        job_id: A spooler's number for it, and `name` the name it was given.
    """

    panels_before: int | None
    panels: int
    job_id: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """A card that was printed whole.

    Attributes:
        at: Where it is now; None when this model does not tell.
        acknowledged: Whether the printer itself says so; else a spooler says that it handed everything over.
    """

    at: Place | None
    acknowledged: bool = True


class CardPrinter(Protocol):
    """A printer for plastic cards. One thread at a time."""

    def open(self, deadline: Deadline) -> None:
        """Find the printer. One that is not there is no error: status says noDevice."""

    def close(self) -> None:
        """Let go of it. May be called twice."""

    def capabilities(self) -> Capabilities:
        """What this model can do; never waits."""

    def identify(self, deadline: Deadline) -> Identity:
        """Who it is. Raises NotFound, DeadlineExceeded, ProtocolError."""

    def status(self, deadline: Deadline) -> CardPrinterStatus:
        """Ask it how it is; one that does not answer is `offline`, never an exception."""

    def counters(self, deadline: Deadline) -> Counters:
        """What it has counted. Raises NotFound, DeadlineExceeded, ProtocolError."""

    def move(self, to: Place, deadline: Deadline) -> None:
        """Bring the card there; from the hopper when none is in the path and `to` is a station.

        Raises:
            NotFound: The printer is not there; nothing moved.
            Unsupported: This model has no such place; nothing moved.
            DeviceFault: It could not, and says why; `status` says where the card is.
            OutcomeUnknown: Whether it moved is not known.
        """

    def feed_by_hand(self, to: Place, deadline: Deadline) -> None:
        """Bring the card that somebody put into the manual slot to a station; never one from the hopper.

        Raises:
            Unsupported: This model has no manual slot, or no such station; nothing moved.
            NotFound, DeviceFault, OutcomeUnknown: As `move`; also with a card in the path, or none in the slot.
        """

    def print(self, front: CardSide, back: CardSide | None, deadline: Deadline) -> CardJob:
        """Send the picture and start printing the card in the path.

        Raises:
            NotFound, DeviceFault, Unsupported, Disconnected, DeadlineExceeded, ProtocolError: Nothing was printed,
                the blank is as it was.
            OutcomeUnknown: The start was sent, and not whole or not surely.
        """

    def wait(self, job: CardJob, deadline: Deadline) -> PrintedCard:
        """Wait for the end of the print that `print` started last.

        Raises:
            DeadlineExceeded: It has not ended; wait again.
            DeviceFault: The printer stopped, and the card is spoiled.
            OutcomeUnknown: It did not say how it ended; see `recall`.
        """

    def recall(self, job: CardJob, deadline: Deadline) -> JobState:
        """What became of a print whose end is not known, from what the printer has counted.

        Only before anything else is printed. A printer that cannot be asked, or does not count, gives UNKNOWN.
        NOT_PRINTED is said only of a card that is still inside, so that no second original can come of it.
        """

    def wait_taken(self, deadline: Deadline) -> bool:
        """True as soon as no card lies in the exit, False at the deadline. Raises Unsupported, DriverError."""

    def clean(self, deadline: Deadline) -> None:
        """Run the cleaning cycle with the cleaning card that was put in. Raises as `move`."""

    def reset(self, deadline: Deadline) -> None:
        """Have the printer clear its fault and start anew. Raises as `move`."""

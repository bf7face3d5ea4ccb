"""What printing a document shows meanwhile, and what it comes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What the resident is shown while waiting."""

    SIGNING = "signing"
    FEEDING = "feeding"
    SENDING = "sending"
    PRINTING = "printing"


class End(StrEnum):
    """How an issuance failed, for the resident."""

    NOT_PRINTED = "notPrinted"
    SPOILED = "spoiled"
    RETRACTED = "retracted"
    RETAINED = "retained"
    UNKNOWN = "unknown"


class IssueFailed(Exception):
    """The document was not handed over; the journal says how it ended.

    Attributes:
        number: To come back with; empty when no grant was given.
    """

    def __init__(self, end: End, number: str = "") -> None:
        super().__init__(end.value)
        self.end = end
        self.number = number


class SettleRefused(Exception):
    """It shall count as destroyed, and the printer has brought it out just now: look again.

    Attributes:
        number: Of its receipt.
    """

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} has just come out of the printer: look again")
        self.number = number


@dataclass(frozen=True, slots=True)
class Printed:
    """A document that lies in the tray, or at the gate.

    Attributes:
        noticed: A sensor sees it go; else the resident says so.
        taken: It is in the resident's hands already.
    """

    key: str
    grant_id: str
    receipt_number: str
    tracking_url: str
    page_count: int
    noticed: bool = False
    taken: bool = False


OnStep = Callable[[Step, float], Awaitable[None]]


async def nobody_watches(_step: Step, _progress: float) -> None:
    """For issuances that are ended without a resident."""


def word(why: Exception | str) -> str:
    """A reason as the journal keeps it: an error's message may be anything, its type is safe."""
    return why if isinstance(why, str) else type(why).__name__

"""What making a card shows meanwhile, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adm.registry.v1 import registry_pb2 as pb

CARD_KINDS = (pb.DOCUMENT_KIND_KTP_EL, pb.DOCUMENT_KIND_KIA)


class CardStep(StrEnum):
    """What the resident is shown while waiting."""

    SIGNING = "signing"
    FEEDING = "feeding"
    ENCODING = "encoding"
    PRINTING = "printing"


class CardEnd(StrEnum):
    """How a card was not handed over, for the resident."""

    CLOSED = "closed"
    """Not begun: no blanks, ribbon used up, cool-down, a fault."""
    NOT_PRINTED = "notPrinted"
    BLANK_DEFECTIVE = "blankDefective"
    SPOILED = "spoiled"
    RETRACTED = "retracted"
    UNKNOWN = "unknown"


class CardFailed(Exception):
    """The card was not handed over; the journal says how it ended.

    Attributes:
        number: To come back with; empty when no grant was given.
    """

    def __init__(self, end: CardEnd, number: str = "") -> None:
        super().__init__(end.value)
        self.end = end
        self.number = number


@dataclass(slots=True, repr=False)
class Card:
    """One card on its way, as its entries say.

    Attributes:
        batch: Of the blank in hand.
        rejected: Blanks that were used up before it.
        chip_uid: Of its chip, hex; empty before it is written, and without one.
        replaces: Whether the resident has a card that this one replaces.
        evidence: The most that is known of it, as in `states.Evidence`; empty before anything was printed.
    """

    key: str
    grant_id: str
    receipt_number: str
    tracking_url: str = ""
    batch: str = ""
    rejected: int = 0
    chip_uid: str = ""
    replaces: bool = False
    evidence: str = ""


OnCardStep = Callable[[CardStep, float], Coroutine[Any, Any, None]]

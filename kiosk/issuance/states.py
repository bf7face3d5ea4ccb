"""One issuance as a state machine: one table of moves, and nothing else may happen.

Theory of operation. A move is journaled before the irreversible act it names and again when its result is known:
`asked` before the registry is asked for a grant, `granted` when it gave one, `feeding` before a blank moves, `encoding`
before the chip is written, `printing` before the first byte goes to the printer, `accepted` when the printer has
numbered the job, `printed` when it says that the job is complete, `presented` when a sensor sees the document where the
resident can reach it. A crash between two entries therefore always finds a state that says what may have happened.

The ends: `cancelled`, nothing was used up; `spoiled`, a blank was used up and stays in the machine; `retracted`,
printed, not taken, and taken back; `retained`, printed, and held in the machine where nobody reaches it, though not in
its bin; `taken`, the resident has it; `unknown`, the machine cannot tell: it is never
printed again by the machine, and a technician who has looked settles it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where one issuance is."""

    ASKED = "asked"
    GRANTED = "granted"
    FEEDING = "feeding"
    ENCODING = "encoding"
    PRINTING = "printing"
    ACCEPTED = "accepted"
    PRINTED = "printed"
    PRESENTED = "presented"
    TAKEN = "taken"
    RETRACTED = "retracted"
    RETAINED = "retained"
    CANCELLED = "cancelled"
    SPOILED = "spoiled"
    UNKNOWN = "unknown"

    @property
    def open(self) -> bool:
        """Whether recovery still has to end it."""
        return self not in ENDS


class Event(StrEnum):
    """What happens to one issuance."""

    ASK = "ask"
    GRANT = "grant"
    FEED = "feed"
    ENCODE = "encode"
    REJECT_BLANK = "reject_blank"
    PRINT = "print"
    ACCEPT = "accept"
    COMPLETE = "complete"
    PRESENT = "present"
    TAKE = "take"
    ASSUME_TAKEN = "assume_taken"
    RETRACT = "retract"
    RETAIN = "retain"
    CANCEL = "cancel"
    SPOIL = "spoil"
    LOSE = "lose"
    SURRENDER = "surrender"
    SETTLE_TAKEN = "settle_taken"
    SETTLE_DESTROYED = "settle_destroyed"
    SETTLE_UNUSED = "settle_unused"


class Evidence(StrEnum):
    """How much is known of a document, least first."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    PRESENTED = "presented"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table.

    Attributes:
        before: None before the issuance exists.
        evidence: The least that is known of the document after the move; None while none can exist.
        meaning: For people.
    """

    before: State | None
    event: Event
    after: State
    evidence: Evidence | None
    meaning: str


S, E, K = State, Event, Evidence
TABLE: Final[tuple[Move, ...]] = (
    Move(None, E.ASK, S.ASKED, None, "the resident said yes; the registry is about to be asked"),
    Move(S.ASKED, E.GRANT, S.GRANTED, None, "the registry granted one printing"),
    Move(S.ASKED, E.CANCEL, S.CANCELLED, None, "refused, or no answer came"),
    Move(S.GRANTED, E.FEED, S.FEEDING, None, "a blank card is about to move"),
    Move(S.GRANTED, E.PRINT, S.PRINTING, K.SENT, "the document is about to go to the printer"),
    Move(S.GRANTED, E.CANCEL, S.CANCELLED, None, "nothing had moved"),
    Move(S.FEEDING, E.ENCODE, S.ENCODING, None, "the blank is at the encoder, about to be written"),
    Move(S.FEEDING, E.PRINT, S.PRINTING, K.SENT, "the blank needs no encoding"),
    Move(S.FEEDING, E.REJECT_BLANK, S.GRANTED, None, "the blank could not be used and is in the reject bin"),
    Move(S.FEEDING, E.CANCEL, S.CANCELLED, None, "the blank never left the hopper"),
    Move(S.FEEDING, E.SPOIL, S.SPOILED, None, "the blank is spoiled, and no other is tried"),
    Move(S.FEEDING, E.LOSE, S.UNKNOWN, None, "where the blank is cannot be told"),
    Move(S.ENCODING, E.PRINT, S.PRINTING, K.SENT, "the chip holds what it should"),
    Move(S.ENCODING, E.REJECT_BLANK, S.GRANTED, None, "the chip failed; the blank is in the reject bin"),
    Move(S.ENCODING, E.SPOIL, S.SPOILED, None, "the blank is spoiled, and no other is tried"),
    Move(S.ENCODING, E.LOSE, S.UNKNOWN, None, "where the blank is cannot be told"),
    Move(S.PRINTING, E.ACCEPT, S.ACCEPTED, K.SENT, "the printer took the job and numbered it"),
    Move(S.PRINTING, E.CANCEL, S.CANCELLED, None, "proven: nothing was sent"),
    Move(S.PRINTING, E.SPOIL, S.SPOILED, None, "the printer refused, and the blank is used up"),
    Move(S.PRINTING, E.LOSE, S.UNKNOWN, K.SENT, "the printer may have it, and its answer is lost"),
    Move(S.ACCEPTED, E.COMPLETE, S.PRINTED, K.ACKNOWLEDGED, "the printer says that the job is complete"),
    Move(S.ACCEPTED, E.CANCEL, S.CANCELLED, None, "cancelled, and proven that nothing was used up"),
    Move(S.ACCEPTED, E.SPOIL, S.SPOILED, None, "stopped, and the blank stays in the machine"),
    Move(S.ACCEPTED, E.LOSE, S.UNKNOWN, K.SENT, "how the job ended cannot be told"),
    Move(S.PRINTED, E.PRESENT, S.PRESENTED, K.PRESENTED, "a sensor sees it where the resident can reach it"),
    Move(S.PRINTED, E.TAKE, S.TAKEN, K.TAKEN, "the resident says so, where no sensor can"),
    Move(S.PRINTED, E.ASSUME_TAKEN, S.TAKEN, K.ACKNOWLEDGED, "nobody said so; an attendant sees the tray"),
    Move(S.PRINTED, E.RETRACT, S.RETRACTED, K.ACKNOWLEDGED, "taken back without having been presented"),
    Move(S.PRINTED, E.RETAIN, S.RETAINED, K.ACKNOWLEDGED, "could not be presented; held in the machine, out of reach"),
    Move(S.PRINTED, E.SPOIL, S.SPOILED, K.ACKNOWLEDGED, "it jammed on its way out and stays in the machine"),
    Move(S.PRINTED, E.LOSE, S.UNKNOWN, K.ACKNOWLEDGED, "whether it was taken cannot be told"),
    Move(S.PRESENTED, E.TAKE, S.TAKEN, K.TAKEN, "a sensor saw it go"),
    Move(S.PRESENTED, E.RETRACT, S.RETRACTED, K.PRESENTED, "not taken in time, and taken back"),
    Move(S.PRESENTED, E.RETAIN, S.RETAINED, K.PRESENTED, "not taken in time; held in the machine, not in the bin"),
    Move(S.PRESENTED, E.LOSE, S.UNKNOWN, K.PRESENTED, "whether it was taken cannot be told"),
    Move(S.TAKEN, E.SURRENDER, S.TAKEN, K.TAKEN, "what became of the card that it replaces"),
    Move(S.UNKNOWN, E.SETTLE_TAKEN, S.TAKEN, K.PRESENTED, "a technician found that the resident has it"),
    Move(S.UNKNOWN, E.SETTLE_UNUSED, S.CANCELLED, None, "a technician found that its blank never left the hopper"),
    Move(S.UNKNOWN, E.SETTLE_DESTROYED, S.SPOILED, None, "a technician found it, or its blank, and destroyed it"),
)
del S, E, K

ENDS: Final = frozenset({State.TAKEN, State.RETRACTED, State.RETAINED, State.CANCELLED, State.SPOILED, State.UNKNOWN})

_MOVES: Final[Mapping[tuple[State | None, Event], Move]] = {(move.before, move.event): move for move in TABLE}


class IllegalMove(Exception):
    """A move that is not in the table: a defect of this program, never of the world."""


def move(before: State | None, event: Event) -> Move:
    """The move that this event makes.

    Raises:
        IllegalMove: It is not in the table.
    """
    try:
        return _MOVES[before, event]
    except KeyError as error:
        raise IllegalMove(f"{event} in state {before or 'none'}") from error

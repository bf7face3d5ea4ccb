"""The states of one issuance, and the only moves between them.

Theory of operation. A move is journaled before the irreversible act it names and again when its result is known:
`asked` before the registry is asked for a grant, `granted` when it gave one, `printing` before the first byte goes to
the printer, `accepted` when the printer has numbered the job, `printed` when the printer says the job is complete, and
then an end. A crash between two entries therefore always finds the machine in a state that says what may have happened.

The ends: `cancelled`, nothing moved; `spoiled`, a blank was used up and stays in the machine; `taken`, the resident
has it; `unknown`, the machine cannot tell: it is never printed again by the machine, and a technician settles it as
`taken` or `spoiled`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where one issuance is."""

    ASKED = "asked"
    GRANTED = "granted"
    PRINTING = "printing"
    ACCEPTED = "accepted"
    PRINTED = "printed"
    TAKEN = "taken"
    CANCELLED = "cancelled"
    SPOILED = "spoiled"
    UNKNOWN = "unknown"

    @property
    def open(self) -> bool:
        """Whether recovery still has to end it."""
        return self not in ENDS


ENDS: Final = frozenset({State.TAKEN, State.CANCELLED, State.SPOILED, State.UNKNOWN})

MOVES: Final[Mapping[State | None, frozenset[State]]] = {
    None: frozenset({State.ASKED}),
    State.ASKED: frozenset({State.GRANTED, State.CANCELLED}),
    State.GRANTED: frozenset({State.PRINTING, State.CANCELLED}),
    State.PRINTING: frozenset({State.ACCEPTED, State.CANCELLED, State.UNKNOWN}),
    State.ACCEPTED: frozenset({State.PRINTED, State.CANCELLED, State.SPOILED, State.UNKNOWN}),
    State.PRINTED: frozenset({State.TAKEN, State.SPOILED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.TAKEN, State.SPOILED}),
    State.TAKEN: frozenset(),
    State.CANCELLED: frozenset(),
    State.SPOILED: frozenset(),
}


class IllegalMove(Exception):
    """A move that is not in the table: a defect of this program, never of the world."""


def check_move(before: State | None, after: State) -> None:
    """Raise IllegalMove unless the table allows it."""
    if after not in MOVES[before]:
        raise IllegalMove(f"{before} -> {after}")

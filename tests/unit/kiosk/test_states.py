"""Every pair of states: the table allows it, or it is refused."""

from itertools import product

import pytest

from kiosk.issuance.states import ENDS, MOVES, IllegalMove, State, check_move

ALLOWED = {(before, after) for before, moves in MOVES.items() for after in moves}


@pytest.mark.parametrize(("before", "after"), list(product([None, *State], State)))
def test_every_pair_is_allowed_or_refused_as_the_table_says(before: State | None, after: State) -> None:
    if (before, after) in ALLOWED:
        check_move(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_move(before, after)


def test_nothing_is_printed_again_once_it_may_have_been_printed() -> None:
    reachable = {State.PRINTING}
    grown = True
    while grown:
        grown = False
        for state in list(reachable):
            for after in MOVES[state] - reachable:
                reachable.add(after)
                grown = True
    again = [state for state in reachable if State.PRINTING in MOVES[state]]
    assert again == []


def test_only_unknown_may_be_settled_after_its_end() -> None:
    assert {end for end in ENDS if MOVES[end]} == {State.UNKNOWN}
    assert MOVES[State.UNKNOWN] == {State.TAKEN, State.SPOILED}

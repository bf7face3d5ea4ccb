"""Every state and event: the table allows the move, or it is refused; and what the table promises as a whole."""

from itertools import pairwise, product
from pathlib import Path

import pytest

from kiosk.issuance.diagram import document
from kiosk.issuance.states import ENDS, TABLE, Event, Evidence, IllegalMove, State, move

BY_PAIR = {(line.before, line.event): line for line in TABLE}
RANK = [None, *Evidence]


@pytest.mark.parametrize(("before", "event"), list(product([None, *State], Event)))
def test_every_pair_moves_as_the_table_says_or_is_refused(before: State | None, event: Event) -> None:
    if (before, event) in BY_PAIR:
        assert move(before, event) is BY_PAIR[before, event]
    else:
        with pytest.raises(IllegalMove):
            move(before, event)


def test_no_pair_stands_twice() -> None:
    assert len(BY_PAIR) == len(TABLE)


def test_nothing_is_printed_again_once_it_may_have_been_printed() -> None:
    assert Event.PRINT not in {event for state in _reachable(State.PRINTING) for event in _events(state)}


def test_every_state_is_reached_and_every_open_one_can_end() -> None:
    assert _reachable(State.ASKED) == set(State)
    for state in State:
        assert not state.open or _reachable(state) & ENDS


def test_only_unknown_may_be_settled_after_its_end() -> None:
    assert {end for end in ENDS if _events(end) - {Event.SURRENDER}} == {State.UNKNOWN}
    assert _events(State.TAKEN) == {Event.SURRENDER}
    assert _events(State.UNKNOWN) == {Event.SETTLE_TAKEN, Event.SETTLE_DESTROYED, Event.SETTLE_UNUSED}


def test_a_hand_over_is_never_claimed_on_less_than_a_word_or_a_sensor() -> None:
    for line in TABLE:
        if line.after is State.TAKEN and line.event not in (Event.SETTLE_TAKEN, Event.ASSUME_TAKEN):
            assert line.evidence is Evidence.TAKEN


def test_evidence_only_grows_on_the_way_out() -> None:
    way = [State.GRANTED, State.PRINTING, State.ACCEPTED, State.PRINTED, State.PRESENTED, State.TAKEN]
    ranks = [
        RANK.index(
            next(
                line.evidence
                for line in TABLE
                if (line.before, line.after) == pair and line.event is not Event.ASSUME_TAKEN
            )
        )
        for pair in pairwise(way)
    ]
    assert ranks == sorted(ranks)


def test_the_diagram_is_current() -> None:
    assert Path("docs/issuance.md").read_text(encoding="utf-8") == document()


def _events(state: State) -> set[Event]:
    return {line.event for line in TABLE if line.before is state}


def _reachable(start: State) -> set[State]:
    reached, new = {start}, {start}
    while new:
        new = {line.after for line in TABLE if line.before in new} - reached
        reached |= new
    return reached

"""A few hundred random steps of the model test; `./adm prove model --long` takes twenty thousand."""

from typing import Any

import pytest

from kiosk.issuance.states import Event
from tests.crash.model import IssuingMachine
from tests.crash.model_card_printer import Move, Print, Taking, Write
from tests.crash.model_cards import CARDS, CardIssuingMachine
from tests.crash.model_run import explore

STEPS = 400
SEED = 1

pytestmark = [pytest.mark.xdist_group("crash_model")]


def test_journal_registry_and_paper_agree_whatever_happens() -> None:
    outcome = explore(STEPS, SEED, shrink=False)
    assert outcome.found == ""
    assert outcome.total >= STEPS
    # It was about something.
    assert outcome.steps["print"] > 20
    assert outcome.steps["card"] > 20
    assert outcome.steps["deaths"] > 5


def test_a_machine_that_journals_a_print_too_late_is_found_out() -> None:
    assert explore(10 * STEPS, SEED, Event.PRINT, shrink=False, model=IssuingMachine).found


def test_a_machine_that_journals_a_feeding_too_late_is_found_out() -> None:
    assert explore(10 * STEPS, SEED, Event.FEED, shrink=False).found


@pytest.mark.parametrize(
    "wrong",
    [
        {"feeds": [Move.LOST_AFTER]},
        {"feeds": [Move.JAMS]},
        {"writes": [Write.DEFECTIVE]},
        {"writes": [Write.DEFECTIVE, Write.TOO_SLOW], "rejects": [Move.LOST_AFTER]},
        {"prints": Print.ENDS_UNSAID},
        {"prints": Print.STOPS},
        {"presents": [Move.LOST_AFTER]},
        {"taking": Taking.LEAVES},
        {"taking": Taking.LATE},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_a_daemon_that_dies_anywhere_in_a_cards_mishap_loses_no_blank(wrong: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"feeds": [], "writes": [], "presents": [], "rejects": []}
    usual |= {"prints": Print.OK, "taking": Taking.TAKES}
    death, died = 0, True
    while died:
        death += 1
        model = CardIssuingMachine()
        try:
            before = model.steps["deaths"]
            chosen = {
                name: list(value) if isinstance(value, list) else value for name, value in (usual | wrong).items()
            }
            model.a_resident_has_a_card_made(document=CARDS[0], nets=[], death=death, **chosen)
            died = model.steps["deaths"] > before
            model.the_books_agree()
            model.every_blank_is_somewhere()
        finally:
            model.teardown()
    assert death > 20

"""A few hundred random steps of the model test; `./adm prove model --long` takes twenty thousand."""

import pytest

from tests.crash.model_run import explore

STEPS = 400
SEED = 7

pytestmark = [pytest.mark.xdist_group("crash_model")]


def test_journal_registry_and_paper_agree_whatever_happens() -> None:
    outcome = explore(STEPS, SEED, shrink=False)
    assert outcome.found == ""
    assert outcome.total >= STEPS
    # It was about something.
    assert outcome.steps["print"] > 20
    assert outcome.steps["deaths"] > 5


def test_a_machine_that_journals_too_late_is_found_out() -> None:
    assert explore(10 * STEPS, SEED, late=True, shrink=False).found

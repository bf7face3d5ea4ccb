"""Runs the model test for so many steps, or until it finds something."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from dataclasses import dataclass

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from kiosk.issuance.states import Event
from tests.crash.model import IssuingMachine
from tests.crash.model_cards import CardIssuingMachine

STEPS_A_RUN = 50
RUNS_AT_ONCE = 40


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        steps: Rules carried out, by name.
        found: What broke, and the steps that led to it; empty when nothing did.
    """

    steps: Counter[str]
    ends: Counter[str]
    found: str = ""

    @property
    def total(self) -> int:
        """Rules carried out; a death is part of one."""
        return sum(count for name, count in self.steps.items() if name != "deaths")


def explore(
    least_steps: int,
    first_seed: int,
    late: Event | None = None,
    shrink: bool = True,
    model: type[IssuingMachine] = CardIssuingMachine,
) -> Outcome:
    """Explore until so many rules were carried out; each round has a seed of its own, from `first_seed` on.

    Args:
        late: Negative control: what the machine journals too late.
        model: `IssuingMachine` has an A4 printer alone, `CardIssuingMachine` a card printer too.
    """
    outcome = Outcome(Counter(), Counter())
    machine = type("Machine", (model,), {"late": late, "steps": outcome.steps, "ends": outcome.ends})
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    while outcome.total < least_steps and not outcome.found:
        chosen = settings(
            max_examples=min(RUNS_AT_ONCE, max(1, least_steps // STEPS_A_RUN)),
            stateful_step_count=STEPS_A_RUN,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        )
        seeded = hypothesis.seed(first_seed)(machine)
        first_seed += 1
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                run_state_machine_as_test(seeded, settings=chosen)
        except AssertionError as error:
            outcome.found = f"{error}\n{''.join(getattr(error, '__notes__', ()))}"
    return outcome

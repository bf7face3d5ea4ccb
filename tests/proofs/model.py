"""The production issuers, recovery, outbox and journal against a model of everything around them, at random.

Faults, lost answers, deaths of the daemon, repeated and late messages, restarts of the printer, technicians' findings;
after every step journal, registry, books, paper and plastic are compared. Two negative controls, which journal
`printing` and `feeding` too late, must be found out.
"""

from kiosk.issuance.states import Event
from tests.crash.model import IssuingMachine
from tests.crash.model_run import explore
from tests.proofs import Options, Proof

LONG_STEPS, SHORT_STEPS = 20_000, 600
CONTROL_STEPS = 5_000
SEED = 1


def run(options: Options) -> Proof:
    """Explore."""
    outcome = explore(LONG_STEPS if options.long else SHORT_STEPS, SEED)
    controls = {
        "print": explore(CONTROL_STEPS, SEED, Event.PRINT, shrink=False, model=IssuingMachine),
        "feeding": explore(CONTROL_STEPS, SEED, Event.FEED, shrink=False),
    }
    details = [f"{name}: {count}" for name, count in sorted(outcome.steps.items())]
    details += [f"ended {name}: {count}" for name, count in sorted(outcome.ends.items())]
    # Any of the three ends the exploration, so a whole one has none.
    details += ["double prints, unaccounted, lost acknowledged: " + ("see below" if outcome.found else "0, 0, 0")]
    details += [outcome.found] if outcome.found else []
    for name, control in controls.items():
        first = control.found.splitlines()[0] if control.found else "NOT FOUND OUT"
        details.append(f"negative control, {name} journaled too late: {first}, after {control.total} steps")
    failed = (1 if outcome.found else 0) + sum(not control.found for control in controls.values())
    return Proof(outcome.total, failed, tuple(details))

"""The production issuer, recovery, outbox and journal against a model of everything around them, at random.

Faults, lost answers, deaths of the daemon, repeated and late messages, restarts of the printer, technicians' findings;
after every step journal, registry and paper are compared. The negative control journals `printing` too late, and must
be found out.
"""

from tests.crash.model_run import explore
from tests.proofs import Options, Proof

LONG_STEPS, SHORT_STEPS = 20_000, 600
CONTROL_STEPS = 5_000
SEED = 1


def run(options: Options) -> Proof:
    """Explore."""
    outcome = explore(LONG_STEPS if options.long else SHORT_STEPS, SEED)
    control = explore(CONTROL_STEPS, SEED, late=True, shrink=False)
    details = [f"{name}: {count}" for name, count in sorted(outcome.steps.items())]
    details += [f"ended {name}: {count}" for name, count in sorted(outcome.ends.items())]
    # Any of the three ends the exploration, so a whole one has none.
    details += ["double prints, unaccounted, lost acknowledged: " + ("see below" if outcome.found else "0, 0, 0")]
    details += [outcome.found] if outcome.found else []
    first = control.found.splitlines()[0] if control.found else "NOT FOUND OUT"
    details.append(f"negative control, journaled too late: {first}, after {control.total} steps")
    failed = (1 if outcome.found else 0) + (0 if control.found else 1)
    return Proof(outcome.total, failed, tuple(details))

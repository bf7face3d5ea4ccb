"""The power is cut at every step of a journal's life: no acknowledged entry is ever lost, where fsync is honoured.

Two negative controls, the same journal with PRAGMA synchronous NORMAL and OFF, must lose some: the proof can fail.
"""

from tests.crash.powerloss import Replay, replay
from tests.proofs import Options, Proof

LONG_TORN, SHORT_TORN = 24, 2
LONG_EVERY, SHORT_EVERY = 1, 6
CONTROL_TORN = 2
CONTROLS = ("NORMAL", "OFF")


def run(options: Options) -> Proof:
    """Cut it."""
    torn, every = (LONG_TORN, LONG_EVERY) if options.long else (SHORT_TORN, SHORT_EVERY)
    full = replay("FULL", torn, every)
    details = [_line("FULL", full), *full.wrong]
    failed = full.failed
    for synchronous in CONTROLS:
        control = replay(synchronous, CONTROL_TORN, every)
        details.append(f"negative control: {_line(synchronous, control)}")
        # A control that loses nothing says that the proof is blind.
        failed += 0 if control.lost else 1
    return Proof(full.tried, failed, tuple(details))


def _line(synchronous: str, came_of_it: Replay) -> str:
    return (
        f"synchronous {synchronous}: {came_of_it.tried} disks after {came_of_it.steps} steps with"
        f" {came_of_it.entries} acknowledged entries; {came_of_it.lost} lost one, {came_of_it.corrupt} corrupt"
    )

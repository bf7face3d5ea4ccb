"""The whole machine, one of its processes killed with -9 in each state of an issuance: nothing is printed twice.

Cases are `kiosk:asked`, `central:accepted` and so on; `--only` takes them. Without --long one case a process is tried.
Processes are told to die when the journal says the state; what it said when they were dead is in the report.
"""

import asyncio
import itertools
import tempfile
from pathlib import Path

from simulator.demo.children import ChildDied
from simulator.demo.waiting import NotInTime
from tests.crash.processes import STATES, TARGETS, one
from tests.proofs import Options, Proof

SHORT = ("kiosk:accepted", "central:granted", "ippeveprinter:accepted", "pcscd:accepted")


def run(options: Options) -> Proof:
    """Try them, one machine each."""
    every = tuple(f"{target}:{state}" for target, state in itertools.product(TARGETS, STATES))
    cases = tuple(name for word in options.only for name in word.split(",")) or (every if options.long else SHORT)
    if unknown := set(cases) - set(every):
        return Proof(1, 1, (f"no case {', '.join(sorted(unknown))}; there are {', '.join(every)}",))
    failed, details, double = 0, [], 0
    for case in cases:
        target, _, state = case.partition(":")
        with tempfile.TemporaryDirectory(prefix="adm-") as folder:
            try:
                ended = asyncio.run(one(Path(folder), target, state))
            except (NotInTime, ChildDied, TimeoutError, AssertionError) as error:
                failed += 1
                details.append(f"{case}: {type(error).__name__}: {error}")
                continue
        double += ended.printed > 1
        failed += bool(ended.wrong)
        settled = "" if ended.settled == ended.after else f", settled as {ended.settled}"
        details.append(f"{case}: dead in {ended.killed_in}, ended {ended.after}{settled}, printed {ended.printed}")
        details += [f"{case}: {line}" for line in ended.wrong]
    return Proof(len(cases), failed, (*details, f"double prints: {double}"))

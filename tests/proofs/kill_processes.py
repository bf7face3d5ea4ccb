"""The whole machine, each of its processes, and each pair, killed with -9 in each state of an issuance.

Nothing is printed twice, no blank disappears, journal, registry and books agree, and the machine invites again. Cases
are named `ktp/kiosk:printing` and `kk/central+pcscd:accepted`; --only takes them, or any beginning of them. `--jobs N`
runs N machines side by side. The short form tries a few. Processes die when the journal says the state; what it said
when they were dead is in the report.
"""

import asyncio
from collections import Counter

from tests.crash.many import Machines
from tests.crash.processes import Death, deaths, one
from tests.crash.whole import Ended
from tests.proofs import Options, Proof

SHORT = ("ktp/kiosk:printing", "kk/central:granted", "kk/ippeveprinter:accepted", "ktp/pcscd:encoding")


def run(options: Options) -> Proof:
    """Try them."""
    wanted = tuple(name for word in options.only for name in word.split(",")) or (() if options.long else SHORT)
    todo = [death for death in deaths() if not wanted or death.name.startswith(wanted)]
    if not todo:
        return Proof(1, 1, (f"no case begins with {' or '.join(wanted)}",))
    ended: dict[Death, Ended | str] = {}

    def said(death: Death, outcome: Ended | str, taken_s: float) -> None:
        ended[death] = outcome
        print(f"{death.name}: {_words(outcome)} ({taken_s:.0f} s)", flush=True)

    asyncio.run(Machines[Death](one, said, lambda death: "screens" in death.targets).run(todo, options.jobs))
    reached = [one for one in ended.values() if isinstance(one, Ended)]
    details = [f"{death.name}: {_words(one)}" for death, one in ended.items()]
    details += [f"{words}: {count}" for words, count in sorted(Counter(one.words for one in reached).items())]
    details.append(f"state not reached: {sum(not one.struck_in for one in reached)}")
    details.append(f"double prints: {sum(one.double for one in reached)}")
    details.append(f"unaccounted: {sum(one.unaccounted for one in reached)}")
    failed = sum(isinstance(one, str) or bool(one.wrong) for one in ended.values())
    return Proof(len(ended), failed, tuple(details))


def _words(one: Ended | str) -> str:
    if isinstance(one, str):
        return f"WRONG {one}"
    wrong = f" WRONG {'; '.join(one.wrong)}" if one.wrong else ""
    return f"dead in {one.struck_in or 'no such step'}, {one.words}, printed {one.printed}{wrong}"

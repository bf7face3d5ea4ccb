"""The whole machine, each of its processes, and each pair, killed with -9 in each state of an issuance.

Nothing is printed twice, no blank disappears, journal, registry and books agree, and the machine invites again. Cases
are named `ktp/kiosk:printing` and `kk/central+pcscd:accepted`; --only takes them, or any beginning of them. The short
form tries a few. Processes die when the journal says the state; what it said when they were dead is in the report.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from simulator.demo.children import ChildDied
from simulator.demo.client import Refused
from simulator.demo.waiting import NotInTime
from tests.crash.processes import Death, deaths, one
from tests.crash.whole import Ended, whole_machine
from tests.proofs import Options, Proof

SHORT = ("ktp/kiosk:printing", "kk/central:granted", "kk/ippeveprinter:accepted", "ktp/pcscd:encoding")
BROKEN = (NotInTime, ChildDied, TimeoutError, Refused, OSError, ValueError)


def run(options: Options) -> Proof:
    """Try them."""
    wanted = tuple(name for word in options.only for name in word.split(",")) or (() if options.long else SHORT)
    todo = [death for death in deaths() if not wanted or death.name.startswith(wanted)]
    if not todo:
        return Proof(1, 1, (f"no case begins with {' or '.join(wanted)}",))
    ended = asyncio.run(_run(todo))
    reached = [one for one in ended.values() if isinstance(one, Ended)]
    details = [f"{death.name}: {_words(one)}" for death, one in ended.items()]
    details.append(f"double prints: {sum(one.double for one in reached)}")
    details.append(f"unaccounted: {sum(one.unaccounted for one in reached)}")
    failed = sum(isinstance(one, str) or bool(one.wrong) for one in ended.values())
    return Proof(len(ended), failed, tuple(details))


async def _run(todo: list[Death]) -> dict[Death, Ended | str]:
    ended: dict[Death, Ended | str] = {}
    while todo:
        # Screens are drawn only where they are to be killed: the others go by themselves.
        screens = "screens" in todo[0].targets
        with tempfile.TemporaryDirectory(prefix="adm-") as folder:
            async with whole_machine(Path(folder), screens=screens) as visitor:
                while todo and screens is ("screens" in todo[0].targets):
                    death, began_s = todo.pop(0), time.monotonic()
                    try:
                        ended[death] = await one(visitor, death)
                    except BROKEN as error:
                        ended[death] = f"{type(error).__name__}: {error}"
                    print(f"{death.name}: {_words(ended[death])} ({time.monotonic() - began_s:.0f} s)", flush=True)
                    if isinstance(ended[death], str):
                        break  # the next case gets a machine of its own
    return ended


def _words(one: Ended | str) -> str:
    if isinstance(one, str):
        return f"WRONG {one}"
    wrong = f" WRONG {'; '.join(one.wrong)}" if one.wrong else ""
    return f"dead in {one.struck_in or 'no such step'}, {one.words}, printed {one.printed}{wrong}"

"""Every named fault of every virtual device, set at every step of a journey of a whole machine.

Nothing is printed twice, no blank disappears, journal, registry and books agree, and the machine invites again once
it was mended. Cases are named `ktp/card_printer:mute@printing`; --only takes them, or any beginning of them, such as
`ktp/card_printer`. The short form tries a few. ADM_FAULTS_FILE names a file that outcomes are added to, a JSON line
each, so that a long run can be done in parts; `python -m tests.crash.faults_table FILE` makes docs/faults.md of it.
"""

import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from simulator.demo.children import ChildDied
from simulator.demo.client import Refused
from simulator.demo.waiting import NotInTime
from tests.crash import faults
from tests.crash.faults import Cell
from tests.crash.whole import Ended, whole_machine
from tests.proofs import Options, Proof

SHORT = (
    "ktp/card_printer:mechanical@printing",
    "ktp/card_printer:mute@feeding",
    "kk/paper_feeder:jam_s5@accepted",
    "kk/document_printer:jam@accepted",
    "kk/card_reader:vanish@idle",
)
BROKEN = (NotInTime, ChildDied, TimeoutError, Refused, OSError)


@dataclass
class _Report:
    ended: dict[Cell, Ended | str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        wrong = sum(isinstance(one, str) or bool(one.wrong) for one in self.ended.values())
        return wrong + len(self.unknown)

    def details(self) -> list[str]:
        reached = [one for one in self.ended.values() if isinstance(one, Ended)]
        outcomes = Counter(one.words for one in reached if one.struck_in)
        lines = [f"{words}: {count}" for words, count in sorted(outcomes.items())]
        lines += [f"no case begins with {word}" for word in self.unknown]
        lines.append(f"step not reached: {sum(not one.struck_in for one in reached)}")
        lines.append(f"double prints: {sum(one.double for one in reached)}")
        lines.append(f"unaccounted: {sum(one.unaccounted for one in reached)}")
        for cell, one in self.ended.items():
            if isinstance(one, str):
                lines.append(f"{cell.name}: {one}")
            else:
                lines += [f"{cell.name}: {line}" for line in one.wrong]
        return lines


def run(options: Options) -> Proof:
    """Try them."""
    report = asyncio.run(_run(options))
    return Proof(len(report.ended) + len(report.unknown), report.failed, tuple(report.details()))


async def _run(options: Options) -> _Report:
    report = _Report()
    wanted = tuple(name for word in options.only for name in word.split(",")) or (() if options.long else SHORT)
    todo: list[Cell] | None = None
    while todo is None or todo:
        with tempfile.TemporaryDirectory(prefix="adm-") as folder:
            async with whole_machine(Path(folder)) as visitor:
                if todo is None:
                    every = faults.cells(visitor.demo.page)
                    todo = [cell for cell in every if not wanted or cell.name.startswith(wanted)]
                    report.unknown = [word for word in wanted if not any(c.name.startswith(word) for c in todo)]
                while todo:
                    cell, began_s = todo.pop(0), time.monotonic()
                    try:
                        report.ended[cell] = ended = await faults.one(visitor, cell)
                        words = f"{ended.words}{' WRONG ' + '; '.join(ended.wrong) if ended.wrong else ''}"
                    except BROKEN as error:
                        words = report.ended[cell] = f"{type(error).__name__}: {error}"
                    _keep(cell, report.ended[cell])
                    print(f"{cell.name}: {words} ({time.monotonic() - began_s:.0f} s)", flush=True)
                    if isinstance(report.ended[cell], str):
                        break  # the next case gets a machine of its own
    return report


def _keep(cell: Cell, ended: Ended | str) -> None:
    """Add one outcome to the file that was asked for."""
    if not (file := os.environ.get("ADM_FAULTS_FILE")):
        return
    if isinstance(ended, str):
        said = {"words": ended, "reached": True, "wrong": [ended]}
    else:
        said = {"words": ended.words, "reached": bool(ended.struck_in), "wrong": ended.wrong}
    line = asdict(cell) | said
    with Path(file).open("a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")

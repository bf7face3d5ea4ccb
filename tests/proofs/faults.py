"""Every named fault of every virtual device, set at every step of a journey of a whole machine.

Nothing is printed twice, no blank disappears, journal, registry and books agree, and the machine invites again once
it was mended. Cases are named `ktp/card_printer:mute@printing`; --only takes them, or any beginning of them, such as
`ktp/card_printer`. `--jobs N` runs N machines side by side. The short form tries a few. ADM_FAULTS_FILE names a file
that outcomes are added to, a JSON line each: a run that is begun again with the same file leaves out what stands in it
already. `python -m tests.crash.faults_table FILE` makes docs/faults.md of it.
"""

import asyncio
import json
import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.crash import faults
from tests.crash.faults import Cell
from tests.crash.many import Machines, asked
from tests.crash.whole import Ended
from tests.proofs import Options, Proof

SHORT = (
    "ktp/card_printer:mechanical@printing",
    "ktp/card_printer:mute@feeding",
    "kk/paper_feeder:jam_s5@accepted",
    "kk/document_printer:jam@accepted",
    "kk/card_reader:vanish@idle",
)


@dataclass
class _Report:
    ended: dict[Cell, Ended | str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    before: int = 0
    alike: int = 0

    @property
    def failed(self) -> int:
        wrong = sum(isinstance(one, str) or bool(one.wrong) for one in self.ended.values())
        return wrong + len(self.unknown)

    def said(self, cell: Cell, ended: Ended | str, taken_s: float) -> None:
        """One case is over."""
        self.ended[cell] = ended
        _keep(cell, ended)
        words = f"WRONG {ended}" if isinstance(ended, str) else ended.words
        if isinstance(ended, Ended) and ended.wrong:
            words += f" WRONG {'; '.join(ended.wrong)}"
        print(f"{cell.name}: {words} ({taken_s:.0f} s)", flush=True)

    def details(self) -> list[str]:
        """Lines for a person."""
        reached = [one for one in self.ended.values() if isinstance(one, Ended)]
        outcomes = Counter(one.words for one in reached if one.struck_in)
        lines = [f"{words}: {count}" for words, count in sorted(outcomes.items())]
        lines += [f"no case begins with {word}" for word in self.unknown]
        lines.append(f"step not reached: {sum(not one.struck_in for one in reached)}")
        lines.append(f"tried before, in {os.environ.get('ADM_FAULTS_FILE', 'no file')}: {self.before}")
        lines.append(f"not tried, as it cannot differ from the case at `{faults.FOR_ALL}`: {self.alike}")
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
    every = [cell for cell in await asked(faults.cells) if not wanted or cell.name.startswith(wanted)]
    report.unknown = [word for word in wanted if not any(cell.name.startswith(word) for cell in every)]
    done = _kept()
    # Whoever names a case exactly gets it tried.
    alike = [cell for cell in every if cell.alike and cell.name not in wanted]
    todo = [cell for cell in every if cell not in alike and cell not in done]
    report.alike, report.before = len(alike), len(every) - len(alike) - len(todo)
    await Machines[Cell](faults.one, report.said).run(todo, options.jobs)
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


def _kept() -> set[Cell]:
    """What stands in that file and broke no rule."""
    file = os.environ.get("ADM_FAULTS_FILE")
    if not file or not Path(file).exists():
        return set()
    lines = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    return {Cell(one["journey"], one["device"], one["fault"], one["state"]) for one in lines if not one["wrong"]}

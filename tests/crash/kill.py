"""Kills one issuance at a point, recovers, and judges: the heart of `prove kill`."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance import stock
from kiosk.issuance.journal import JournalError, read
from tests.crash.families import Person, person
from tests.crash.invariants import FREE, Tally, check, check_paper
from tests.crash.issue_once import Work
from tests.crash.killing import CALLS, SENDS, Point, Run, run
from tests.crash.world import Known, World


@dataclass
class KillBench:
    """Counts runs, so that each has its own journal and its own document.

    Attributes:
        keys: Of every issuance that any journal began.
        late: Whether the machine journals too late, on purpose.
        open_after: Entries after which an issuance is still open: asked, granted, printing, accepted, printed.
        kind: What is printed.
        granted: The entry that says so.
        left: In which states the kills left an issuance, before any recovery.
    """

    world: World
    directory: Path
    tally: Tally = field(default_factory=Tally)
    runs: int = 0
    keys: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    late: bool = False
    open_after: range = range(1, 6)
    kind: pb.DocumentKind.ValueType = pb.DOCUMENT_KIND_KK
    granted: int = 2

    async def whole(self) -> Run:
        """One issuance that nobody disturbs: it says which points there are."""
        _, work = self._fresh()
        made = await run(work, "issue")
        await self._judge("undisturbed", work.journal, made.appended)
        return made

    async def kill(self, point: Point, again: Sequence[Point] = ()) -> bool:
        """Kill at a point, then recover, being killed at each of `again` first; whether the first kill came."""
        someone, work = self._fresh()
        name = " then ".join(str(one) for one in (point, *again))
        first = await run(work, "issue", point)
        if not first.killed:
            await self._judge(f"{name}, survived", work.journal, first.appended)
            return False
        appended = first.appended
        for one in again:
            appended |= (await run(work, "recover", one)).appended
        left = _state(work.journal)
        self.left[left] += 1
        recovered = await run(work, "recover", trace=False)
        if len(set(recovered.entries)) != 1:
            self.tally.wrong.append(f"{name}: a second recovery wrote again: {recovered.entries}")
        known_wrong = len(self.tally.wrong)
        state_after = await self._judge(name, work.journal, appended)
        may = await self.world.may_be_issued(someone, self.kind)
        if may is not (state_after is None or state_after in FREE):
            self.tally.wrong.append(f"{name}: {state_after}, and another grant was {'given' if may else 'refused'}")
        print(f"{name}: left {left}, ended {state_after}", *self.tally.wrong[known_wrong:], flush=True)
        if left == "printing" and self.kind == pb.DOCUMENT_KIND_KK:
            # A job that was made and never got its document: ippeveprinter would wait for that for ever.
            await self.world.printer.power_cycle()
        return True

    async def control(self, points: Sequence[Point]) -> int:
        """Kill a machine that journals too late at these points; how often that was seen."""
        honest, self.tally, self.late = self.tally, Tally(), True
        try:
            for point in points:
                await self.kill(point)
            return len(self.tally.wrong)
        finally:
            self.tally, self.late = honest, False

    async def recoveries(self, points: Sequence[Point], step: int) -> None:
        """Kill in each open state, then kill the recovery too, at every `step`-th of its calls."""
        for first in {point.after: point for point in reversed(points) if point.after in self.open_after}.values():
            _, work = self._fresh()
            if not (await run(work, "issue", first)).killed:
                self.tally.wrong.append(f"{first}: survived")
                continue
            whole = await run(work, "recover")
            await self._judge(f"{first}, recovered under strace", work.journal, whole.appended)
            for second in whole.points[::step]:
                await self.kill(first, (second,))

    async def every_send(self) -> None:
        """Kill at the first, second, third ... send on any socket until the process survives."""
        await self.every_point(SENDS)

    async def every_point(self, calls: Sequence[str] = CALLS) -> None:
        """Kill at the first, second, third ... call of each kind until the process survives."""
        for call in calls:
            number = 1
            while await self.kill(Point(call, number)):
                number += 1

    async def finish(self) -> None:
        """Judge the paper of all runs together."""
        await self.world.printer_idle()
        check_paper(self.tally, self.world, self.keys)

    def _fresh(self) -> tuple[Person, Work]:
        """A document that nobody has printed, and a journal that nobody has written."""
        someone = person(self.runs)
        self.runs += 1
        work = self.world.work(self.directory / f"run-{self.runs}" / "journal.db", someone)
        return someone, work.model_copy(update={"late": self.late})

    async def _judge(self, name: str, journal: Path, appended: frozenset[int]) -> str | None:
        self.tally.tried += 1
        await self.world.printer_idle()
        entries = list(read(journal))
        lost = appended - {entry.seq for entry in entries}
        self.tally.lost += len(lost)
        self.tally.wrong += [f"{name}: entry {seq} is lost" for seq in sorted(lost)]
        issued = [entry for entry in entries if entry.key not in (stock.KEY, stock.TECHNICIAN)]
        keys = list(dict.fromkeys(entry.key for entry in issued))
        self.keys += keys
        known = self.world.known(keys)
        check(self.tally, name, entries, known, self._printed(known))
        return issued[-1].state if issued else None

    def _printed(self, known: Mapping[str, Known]) -> dict[str, int]:
        """Times that the document of each key came out."""
        return {key: self.world.times_printed(row.artefact_sha256) for key, row in known.items() if row.artefact_sha256}


def _state(journal: Path) -> str:
    """The newest entry's state, read from a copy: looking must not mend anything."""
    with tempfile.TemporaryDirectory(prefix="adm-look-") as folder:
        copy = Path(shutil.copytree(journal.parent, Path(folder) / "copy")) / journal.name
        try:
            states = [entry.state for entry in read(copy) if entry.key not in (stock.KEY, stock.TECHNICIAN)]
        except JournalError:
            return "none"
        return states[-1] if states else "none"

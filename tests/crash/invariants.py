"""What must hold after every crash, between the journal, the registry and what really came out of the printer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.issuance import stock
from kiosk.issuance.journal import Entry, read, verify
from kiosk.issuance.states import ENDS, State
from tests.crash.world import Known, World

# What the registry says of an issuance that the journal has ended so; None: it may know nothing of it.
AT_REGISTRY: Mapping[str, frozenset[str | None]] = {
    State.TAKEN: frozenset({"taken"}),
    State.UNKNOWN: frozenset({"unknown"}),
    State.SPOILED: frozenset({"void"}),
    State.RETRACTED: frozenset({"void"}),
    State.RETAINED: frozenset({"void"}),
    State.CANCELLED: frozenset({"void"}),
}
FREE = frozenset({State.CANCELLED, State.SPOILED, State.RETRACTED, State.RETAINED})


@dataclass
class Tally:
    """What was tried, and what came of it.

    Attributes:
        ends: How issuances ended, by state; "none" where none had begun.
        double_prints: Documents that came out more than once.
        unaccounted: Sheets or registry rows that no journal explains, and journals that the registry contradicts.
        lost: Entries that `append` had returned for, and that are gone.
        wrong: Everything that broke a rule, a line each.
    """

    tried: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    double_prints: int = 0
    unaccounted: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)

    def details(self) -> list[str]:
        """Lines for a person."""
        lines = [f"ended {name}: {count}" for name, count in sorted(self.ends.items())]
        lines += [f"double prints: {self.double_prints}", f"unaccounted: {self.unaccounted}"]
        return [*lines, f"lost acknowledged: {self.lost}", *self.wrong]


def states(journal: Path) -> dict[str, str]:
    """The state each issuance of a journal is in, by key."""
    return {entry.key: entry.state for entry in read(journal)}


def check(
    tally: Tally, name: str, entries: Sequence[Entry], known: Mapping[str, Known], printed: Mapping[str, int]
) -> None:
    """Judge one machine after its recovery.

    Args:
        printed: Times that the document of a key came out.
    """
    tally.wrong += [f"{name}: {line}" for line in verify(iter(entries))]
    last = {entry.key: entry.state for entry in entries if entry.key not in (stock.KEY, stock.TECHNICIAN)}
    for key, state in last.items():
        count, row = printed.get(key, 0), known.get(key)
        if State(state) not in ENDS:
            tally.wrong.append(f"{name}: still {state}")
            continue
        tally.ends[state] += 1
        if count > 1:
            tally.double_prints += 1
            tally.wrong.append(f"{name}: printed {count} times")
        if state == State.TAKEN and count != 1:
            tally.wrong.append(f"{name}: taken, and printed {count} times")
        if state == State.CANCELLED and count != 0:
            tally.wrong.append(f"{name}: cancelled, and printed {count} times")
        if (row.state if row else None) not in AT_REGISTRY[state]:
            tally.unaccounted += 1
            tally.wrong.append(f"{name}: {state} here, {row.state if row else 'nothing'} at the registry")
        if row is not None and row.holds is (State(state) in FREE):
            tally.wrong.append(f"{name}: {state}, and the document is {'kept' if row.holds else 'free'}")
    if not last:
        tally.ends["none"] += 1


def check_paper(tally: Tally, world: World, keys: Sequence[str]) -> None:
    """Judge everything that ever came out of the printer: each sheet belongs to one issuance of these, none twice."""
    granted = {known.artefact_sha256 for known in world.known(keys).values()}
    files = Counter(world.printed_files())
    for sha256, count in files.items():
        if sha256 not in granted:
            tally.unaccounted += 1
            tally.wrong.append(f"a sheet that no journal knows: {sha256.hex()}")
        if count > 1:
            tally.double_prints += 1
            tally.wrong.append(f"printed {count} times: {sha256.hex()}")
    total = world.printer.state()["printed_total"]
    if total != sum(files.values()):
        tally.wrong.append(f"the printer counted {total} documents, and {sum(files.values())} lie there")

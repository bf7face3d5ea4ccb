"""`python -m tests.crash.faults_table FILE...`: docs/faults.md from the outcomes that `prove faults` has left."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.crash import faults
from tests.crash.faults import Cell
from tests.crash.whole import JOURNEYS

HEAD = """# What every fault comes to

Made on {day} by `python -m tests.crash.faults_table` from what `./adm prove faults --long` has left: {tried} cases,
{failed} that broke a rule. Each named fault of each virtual device is set in the moment the journal says the step, and
stays until the issuance has ended; then the machine is mended and must invite again. After each case the journal, the
registry, the books of blanks and the virtual devices' own counts are compared.

`·`: the resident has the document, as if nothing was. `-`: the journey did not come to this step. `settled`: what a
technician said of an unknown outcome after looking. `=`: as at `printing`, and not tried by itself: the making of a
document touches neither card reader, camera, receipt printer nor cabinet between these steps, for `kiosk/issuance` is
not given them (`tests/crash/test_alike.py`). Any other empty field was not tried. A fault that is set in a step
strikes when the device next does what it spoils, which may be never.
"""


def document(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """The whole page."""
    rows: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    newest = {(one["journey"], one["device"], one["fault"], one["state"]): one for one in outcomes}
    for one in newest.values():
        rows[one["journey"], one["device"]][one["fault"]][one["state"]] = _shown(one)
    failed = sum(bool(one["wrong"]) for one in newest.values())
    lines = [HEAD.format(day=f"{datetime.now(UTC):%-d %B %Y}", tried=len(newest), failed=failed)]
    for (journey, device), table in sorted(rows.items()):
        for fault, row in table.items():
            alike = [state for state in JOURNEYS[journey].states if Cell(journey, device, fault, state).alike]
            if faults.FOR_ALL in row:
                row.update((state, "=") for state in alike if state not in row)
        lines += [f"## {journey}: {device}", "", *_table(JOURNEYS[journey].states, table), ""]
    return "\n".join(lines)


def _table(states: Sequence[str], table: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    yield f"| fault | {' | '.join(states)} |"
    yield f"|---|{'---|' * len(states)}"
    for fault, outcomes in table.items():
        yield f"| {fault} | {' | '.join(outcomes.get(state, '') for state in states)} |"


def _shown(one: Mapping[str, Any]) -> str:
    if one["wrong"]:
        return "**wrong**"
    if not one["reached"]:
        return "-"
    return "·" if one["words"] == "taken" else str(one["words"])


if __name__ == "__main__":
    files = [Path(name).read_text(encoding="utf-8") for name in sys.argv[1:]]
    print(document([json.loads(line) for file in files for line in file.splitlines()]))

"""Measures, prints a table, and leaves a JSON list of rows.

Exit status: 0 measured (the table says which targets are met), 1 some area could not be measured, 2 wrong
words.
"""

import argparse
import importlib
import json
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import tests.benchmarks
from tests.benchmarks.harness import Options, Row, row_of, table

NOT_AREAS = {"__main__", "harness"}


def areas() -> list[str]:
    """The areas there are: modules of this folder that have `rows`."""
    names = (found.name for found in pkgutil.iter_modules(tests.benchmarks.__path__))
    return sorted(name for name in names if name not in NOT_AREAS and not name.startswith("_"))


def wanted(row: Row, only: Sequence[str]) -> bool:
    """Whether a person who asked for `only` wants to see this row."""
    return not only or any(row.name == word or row.name.startswith(f"{word}.") for word in only)


def main(words: Sequence[str] | None = None) -> int:
    """Runs what the words ask for."""
    known = areas()
    parser = argparse.ArgumentParser(prog="./adm benchmark", description="Areas: " + (", ".join(known) or "none"))
    parser.add_argument("--only", action="append", default=[], metavar="AREA", help="an area or a row's name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to leave the rows")
    parser.add_argument("--faces", type=Path, metavar="DIR", help="photographs for areas that recognise faces")
    given = parser.parse_args(words)
    chosen = sorted({word.split(".")[0] for word in given.only}) or known
    for area in chosen:
        if area not in known:
            parser.error(f"there is no area {area!r}; there are: {', '.join(known)}")
    options = Options(faces=given.faces, only=tuple(given.only))
    rows: list[Row] = []
    failed = False
    for area in chosen:
        print(f"measuring {area} ...", file=sys.stderr, flush=True)
        try:
            found = importlib.import_module(f"tests.benchmarks.{area}").rows(options)
            rows.extend(row for row in map(row_of, found) if wanted(row, given.only))
        except Exception:  # noqa: BLE001 - supervised: one area that breaks must not hide the others' figures
            traceback.print_exc()
            print(f"{area} could not be measured", file=sys.stderr)
            failed = True
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

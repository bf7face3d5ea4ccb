"""Runs one proof and says what was tried, how many cases, how many failed.

Exit status: 0 the property stood, 1 something failed (or nothing was tried), 2 wrong words.
"""

import argparse
import importlib
import json
import pkgutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import tests.proofs
from tests.proofs import Options, Proof


def names() -> list[str]:
    """The proofs there are, as a person types them."""
    found = (module.name for module in pkgutil.iter_modules(tests.proofs.__path__))
    return sorted(name.replace("_", "-") for name in found if not name.startswith("_"))


def main(words: Sequence[str] | None = None) -> int:
    """Runs what the words ask for."""
    known = names()
    parser = argparse.ArgumentParser(prog="./adm prove", description="Proofs: " + (", ".join(known) or "none yet"))
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--long", action="store_true", help="try for as long as it takes")
    parser.add_argument("--only", action="append", default=[], metavar="CASE")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="whole machines side by side")
    parser.add_argument("--faces", type=Path, metavar="DIR", help="photographs for proofs that try faces")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to leave the outcome")
    given = parser.parse_args(words)
    name = given.name.replace("_", "-")
    if name not in known:
        parser.error(f"there is no proof {given.name!r}; there are: {', '.join(known) or 'none yet'}")
    if given.faces is not None and not given.faces.is_dir():
        parser.error(f"there is no folder {given.faces}")
    began = time.monotonic()
    module = importlib.import_module(f"tests.proofs.{name.replace('-', '_')}")
    proof: Proof = module.run(
        Options(long=given.long, only=tuple(given.only), faces=given.faces, jobs=max(1, given.jobs))
    )
    taken_s = time.monotonic() - began
    for line in proof.details:
        print(line)
    print(f"{name}: {proof.tried} tried, {proof.failed} failed, {taken_s:.1f} s")
    if given.json:
        outcome = {
            "name": name,
            "tried": proof.tried,
            "failed": proof.failed,
            "holds": proof.holds,
            "long": given.long,
            "seconds": round(taken_s, 3),
            "details": list(proof.details),
        }
        given.json.write_text(json.dumps(outcome, indent=2) + "\n")
    return 0 if proof.holds else 1


if __name__ == "__main__":
    sys.exit(main())

"""`python -m kiosk.cli VERB ...`: one table of verbs, one way to find the configuration."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from kiosk.cli import card, card_printer, diagnose, face, feeder, journal, printers, selftest, staff, status, stock
from kiosk.cli.say import CommandFailed
from kiosk.config import ConfigError

PLACES: Final = (Path("/etc/adm/kiosk.toml"), Path(".adm/run/kiosk.toml"))
VERBS: Final[Mapping[str, Callable[["argparse._SubParsersAction[argparse.ArgumentParser]"], None]]] = {
    "status": status.add,
    "selftest": selftest.add,
    "diagnose": diagnose.add,
    "face": face.add,
    "journal": journal.add,
    "stock": stock.add,
    "staff": staff.add,
    "card": card.add,
    "card-printer": card_printer.add,
    "printers": printers.add,
    "feeder": feeder.add,
}


def main() -> int:
    """Run one command; 2 when it was asked wrongly or cannot be done."""
    parser = argparse.ArgumentParser(prog="adm", description="Commands of one machine.")
    parser.add_argument("--config", type=Path, default=_default_config(), help="the machine's kiosk.toml")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for add in VERBS.values():
        add(verbs)
    arguments = parser.parse_args()
    try:
        return int(arguments.run(arguments))
    except (CommandFailed, ConfigError) as error:
        print(error, file=sys.stderr)
        return 2


def _default_config() -> Path:
    named = os.environ.get("ADM_CONFIG")
    if named:
        return Path(named)
    return next((place for place in PLACES if place.is_file()), PLACES[0])


if __name__ == "__main__":
    sys.exit(main())

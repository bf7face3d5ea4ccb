"""What commands have in common: the configuration, the database, how they refuse and what they print."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from central.config import Config
from central.store.engine import Store

if TYPE_CHECKING:
    # Generic in the stubs only.
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

DEFAULT_DIR = Path(".adm/central")
# Where a configuration may be, when none is named: installed, of the running demo, of a development set-up.
PLACES = (Path("/etc/adm/central.toml"), Path(".adm/run/central/central.toml"), DEFAULT_DIR / "central.toml")


class CannotDo(Exception):
    """The command cannot be done; the message says why, for people."""


def add_config(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which configuration to use."""
    found = next((place for place in PLACES if place.is_file()), PLACES[-1])
    parser.add_argument("--config", type=Path, default=found, metavar="FILE")


def add_staff(parser: argparse.ArgumentParser) -> None:
    """Ask who does it."""
    parser.add_argument("--by", required=True, metavar="STAFF", type=_staff, help="staff number of who does it")


def _staff(text: str) -> str:
    if not text.isprintable() or not 1 <= len(text) <= 32 or text != text.strip():
        raise argparse.ArgumentTypeError("a staff number has 1 to 32 characters")
    return text


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[tuple[Config, Store]]:
    """The configuration a command was told, and its database.

    Raises:
        ConfigError, StoreError: They cannot be used.
    """
    config = Config.load(options.config)
    store = Store(config.store.path, readers=1)
    try:
        store.check()
        yield config, store
    finally:
        store.close()


def as_json(value: Any) -> str:
    """A value for programs."""
    return json.dumps(value, ensure_ascii=False, indent=2)

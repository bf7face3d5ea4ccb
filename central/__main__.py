"""Command line of central: serve, machines, init."""

import argparse
import asyncio
import json
import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from central.config import Config, ConfigError
from central.fleet import machines, table
from central.store.engine import Store, StoreError

DEFAULT_DIR = Path(".adm/central")
# Where a configuration may be, when none is named: installed, of the running demo, of a development set-up.
PLACES = (Path("/etc/adm/central.toml"), Path(".adm/run/central/central.toml"), DEFAULT_DIR / "central.toml")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 well, 2 it could not be done."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (ConfigError, StoreError) as error:
        return _refuse(str(error))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="central", description="The reference registry and fleet service.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run the service until SIGTERM")
    serve.set_defaults(run=_serve)
    listing = commands.add_parser("machines", help="show every machine's last known state")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=_machines)
    for command in (serve, listing):
        found = next((place for place in PLACES if place.is_file()), PLACES[-1])
        command.add_argument("--config", type=Path, default=found, metavar="FILE")

    init = commands.add_parser("init", help="development: make database, certificates and configuration (SIMULASI)")
    init.add_argument("--dir", type=Path, default=DEFAULT_DIR, help="where to (default %(default)s)")
    init.add_argument("--samples", type=Path, default=Path("samples"), help="residents.toml and faces/")
    init.add_argument("--models", type=Path, default=Path(".adm/models"), help="face models")
    init.add_argument("--port", type=int, default=7443, help="where the service will listen")
    init.set_defaults(run=_init)
    return parser


def _serve(options: argparse.Namespace) -> int:
    # Only here: they bring gRPC, typst and pyHanko, which the other commands do without.
    from central.server import StartError, serve

    config = Config.load(options.config)
    _log_to_stderr()
    try:
        asyncio.run(serve(config))
    except StartError as error:
        return _refuse(str(error))
    return 0


def _machines(options: argparse.Namespace) -> int:
    config = Config.load(options.config)
    store = Store(config.store.path, readers=1)
    try:
        store.check()
        found = store.read_now(machines.all_machines)
    finally:
        store.close()
    now = datetime.now(UTC)
    if options.json:
        for machine in found:
            age_s = table.seconds_since_seen(machine, now)
            machine["stale"] = age_s is None or age_s > config.fleet.stale_s
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print(table.render(found, now, config.fleet.stale_s))
    return 0


def _init(options: argparse.Namespace) -> int:
    from biometrics.errors import ModelError
    from central.development.references import NoFace
    from central.development.setup import initialise

    try:
        made = initialise(options.dir, options.samples, options.models, options.port)
    except (ModelError, NoFace, OSError) as error:
        return _refuse(str(error))
    for line in made or ["nothing to do: everything is there"]:
        print(f"central: {line}")
    return 0


def _refuse(message: str) -> int:
    print(f"central: {message}", file=sys.stderr)
    return 2


def _log_to_stderr() -> None:
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler])


if __name__ == "__main__":
    sys.exit(main())

"""Command line of central: serve, init, and the commands of operators and officers."""

import argparse
import asyncio
import logging
import sys
import time
from pathlib import Path

from central.commands import berita_acara, fleet, residents, stock
from central.commands.common import DEFAULT_DIR, CannotDo, add_config
from central.config import Config, ConfigError
from central.store.engine import StoreError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 well, 1 a check found something, 2 it could not be done."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (CannotDo, ConfigError, StoreError) as error:
        return _refuse(str(error))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="central", description="The reference registry and fleet service.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run the service until SIGTERM")
    serve.set_defaults(run=_serve)
    add_config(serve)
    for subject in (fleet, residents, stock, berita_acara):
        subject.add(commands)

    init = commands.add_parser("init", help="development: make database, certificates and configuration (SIMULASI)")
    init.add_argument("--dir", type=Path, default=DEFAULT_DIR, help="where to (default %(default)s)")
    init.add_argument("--samples", type=Path, default=Path("samples"), help="residents.toml and faces/")
    init.add_argument("--models", type=Path, default=Path(".adm/models"), help="face models")
    init.add_argument("--port", type=int, default=7443, help="where the service will listen")
    init.add_argument("--public-port", type=int, help="where its public pages will be; 0 for none (default: the next)")
    init.add_argument("--no-blanks", action="store_true", help="empty books: the machine itself says what it was given")
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


def _init(options: argparse.Namespace) -> int:
    from biometrics.errors import ModelError
    from central.development.references import NoFace
    from central.development.setup import initialise

    try:
        made = initialise(
            options.dir,
            options.samples,
            options.models,
            options.port,
            options.public_port,
            blanks=not options.no_blanks,
        )
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

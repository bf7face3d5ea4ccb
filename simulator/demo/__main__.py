"""`python -m simulator.demo run` and `python -m simulator.demo tour OUT`. Wiring only."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.demo.demo import ROOT, Options, forget
from simulator.demo.display import LANDSCAPE, PORTRAIT
from simulator.demo.run import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    size = LANDSCAPE if options.landscape else PORTRAIT
    if options.fresh:
        forget(options.dir)
    started = Options(
        options.dir, size=size, page_port=options.port, language=options.language, headless=options.headless
    )
    return asyncio.run(run(started, options.check))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="adm", description="The whole machine on this computer, simulated.")
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--landscape", action="store_true", help="1920 x 1080 instead of 1080 x 1920")
    common.add_argument("--portrait", dest="landscape", action="store_false", help="1080 x 1920, as it is by itself")
    common.add_argument("--language", choices=("id", "en"), default="id", help="of the screens at first")
    run_ = commands.add_parser("run", parents=[common], help="start it and use it")
    run_.add_argument("--dir", type=Path, default=ROOT / ".adm" / "run", help="where it keeps its files")
    run_.add_argument("--port", type=int, default=8600, help="of the simulator page")
    run_.add_argument("--headless", action="store_true", help="show the kiosk in the page, also with a display")
    run_.add_argument("--fresh", action="store_true", help="forget what former runs have printed")
    run_.add_argument("--check", action="store_true", help="end as soon as the kiosk invites residents")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

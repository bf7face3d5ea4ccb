"""`python -m simulator.demo run` and `python -m simulator.demo tour OUT`. Wiring only."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.demo.demo import ROOT, Options
from simulator.demo.display import LANDSCAPE, PORTRAIT
from simulator.demo.run import run
from simulator.demo.tour.play import KINDS, Script
from simulator.demo.tour.tour import technicians_tour, temporary_directory, tour
from simulator.server.residents import load_residents


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    status: int = options.do(options)
    return status


def _run(options: argparse.Namespace) -> int:
    started = Options(
        options.dir,
        size=LANDSCAPE if options.landscape else PORTRAIT,
        page_port=options.port,
        central_port=options.central_port,
        language=options.language,
        headless=options.headless,
        feeder=not options.no_feeder,
    )
    return asyncio.run(run(started, check=options.check, fresh=options.fresh))


def _tour(options: argparse.Namespace) -> int:
    script = Script(options.resident, options.document, options.language)
    with temporary_directory() as directory:
        started = Options(
            Path(directory),
            size=LANDSCAPE if options.landscape else PORTRAIT,
            headless=True,
            share=False,
            page_port=0,
            central_port=0,
            feeder=True,
            language=options.language if options.technician else "id",
        )
        if options.technician:
            return asyncio.run(technicians_tour(options.out, started))
        return asyncio.run(tour(options.out, script, started))


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
    run_.add_argument("--central-port", type=int, default=7443, help="of central, when it is first set up")
    run_.add_argument("--headless", action="store_true", help="show the kiosk in the page, also with a display")
    run_.add_argument("--no-feeder", action="store_true", help="an A4 printer with trays, whose sheets nothing sees")
    run_.add_argument("--fresh", action="store_true", help="forget what former runs have printed")
    run_.add_argument("--check", action="store_true", help="end as soon as the kiosk invites residents")
    run_.set_defaults(do=_run)
    tour_ = commands.add_parser("tour", parents=[common], help="play a resident's journey by itself")
    tour_.add_argument("out", type=Path, metavar="OUT", help="gets pictures, document, receipt and tour.json")
    residents = tuple(load_residents(ROOT / "samples"))
    tour_.add_argument("--resident", choices=residents, default="hamid", help="whose card and face")
    tour_.add_argument("--document", choices=tuple(KINDS), default="kk", help="what is printed")
    tour_.add_argument("--technician", action="store_true", help="a technician's visit instead: every task")
    tour_.set_defaults(do=_tour)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

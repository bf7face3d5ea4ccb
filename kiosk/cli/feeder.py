"""`adm feeder`: how the paper path is, what its sensors see and what it counted; a test of it; clearing it."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from drivers.deadline import Deadline
from drivers.errors import DriverError
from drivers.paper_feeder.port import FeederStatus, MoveFailed, PaperFeeder, Position
from drivers.status import DeviceState
from kiosk.cli.printers import add_record, borrowed, sheets_fed, show, tried
from kiosk.cli.say import CommandFailed, confirm
from kiosk.cli.sheets import add_by, book, staff
from kiosk.devices import details

STATUS_S: Final = 10.0
MOVE_S: Final = 30.0
SENSORS: Final = ("S1 hopper", "S2 hopper low", "S3 throat", "S4 entry", "S5 exit", "S6 transport", "S7 gate", "S8 bin")


def add(verbs: Any) -> None:
    """Register the verbs."""
    parser = verbs.add_parser("feeder", help="the paper feeder")
    parser.set_defaults(role="paper_feeder", purpose="feeder")
    add_record(parser)
    actions = parser.add_subparsers(required=True, metavar="status|sensors|counters|test|clear|bin-emptied")
    for name, text, run in (
        ("status", "ask it how it is", _status),
        ("sensors", "what its sensors see now", _sensors),
        ("counters", "sheets fed, presented, taken, retracted, and in the bin", _counters),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--json", action="store_true", help="as JSON")
        action.set_defaults(run=run)
    for name, text, run in (
        ("test", "feed a blank sheet and put it into the retract bin", _test),
        ("clear", "everything in the path into the retract bin", _clear),
        ("bin-emptied", "the retract bin was emptied: count from none", _bin_emptied),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--yes", action="store_true", help="do not ask")
        action.set_defaults(run=run)
        if name == "test":
            add_by(action)


def _status(arguments: argparse.Namespace) -> int:
    with _feeder(arguments) as feeder:
        status = feeder.status(Deadline.after(STATUS_S))
    show(_words(status), arguments.json)
    return 0 if status.device is DeviceState.ONLINE else 1


def _sensors(arguments: argparse.Namespace) -> int:
    with _feeder(arguments) as feeder:
        seen = tried(lambda: feeder.sensors(Deadline.after(STATUS_S)))
    show(dict(zip(SENSORS, ("paper" if one else "-" for one in seen), strict=True)), arguments.json)
    return 0


def _counters(arguments: argparse.Namespace) -> int:
    with _feeder(arguments) as feeder:
        counted = tried(lambda: feeder.counters(Deadline.after(STATUS_S)))
    show(asdict(counted), arguments.json)
    return 0


def _test(arguments: argparse.Namespace) -> int:
    by = staff(arguments)
    confirm("One blank sheet is fed and put into the retract bin.", arguments.yes)
    used = 0
    try:
        with _feeder(arguments) as feeder:
            _idle(feeder)
            before = sheets_fed(feeder)
            try:
                _fed_and_binned(feeder)
            finally:
                after = sheets_fed(feeder)
                used = 1 if before is None or after is None else after - before
    finally:
        book(arguments.config, used, by, "feeder_test")
    return 0


def _fed_and_binned(feeder: PaperFeeder) -> None:
    _moved(lambda: feeder.initialise(False, Deadline.after(MOVE_S)))
    _moved(lambda: feeder.feed(Deadline.after(MOVE_S)))
    print("fed: at the printer's entry")
    _moved(lambda: feeder.retract(Deadline.after(MOVE_S)))
    print("retracted: in the bin")


def _clear(arguments: argparse.Namespace) -> int:
    confirm("Whatever lies in the paper path goes into the retract bin, also a printed document.", arguments.yes)
    with _feeder(arguments) as feeder:
        status = _moved(lambda: feeder.initialise(True, Deadline.after(MOVE_S)))
    show(_words(status), False)
    return 0


def _bin_emptied(arguments: argparse.Namespace) -> int:
    confirm("Count the sheets before you destroy them; the bin's counter begins at none again.", arguments.yes)
    with _feeder(arguments) as feeder:
        before = tried(lambda: feeder.counters(Deadline.after(STATUS_S))).in_bin
        tried(lambda: feeder.bin_emptied(Deadline.after(STATUS_S)))
    print(f"{before} sheets were in the bin; it counts from none now.")
    return 0


@contextmanager
def _feeder(arguments: argparse.Namespace) -> Iterator[PaperFeeder]:
    with borrowed(arguments) as port:
        yield port


def _idle(feeder: PaperFeeder) -> None:
    """Raise unless the path is empty: what lies in it may be somebody's document."""
    status = feeder.status(Deadline.after(STATUS_S))
    if status.position not in (None, Position.NONE):
        raise CommandFailed(f"A sheet lies in the path ({status.position}). Look at it, then say `adm feeder clear`.")


def _moved(move: Any) -> Any:
    """Have paper moved. Raises CommandFailed, which says where the sheet is."""
    try:
        return move()
    except MoveFailed as failed:
        raise CommandFailed(f"{failed} (code {failed.code or 'none'}); the sheet: {failed.sheet.value}") from failed
    except DriverError as error:
        raise CommandFailed(f"Not done ({type(error).__name__}): {error}") from error


def _words(status: FeederStatus) -> dict[str, str]:
    return {"device": status.device.value, **details(status)}

"""`adm card-printer`: how a card printer is, its test card and alignment, and a technician's hand on its cards."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any, Final

from adm.panel.v1 import panel_pb2 as pb

from drivers.card_printer.port import CardPrinter, Place
from drivers.deadline import Deadline
from drivers.errors import DriverError, OutcomeUnknown, Unsupported
from kiosk.cli.blank import Blank, blank_used
from kiosk.cli.lend import device
from kiosk.cli.say import CommandFailed
from kiosk.devices import details
from kiosk.issuance.cards.calibration import MARGIN_MM, Measured, alignment, calibration_sides
from kiosk.issuance.cards.errors import FieldUnusable

ROLES: Final = {"ktp": "card_printer", "kia": "kia_printer"}
ITEMS: Final = {"ktp": pb.STOCK_ITEM_CARD_KTP_EL, "kia": pb.STOCK_ITEM_CARD_KIA}
STATUS_S: Final = 10.0
MOVE_S: Final = 30.0
PRINT_S: Final = 120.0
CLEAN_S: Final = 120.0
_YES: Final = "ya"


def add(verbs: Any) -> None:
    """Register the verbs."""
    parser = verbs.add_parser("card-printer", help="the card printers")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    status = _acting(actions, "status", "ask it how it is", _status)
    status.add_argument("--json", action="store_true", help="as JSON")
    _acting(actions, "counters", "what it has counted in its life, and who it is", _counters)
    test_card = _moving(actions, "test-card", "print the test card; uses up a blank", _test_card, booked=True)
    test_card.add_argument("--by-hand", action="store_true", help="on a test blank in the manual slot: none is used up")
    align = _acting(actions, "align", "from the printed test card to the alignment's settings", _align)
    for edge in ("left", "top", "right", "bottom"):
        align.add_argument(edge, type=float, help=f"mm from the card's {edge} edge to the frame")
    _moving(actions, "clean", "run the cleaning cycle with the cleaning card that was put in", _clean)
    _moving(actions, "feed", "bring a blank from the hopper inside; uses it up", _feed, booked=True)
    _moving(actions, "eject", "bring the card inside to the exit", _move(Place.EXIT))
    _moving(actions, "reject", "bring the card inside or in the exit to the reject box", _move(Place.REJECT))


def _acting(actions: Any, name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    action: argparse.ArgumentParser = actions.add_parser(name, help=text)
    action.add_argument("--of", choices=ROLES, default="ktp", help="whose printer (default: ktp)")
    action.set_defaults(run=run)
    return action


def _moving(
    actions: Any, name: str, text: str, run: Callable[[argparse.Namespace], int], booked: bool = False
) -> argparse.ArgumentParser:
    action = _acting(actions, name, text, run)
    action.add_argument("--yes", action="store_true", help="do not ask")
    if booked:
        action.add_argument("--by", metavar="STAFF", help="staff number of who does it")
        action.add_argument("--confirmed-by", metavar="STAFF", help="staff number of who sees it")
    return action


def _status(arguments: argparse.Namespace) -> int:
    with device(arguments.config, ROLES[arguments.of], "card-printer") as port:
        status = port.status(Deadline.after(STATUS_S))
    words = {"device": status.device.value, **details(status)}
    if arguments.json:
        print(json.dumps(words))
    else:
        _show(words)
    return 0 if words["device"] == "online" else 1


def _counters(arguments: argparse.Namespace) -> int:
    with device(arguments.config, ROLES[arguments.of], "card-printer") as port, _told():
        _show({**asdict(port.identify(Deadline.after(STATUS_S))), **asdict(port.counters(Deadline.after(STATUS_S)))})
    return 0


def _test_card(arguments: argparse.Namespace) -> int:
    front, back = calibration_sides().printable()

    def print_it(port: CardPrinter, blank: Blank) -> None:
        able = port.capabilities()
        try:
            job = port.print(front, back if able.duplex else None, Deadline.after(PRINT_S))
        except OutcomeUnknown:
            blank.left |= able.feeds_on_print
            raise
        blank.left |= able.feeds_on_print
        port.wait(job, Deadline.after(PRINT_S))
        if able.holds_after_print:
            port.move(Place.EXIT, Deadline.after(MOVE_S))

    if arguments.by_hand:
        _confirm(arguments, "This prints on the test blank in the manual slot.")
        with device(arguments.config, ROLES[arguments.of], "card-printer") as port, _told():
            port.feed_by_hand(Place.INSIDE, Deadline.after(MOVE_S))
            print_it(port, Blank())
    else:
        with blank_used(arguments, ITEMS[arguments.of]) as blank:
            _confirm(arguments, "This prints a test card and uses up a blank.")
            with device(arguments.config, ROLES[arguments.of], "card-printer") as port, _told():
                if not port.capabilities().feeds_on_print and not blank.feed(port):
                    raise CommandFailed("A card is inside already; reject it first.")
                print_it(port, blank)
    print(f"Measure from each edge to the frame ({MARGIN_MM:.0f} mm when it is right), in millimetres, and say")
    print(f"    adm card-printer align --of {arguments.of} LEFT TOP RIGHT BOTTOM")
    return 0


def _feed(arguments: argparse.Namespace) -> int:
    with blank_used(arguments, ITEMS[arguments.of]) as blank:
        _confirm(arguments, "This brings a blank inside and uses it up.")
        with device(arguments.config, ROLES[arguments.of], "card-printer") as port, _told():
            port.reset(Deadline.after(MOVE_S))
            blank.feed(port)
            _say_where(port)
    return 0


def _align(arguments: argparse.Namespace) -> int:
    try:
        found = alignment(Measured(arguments.left, arguments.top, arguments.right, arguments.bottom))
    except FieldUnusable as error:
        raise CommandFailed(f"{error}. Measure again; the card must have been printed without alignment.") from error
    print(f"[devices.{ROLES[arguments.of]}.settings.alignment]")
    for name, value in asdict(found).items():
        print(f"{name} = {value}")
    print("# In kiosk.toml; then restart the daemon and print another test card.", file=sys.stderr)
    return 0


def _clean(arguments: argparse.Namespace) -> int:
    _confirm(arguments, "The cleaning card must be in the hopper's place, as the printer's guide says.")
    with device(arguments.config, ROLES[arguments.of], "card-printer") as port, _told():
        port.clean(Deadline.after(CLEAN_S))
    print("cleaned")
    return 0


def _move(to: Place) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        _confirm(arguments, f"This moves a card: {to.value}.")
        with device(arguments.config, ROLES[arguments.of], "card-printer") as port, _told():
            # A fault that was mended stays the printer's last word until it is reset.
            with suppress(Unsupported):
                port.reset(Deadline.after(MOVE_S))
            # Never one from the hopper: what is inside was booked when it came in, or by its issuance.
            port.move(to, Deadline.after(MOVE_S))
            _say_where(port)
        return 0

    return run


def _say_where(port: CardPrinter) -> None:
    at = port.status(Deadline.after(STATUS_S)).card_at
    print(f"card at {at.value if at else '-'}")


def _confirm(arguments: argparse.Namespace, what: str) -> None:
    if arguments.yes:
        return
    if not sys.stdin.isatty():
        raise CommandFailed(f"{what} Say --yes.")
    if input(f"{what} Type {_YES} to go on: ").strip().lower() != _YES:
        raise CommandFailed("Nothing was done.")


@contextmanager
def _told() -> Iterator[None]:
    """Inside, a printer's error ends the command with what it said."""
    try:
        yield
    except DriverError as error:
        raise CommandFailed(f"Not done ({type(error).__name__}): {error}") from error


def _show(words: dict[str, Any]) -> None:
    width = max(map(len, words))
    for name, word in words.items():
        print(f"{name:<{width}}  {'-' if word is None else word}")

"""`adm card-printer`: how a card printer is, its test card and alignment, and a technician's hand on its cards."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from adm.panel.v1 import panel_pb2 as pb

from drivers.card_printer.port import Place
from drivers.deadline import Deadline
from drivers.errors import DriverError
from kiosk.cli.lend import device
from kiosk.cli.say import CALL_S, CommandFailed, daemon
from kiosk.devices import details
from kiosk.issuance.cards.calibration import MARGIN_MM, Measured, alignment, calibration_sides
from kiosk.issuance.cards.errors import FieldUnusable

ROLES: Final = {"ktp": "card_printer", "kia": "kia_printer"}
_ITEMS: Final = {"ktp": pb.STOCK_ITEM_CARD_KTP_EL, "kia": pb.STOCK_ITEM_CARD_KIA}
STATUS_S: Final = 10.0
MOVE_S: Final = 30.0
PRINT_S: Final = 120.0
CLEAN_S: Final = 120.0
_YES: Final = "ya"
_STAFF: Final = re.compile(r"[A-Za-z0-9.-]{1,32}")


def add(verbs: Any) -> None:
    """Register the verbs."""
    parser = verbs.add_parser("card-printer", help="the card printers")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    status = _acting(actions, "status", "ask it how it is", _status)
    status.add_argument("--json", action="store_true", help="as JSON")
    _acting(actions, "counters", "what it has counted in its life, and who it is", _counters)
    _moving(actions, "test-card", "print the test card; uses up a blank", _test_card, booked=True)
    align = _acting(actions, "align", "from the printed test card to the alignment's settings", _align)
    for edge in ("left", "top", "right", "bottom"):
        align.add_argument(edge, type=float, help=f"mm from the card's {edge} edge to the frame")
    _moving(actions, "clean", "run the cleaning cycle with the cleaning card that was put in", _clean)
    _moving(actions, "feed", "bring a blank from the hopper inside", _move(Place.INSIDE))
    _moving(actions, "eject", "bring the card inside to the exit", _move(Place.EXIT))
    _moving(actions, "reject", "bring the card inside or in the exit to the reject box", _move(Place.REJECT))


def _acting(actions: Any, name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    action: argparse.ArgumentParser = actions.add_parser(name, help=text)
    action.add_argument("--of", choices=ROLES, default="ktp", help="whose printer (default: ktp)")
    action.set_defaults(run=run)
    return action


def _moving(actions: Any, name: str, text: str, run: Callable[[argparse.Namespace], int], booked: bool = False) -> None:
    action = _acting(actions, name, text, run)
    action.add_argument("--yes", action="store_true", help="do not ask")
    if booked:
        action.add_argument("--by", required=True, metavar="STAFF", help="staff number of who does it")
        action.add_argument("--confirmed-by", required=True, metavar="STAFF", help="staff number of who sees it")


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
    staff = [arguments.by, arguments.confirmed_by]
    if len(set(staff)) < 2 or not all(_STAFF.fullmatch(number) for number in staff):
        raise CommandFailed("Two people: one prints it, another one sees it. Say both staff numbers.")
    _confirm(arguments, "This prints a test card and uses up a blank.")
    front, back = calibration_sides().printable()
    with device(arguments.config, ROLES[arguments.of], "card-printer") as port, _told():
        able = port.capabilities()
        if not able.feeds_on_print:
            port.move(Place.INSIDE, Deadline.after(MOVE_S))
        job = port.print(front, back if able.duplex else None, Deadline.after(PRINT_S))
        port.wait(job, Deadline.after(PRINT_S))
        if able.holds_after_print:
            port.move(Place.EXIT, Deadline.after(MOVE_S))
    _book_as_spoiled(arguments, staff)
    print(f"Measure from each edge to the frame ({MARGIN_MM:.0f} mm when it is right), in millimetres, and say")
    print(f"    adm card-printer align --of {arguments.of} LEFT TOP RIGHT BOTTOM")
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
            port.reset(Deadline.after(MOVE_S))
            port.move(to, Deadline.after(MOVE_S))
            at = port.status(Deadline.after(STATUS_S)).card_at
        print(f"card at {at.value if at else '-'}")
        if to is not Place.INSIDE:
            kind = arguments.of
            print(f"A blank that left the hopper and was not issued is to be booked: adm stock spoil {kind} 1 ...")
        return 0

    return run


def _book_as_spoiled(arguments: argparse.Namespace, staff: list[str]) -> None:
    """The blank of a test card leaves the books with the names of who saw it."""
    item = _ITEMS[arguments.of]
    try:
        with daemon(arguments.config) as panel:
            books = panel.GetStock(pb.GetStockRequest(), timeout=CALL_S).books
            batch = next((book.batch for book in books if book.item == item and book.remaining), None)
            if batch is None:
                raise CommandFailed("Printed; by the books there was no blank: count the hopper (adm stock count).")
            request = pb.RecordStockRequest(act=pb.STOCK_ACT_SPOIL, item=item, batch=batch, count=1, staff=staff)
            panel.RecordStock(request, timeout=CALL_S)
    except CommandFailed as error:
        raise CommandFailed(f"The test card is printed and its blank is not in the books yet: {error}") from error
    print(f"printed; its blank is booked as spoiled (batch {batch or '-'})")


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

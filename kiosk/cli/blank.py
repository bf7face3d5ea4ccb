"""A blank that a command takes out of the hopper: two people, and booked as spoiled however the command ends."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from adm.panel.v1 import panel_pb2 as pb

from drivers.card_printer.port import CardPrinter, Place
from drivers.deadline import Deadline
from drivers.errors import DriverError, NotFound, Unsupported
from drivers.status import MediaState
from kiosk.cli.say import CALL_S, CommandFailed, daemon

STATUS_S: Final = 10.0
MOVE_S: Final = 30.0
_STAFF: Final = re.compile(r"[A-Za-z0-9.-]{1,32}")


class Blank:
    """One blank.

    Attributes:
        left: Whether it left the hopper, as far as the printer can tell; one that cannot be told of did.
    """

    def __init__(self) -> None:
        self.left = False

    def feed(self, port: CardPrinter) -> bool:
        """Bring it inside. False: a card is inside already, it stays, and nothing left the hopper.

        Raises:
            DriverError: It is not inside; `left` says whether it is in the hopper.
        """
        if port.status(Deadline.after(STATUS_S)).card_at not in (None, Place.EXIT):
            return False
        try:
            port.move(Place.INSIDE, Deadline.after(MOVE_S))
        except (NotFound, Unsupported):
            # By the port's word nothing moved.
            raise
        except DriverError:
            self.left = port.status(Deadline.after(STATUS_S)).media is not MediaState.NOT_PRESENT
            raise
        self.left = True
        return True


@contextmanager
def blank_used(arguments: argparse.Namespace, item: pb.StockItem.ValueType) -> Iterator[Blank]:
    """Inside, a blank may leave the hopper; if it did it is in the books afterwards.

    Raises:
        CommandFailed: Not two people, or by the books no blank is there: nothing moved. Or it could not be booked.
    """
    staff = [arguments.by or "", arguments.confirmed_by or ""]
    if len(set(staff)) < 2 or not all(_STAFF.fullmatch(number) for number in staff):
        raise CommandFailed("Two people: one does it, another one sees it. Say --by and --confirmed-by.")
    with daemon(arguments.config) as panel:
        books = panel.GetStock(pb.GetStockRequest(), timeout=CALL_S).books
    batch = next((book.batch for book in books if book.item == item and book.remaining), None)
    if batch is None:
        raise CommandFailed("By the books the hopper is empty: load or count it (adm stock load, count).")
    blank = Blank()
    try:
        yield blank
    finally:
        if blank.left:
            _book(arguments, item, batch, staff)


def _book(arguments: argparse.Namespace, item: pb.StockItem.ValueType, batch: str, staff: list[str]) -> None:
    request = pb.RecordStockRequest(act=pb.STOCK_ACT_SPOIL, item=item, batch=batch, count=1, staff=staff)
    try:
        with daemon(arguments.config) as panel:
            panel.RecordStock(request, timeout=CALL_S)
    except CommandFailed as error:
        raise CommandFailed(
            f"A blank left the hopper and is not in the books yet (adm stock spoil): {error}"
        ) from error
    print(f"its blank is booked as spoiled (batch {batch or '-'})")

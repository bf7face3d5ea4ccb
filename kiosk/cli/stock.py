"""`adm stock`: the machine's books of blanks and supplies, and what two people did with them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from adm.panel.v1 import panel_pb2 as pb

from kiosk.cli.say import CALL_S, CommandFailed, daemon

ITEMS: Final = {
    "paper": pb.STOCK_ITEM_PAPER_A4,
    "ktp": pb.STOCK_ITEM_CARD_KTP_EL,
    "kia": pb.STOCK_ITEM_CARD_KIA,
    "ribbon": pb.STOCK_ITEM_RIBBON,
    "toner": pb.STOCK_ITEM_TONER,
}
_CARDS: Final = ("ktp", "kia")
_STAFF: Final = re.compile(r"[A-Za-z0-9.-]{1,32}")
_FIGURES: Final = ("loaded", "unloaded", "issued", "spoiled", "retained", "destroyed", "reserved", "remaining")


def add(verbs: Any) -> None:
    """Register the verbs."""
    parser = verbs.add_parser("stock", help="blanks and supplies in this machine")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("show", help="print the books").set_defaults(run=_show)
    load = _acting(actions, "load", "two people put some in: counted before, loaded, counted after", _load)
    load.add_argument("--before", type=_whole, help="what lay in the machine before, counted by hand; cards always")
    load.add_argument("--after", type=_whole, help="what lies in the machine now, counted by hand; cards always")
    _acting(actions, "unload", "two people took some out unused", _simple(pb.STOCK_ACT_UNLOAD))
    _acting(actions, "destroy", "two people destroyed spoiled or retained ones", _simple(pb.STOCK_ACT_DESTROY))
    _acting(actions, "spoil", "two people saw some spoiled outside an issuance", _simple(pb.STOCK_ACT_SPOIL))
    _acting(actions, "count", "two people counted what is there, every batch together", _count, batch=False)


def _acting(
    actions: Any, name: str, text: str, run: Callable[[argparse.Namespace], int], batch: bool = True
) -> argparse.ArgumentParser:
    action: argparse.ArgumentParser = actions.add_parser(name, help=text)
    action.add_argument("item", choices=ITEMS)
    action.add_argument("count", type=_whole)
    if batch:
        action.add_argument("--batch", default="", help="number on the box; none where it has none")
    action.add_argument("--by", required=True, metavar="STAFF", help="staff number of who did it")
    action.add_argument("--confirmed-by", required=True, metavar="STAFF", help="staff number of who saw it")
    action.set_defaults(run=run)
    return action


def _show(arguments: argparse.Namespace) -> int:
    with daemon(arguments.config) as panel:
        books = panel.GetStock(pb.GetStockRequest(), timeout=CALL_S).books
    if not books:
        print("No books yet: nothing was ever loaded.")
    else:
        _print(books)
    return 1 if any(book.difference for book in books) else 0


def _load(arguments: argparse.Namespace) -> int:
    if arguments.item in _CARDS and (arguments.before is None or arguments.after is None):
        raise CommandFailed("Cards are counted by hand before and after: say --before and --after.")
    request = _request(arguments, pb.STOCK_ACT_LOAD)
    if arguments.before is not None:
        request.counted_before = arguments.before
    if arguments.after is not None:
        request.counted_after = arguments.after
    return _record(arguments, request)


def _count(arguments: argparse.Namespace) -> int:
    return _record(arguments, _request(arguments, pb.STOCK_ACT_COUNT))


def _simple(act: pb.StockAct.ValueType) -> Callable[[argparse.Namespace], int]:
    return lambda arguments: _record(arguments, _request(arguments, act))


def _request(arguments: argparse.Namespace, act: pb.StockAct.ValueType) -> pb.RecordStockRequest:
    staff = [arguments.by, arguments.confirmed_by]
    if not all(_STAFF.fullmatch(number) for number in staff):
        raise CommandFailed("A staff number is 1 to 32 letters, digits, points or hyphens.")
    if len(set(staff)) < 2:
        raise CommandFailed("Two people: one does it, another one confirms it.")
    batch = getattr(arguments, "batch", "")
    return pb.RecordStockRequest(act=act, item=ITEMS[arguments.item], batch=batch, count=arguments.count, staff=staff)


def _record(arguments: argparse.Namespace, request: pb.RecordStockRequest) -> int:
    with daemon(arguments.config) as panel:
        books = panel.RecordStock(request, timeout=CALL_S).books
    _print(books)
    wrong = [book for book in books if book.difference]
    for book in wrong:
        more = "more" if book.difference > 0 else "fewer"
        print(f"Batch {book.batch or '-'}: {abs(book.difference)} {more} counted than the books have.")
    if wrong and arguments.item in _CARDS:
        print("Cards are closed until what is missing or too many is explained, and a count agrees.")
    return 1 if wrong else 0


def _print(books: Sequence[pb.StockBook]) -> None:
    names = {number: name for name, number in ITEMS.items()}
    rows = [["ITEM", "BATCH", *map(str.upper, _FIGURES), "LAST COUNT"]]
    for book in books:
        counted = "-"
        if book.HasField("counted_at"):
            counted = f"{book.counted_at.ToDatetime():%Y-%m-%d %H:%M}Z"
            counted += f" ({book.difference:+d})" if book.difference else ""
        figures = [str(getattr(book, figure)) for figure in _FIGURES]
        rows.append([names[book.item], book.batch or "-", *figures, counted])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _whole(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("not below 0")
    return number

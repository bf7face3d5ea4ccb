"""`central stock`: the books of blanks, and whether they are right."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central import alarms
from central.columns import columns
from central.commands.common import CannotDo, add_config, as_json, opened
from central.registry import reconciliation
from central.store.engine import Store
from central.store.residents import Row
from central.store.schema_stock import FIGURES

if TYPE_CHECKING:
    from central.commands.common import Commands

_SHOWN = ("loaded", "unloaded", "issued", "spoiled", "retained", "destroyed", "reserved", "remaining")


def add(commands: "Commands") -> None:
    """Add the command."""
    stock = commands.add_parser("stock", help="show the books of blanks; `stock check` looks whether they are right")
    stock.add_argument("what", nargs="?", metavar="MACHINE | check", help="(default: every machine's books)")
    stock.add_argument(
        "--database",
        type=Path,
        metavar="FILE",
        help="the database itself, for who may not read the configuration's keys",
    )
    stock.add_argument("--json", action="store_true", help="as JSON")
    stock.set_defaults(run=_stock)
    add_config(stock)


def _stock(options: argparse.Namespace) -> int:
    if options.what == "check":
        return _check(options)
    with _store(options) as store:
        books = store.read_now(lambda c: reconciliation.books(c, options.what))
    if options.json:
        print(as_json([_plain(book) for book in books]))
    elif books:
        headings = ["MACHINE", "BLANK", "BATCH", *map(str.upper, _SHOWN), "COUNTED"]
        print(columns([headings, *map(_cells, books)]))
    else:
        print("no books")
    return 0


def _check(options: argparse.Namespace) -> int:
    with _store(options) as store:
        found = store.read_now(reconciliation.mismatches)

        def sound(connection: sa.Connection) -> None:
            for one in found:
                details = {"blank": one.blank, "batch": one.batch}
                alarms.sound(connection, one.machine_id, alarms.STOCK_MISMATCH, details, datetime.now(UTC))

        if found:
            store.write_now(sound)
        else:
            count = len(store.read_now(reconciliation.books))
    if options.json:
        print(
            as_json(
                [
                    {"machine_id": o.machine_id, "blank": blank_name(o.blank), "batch": o.batch, "mismatch": o.words}
                    for o in found
                ]
            )
        )
    elif found:
        for one in found:
            print(f"{one.machine_id} {blank_name(one.blank)} {one.batch or '-'}: {one.words}")
    else:
        print(f"{count} books add up")
    return 1 if found else 0


@contextmanager
def _store(options: argparse.Namespace) -> Iterator[Store]:
    if options.database is None:
        with opened(options) as (_, store):
            yield store
        return
    if not options.database.is_file():
        raise CannotDo(f"{options.database} is not a file")
    store = Store(options.database, readers=1)
    try:
        store.check()
        yield store
    finally:
        store.close()


def blank_name(blank: "pb.Blank.ValueType | int") -> str:
    """A blank for people: PAPER_A4."""
    descriptor = pb.Blank.DESCRIPTOR.values_by_number[blank]
    name: str = descriptor.name
    return name.removeprefix("BLANK_")


def _plain(book: Row) -> dict[str, Any]:
    more = ("counted", "counted_difference", "counted_at")
    return {
        "machine_id": book.machine_id,
        "blank": blank_name(book.blank),
        "batch": book.batch,
        **{name: book._mapping[name] for name in (*FIGURES, *more)},
    }


def _cells(book: Row) -> list[str]:
    counted = "-"
    if book.counted is not None:
        off = f" ({book.counted_difference:+d})" if book.counted_difference else ""
        counted = f"{book.counted}{off} {book.counted_at[:10]}"
    figures = [str(book._mapping[name]) for name in _SHOWN]
    return [book.machine_id, blank_name(book.blank), book.batch or "-", *figures, counted]

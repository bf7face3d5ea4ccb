"""Whether the books of blanks are right: against their moves, the events, the grants, and the last count by hand."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.store.residents import Row
from central.store.schema import issuances
from central.store.schema_stock import FIGURES, stock, stock_events, stock_moves

_KEY = ("machine_id", "blank", "batch")
# Which figure an event outside an issuance adds to.
_FIGURE_OF = {
    pb.STOCK_EVENT_LOADED: "loaded",
    pb.STOCK_EVENT_UNLOADED: "unloaded",
    pb.STOCK_EVENT_SPOILED: "spoiled",
    pb.STOCK_EVENT_DESTROYED: "destroyed",
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that does not add up; `words` are for people."""

    machine_id: str
    blank: int
    batch: str
    words: str


def books(connection: sa.Connection, machine_id: str | None = None) -> list[Row]:
    """Every book, or one machine's."""
    query = sa.select(stock).order_by(*(stock.c[name] for name in _KEY))
    return list(connection.execute(query if machine_id is None else query.where(stock.c.machine_id == machine_id)))


def mismatches(connection: sa.Connection) -> list[Mismatch]:
    """Everything that does not add up."""
    return [
        Mismatch(book.machine_id, book.blank, book.batch, words)
        for book in books(connection)
        for words in _look(connection, book)
    ]


def _look(connection: sa.Connection, book: Row) -> Iterator[str]:
    figures = {name: book._mapping[name] for name in FIGURES}
    went = figures["issued"] + figures["spoiled"] + figures["retained"] + figures["remaining"] + figures["reserved"]
    if figures["loaded"] - figures["unloaded"] != went:
        yield f"{figures['loaded'] - figures['unloaded']} were put in, and {went} are accounted for"
    moves = _sums(connection, book, *(_total(stock_moves.c[name], name) for name in FIGURES))
    for name, value in figures.items():
        if moves[name] != value:
            yield f"{name} is {value}, and its moves make {moves[name]}"
    outside = _sums(
        connection,
        book,
        *(_total(stock_moves.c[name], name) for name in FIGURES),
        where=stock_moves.c.grant_id.is_(None),
    )
    for event, name in _FIGURE_OF.items():
        told = connection.execute(
            sa.select(sa.func.coalesce(sa.func.sum(stock_events.c["count"]), 0)).where(
                *(stock_events.c[key] == book._mapping[key] for key in _KEY), stock_events.c.event == event
            )
        ).scalar_one()
        if outside[name] != told:
            yield f"{name} outside issuances is {outside[name]}, and the events told of {told}"
    yield from _grants(connection, book)
    if book.counted_difference:
        yield f"counted by hand: {book.counted}, which is {book.counted_difference:+d} from the books"


def _grants(connection: sa.Connection, book: Row) -> Iterator[str]:
    """Blanks are reserved for issuances that have not ended, and for no others."""
    reserved = sa.func.sum(stock_moves.c.reserved)
    query = (
        sa.select(stock_moves.c.grant_id, issuances.c.state, reserved.label("reserved"))
        .outerjoin(issuances, issuances.c.grant_id == stock_moves.c.grant_id)
        .where(*(stock_moves.c[key] == book._mapping[key] for key in _KEY), stock_moves.c.grant_id.is_not(None))
        .group_by(stock_moves.c.grant_id, issuances.c.state)
    )
    for row in connection.execute(query):
        under_way = row.state in ("open", "unknown")
        if under_way != (row.reserved > 0):
            yield f"grant {row.grant_id} is {row.state or 'unheard of'} and has {row.reserved} reserved"


def _total(column: sa.Column[int], name: str) -> sa.Label[int]:
    return sa.func.coalesce(sa.func.sum(column), 0).label(name)


def _sums(
    connection: sa.Connection, book: Row, *totals: sa.Label[int], where: sa.ColumnElement[bool] | None = None
) -> dict[str, int]:
    query = sa.select(*totals).where(*(stock_moves.c[key] == book._mapping[key] for key in _KEY))
    row = connection.execute(query if where is None else query.where(where)).one()
    return {name: int(value) for name, value in row._mapping.items()}

"""What a berita acara of spoiled and destroyed blanks says: from the books' moves and the machines' reports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.registry import reconciliation
from central.store import times
from central.store.residents import Row
from central.store.schema import issuances
from central.store.schema_stock import stock_events, stock_moves


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment to before another one, by this clock."""

    begins: datetime
    ends: datetime

    def holds(self, column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Whether a stored time lies in it."""
        return sa.and_(column >= times.to_text(self.begins), column < times.to_text(self.ends))


@dataclass(frozen=True, slots=True)
class Used:
    """Blanks that came to nothing.

    Attributes:
        number: Receipt number of the issuance; empty outside one.
        reason: `spoiled` or `retained`.
    """

    at: datetime
    blank: int
    batch: str
    count: int
    reason: str
    number: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Destroyed:
    """Blanks that people destroyed; the time is the machine's."""

    at: str
    blank: int
    batch: str
    count: int
    staff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoilage:
    """All of one machine and period.

    Attributes:
        books: As they are now.
        open_questions: What is not explained, in sentences in Indonesian.
    """

    used: tuple[Used, ...]
    destroyed: tuple[Destroyed, ...]
    books: tuple[Mapping[str, Any], ...]
    open_questions: tuple[str, ...]


def read(connection: sa.Connection, machine_id: str, period: Period) -> Spoilage:
    """Everything that a berita acara of this machine and period has to say."""
    books = [book._mapping for book in reconciliation.books(connection, machine_id)]
    return Spoilage(
        tuple(_used(connection, machine_id, period)),
        tuple(_destroyed(connection, machine_id, period)),
        tuple(dict(book) for book in books),
        tuple(_questions(connection, machine_id, books)),
    )


def _used(connection: sa.Connection, machine_id: str, period: Period) -> list[Used]:
    moves = stock_moves.c
    query = (
        sa.select(stock_moves, issuances.c.receipt_number)
        .outerjoin(issuances, issuances.c.grant_id == moves.grant_id)
        .where(moves.machine_id == machine_id, period.holds(moves.at), (moves.spoiled > 0) | (moves.retained > 0))
        .order_by(moves.at, moves.move_id)
    )
    return [
        Used(
            times.from_text(row.at),
            row.blank,
            row.batch,
            getattr(row, reason),
            reason,
            row.receipt_number or "",
            row.grant_id is None,
        )
        for row in connection.execute(query)
        for reason in ("spoiled", "retained")
        if getattr(row, reason)
    ]


def _destroyed(connection: sa.Connection, machine_id: str, period: Period) -> list[Destroyed]:
    events = stock_events.c
    query = (
        sa.select(stock_events)
        .where(
            events.machine_id == machine_id,
            period.holds(events.recorded_at),
            events.event == pb.STOCK_EVENT_DESTROYED,
        )
        .order_by(events.recorded_at, events.journal_seq)
    )
    return [
        Destroyed(row.occurred_at, row.blank, row.batch, row._mapping["count"], tuple(json.loads(row.staff)))
        for row in connection.execute(query)
    ]


def _questions(connection: sa.Connection, machine_id: str, books: list[Any]) -> list[str]:
    """What a reader must know is not settled."""
    said = []
    for book in books:
        waiting = book["spoiled"] + book["retained"] - book["destroyed"]
        if waiting:
            said.append(f"{_name(book)}: {waiting} blanko rusak atau ditarik kembali belum dimusnahkan.")
    for one in reconciliation.mismatches(connection):
        if one.machine_id == machine_id:
            book = {"blank": one.blank, "batch": one.batch}
            said.append(f"{_name(book)}: pembukuan tidak cocok ({one.words}).")
    said += [
        f"Penerbitan {row.receipt_number or row.idempotency_key}: hasilnya belum diketahui; blankonya belum dihitung."
        for row in _unknown(connection, machine_id)
    ]
    return said


def _unknown(connection: sa.Connection, machine_id: str) -> list[Row]:
    query = sa.select(issuances).where(issuances.c.machine_id == machine_id, issuances.c.state == "unknown")
    return list(connection.execute(query.order_by(issuances.c.begun_at)))


def _name(book: Mapping[str, Any]) -> str:
    return f"{BLANKS[book['blank']]}{' seri ' + book['batch'] if book['batch'] else ''}"


BLANKS: Mapping[int, str] = {
    pb.BLANK_PAPER_A4: "Kertas A4",
    pb.BLANK_CARD_KTP_EL: "Blanko KTP-el",
    pb.BLANK_CARD_KIA: "Blanko KIA",
}
"""Names of blanks, for people."""

"""The books of blanks: how many each machine has, and what became of the others.

Every change is a move, written beside the figures it changes, in the transaction of what caused it. A grant reserves
blanks, its end settles them. Which box a machine took a blank from it does not say: the oldest is used first.

Cards are refused when the books say that none remain; paper is counted and never refused.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central import alarms
from central.errors import Refused
from central.identity import Machine
from central.store import times
from central.store.residents import Row
from central.store.schema_stock import FIGURES, stock, stock_moves

KEPT = (pb.VOID_REASON_RETRACTED, pb.VOID_REASON_RETAINED)
"""Printed whole, and still in the machine: in its bin, or held out of reach."""


@dataclass(frozen=True, slots=True)
class Book:
    """Which figures."""

    machine_id: str
    blank: "pb.Blank.ValueType"
    batch: str

    @property
    def _row(self) -> sa.ColumnElement[bool]:
        columns = stock.c
        return sa.and_(columns.machine_id == self.machine_id, columns.blank == self.blank, columns.batch == self.batch)

    def read(self, connection: sa.Connection) -> Row | None:
        """Its figures; None before anything happened."""
        return connection.execute(sa.select(stock).where(self._row)).first()

    def remaining(self, connection: sa.Connection) -> int:
        """Blanks that should be in the machine, not reserved."""
        row = self.read(connection)
        return 0 if row is None else int(row.remaining)

    def update(self, connection: sa.Connection, **values: object) -> None:
        """Set columns of it."""
        connection.execute(stock.update().where(self._row).values(**values))

    def as_columns(self) -> dict[str, object]:
        """Its key."""
        return {"machine_id": self.machine_id, "blank": self.blank, "batch": self.batch}


def move(connection: sa.Connection, book: Book, now: datetime, grant_id: str | None = None, **changes: int) -> None:
    """Change figures of a book, and write down what changed; opens the book if it is not there.

    Args:
        grant_id: Whose blanks they are; None outside an issuance.
        changes: Figure to how much more it is.

    Raises:
        sqlalchemy.exc.IntegrityError: The books would not add up. Callers look first, so this is a mistake of theirs.
    """
    if book.read(connection) is None:
        nothing = dict.fromkeys(FIGURES, 0)
        connection.execute(stock.insert().values(**book.as_columns(), opened_at=times.to_text(now), **nothing))
    if not changes:
        return
    written = dict.fromkeys(FIGURES, 0) | changes
    connection.execute(
        stock_moves.insert().values(**book.as_columns(), at=times.to_text(now), grant_id=grant_id, **written)
    )
    book.update(connection, **{name: stock.c[name] + change for name, change in changes.items()})


def book_for(connection: sa.Connection, machine: Machine, blank: "pb.Blank.ValueType", count: int) -> Book:
    """The book that blanks for a grant come from.

    Raises:
        Refused: By the books no box of cards has that many left.
    """
    query = sa.select(stock).where(stock.c.machine_id == machine.id, stock.c.blank == blank)
    rows = list(connection.execute(query.order_by(stock.c.opened_at, stock.c.batch)))
    batch = next((row.batch for row in rows if row.remaining >= count), None)
    if batch is None and blank == pb.BLANK_PAPER_A4:
        batch = rows[-1].batch if rows else ""
    if batch is None:
        raise out_of_stock("by the registry's books this machine has no such blank left")
    return Book(machine.id, blank, batch)


def reserve(
    connection: sa.Connection,
    machine: Machine,
    blank: "pb.Blank.ValueType",
    count: int,
    grant_id: str,
    now: datetime,
) -> None:
    """Set blanks aside for a grant.

    Raises:
        Refused: See `book_for`.
    """
    book = book_for(connection, machine, blank, count)
    move(connection, book, now, grant_id, remaining=-count, reserved=count)


def issued(connection: sa.Connection, grant_id: str, now: datetime, spoiled: int = 0) -> None:
    """The blanks of a grant are in the resident's hands.

    Args:
        spoiled: Others that were used up before, as the machine says.
    """
    reserved = _reserved(connection, grant_id)
    if reserved is None:
        return
    book, count = reserved
    missing = spoiled - book.remaining(connection)
    if missing > 0 and book.blank != pb.BLANK_PAPER_A4:
        spoiled -= missing
        _mismatch(connection, book, missing, grant_id, now)
    move(connection, book, now, grant_id, reserved=-count, issued=count, spoiled=spoiled, remaining=-spoiled)


def voided(
    connection: sa.Connection, grant_id: str, reason: "pb.VoidReason.ValueType", blanks_spoiled: int, now: datetime
) -> None:
    """The document of a grant did not reach the resident.

    Args:
        blanks_spoiled: As the machine says; more than were reserved when it tried another blank.
    """
    reserved = _reserved(connection, grant_id)
    if reserved is None:
        return
    book, count = reserved
    retained = count if reason in KEPT else 0
    spoiled = max(0, blanks_spoiled - retained)
    back = count - retained - spoiled
    missing = -(book.remaining(connection) + back)
    if missing > 0 and book.blank != pb.BLANK_PAPER_A4:
        # It spoiled what by the books it does not have. The document must be let go of all the same.
        spoiled, back = spoiled - missing, back + missing
        _mismatch(connection, book, missing, grant_id, now)
    move(connection, book, now, grant_id, reserved=-count, retained=retained, spoiled=spoiled, remaining=back)


def out_of_stock(message: str) -> Refused:
    """The refusal of blanks that the books do not have."""
    return Refused(pb.ERROR_REASON_OUT_OF_STOCK, message)


def _mismatch(connection: sa.Connection, book: Book, missing: int, grant_id: str, now: datetime) -> None:
    details = {"blank": book.blank, "batch": book.batch, "missing": missing, "grant_id": grant_id}
    alarms.sound(connection, book.machine_id, alarms.STOCK_MISMATCH, details, now)


def _reserved(connection: sa.Connection, grant_id: str) -> tuple[Book, int] | None:
    """What is set aside for a grant; None when nothing is: it was granted before there were books."""
    columns = stock_moves.c
    total = sa.func.sum(columns.reserved)
    query = (
        sa.select(columns.machine_id, columns.blank, columns.batch, total.label("count"))
        .where(columns.grant_id == grant_id)
        .group_by(columns.machine_id, columns.blank, columns.batch)
        .having(total > 0)
    )
    row = connection.execute(query).first()
    return None if row is None else (Book(row.machine_id, row.blank, row.batch), int(row._mapping["count"]))

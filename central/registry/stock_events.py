"""What machines report of blanks outside an issuance: loaded, unloaded, spoiled, counted, destroyed."""

import json
from datetime import datetime

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central import alarms
from central.errors import Refused
from central.identity import Machine
from central.registry.stock import Book, move, out_of_stock
from central.store import audit, times
from central.store.schema_stock import stock_events

# Two people load and destroy: one does it, one confirms it.
_BY_TWO = frozenset({pb.STOCK_EVENT_LOADED, pb.STOCK_EVENT_DESTROYED})


def record(connection: sa.Connection, machine: Machine, request: pb.RecordStockRequest, now: datetime) -> int | Refused:
    """Write down one event; the same event again changes nothing.

    Returns:
        What remains by the books; or the refusal of what the books do not have, whose alarm is written and which is
        therefore not raised here.

    Raises:
        Refused: The event breaks a rule, or its number stands for another one.
    """
    book = Book(machine.id, request.blank, request.batch)
    said = _columns(request)
    mine = (stock_events.c.machine_id == machine.id, stock_events.c.journal_seq == request.journal_seq)
    before = connection.execute(sa.select(stock_events).where(*mine)).first()
    if before is not None:
        if any(before._mapping[name] != value for name, value in said.items()):
            raise Refused(pb.ERROR_REASON_KEY_REUSED, "another event has this number", grpc.StatusCode.ALREADY_EXISTS)
        return _left(connection, book)
    _check(request)
    contradiction = apply(connection, book, request.event, request.count, now)
    if contradiction:
        details = {"blank": book.blank, "batch": book.batch, "journal_seq": request.journal_seq}
        alarms.sound(connection, machine.id, alarms.STOCK_MISMATCH, details, now)
        return out_of_stock(contradiction)
    enter(connection, machine.id, request.journal_seq, said, now)
    return _left(connection, book)


def enter(
    connection: sa.Connection, machine_id: str, journal_seq: int, columns: dict[str, object], now: datetime
) -> None:
    """Write an event into the list; `journal_seq` below 1 is an event that no machine's journal has."""
    connection.execute(
        stock_events.insert().values(
            machine_id=machine_id, journal_seq=journal_seq, recorded_at=times.to_text(now), **columns
        )
    )
    details = {name: columns[name] for name in ("blank", "batch", "event", "count", "staff")}
    audit.append(connection, now, machine_id, "stock", details | {"journal_seq": journal_seq})


def apply(
    connection: sa.Connection, book: Book, event: "pb.StockEvent.ValueType", count: int, now: datetime
) -> str | None:
    """Change the books by an event; what they do not have changes nothing and is said in the words returned."""
    row = book.read(connection)
    enough = book.blank == pb.BLANK_PAPER_A4 or count <= (row.remaining if row else 0)
    match event:
        case pb.STOCK_EVENT_LOADED:
            move(connection, book, now, loaded=count, remaining=count)
        case pb.STOCK_EVENT_UNLOADED if enough:
            move(connection, book, now, unloaded=count, remaining=-count)
        case pb.STOCK_EVENT_SPOILED if enough:
            move(connection, book, now, spoiled=count, remaining=-count)
        case pb.STOCK_EVENT_DESTROYED if row and row.destroyed + count <= row.spoiled + row.retained:
            move(connection, book, now, destroyed=count)
        case pb.STOCK_EVENT_COUNTED:
            _count(connection, book, count, now)
        case _:
            return "by the registry's books there are not that many"
    return None


def _count(connection: sa.Connection, book: Book, count: int, now: datetime) -> None:
    move(connection, book, now)
    row = book.read(connection)
    assert row is not None, "a move opens the book"
    # A blank reserved for an issuance of unknown outcome may lie in the machine, or not.
    difference = count - min(max(count, row.remaining), row.remaining + row.reserved)
    book.update(connection, counted=count, counted_difference=difference, counted_at=times.to_text(now))
    if difference:
        details = {"blank": book.blank, "batch": book.batch, "counted": count, "expected": row.remaining}
        alarms.sound(connection, book.machine_id, alarms.STOCK_MISMATCH, details, now)


def _check(request: pb.RecordStockRequest) -> None:
    wrong = []
    if request.event in _BY_TWO and len(set(request.staff)) < 2:
        wrong.append("staff: two people must confirm this")
    if request.count == 0 and request.event != pb.STOCK_EVENT_COUNTED:
        wrong.append("count: nothing happened")
    if wrong:
        raise Refused(pb.ERROR_REASON_INVALID_REQUEST, "; ".join(wrong), grpc.StatusCode.INVALID_ARGUMENT)


def _columns(request: pb.RecordStockRequest) -> dict[str, object]:
    return {
        "blank": request.blank,
        "batch": request.batch,
        "event": request.event,
        "count": request.count,
        "staff": json.dumps(list(request.staff)),
        "occurred_at": request.occurred_at.ToJsonString(),
    }


def _left(connection: sa.Connection, book: Book) -> int:
    return max(0, book.remaining(connection))

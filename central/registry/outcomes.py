"""Complete and Void: what became of a grant, told by its machine until it is acknowledged.

A machine resends from its journal, so every message may come again, late, and after days without network; the
machine's clock decides nothing. What says the same again is acknowledged and changes nothing. The moves, all others
are refused:

    open    -> taken | unknown | void
    unknown -> taken | void            a technician looked and says what happened

Taken and void are final, and settle the blanks. Only void lets go of the document. A KTP-el that was taken is from then
on its resident's card on record; what became of the old one may be told once, afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.errors import Refused
from central.identity import Machine
from central.registry import stock
from central.store import audit, times
from central.store.residents import Row
from central.store.schema import artefacts, documents, issuances, residents

MOVES: Mapping[str, frozenset[str]] = {
    "open": frozenset({"taken", "unknown", "void"}),
    "unknown": frozenset({"taken", "void"}),
    "taken": frozenset(),
    "void": frozenset(),
}

_OUTCOMES = {pb.OUTCOME_TAKEN: "taken", pb.OUTCOME_UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True)
class _Report:
    """What a message says, as columns of the issuance."""

    state: str
    journal_seq: int
    values: Mapping[str, Any]

    def same_as(self, row: Row) -> bool:
        return row.state == self.state and all(row._mapping[name] == value for name, value in self.values.items())


def complete(connection: sa.Connection, machine: Machine, request: pb.CompleteRequest, now: datetime) -> None:
    """Record a printed document.

    Raises:
        Refused: The machine holds no such grant, or it ended otherwise before.
    """
    row = _issuance(connection, machine, request.idempotency_key)
    if row is None or row.grant_id != request.grant_id:
        raise _unknown_grant()
    values = {
        "outcome": request.outcome,
        "evidence": request.evidence,
        "chip_uid": request.chip_uid or None,
        "blank_batch": request.batch or None,
        "blanks_spoiled": request.blanks_spoiled or None,
    }
    report = _Report(_OUTCOMES[request.outcome], request.journal_seq, values)
    recorded = _record(connection, machine, row, report, request.occurred_at.ToDatetime(), now)
    if recorded and report.state == "taken":
        stock.issued(connection, row.grant_id, now, request.blanks_spoiled)
        if request.chip_uid:
            _put_on_record(connection, row.document_id, request.chip_uid)
    if request.old_card:
        _old_card(connection, machine, row, request, now)


def _put_on_record(connection: sa.Connection, document_id: str, chip_uid: bytes) -> None:
    document = connection.execute(sa.select(documents).where(documents.c.document_id == document_id)).one()
    if document.kind == pb.DOCUMENT_KIND_KTP_EL:
        connection.execute(residents.update().where(residents.c.nik == document.subject).values(card_uid=chip_uid))


def _old_card(
    connection: sa.Connection, machine: Machine, row: Row, request: pb.CompleteRequest, now: datetime
) -> None:
    """Write down what became of the card that this one replaces; the first word counts."""
    if row.old_card is not None:
        return
    mine = issuances.c.idempotency_key == row.idempotency_key
    connection.execute(issuances.update().where(mine).values(old_card=request.old_card))
    details = {"idempotency_key": row.idempotency_key, "old_card": pb.OldCard.Name(request.old_card)}
    if request.old_card_by:
        details["staff"] = request.old_card_by
    audit.append(connection, now, machine.id, "old_card", details)


def void(connection: sa.Connection, machine: Machine, request: pb.VoidRequest, now: datetime) -> None:
    """Record that a document did not reach the resident, and let go of it.

    A void may overtake its own Begin: an unknown key without a grant is remembered as void, so that the late Begin
    is refused.

    Raises:
        Refused: The machine holds no such grant, or the document was handed over before.
    """
    values = {"void_reason": request.reason, "blanks_spoiled": request.blanks_spoiled}
    report = _Report("void", request.journal_seq, values)
    row = _issuance(connection, machine, request.idempotency_key)
    if row is not None:
        if request.grant_id not in ("", row.grant_id):
            raise _unknown_grant()
        if _record(connection, machine, row, report, request.occurred_at.ToDatetime(), now) and row.grant_id:
            stock.voided(connection, row.grant_id, request.reason, request.blanks_spoiled, now)
        return
    if request.grant_id:
        raise _unknown_grant()
    connection.execute(
        issuances.insert().values(
            idempotency_key=request.idempotency_key,
            machine_id=machine.id,
            state="void",
            journal_seq=request.journal_seq,
            occurred_at=_machine_time(request.occurred_at.ToDatetime()),
            ended_at=times.to_text(now),
            **values,
        )
    )
    audit.append(connection, now, machine.id, "void", {"idempotency_key": request.idempotency_key} | values)


def _issuance(connection: sa.Connection, machine: Machine, key: str) -> Row | None:
    row = connection.execute(sa.select(issuances).where(issuances.c.idempotency_key == key)).first()
    if row is not None and row.machine_id != machine.id:
        raise _unknown_grant()
    return row


def _record(
    connection: sa.Connection, machine: Machine, row: Row, report: _Report, occurred_at: datetime, now: datetime
) -> bool:
    """Returns whether it changed anything."""
    if report.same_as(row):
        return False
    if report.state not in MOVES[row.state]:
        if report.state == "unknown" and report.journal_seq < row.journal_seq:
            # Settled since; the machine's first word about it came again.
            return False
        raise Refused(pb.ERROR_REASON_GRANT_ENDED, "the issuance ended otherwise before", metadata={"state": row.state})
    connection.execute(
        issuances.update()
        .where(issuances.c.idempotency_key == row.idempotency_key)
        .values(
            state=report.state,
            # What an officer let go of is held no more, whatever its machine finds out later.
            holds=None if report.state == "void" else row.holds,
            journal_seq=report.journal_seq,
            occurred_at=_machine_time(occurred_at),
            ended_at=times.to_text(now),
            **report.values,
        )
    )
    connection.execute(artefacts.delete().where(artefacts.c.grant_id == row.grant_id))
    # A chip's number leads to its holder: it stands with the issuance, not in the list.
    said = {name: value for name, value in report.values.items() if name != "chip_uid" and value is not None}
    audit.append(connection, now, machine.id, report.state, {"idempotency_key": row.idempotency_key} | said)
    return True


def _machine_time(naive_utc: datetime) -> str:
    return naive_utc.isoformat(timespec="microseconds") + "+00:00"


def _unknown_grant() -> Refused:
    return Refused(pb.ERROR_REASON_GRANT_ENDED, "this machine holds no such grant", grpc.StatusCode.NOT_FOUND)

"""An officer's word that a document may be issued once more; the former is superseded by it.

A void says with evidence that the resident has nothing, and frees a document by itself. Where nothing was found, an
officer decides: what was handed over was lost, damaged or has become wrong; what may have been handed over was not.
Every issuance has its reason: `original`; `reprint:spoiled` after a void; `replacement:lost` after an officer's word.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.store import audit, times
from central.store.schema import documents, issuances, replacements

NOT_RECEIVED = "not_received"
"""The resident says so, and no technician has found out otherwise: its machine's outcome is unknown."""
REASONS = ("lost", "damaged", "data_changed", NOT_RECEIVED)
_REPRINTS = {
    pb.VOID_REASON_SPOILED: "reprint:spoiled",
    pb.VOID_REASON_RETRACTED: "reprint:retracted",
    pb.VOID_REASON_RETAINED: "reprint:retained",
}


class NotReplaceable(Exception):
    """There is no handed-over document to replace; the message says how it stands, for people."""


def grant(connection: sa.Connection, document_id: str, staff: str, reason: str, now: datetime) -> str:
    """Let a document be issued once more; returns the receipt number of the one that is superseded.

    Raises:
        NotReplaceable: It was not issued, or an issuance has not ended: that is its machine's or a technician's to say.
    """
    if connection.execute(sa.select(documents).where(documents.c.document_id == document_id)).first() is None:
        raise NotReplaceable(f"no such document: {document_id}")
    former = connection.execute(sa.select(issuances).where(issuances.c.holds == document_id)).first()
    if former is None:
        raise NotReplaceable("it can be printed already: nothing stands in the way")
    if former.state != ("unknown" if reason == NOT_RECEIVED else "taken"):
        raise NotReplaceable(f"its issuance {former.receipt_number} has not ended ({former.state}); settle that first")
    mine = issuances.c.idempotency_key == former.idempotency_key
    connection.execute(issuances.update().where(mine).values(holds=None))
    replacement_id = str(uuid.uuid4())
    connection.execute(
        replacements.insert().values(
            replacement_id=replacement_id,
            document_id=document_id,
            former_key=former.idempotency_key,
            reason=reason,
            staff=staff,
            at=times.to_text(now),
        )
    )
    details = {"document_id": document_id, "receipt": former.receipt_number, "reason": reason}
    audit.append(connection, now, f"officer/{staff}", "replaced", details | {"replacement_id": replacement_id})
    receipt: str = former.receipt_number
    return receipt


def reason_of_next(connection: sa.Connection, document_id: str) -> str:
    """Why the next issuance of a document is made: original, reprint:WHY or replacement:WHY."""
    query = (
        sa.select(issuances.c.void_reason, replacements.c.reason)
        .outerjoin(replacements, replacements.c.former_key == issuances.c.idempotency_key)
        .where(issuances.c.document_id == document_id)
        .order_by(issuances.c.begun_at.desc())
    )
    for former in connection.execute(query):
        if former.reason is not None:
            return f"replacement:{former.reason}"
        if former.void_reason in _REPRINTS:
            return _REPRINTS[former.void_reason]
    return "original"

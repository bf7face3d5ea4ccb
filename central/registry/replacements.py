"""An officer's word that a document which was handed over may be issued once more; the former is superseded by it."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from central.store import audit, times
from central.store.schema import documents, issuances, replacements

REASONS = ("lost", "damaged", "data_changed")


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
    if former.state != "taken":
        raise NotReplaceable(f"its issuance {former.receipt_number} has not ended ({former.state}); settle that first")
    connection.execute(
        issuances.update().where(issuances.c.idempotency_key == former.idempotency_key).values(holds=None)
    )
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

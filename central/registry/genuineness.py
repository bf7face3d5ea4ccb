"""Whether a printed document is genuine: green, yellow or red, and never whose it is."""

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.store import times
from central.store.schema import documents, issuances

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a document. All but the validity is set for genuine ones only."""

    validity: "pb.DocumentValidity.ValueType"
    kind: "pb.DocumentKind.ValueType" = pb.DOCUMENT_KIND_UNSPECIFIED
    issued_at: datetime | None = None
    signer: str = ""


_RED = Finding(pb.DOCUMENT_VALIDITY_NOT_GENUINE)


def token_of(qr_text: str, verify_url: str) -> str | None:
    """The token in a QR code's whole text; None for any other text. A good token behind another address is no good:
    whoever printed it wants people to go there."""
    start = verify_url + "/"
    if not qr_text.startswith(start):
        return None
    token = qr_text.removeprefix(start)
    return token if _TOKEN.fullmatch(token) else None


def find(connection: sa.Connection, token: str | None) -> Finding:
    """What a document's token says of it.

    Green is the issuance that holds its document: open, printed, or of unknown outcome. A void lets go of the document,
    and so does an officer's replacement; no newer issuance can be without one of them.
    """
    if token is None or not _TOKEN.fullmatch(token):
        return _RED
    query = (
        sa.select(issuances.c.holds, issuances.c.begun_at, issuances.c.signer, documents.c.kind)
        .join(documents, documents.c.document_id == issuances.c.document_id)
        .where(issuances.c.verify_token == token)
    )
    row = connection.execute(query).first()
    if row is None:
        return _RED
    validity = pb.DOCUMENT_VALIDITY_SUPERSEDED if row.holds is None else pb.DOCUMENT_VALIDITY_VALID
    return Finding(validity, row.kind, times.from_text(row.begun_at), row.signer or "")

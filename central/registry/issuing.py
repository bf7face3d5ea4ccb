"""Begin: one signed right to print, given once.

A document has at most one issuance that holds it (`issuances.holds`, unique). A grant that expired without a word
from its machine goes on holding the document: the expiry only says when printing may start at the latest, the machine
may have printed in time and be without network since, and its clock may be wrong. Giving the document to another
machine then could put two originals into the world; leaving it held costs a resident a wait. The hold ends when the
machine's completion or void arrives, or when an officer decides.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from central.errors import Refused
from central.identity import Machine
from central.registry import catalogue, replacements, sessions, stock
from central.registry.catalogue import Entitled
from central.registry.grants import GrantSigner
from central.store import audit, times
from central.store.residents import Row
from central.store.schema import artefacts, counters, issuances


@dataclass(frozen=True, slots=True)
class Artefact:
    """A signed document, ready to be granted.

    Attributes:
        verify_token: What the QR on it ends with; None where it has none.
        signer: Who signed it; None where nobody did.
    """

    content: bytes = field(repr=False)
    sha256: bytes
    page_count: int
    verify_token: str | None
    signer: str | None


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """What every grant of this registry has in common."""

    signer: GrantSigner
    life_s: int
    tracking_url: str


def plan(connection: sa.Connection, machine: Machine, request: pb.BeginRequest, now: datetime) -> pb.Grant | Entitled:
    """What Begin comes to: the grant this key already has, or the document that may be granted.

    Raises:
        Refused: The document may not be granted now, or the key stands for something else.
    """
    standing = connection.execute(
        sa.select(issuances).where(issuances.c.idempotency_key == request.idempotency_key)
    ).first()
    if standing is not None:
        return _same_grant(standing, machine, request, now)
    person = sessions.holder(connection, machine, request.session_token, now)
    document = catalogue.entitled(connection, person, request.document_id, now)
    if catalogue.state_of(connection, document.document_id) != pb.DOCUMENT_STATE_READY:
        raise Refused(
            pb.ERROR_REASON_ALREADY_ISSUED, "an original exists or is being issued", grpc.StatusCode.ALREADY_EXISTS
        )
    if document.content.version != request.data_version:
        raise Refused(pb.ERROR_REASON_DATA_CHANGED, "the data changed after it was proofread", grpc.StatusCode.ABORTED)
    # Looked up before the page is made; it is reserved with the grant.
    stock.book_for(connection, machine, document.blank, document.content.page_count)
    return document


def _same_grant(standing: Row, machine: Machine, request: pb.BeginRequest, now: datetime) -> pb.Grant:
    # The session may have ended while the first answer was lost: the token is compared, not its life.
    if standing.machine_id != machine.id or (
        standing.document_id is not None
        and (standing.document_id, standing.data_version, standing.token_sha256)
        != (request.document_id, request.data_version, sessions.token_hash(request.session_token))
    ):
        raise Refused(pb.ERROR_REASON_KEY_REUSED, "the key was used for something else", grpc.StatusCode.ALREADY_EXISTS)
    if standing.state != "open" or standing.expires_at <= times.to_text(now):
        raise Refused(pb.ERROR_REASON_GRANT_ENDED, "the grant of this key has ended")
    return pb.Grant(claims=standing.claims, signature=standing.signature, key_id=standing.key_id)


def commit(
    connection: sa.Connection,
    machine: Machine,
    request: pb.BeginRequest,
    artefact: Artefact,
    terms: GrantTerms,
    now: datetime,
) -> pb.Grant:
    """Grant the document, if it can still be granted: everything is looked at again in this one transaction.

    Raises:
        Refused: See `plan`.
    """
    document = plan(connection, machine, request, now)
    if isinstance(document, pb.Grant):
        return document
    claims = _claims(machine, request, document, artefact, _receipt_number(connection, machine), terms, now)
    grant = terms.signer.sign(claims)
    reason = replacements.reason_of_next(connection, document.document_id)
    connection.execute(
        issuances.insert().values(
            idempotency_key=request.idempotency_key,
            machine_id=machine.id,
            state="open",
            document_id=document.document_id,
            holds=document.document_id,
            token_sha256=sessions.token_hash(request.session_token),
            data_version=request.data_version,
            grant_id=claims.grant_id,
            claims=grant.claims,
            signature=grant.signature,
            key_id=grant.key_id,
            receipt_number=claims.receipt_number,
            verify_token=artefact.verify_token,
            signer=artefact.signer,
            reason=reason,
            begun_at=times.to_text(now),
            expires_at=times.to_text(now + timedelta(seconds=terms.life_s)),
        )
    )
    stock.reserve(connection, machine, document.blank, document.content.page_count, claims.grant_id, now)
    connection.execute(artefacts.insert().values(grant_id=claims.grant_id, content=artefact.content))
    audit.append(
        connection,
        now,
        machine.id,
        "granted",
        {
            "grant_id": claims.grant_id,
            "document_id": document.document_id,
            "idempotency_key": request.idempotency_key,
            "artefact_sha256": artefact.sha256.hex(),
            "receipt": claims.receipt_number,
            "reason": reason,
        },
    )
    return grant


def _claims(
    machine: Machine,
    request: pb.BeginRequest,
    document: Entitled,
    artefact: Artefact,
    receipt_number: str,
    terms: GrantTerms,
    now: datetime,
) -> pb.GrantClaims:
    issued_at, expires_at = Timestamp(), Timestamp()
    issued_at.FromDatetime(now)
    expires_at.FromDatetime(now + timedelta(seconds=terms.life_s))
    return pb.GrantClaims(
        grant_id=str(uuid.uuid4()),
        machine_id=machine.id,
        document_id=document.document_id,
        kind=document.kind,
        blank=document.blank,
        idempotency_key=request.idempotency_key,
        artefact_sha256=artefact.sha256,
        artefact_bytes=len(artefact.content),
        page_count=artefact.page_count,
        receipt_number=receipt_number,
        tracking_url=f"{terms.tracking_url}/{receipt_number}",
        issued_at=issued_at,
        expires_at=expires_at,
    )


def _receipt_number(connection: sa.Connection, machine: Machine) -> str:
    """The next number of the machine's regency, as ADM-3520-000123."""
    name = f"receipt/{machine.regency}"
    value = connection.execute(sa.select(counters.c.value).where(counters.c.name == name)).scalar()
    if value is None:
        value = 0
        connection.execute(counters.insert().values(name=name, value=value))
    connection.execute(counters.update().where(counters.c.name == name).values(value=value + 1))
    return f"ADM-{machine.regency}-{value + 1:06d}"


def artefact_of(connection: sa.Connection, machine: Machine, grant_id: str, now: datetime) -> bytes:
    """The signed document of a machine's open grant.

    Raises:
        Refused: The machine holds no such grant, or it has ended or expired.
    """
    query = (
        sa.select(issuances.c.state, issuances.c.expires_at, artefacts.c.content)
        .outerjoin(artefacts, artefacts.c.grant_id == issuances.c.grant_id)
        .where(issuances.c.grant_id == grant_id, issuances.c.machine_id == machine.id)
    )
    row = connection.execute(query).first()
    if row is None:
        raise Refused(pb.ERROR_REASON_GRANT_ENDED, "this machine holds no such grant", grpc.StatusCode.NOT_FOUND)
    if row.state != "open" or row.expires_at <= times.to_text(now) or row.content is None:
        raise Refused(pb.ERROR_REASON_GRANT_ENDED, "the grant has ended")
    content: bytes = row.content
    return content

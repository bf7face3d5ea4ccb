"""A resident's documents: what may be printed, whether it can be now, and what stands in it."""

from dataclasses import dataclass
from datetime import date, datetime

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.documents import contents
from central.documents.content import Content
from central.errors import Refused
from central.registry import entitlements, stock
from central.store import times
from central.store.residents import Row
from central.store.schema import documents, issuances

_LIMIT = 64

_CARDS = {pb.DOCUMENT_KIND_KTP_EL: pb.BLANK_CARD_KTP_EL, pb.DOCUMENT_KIND_KIA: pb.BLANK_CARD_KIA}

_STATES = {
    "taken": pb.DOCUMENT_STATE_ISSUED,
    "open": pb.DOCUMENT_STATE_IN_PROGRESS,
    # Somebody must look into the machine first; the resident can only wait.
    "unknown": pb.DOCUMENT_STATE_IN_PROGRESS,
}


@dataclass(frozen=True, slots=True)
class Entitled:
    """A document the resident may have, with what stands in it."""

    document_id: str
    kind: "pb.DocumentKind.ValueType"
    content: Content

    @property
    def blank(self) -> "pb.Blank.ValueType":
        """What it is printed on: `content.page_count` of them."""
        return blank_of(self.kind)


def blank_of(kind: "pb.DocumentKind.ValueType") -> "pb.Blank.ValueType":
    """What a kind of document is printed on."""
    return _CARDS.get(kind, pb.BLANK_PAPER_A4)


def listing(connection: sa.Connection, person: Row, now: datetime) -> list[pb.Document]:
    """A resident's documents, ready ones first."""
    found = []
    today = local_date(now)
    for kind, subject in entitlements.printable(connection, person, today):
        document_id = _document_id(connection, kind, subject)
        content = contents.read(connection, kind, subject, today) if document_id else None
        if document_id is None or content is None:
            continue
        document = pb.Document(
            document_id=document_id,
            kind=kind,
            subject_name=content.subject_name,
            blank=blank_of(kind),
            page_count=content.page_count,
            state=state_of(connection, document_id),
        )
        taken_back = _taken_back(connection, document_id)
        if taken_back is not None:
            document.taken_back_at.FromDatetime(taken_back)
        found.append(document)
    found.sort(key=lambda document: document.state != pb.DOCUMENT_STATE_READY)
    return found[:_LIMIT]


def entitled(connection: sa.Connection, person: Row, document_id: str, now: datetime) -> Entitled:
    """One document of a resident.

    Raises:
        Refused: It does not exist, or the resident may not print it: one answer for both.
    """
    row = connection.execute(sa.select(documents).where(documents.c.document_id == document_id)).first()
    if row is not None:
        today = local_date(now)
        mine = (row.kind, row.subject) in entitlements.printable(connection, person, today)
        content = contents.read(connection, row.kind, row.subject, today) if mine else None
        if content is not None:
            return Entitled(document_id, row.kind, content)
    raise Refused(pb.ERROR_REASON_NOT_ENTITLED, "no such document for this resident", grpc.StatusCode.PERMISSION_DENIED)


def state_of(connection: sa.Connection, document_id: str) -> "pb.DocumentState.ValueType":
    """Whether a document can be printed now."""
    held = connection.execute(sa.select(issuances.c.state).where(issuances.c.holds == document_id)).scalar()
    return pb.DOCUMENT_STATE_READY if held is None else _STATES[held]


def _taken_back(connection: sa.Connection, document_id: str) -> datetime | None:
    """When it was drawn back into a machine, if that is the last that became of it."""
    columns = issuances.c
    query = (
        sa.select(columns.void_reason, columns.ended_at)
        .where(columns.document_id == document_id, columns.ended_at.is_not(None), columns.grant_id.is_not(None))
        .order_by(columns.ended_at.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return times.from_text(row.ended_at) if row and row.void_reason in stock.KEPT else None


def local_date(now: datetime) -> date:
    """The date in Magetan (WIB, UTC+7), by which ages and dates of issue go."""
    return now.astimezone(contents.WIB).date()


def _document_id(connection: sa.Connection, kind: "pb.DocumentKind.ValueType", subject: str) -> str | None:
    query = sa.select(documents.c.document_id).where(documents.c.kind == kind, documents.c.subject == subject)
    return connection.execute(query).scalar()

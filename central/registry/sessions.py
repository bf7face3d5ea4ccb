"""Sessions: from the first evidence of identity to the right to list and print.

A session belongs to one machine. Its token is kept as a hash only. Failed comparisons are counted per resident, not
per session or machine, so going to another machine buys no more attempts.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.config import RegistrySettings
from central.errors import Refused
from central.identity import Machine
from central.logs import mask_nik
from central.registry import faces
from central.store import audit, residents, times
from central.store.residents import Row
from central.store.schema import face_attempts, face_models, references, sessions

_ASSURANCE = {
    "sam_verified": pb.CHIP_ASSURANCE_SAM_VERIFIED,
    "unverified": pb.CHIP_ASSURANCE_UNVERIFIED,
}


@dataclass(frozen=True, slots=True)
class Started:
    """A new session."""

    session_id: str
    model_id: str
    attempts_left: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """A comparison's result. Token and resident are set after a match only."""

    match: bool
    attempts_left: int
    token: str = ""
    resident: Row | None = None


def start(
    connection: sa.Connection, policy: RegistrySettings, machine: Machine, chip: pb.ChipEvidence, now: datetime
) -> Started:
    """Open a session for the resident of a chip.

    Raises:
        Refused: The chip proves too little, is not on record, or the resident's face is locked.
    """
    _check_chip(connection, policy, chip)
    left = _attempts_left(connection, policy, chip.nik, now)
    model = connection.execute(sa.select(face_models.c.model_id).where(face_models.c.in_use)).scalar_one()
    started = Started(str(uuid.uuid4()), model, left, now + timedelta(seconds=policy.session_s))
    connection.execute(sessions.delete().where(sessions.c.expires_at <= times.to_text(now)))
    connection.execute(
        sessions.insert().values(
            session_id=started.session_id,
            machine_id=machine.id,
            nik=chip.nik,
            expires_at=times.to_text(started.expires_at),
        )
    )
    return started


def _check_chip(connection: sa.Connection, policy: RegistrySettings, chip: pb.ChipEvidence) -> None:
    least = _ASSURANCE[policy.chip_assurance]
    if chip.assurance < least:
        # An unverified chip says any NIK it likes: it is not shown to be the card on record.
        raise Refused(
            pb.ERROR_REASON_UNKNOWN_RESIDENT,
            "the chip was not verified by a SAM",
            metadata={"required_assurance": pb.ChipAssurance.Name(least)},
        )
    person = residents.resident(connection, chip.nik)
    if person is None or person.died_on is not None or person.card_uid != chip.uid:
        # One answer for all three: a machine must not be able to ask which NIKs exist.
        raise Refused(pb.ERROR_REASON_UNKNOWN_RESIDENT, "no living resident with this card", grpc.StatusCode.NOT_FOUND)


def verify(
    connection: sa.Connection, policy: RegistrySettings, machine: Machine, request: pb.VerifyFaceRequest, now: datetime
) -> Verified:
    """Compare live templates with the reference and count the attempt, all in one transaction.

    Raises:
        Refused: No such session, the face is locked, or the templates are of another model.
    """
    session = connection.execute(sa.select(sessions).where(sessions.c.session_id == request.session_id)).first()
    nik: str = _living(session, machine, now).nik
    left = _attempts_left(connection, policy, nik, now)
    templates = [tuple(template.values) for template in request.templates]
    match = _matches(connection, nik, request.model_id, templates)
    if policy.liveness_min is not None:
        live = request.HasField("liveness") and faces.reaches(request.liveness, policy.liveness_min)
        match = match and live
    if not match:
        left = _count_failure(connection, policy, nik, left, now)
        audit.append(connection, now, machine.id, "face_refused", {"resident": mask_nik(nik), "attempts_left": left})
        return Verified(False, left)
    connection.execute(face_attempts.delete().where(face_attempts.c.nik == nik))
    token = secrets.token_urlsafe(32)
    connection.execute(
        sessions.update().where(sessions.c.session_id == request.session_id).values(token_sha256=token_hash(token))
    )
    audit.append(connection, now, machine.id, "face_matched", {"resident": mask_nik(nik)})
    return Verified(True, policy.face_attempts, token, residents.resident(connection, nik))


def _matches(connection: sa.Connection, nik: str, model_id: str, live: Sequence[Sequence[float]]) -> bool:
    query = (
        sa.select(references.c.vector, face_models.c.threshold, face_models.c.dimensions)
        .join(face_models, face_models.c.model_id == references.c.model_id)
        .where(references.c.nik == nik, references.c.model_id == model_id, face_models.c.in_use)
    )
    reference = connection.execute(query).first()
    if reference is None:
        raise Refused(pb.ERROR_REASON_MODEL_MISMATCH, "there is no reference of this model")
    if any(len(template) != reference.dimensions for template in live):
        raise Refused(
            pb.ERROR_REASON_INVALID_REQUEST,
            f"templates of this model have {reference.dimensions} values",
            grpc.StatusCode.INVALID_ARGUMENT,
        )
    threshold: float = reference.threshold
    return faces.best_distance(faces.unpack(reference.vector), live) <= threshold


def _attempts_left(connection: sa.Connection, policy: RegistrySettings, nik: str, now: datetime) -> int:
    """Comparisons left; refuses while the lock lasts."""
    row = connection.execute(sa.select(face_attempts).where(face_attempts.c.nik == nik)).first()
    if row is None:
        return policy.face_attempts
    if row.locked_until is not None and row.locked_until > times.to_text(now):
        raise Refused(
            pb.ERROR_REASON_FACE_LOCKED,
            "too many failed comparisons",
            metadata={"locked_until": rfc3339(times.from_text(row.locked_until))},
        )
    forgotten = times.from_text(row.last_failed_at) + timedelta(seconds=policy.face_lock_s)
    if row.locked_until is not None or forgotten <= now:
        return policy.face_attempts
    # A policy made stricter since then must not leave a negative number, nor nothing but no lock.
    failed: int = row.failed
    return max(1, policy.face_attempts - failed)


def _count_failure(
    connection: sa.Connection, policy: RegistrySettings, nik: str, left_before: int, now: datetime
) -> int:
    left = left_before - 1
    locked_until = times.to_text(now + timedelta(seconds=policy.face_lock_s)) if left == 0 else None
    connection.execute(face_attempts.delete().where(face_attempts.c.nik == nik))
    connection.execute(
        face_attempts.insert().values(
            nik=nik,
            failed=policy.face_attempts - left,
            last_failed_at=times.to_text(now),
            locked_until=locked_until,
        )
    )
    return left


def holder(connection: sa.Connection, machine: Machine, token: str, now: datetime) -> Row:
    """The living resident whose verified session a token is.

    Raises:
        Refused: The token is no session's of this machine, or has expired, or the resident has died since.
    """
    session = connection.execute(sa.select(sessions).where(sessions.c.token_sha256 == token_hash(token))).first()
    person = residents.resident(connection, _living(session, machine, now).nik)
    if person is None or person.died_on is not None:
        raise _expired()
    return person


def end(connection: sa.Connection, machine: Machine, session_id: str) -> None:
    """Forget a session; nothing happens when there is none."""
    connection.execute(
        sessions.delete().where(sessions.c.session_id == session_id, sessions.c.machine_id == machine.id)
    )


def token_hash(token: str) -> bytes:
    """How a token is kept: SHA-256. It has 256 random bits, so no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode()).digest()


def rfc3339(at: datetime) -> str:
    """A UTC time as RFC 3339 text with seconds: 2026-01-31T08:00:00Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _living(session: Row | None, machine: Machine, now: datetime) -> Row:
    if session is None or session.machine_id != machine.id or session.expires_at <= times.to_text(now):
        raise _expired()
    return session


def _expired() -> Refused:
    return Refused(pb.ERROR_REASON_SESSION_EXPIRED, "no such session, or it has ended", grpc.StatusCode.UNAUTHENTICATED)

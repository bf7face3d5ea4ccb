"""Sessions: from the first evidence of identity to the right to list and print.

A session belongs to one machine. Its token is kept as a hash only.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.config import RegistrySettings
from central.errors import Refused
from central.identity import Machine
from central.registry import attempts
from central.store import residents, times
from central.store.residents import Row
from central.store.schema import face_models, sessions


@dataclass(frozen=True, slots=True)
class Started:
    """A new session."""

    session_id: str
    nik: str
    model_id: str
    attempts_left: int
    expires_at: datetime


def begin(connection: sa.Connection, policy: RegistrySettings, machine: Machine, nik: str, now: datetime) -> Started:
    """Open a session for a resident whose first evidence was good.

    Raises:
        Refused: The resident's face is locked.
    """
    left = attempts.left(connection, policy, nik, now)
    model = connection.execute(sa.select(face_models.c.model_id).where(face_models.c.in_use)).scalar_one()
    started = Started(str(uuid.uuid4()), nik, model, left, now + timedelta(seconds=policy.session_s))
    connection.execute(sessions.delete().where(sessions.c.expires_at <= times.to_text(now)))
    connection.execute(
        sessions.insert().values(
            session_id=started.session_id,
            machine_id=machine.id,
            nik=nik,
            expires_at=times.to_text(started.expires_at),
        )
    )
    return started


def of_id(connection: sa.Connection, machine: Machine, session_id: str, now: datetime) -> Row:
    """A machine's session that has not ended.

    Raises:
        Refused: There is none.
    """
    return _living(
        connection.execute(sa.select(sessions).where(sessions.c.session_id == session_id)).first(), machine, now
    )


def admit(connection: sa.Connection, session_id: str) -> str:
    """Give a session the right to list and print; returns its token, of which the hash is kept."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        sessions.update().where(sessions.c.session_id == session_id).values(token_sha256=token_hash(token))
    )
    return token


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
    """How a token is kept: SHA-256. It has 128 random bits or more, so no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode()).digest()


def _living(session: Row | None, machine: Machine, now: datetime) -> Row:
    if session is None or session.machine_id != machine.id or session.expires_at <= times.to_text(now):
        raise _expired()
    return session


def _expired() -> Refused:
    return Refused(pb.ERROR_REASON_SESSION_EXPIRED, "no such session, or it has ended", grpc.StatusCode.UNAUTHENTICATED)

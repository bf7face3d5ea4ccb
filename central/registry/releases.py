"""The second evidence without a face: an officer has looked at the resident and gives an 8-digit code.

A code is one resident's, good for once and for a short time. Wrong codes are counted against it, and too many end it.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.config import ReleaseSettings
from central.errors import Refused
from central.identity import Machine
from central.logs import mask_nik
from central.registry import attempts, pins, sessions
from central.registry.verification import Verified
from central.store import audit, residents, times
from central.store.residents import Row
from central.store.schema_entry import releases

CODE_DIGITS = 8


@dataclass(frozen=True, slots=True)
class NewRelease:
    """A release before it is kept. The code exists here and at the officer, nowhere else."""

    code: str = field(repr=False)
    salt: bytes = field(repr=False)
    code_hash: bytes = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """A random one. Slow: see `pins.digest`."""
        code, salt = pins.new_digits(CODE_DIGITS), pins.new_salt()
        return cls(code, salt, pins.digest(code, salt))


def keep(
    connection: sa.Connection,
    nik: str,
    release: NewRelease,
    terms: ReleaseSettings,
    staff: str,
    reason: str,
    now: datetime,
) -> datetime:
    """Let a resident be released once; an earlier code ends. Returns when this one does."""
    stamp, expires_at = times.to_text(now), now + timedelta(seconds=terms.life_s)
    connection.execute(
        releases.update().where(releases.c.nik == nik, releases.c.expires_at > stamp).values(expires_at=stamp)
    )
    release_id = str(uuid.uuid4())
    connection.execute(
        releases.insert().values(
            release_id=release_id,
            nik=nik,
            code_salt=release.salt,
            code_hash=release.code_hash,
            staff=staff,
            reason=reason,
            made_at=stamp,
            expires_at=times.to_text(expires_at),
            failed=0,
        )
    )
    details = {"resident": mask_nik(nik), "release_id": release_id}
    audit.append(connection, now, f"officer/{staff}", "release_made", details)
    return expires_at


def usable(connection: sa.Connection, terms: ReleaseSettings, machine: Machine, session_id: str, now: datetime) -> Row:
    """The release that a session's resident may use now.

    Raises:
        Refused: No such session, or no release.
    """
    nik = sessions.of_id(connection, machine, session_id, now).nik
    query = sa.select(releases).where(
        releases.c.nik == nik,
        releases.c.expires_at > times.to_text(now),
        releases.c.used_at.is_(None),
        releases.c.failed < terms.attempts,
    )
    row = connection.execute(query).first()
    if row is None:
        raise _refused()
    return row


def use(
    connection: sa.Connection,
    terms: ReleaseSettings,
    machine: Machine,
    session_id: str,
    code_hash: bytes,
    now: datetime,
) -> Verified | Refused:
    """Let a session list and print without a face.

    Returns:
        What a match gives; or the refusal of a wrong code, which is counted and therefore not raised here.

    Raises:
        Refused: See `usable`.
    """
    row = usable(connection, terms, machine, session_id, now)
    mine = releases.update().where(releases.c.release_id == row.release_id)
    details = {"resident": mask_nik(row.nik), "release_id": row.release_id}
    if not pins.same(row.code_hash, code_hash):
        connection.execute(mine.values(failed=row.failed + 1))
        audit.append(connection, now, machine.id, "release_refused", details)
        return _refused()
    connection.execute(mine.values(used_at=times.to_text(now)))
    attempts.forget(connection, row.nik)
    token = sessions.admit(connection, session_id)
    audit.append(connection, now, machine.id, "released", details | {"staff": row.staff})
    return Verified(True, 0, token, residents.resident(connection, row.nik))


def _refused() -> Refused:
    return Refused(
        pb.ERROR_REASON_RELEASE_REFUSED,
        "the release code is wrong, used or expired",
        grpc.StatusCode.PERMISSION_DENIED,
    )

"""Failed face comparisons: counted per resident, not per session or machine, so that going elsewhere buys no more."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.config import RegistrySettings
from central.errors import Refused
from central.store import times
from central.store.schema import face_attempts


def left(connection: sa.Connection, policy: RegistrySettings, nik: str, now: datetime) -> int:
    """Comparisons a resident has left.

    Raises:
        Refused: None, for as long as the lock lasts.
    """
    row = connection.execute(sa.select(face_attempts).where(face_attempts.c.nik == nik)).first()
    if row is None:
        return policy.face_attempts
    if row.locked_until is not None and row.locked_until > times.to_text(now):
        raise Refused(
            pb.ERROR_REASON_FACE_LOCKED,
            "too many failed comparisons",
            metadata={"locked_until": times.rfc3339(times.from_text(row.locked_until))},
        )
    forgotten = times.from_text(row.last_failed_at) + timedelta(seconds=policy.face_lock_s)
    if row.locked_until is not None or forgotten <= now:
        return policy.face_attempts
    # A policy made stricter since then must not leave a negative number, nor nothing but no lock.
    failed: int = row.failed
    return max(1, policy.face_attempts - failed)


def count_failure(connection: sa.Connection, policy: RegistrySettings, nik: str, now: datetime) -> int:
    """Count one more; locks with the last. Returns what is left.

    Raises:
        Refused: See `left`.
    """
    remaining = left(connection, policy, nik, now) - 1
    locked_until = times.to_text(now + timedelta(seconds=policy.face_lock_s)) if remaining == 0 else None
    forget(connection, nik)
    connection.execute(
        face_attempts.insert().values(
            nik=nik,
            failed=policy.face_attempts - remaining,
            last_failed_at=times.to_text(now),
            locked_until=locked_until,
        )
    )
    return remaining


def forget(connection: sa.Connection, nik: str) -> bool:
    """Forgive a resident's failures and end the lock; returns whether there were any."""
    return connection.execute(face_attempts.delete().where(face_attempts.c.nik == nik)).rowcount > 0

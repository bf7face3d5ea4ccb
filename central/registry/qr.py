"""The first evidence without a card: a QR code that carries an opaque token, and the PIN that belongs to it.

A token says nothing and is kept as a hash. Wrong PINs are counted per code, in the transaction that compares, and lock
it. Whoever shows another person's code and knows its PIN begins that person's session, and the face refuses them.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.config import QrSettings, RegistrySettings
from central.errors import Refused
from central.identity import Machine
from central.logs import mask_nik
from central.registry import pins, sessions
from central.registry.sessions import Started
from central.store import audit, residents, times
from central.store.residents import Row
from central.store.schema_entry import qr_codes

# Tells our codes from all others before the registry is asked.
PREFIX = "ADM1:"
PIN_DIGITS = 6
_TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code before it is kept. Token and PIN exist here and at the resident, nowhere else."""

    token: str = field(repr=False)
    pin: str = field(repr=False)
    salt: bytes = field(repr=False)
    pin_hash: bytes = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """A random one. Slow: see `pins.digest`."""
        pin, salt = pins.new_digits(PIN_DIGITS), pins.new_salt()
        return cls(secrets.token_urlsafe(_TOKEN_BYTES), pin, salt, pins.digest(pin, salt))

    @property
    def text(self) -> str:
        """What the QR code says."""
        return PREFIX + self.token


def keep(connection: sa.Connection, nik: str, code: NewCode, expires_at: datetime, once: bool, now: datetime) -> None:
    """Give a code to a resident; codes given before end: a new one is asked for when the old one is lost."""
    stamp = times.to_text(now)
    connection.execute(
        qr_codes.update().where(qr_codes.c.nik == nik, qr_codes.c.expires_at > stamp).values(expires_at=stamp)
    )
    connection.execute(
        qr_codes.insert().values(
            token_sha256=_hash(code.token),
            nik=nik,
            pin_salt=code.salt,
            pin_hash=code.pin_hash,
            issued_at=stamp,
            expires_at=times.to_text(expires_at),
            once=once,
            failed=0,
        )
    )


def usable(connection: sa.Connection, token: str, now: datetime) -> Row:
    """The code of a token, if its PIN may be tried.

    Raises:
        Refused: It is unknown, used, expired or locked.
    """
    row = connection.execute(sa.select(qr_codes).where(qr_codes.c.token_sha256 == _hash(token))).first()
    if row is None:
        raise Refused(pb.ERROR_REASON_QR_UNKNOWN, "not a code of this registry", grpc.StatusCode.NOT_FOUND)
    if row.once and row.used_at is not None:
        raise Refused(pb.ERROR_REASON_QR_USED, "the code was good for once and is used")
    if row.expires_at <= times.to_text(now):
        raise Refused(pb.ERROR_REASON_QR_EXPIRED, "the code has expired")
    if row.locked_until is not None and row.locked_until > times.to_text(now):
        raise _locked(times.from_text(row.locked_until))
    return row


def start(
    connection: sa.Connection,
    policy: RegistrySettings,
    terms: QrSettings,
    machine: Machine,
    token: str,
    pin_hash: bytes,
    now: datetime,
) -> Started | Refused:
    """Open a session for the resident of a code.

    Args:
        pin_hash: Of the PIN as entered, with the code's salt.

    Returns:
        The session; or the refusal of a wrong PIN, which is counted and therefore not raised here.

    Raises:
        Refused: See `usable`; the resident has died, or their face is locked.
    """
    row = usable(connection, token, now)
    if not pins.same(row.pin_hash, pin_hash):
        return _count_failure(connection, terms, machine, row, now)
    person = residents.resident(connection, row.nik)
    if person is None or person.died_on is not None:
        raise Refused(pb.ERROR_REASON_UNKNOWN_RESIDENT, "no living resident with this code", grpc.StatusCode.NOT_FOUND)
    started = sessions.begin(connection, policy, machine, row.nik, now)
    _update(connection, row, used_at=times.to_text(now), failed=0, locked_until=None)
    audit.append(connection, now, machine.id, "qr_accepted", {"resident": mask_nik(row.nik)})
    return started


def unlock(connection: sa.Connection, nik: str) -> bool:
    """Forget the wrong PINs of a resident's codes; returns whether there were any."""
    query = qr_codes.update().where(qr_codes.c.nik == nik, qr_codes.c.failed > 0)
    return connection.execute(query.values(failed=0, locked_until=None)).rowcount > 0


def _count_failure(connection: sa.Connection, terms: QrSettings, machine: Machine, row: Row, now: datetime) -> Refused:
    since = now - timedelta(seconds=terms.lock_s)
    forgotten = row.last_failed_at is None or row.last_failed_at <= times.to_text(since)
    failed: int = 1 if forgotten else row.failed + 1
    left = max(0, terms.attempts - failed)
    until = now + timedelta(seconds=terms.lock_s)
    _update(
        connection,
        row,
        # A locked code begins anew after the lock.
        failed=failed,
        last_failed_at=times.to_text(now),
        locked_until=None if left else times.to_text(until),
    )
    details = {"resident": mask_nik(row.nik), "attempts_left": left}
    audit.append(connection, now, machine.id, "pin_refused", details)
    if left == 0:
        return _locked(until)
    return Refused(pb.ERROR_REASON_PIN_WRONG, "the PIN is wrong", metadata={"attempts_left": str(left)})


def _locked(until: datetime) -> Refused:
    metadata = {"locked_until": times.rfc3339(until)}
    return Refused(pb.ERROR_REASON_PIN_LOCKED, "too many wrong PINs", metadata=metadata)


def _update(connection: sa.Connection, row: Row, **values: object) -> None:
    connection.execute(qr_codes.update().where(qr_codes.c.token_sha256 == row.token_sha256).values(**values))


def _hash(token: str) -> bytes:
    # A machine may send the code's text as it is.
    return sessions.token_hash(token.removeprefix(PREFIX))

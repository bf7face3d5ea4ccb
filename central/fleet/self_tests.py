"""Self-tests of the machines: the newest report of each level, its signature checked; and those that are asked for."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from adm.fleet.v1 import fleet_pb2 as pb
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from central.store import audit, times
from central.store.schema import asked_self_tests, self_tests

# A machine whose clock is ahead by more than this is not believed about when it tested itself.
_AHEAD = timedelta(days=1)


class BadReport(Exception):
    """The report is not this machine's, or is none; the message says why."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A report whose signature was right."""

    machine_id: str
    level: str
    began_at: datetime
    well: bool
    failed: tuple[str, ...]
    report: bytes
    signature: bytes


def checked(machine_id: str, message: pb.SelfTestReport, certificate_pem: bytes, now: datetime) -> Reported:
    """Believe a report.

    Args:
        certificate_pem: Of the machine, as TLS has verified it.

    Raises:
        BadReport: It is not signed by this machine, about another one, or does not say what the message says.
    """
    key = x509.load_pem_x509_certificate(certificate_pem).public_key()
    try:
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise BadReport("signature")
        key.verify(message.signature, message.report, ec.ECDSA(SHA256()))
        report = json.loads(message.report)
        began_at = datetime.fromisoformat(report["began_at"])
        level, well = report["level"], report["well"]
        failed = tuple(sorted({str(c["device"]) for c in report["checks"] if c["outcome"] not in ("pass", "skipped")}))
        about = report["machine_id"]
    except InvalidSignature as error:
        raise BadReport("signature") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadReport("no report") from error
    if about != machine_id or level != pb.SelfTestLevel.Name(message.level).removeprefix("SELF_TEST_LEVEL_").lower():
        raise BadReport("another one")
    if began_at.tzinfo is None or began_at > now + _AHEAD:
        raise BadReport("time")
    return Reported(machine_id, level, began_at.astimezone(UTC), bool(well), failed, message.report, message.signature)


def keep(connection: sa.Connection, one: Reported) -> None:
    """Keep it, unless a newer one of its level is kept already."""
    here = sa.and_(self_tests.c.machine_id == one.machine_id, self_tests.c.level == one.level)
    values = {
        "began_at": times.to_text(one.began_at),
        "well": one.well,
        "failed": json.dumps(one.failed),
        "report": one.report,
        "signature": one.signature,
    }
    kept = connection.execute(sa.select(self_tests.c.began_at).where(here)).scalar()
    if kept is None:
        connection.execute(self_tests.insert().values(machine_id=one.machine_id, level=one.level, **values))
    elif kept < values["began_at"]:
        connection.execute(self_tests.update().where(here).values(**values))


def newest(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    """Of every machine, the newest report of each level, without the reports themselves."""
    found: dict[str, list[dict[str, Any]]] = {}
    columns = (
        self_tests.c.machine_id,
        self_tests.c.level,
        self_tests.c.began_at,
        self_tests.c.well,
        self_tests.c.failed,
    )
    for row in connection.execute(sa.select(*columns).order_by(self_tests.c.began_at)).mappings():
        one = {name: row[name] for name in ("level", "began_at", "well")} | {"failed": json.loads(row["failed"])}
        found.setdefault(row["machine_id"], []).append(one)
    return found


def ask(connection: sa.Connection, machine_id: str, staff: str, now: datetime) -> None:
    """Ask a machine for a quick one; asked twice is asked once."""
    if connection.execute(sa.select(asked_self_tests).where(asked_self_tests.c.machine_id == machine_id)).first():
        return
    connection.execute(asked_self_tests.insert().values(machine_id=machine_id, asked_at=times.to_text(now)))
    audit.append(connection, now, f"officer/{staff}", "self_test_asked", {"machine_id": machine_id})


def asked(connection: sa.Connection) -> set[str]:
    """Machines that are asked, and have not been told yet."""
    return set(connection.execute(sa.select(asked_self_tests.c.machine_id)).scalars())


def told(connection: sa.Connection, machine_ids: Collection[str]) -> None:
    """They have been told."""
    connection.execute(asked_self_tests.delete().where(asked_self_tests.c.machine_id.in_(machine_ids)))

"""Machines as central knows them: enrolled or not, and the last state of each."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from adm.fleet.v1 import fleet_pb2 as pb
from adm.registry.v1 import registry_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from central import alarms
from central.fleet import heads, self_tests
from central.fleet.heads import Head, Kept
from central.store import times
from central.store.schema import journal_heads, machines

_MISMATCH = re.compile(r"(ribbon|toner):mismatch=[+-]\d+")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one message of a machine said.

    Attributes:
        columns: Of its row.
        head: Of its journal, when it was signed.
        mismatches: Supplies that are not what the machine's books say, as ribbon:mismatch=-40.
    """

    machine_id: str
    columns: dict[str, Any]
    at: datetime
    head: Head | None = None
    mismatches: tuple[str, ...] = ()


def is_enrolled(connection: sa.Connection, machine_id: str) -> bool:
    """Whether a machine is enrolled and was not refused since."""
    query = sa.select(machines.c.refused).where(machines.c.machine_id == machine_id)
    return connection.execute(query).scalar() is False


def of_hello(machine_id: str, hello: pb.Hello, now: datetime) -> Seen:
    """What a Hello says."""
    return Seen(
        machine_id,
        {
            "site_name": hello.site_name,
            "software_version": hello.software_version,
            "versions": json.dumps(dict(hello.versions), sort_keys=True),
            "started_at": _text(hello.started_at),
            "seen_at": times.to_text(now),
        },
        now,
    )


def of_health(machine_id: str, health: pb.HealthReport, head: Head | None, now: datetime) -> Seen:
    """What a HealthReport says."""
    devices = [
        {"name": d.name, "driver": d.driver, "state": d.state, "details": dict(d.details)} for d in health.devices
    ]
    issuing = [_service(registry_pb2.DocumentKind.Name(s.kind), s) for s in health.services]
    # What it does besides issuing: VERIFY_DOCUMENT, SIGN_IN_CARD, SIGN_IN_QR.
    services = [*issuing, *(_service(one.name.upper(), one) for one in health.capabilities)]
    columns: dict[str, Any] = {
        "seen_at": times.to_text(now),
        "reported_at": _text(health.reported_at),
        "in_session": health.in_session,
        "devices": json.dumps(devices, sort_keys=True),
        "services": json.dumps(services, sort_keys=True),
    }
    if health.HasField("journal"):
        columns |= {
            "journal_seq": health.journal.seq,
            "journal_hash": health.journal.hash.hex(),
            "open_issuances": health.journal.open_issuances,
            "outbox": health.journal.outbox,
        }
    words = {word for service in health.services for word in service.reason.split(",") if _MISMATCH.fullmatch(word)}
    return Seen(machine_id, columns, now, head, tuple(sorted(words)))


def _service(kind: str, said: pb.ServiceHealth | pb.CapabilityHealth) -> dict[str, str | None]:
    return {
        "kind": kind.removeprefix("DOCUMENT_KIND_"),
        "availability": pb.Availability.Name(said.availability).removeprefix("AVAILABILITY_"),
        "reason": said.reason,
        "since": _text(said.since) if said.HasField("since") else None,
    }


def keep(connection: sa.Connection, seen: Sequence[Seen]) -> list[Kept | None]:
    """Make what was said the machines' last state; a machine that is not enrolled is not added.

    Returns:
        What became of each one's journal head; None where there was none to keep.
    """
    return [_keep(connection, one) for one in seen]


def _keep(connection: sa.Connection, seen: Seen) -> Kept | None:
    row = machines.update().where(machines.c.machine_id == seen.machine_id)
    known = connection.execute(row.values(**seen.columns)).rowcount > 0
    if known and seen.mismatches:
        details = dict(word.split(":mismatch=") for word in seen.mismatches)
        alarms.sound(connection, seen.machine_id, alarms.SUPPLY_MISMATCH, details, seen.at)
    return heads.keep(connection, seen.machine_id, seen.head, seen.at) if known and seen.head is not None else None


def all_machines(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every enrolled machine with its last state, JSON-able; `kept_seq` is the newest journal head kept of it."""
    query = (
        sa.select(machines, journal_heads.c.seq.label("kept_seq"), journal_heads.c.hash.label("kept_hash"))
        .outerjoin(journal_heads, journal_heads.c.machine_id == machines.c.machine_id)
        .order_by(machines.c.machine_id)
    )
    tests = self_tests.newest(connection)
    return [
        dict(row)
        | {name: json.loads(row[name]) if row[name] else None for name in ("versions", "devices", "services")}
        | {"self_tests": tests.get(row["machine_id"], [])}
        for row in connection.execute(query).mappings()
    ]


def _text(stamp: Timestamp) -> str:
    # Seconds are enough here, and any valid Timestamp has an ISO form, whatever a machine's clock says.
    return stamp.ToJsonString()

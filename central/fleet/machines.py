"""Machines as central knows them: enrolled or not, and the last state of each."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from adm.fleet.v1 import fleet_pb2 as pb
from adm.registry.v1 import registry_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from central.store import times
from central.store.schema import machines


@dataclass(frozen=True, slots=True)
class Seen:
    """What one message of a machine said, as columns of its row."""

    machine_id: str
    columns: dict[str, Any]


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
    )


def of_health(machine_id: str, health: pb.HealthReport, now: datetime) -> Seen:
    """What a HealthReport says."""
    devices = [
        {"name": d.name, "driver": d.driver, "state": d.state, "details": dict(d.details)} for d in health.devices
    ]
    services = [
        {
            "kind": registry_pb2.DocumentKind.Name(s.kind).removeprefix("DOCUMENT_KIND_"),
            "availability": pb.Availability.Name(s.availability).removeprefix("AVAILABILITY_"),
            "reason": s.reason,
            "since": _text(s.since) if s.HasField("since") else None,
        }
        for s in health.services
    ]
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
    return Seen(machine_id, columns)


def keep(connection: sa.Connection, seen: list[Seen]) -> None:
    """Make what was said the machines' last state; a machine that is not enrolled is not added."""
    for one in seen:
        connection.execute(machines.update().where(machines.c.machine_id == one.machine_id).values(**one.columns))


def all_machines(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every enrolled machine with its last state, JSON-able."""
    rows = connection.execute(sa.select(machines).order_by(machines.c.machine_id)).mappings()
    return [
        dict(row) | {name: json.loads(row[name]) if row[name] else None for name in ("versions", "devices", "services")}
        for row in rows
    ]


def _text(stamp: Timestamp) -> str:
    # Seconds are enough here, and any valid Timestamp has an ISO form, whatever a machine's clock says.
    return stamp.ToJsonString()

"""Alarms: one open a machine and kind, raised by what happened, cleared by a person."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from central.store import audit, times
from central.store.schema import alarms

JOURNAL_CONTRADICTS = "journal_contradicts"
JOURNAL_WENT_BACK = "journal_went_back"
STOCK_MISMATCH = "stock_mismatch"
SUPPLY_MISMATCH = "supply_mismatch"
"""A machine's ribbon or toner is not what its books say."""


def sound(connection: sa.Connection, machine_id: str, kind: str, details: Mapping[str, Any], now: datetime) -> bool:
    """Raise an alarm, unless the machine has one of this kind already; returns whether it is new.

    Args:
        details: Identifiers and figures only, no personal data.
    """
    open_key = f"{machine_id} {kind}"
    if connection.execute(sa.select(alarms.c.alarm_id).where(alarms.c.open_key == open_key)).first() is not None:
        return False
    connection.execute(
        alarms.insert().values(
            alarm_id=str(uuid.uuid4()),
            machine_id=machine_id,
            kind=kind,
            open_key=open_key,
            raised_at=times.to_text(now),
            details=json.dumps(details, ensure_ascii=True, sort_keys=True, separators=(",", ":")),
        )
    )
    audit.append(connection, now, machine_id, "alarm", {"kind": kind} | dict(details))
    return True


def open_ones(connection: sa.Connection) -> list[dict[str, Any]]:
    """Alarms that nobody cleared, oldest first, JSON-able."""
    query = sa.select(alarms).where(alarms.c.open_key.is_not(None)).order_by(alarms.c.raised_at)
    return [
        {name: row[name] for name in ("alarm_id", "machine_id", "kind", "raised_at")}
        | {"details": json.loads(row["details"])}
        for row in connection.execute(query).mappings()
    ]


def clear(connection: sa.Connection, alarm_id: str, staff: str, now: datetime) -> sa.Row[Any] | None:
    """Clear an alarm; returns its row, None when no such alarm is open."""
    row = connection.execute(
        sa.select(alarms).where(alarms.c.alarm_id == alarm_id, alarms.c.open_key.is_not(None))
    ).first()
    if row is not None:
        values = {"open_key": None, "cleared_at": times.to_text(now), "cleared_by": staff}
        connection.execute(alarms.update().where(alarms.c.alarm_id == alarm_id).values(**values))
        audit.append(connection, now, f"officer/{staff}", "alarm_cleared", {"alarm_id": alarm_id, "kind": row.kind})
    return row

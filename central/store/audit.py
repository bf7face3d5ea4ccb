"""The audit chain: each entry's hash covers the one before it, in the transaction of what it tells about.

One chain is one row that every writing transaction reads: right for one writer, to be split by regency when an engine
with many writers follows. Whoever can rewrite the whole table can rewrite the chain: it shows tampering to those who
kept an earlier head, and no more than that.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from central.store import times
from central.store.schema import audit

GENESIS = bytes(32)


def entry_hash(previous: bytes, seq: int, at: str, machine_id: str, event: str, details: str) -> bytes:
    """SHA-256 over the previous hash and the entry as canonical JSON."""
    entry = json.dumps([seq, at, machine_id, event, details], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(previous + entry.encode("ascii")).digest()


def append(connection: sa.Connection, at: datetime, machine_id: str, event: str, details: Mapping[str, Any]) -> None:
    """Add an entry. `details` holds identifiers only, no personal data."""
    last = connection.execute(sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    at_text = times.to_text(at)
    text = json.dumps(details, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    connection.execute(
        audit.insert().values(
            seq=seq,
            at=at_text,
            machine_id=machine_id,
            event=event,
            details=text,
            hash=entry_hash(previous, seq, at_text, machine_id, event, text),
        )
    )


def first_broken(connection: sa.Connection) -> int | None:
    """Number of the first entry that does not follow from the one before it; None when the chain is whole."""
    previous, expected = GENESIS, 1
    for row in connection.execute(sa.select(audit).order_by(audit.c.seq)):
        right = entry_hash(previous, row.seq, row.at, row.machine_id, row.event, row.details)
        if row.seq != expected or row.hash != right:
            return expected
        previous, expected = row.hash, expected + 1
    return None

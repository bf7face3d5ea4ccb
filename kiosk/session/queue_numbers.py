"""Numbers of the office's queue that this machine gives out: from 1 each day, and none twice, power cut or not."""

import json
import os
from datetime import date
from pathlib import Path

from kiosk import logs
from kiosk.issuance.files import owner_only

MOST = 999
"""What people can be called by; then the series begins anew."""


def next_number(file: Path, prefix: str, today: date) -> str:
    """The next number, as it will be called: A-017. It is on the disk before it is given.

    Raises:
        OSError: It cannot be kept, so none is given.
    """
    day, last = _last(file)
    number = last % MOST + 1 if day == today.isoformat() else 1
    fresh = file.with_suffix(".new")
    with owner_only(), fresh.open("w", encoding="ascii") as out:
        json.dump({"day": today.isoformat(), "last": number}, out)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return f"{prefix}-{number:03}"


def _last(file: Path) -> tuple[str, int]:
    try:
        kept = json.loads(file.read_text(encoding="ascii"))
        return str(kept["day"]), int(kept["last"])
    except FileNotFoundError:
        return "", 0
    except (ValueError, KeyError, TypeError) as error:
        # Somebody else's file, or a damaged one: the day's series begins anew.
        logs.event("queue_numbers_unreadable", error=error)
        return "", 0

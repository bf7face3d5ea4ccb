"""Wrong PINs count, also over a restart: after five a service card is locked, longer each time."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

TRIES: Final = 5
FIRST_MIN: Final = 15
LONGEST_MIN: Final = 24 * 60


def _now() -> datetime:
    return datetime.now(UTC)


class Locks:
    """Kept in one small file, by staff number."""

    def __init__(self, path: Path, now: Callable[[], datetime] = _now) -> None:
        self._path = path
        self._now = now
        self._wrong: dict[str, int] = {}
        self._until: dict[str, datetime] = {}
        self._read()

    def tries_left(self, staff: str) -> int:
        """Before the next lock."""
        return TRIES - self._wrong.get(staff, 0) % TRIES

    def locked_minutes(self, staff: str) -> int:
        """Until this card may try again, rounded up; 0 when it may."""
        left = self._until.get(staff, self._now()) - self._now()
        return max(0, -int(-left.total_seconds() // 60))

    def wrong(self, staff: str) -> None:
        """Count one. Raises OSError when that cannot be kept: then nobody may try again."""
        count = self._wrong[staff] = self._wrong.get(staff, 0) + 1
        if count % TRIES == 0:
            minutes = min(LONGEST_MIN, FIRST_MIN * 2 ** min(10, count // TRIES - 1))
            self._until[staff] = self._now() + timedelta(minutes=minutes)
        self._write()

    def right(self, staff: str) -> None:
        """Begin counting anew."""
        if self._wrong.pop(staff, 0):
            self._until.pop(staff, None)
            self._write()

    def _read(self) -> None:
        try:
            kept = json.loads(self._path.read_text("ascii"))
            self._wrong = {str(staff): int(count) for staff, (count, _) in kept.items()}
            self._until = {str(staff): datetime.fromisoformat(until) for staff, (_, until) in kept.items() if until}
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, AttributeError):
            # A damaged file must not be a way around a lock, nor lock everybody out for ever.
            self._wrong, self._until = {}, {}

    def _write(self) -> None:
        until = {staff: when.isoformat() for staff, when in self._until.items()}
        kept = {staff: (count, until.get(staff, "")) for staff, count in self._wrong.items()}
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(kept), "ascii")
        fresh.replace(self._path)

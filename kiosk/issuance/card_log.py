"""When a card printer printed, kept over restarts: what the limits of its service are judged by."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk import logs
from kiosk.issuance.cards.limits import History
from kiosk.issuance.files import owner_only

_KEPT: Final = timedelta(days=2)


class PrintLog:
    """One printer's. Losing it costs no card: at worst the printer works a day more than it should."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._printed: list[datetime] = []
        self._head_hot_at: datetime | None = None
        self._since_cleaning_due = 0
        self._read()

    def history(self) -> History:
        """As the limits take it."""
        return History(tuple(self._printed), self._head_hot_at, self._since_cleaning_due)

    def begun(self, cleaning_due: bool | None) -> None:
        """A print is about to begin.

        Args:
            cleaning_due: What the printer says.
        """
        now = datetime.now(UTC)
        self._printed = [at for at in self._printed if now - at < _KEPT] + [now]
        self._since_cleaning_due = self._since_cleaning_due + 1 if cleaning_due else 0
        self._write()

    def head_hot(self) -> None:
        """A print failed on a hot head."""
        self._head_hot_at = datetime.now(UTC)
        self._write()

    def _read(self) -> None:
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            self._printed = [datetime.fromisoformat(at) for at in kept["printed"]]
            self._head_hot_at = datetime.fromisoformat(kept["head_hot_at"]) if kept["head_hot_at"] else None
            self._since_cleaning_due = int(kept["since_cleaning_due"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            logs.event("print_log_lost", error=error)

    def _write(self) -> None:
        kept = {
            "printed": [at.isoformat() for at in self._printed],
            "head_hot_at": self._head_hot_at.isoformat() if self._head_hot_at else None,
            "since_cleaning_due": self._since_cleaning_due,
        }
        unfinished = self._file.with_suffix(".new")
        try:
            with owner_only():
                unfinished.write_text(json.dumps(kept), "utf-8")
            os.replace(unfinished, self._file)
        except OSError as error:
            logs.event("print_log_lost", error=error)

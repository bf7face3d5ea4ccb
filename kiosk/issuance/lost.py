"""Stands where the journal should be when it cannot be used: it says so, and neither gives nor takes anything.

The daemon stays up with it, closed: central hears why, and a technician gets in to look.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from kiosk.issuance.errors import JournalError
from kiosk.issuance.journal import Journal


class LostJournal:
    """Has every method of `Journal`, each of which raises JournalError.

    Attributes:
        reason: What is wrong with the journal.
        head: As of an empty one.
    """

    head = (0, bytes(32))

    def __init__(self, reason: str, damaged: Journal | None = None) -> None:
        """
        Args:
            reason: Of every refusal.
            damaged: The journal itself where it could be opened: its lock keeps a second daemon out.
        """
        self.reason = reason
        self._damaged = damaged

    def close(self) -> None:
        """Let go of the lock. May be called twice."""
        if self._damaged is not None:
            self._damaged.close()

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*_values: Any) -> NoReturn:
            raise JournalError(self.reason)

        return refuse

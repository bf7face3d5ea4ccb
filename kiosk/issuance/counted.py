"""What a paper feeder has counted, compared with what the same one had counted before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.paper_feeder.port import Counters


@dataclass(frozen=True, slots=True)
class Counted:
    """What a feeder has counted, and which one it is: another one's figures say nothing.

    Attributes:
        serial: Its serial number; empty: not told.
    """

    counters: Counters
    serial: str = ""

    def since(self, before: Counted | None, what: Callable[[Counters], int]) -> bool | None:
        """Whether it has counted more of `what`; None when nobody can say."""
        if before is None or (self.serial and before.serial and self.serial != before.serial):
            return None
        return what(self.counters) > what(before.counters)

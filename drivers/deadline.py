"""One moment by which something must be done, passed down through every call that waits."""

import time
from dataclasses import dataclass

from drivers.errors import DeadlineExceeded


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock.

    Attributes:
        at_s: `time.monotonic()` seconds.
    """

    at_s: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The moment `seconds` from now."""
        return cls(time.monotonic() + seconds)

    @property
    def remaining_s(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at_s - time.monotonic())

    @property
    def expired(self) -> bool:
        """Whether the moment has passed."""
        return time.monotonic() >= self.at_s

    def sooner(self, seconds: float) -> "Deadline":
        """This deadline, or `seconds` from now if that comes first."""
        return Deadline(min(self.at_s, time.monotonic() + seconds))

    def check(self, what: str) -> None:
        """Raise if the moment has passed.

        Args:
            what: What was being waited for, for the error's message: "answer to DLE EOT 1".

        Raises:
            DeadlineExceeded: The moment has passed.
        """
        if self.expired:
            raise DeadlineExceeded(f"no {what} in time")

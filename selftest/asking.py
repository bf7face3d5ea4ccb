"""A device is asked how it is; one that was only slow to answer is asked once more before it counts as silent."""

import time
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from drivers.deadline import Deadline
from drivers.status import DeviceState

SLOW_S: Final = 0.4
"""Whoever answers sooner has answered: a refusal is no matter of time."""


class Status(Protocol):
    """Of any device."""

    @property
    def device(self) -> DeviceState:
        """The word of it."""


S = TypeVar("S", bound=Status)


def ask(status: Callable[[Deadline], S], within_s: float) -> S:
    """The status; the second one where the first waited in vain, as on a machine that was busy for a moment.

    Args:
        status: Of a driver.
        within_s: For each.
    """
    began = time.monotonic()
    first = status(Deadline.after(within_s))
    if first.device is not DeviceState.OFFLINE or time.monotonic() - began < SLOW_S:
        return first
    return status(Deadline.after(within_s))

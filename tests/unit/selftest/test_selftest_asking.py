"""Who is only slow is asked once more; who answers at once, or never, is believed."""

import time
from dataclasses import dataclass

import pytest

from drivers.deadline import Deadline
from drivers.status import DeviceState
from selftest import asking

OFFLINE, ONLINE = DeviceState.OFFLINE, DeviceState.ONLINE


@dataclass(frozen=True)
class Said:
    device: DeviceState


class Device:
    """Gives these answers, each after a while."""

    def __init__(self, *answers: tuple[DeviceState, float]) -> None:
        self._answers = list(answers)

    def status(self, deadline: Deadline) -> Said:
        state, after_s = self._answers.pop(0)
        time.sleep(after_s)
        return Said(state)

    @property
    def left(self) -> int:
        return len(self._answers)


SLOW_S = asking.SLOW_S + 0.05


@pytest.mark.parametrize(
    ("answers", "state", "left"),
    [
        ([(ONLINE, SLOW_S), (OFFLINE, 0.0)], ONLINE, 1),
        ([(OFFLINE, SLOW_S), (ONLINE, 0.0)], ONLINE, 0),
        ([(OFFLINE, SLOW_S), (OFFLINE, 0.0)], OFFLINE, 0),
    ],
)
def test_a_device_that_was_slow_is_asked_once_more(
    answers: list[tuple[DeviceState, float]], state: DeviceState, left: int
) -> None:
    device = Device(*answers)
    assert asking.ask(device.status, 1.0).device is state
    assert device.left == left


def test_a_refusal_that_comes_at_once_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SLOW_S", 30.0)
    device = Device((OFFLINE, 0.0), (ONLINE, 0.0))
    assert asking.ask(device.status, 1.0).device is OFFLINE

"""A power cut loses no acknowledged entry; with less waiting for the disk it would, and this would see it."""

import pytest

from tests.crash.disk_model import Disk
from tests.crash.powerloss import replay
from tests.crash.recorder import Kind, Step

pytestmark = [pytest.mark.xdist_group("crash_powerloss")]


def test_no_acknowledged_entry_is_lost() -> None:
    full = replay("FULL", torn=2, every=5)
    assert full.wrong == []
    assert full.tried > 200
    assert full.entries > 40


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_waiting_less_for_the_disk_loses_entries(synchronous: str) -> None:
    assert replay(synchronous, torn=0, every=9).lost > 0


def test_what_was_synced_stays_and_what_was_not_may_be_torn() -> None:
    disk = Disk()
    disk.apply(Step(Kind.CREATE, "a"))
    disk.apply(Step(Kind.WRITE, "a", 0, b"x" * 1024))
    disk.apply(Step(Kind.SYNC, "a"))
    disk.apply(Step(Kind.WRITE, "a", 0, b"y" * 1024))
    import random

    found = {bytes(files["a"]) for files in disk.states(random.Random(1), 50)}
    assert found == {first * 512 + second * 512 for first in (b"x", b"y") for second in (b"x", b"y")}

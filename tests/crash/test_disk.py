"""Bad disks at some places; `./adm prove disk --long` tries them all over."""

from pathlib import Path

import pytest

from tests.crash.disks import Finds, clock, damaged, damages, full, on_a_disk, page_bytes, read_only

BITS = 60

pytestmark = [pytest.mark.xdist_group("crash_disk")]


@pytest.fixture
def finds() -> Finds:
    return Finds()


@pytest.mark.parametrize("size_kib", [40, 160])
def test_a_disk_that_fills_up_is_refused_and_nothing_is_lost(finds: Finds, tmp_path: Path, size_kib: int) -> None:
    assert full(finds, tmp_path / "disk", size_kib << 10)
    assert (finds.wrong, finds.lost) == ([], 0)


def test_a_read_only_disk_is_refused(finds: Finds, tmp_path: Path) -> None:
    read_only(finds, tmp_path / "disk")
    assert finds.wrong == []


def test_changed_bits_are_refused_or_make_no_difference(finds: Finds, tmp_path: Path) -> None:
    assert on_a_disk(tmp_path / "whole", 16 << 20, ["FULL"]).returncode == 0
    whole = tmp_path / "whole" / "journal.db"
    for name, at, change in damages(whole.stat().st_size, page_bytes(whole), BITS):
        damaged(finds, whole, tmp_path / "copy", name, at, change)
    assert finds.wrong == []
    assert finds.ends["damaged: refused"] > 10


def test_a_clock_that_jumps_a_day_breaks_nothing(finds: Finds, tmp_path: Path) -> None:
    clock(finds, tmp_path)
    assert finds.wrong == []

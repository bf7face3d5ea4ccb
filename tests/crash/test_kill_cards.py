"""Killed at a few of its journal's calls, one KTP-el is made once at most; `./adm prove kill --long` tries them all."""

from pathlib import Path

import pytest

from tests.crash.kill_cards import CardKillBench, card_bench
from tests.crash.world import world

POINTS = 4

pytestmark = [pytest.mark.xdist_group("crash_kill_cards")]


@pytest.mark.timeout(300)
async def test_one_card_killed_anywhere_is_made_once_and_no_blank_disappears(tmp_path: Path) -> None:
    async with world(tmp_path, 2 * POINTS) as made, card_bench(tmp_path / "cards") as cards:
        bench = CardKillBench(made, tmp_path / "runs", bench=cards)
        whole = await bench.whole()
        step = len(whole.points) / POINTS
        for number in range(POINTS):
            assert await bench.kill(whole.points[int(step * (number + 0.7))])
        assert bench.tally.wrong == []
        assert (bench.tally.tried, bench.tally.lost) == (1 + POINTS, 0)
        assert len(bench.left) > 1
        # A machine that feeds a blank before it is in the journal is found out.
        assert await bench.control([next(point for point in whole.points if point.after == bench.granted)]) == 1

"""Killed at some of its journal's calls, one issuance ends once; `./adm prove kill --long` tries them all."""

from pathlib import Path

import pytest

from tests.crash.kill import KillBench
from tests.crash.killing import Point
from tests.crash.world import world

POINTS = 10

pytestmark = [pytest.mark.xdist_group("crash_kill")]


@pytest.mark.timeout(300)
async def test_one_issuance_killed_anywhere_ends_once(tmp_path: Path) -> None:
    async with world(tmp_path, 2 * POINTS) as made:
        bench = KillBench(made, tmp_path / "runs")
        whole = await bench.whole()
        step = len(whole.points) / POINTS
        for number in range(POINTS):
            assert await bench.kill(whole.points[int(step * (number + 0.5))])
        await bench.finish()
        assert bench.tally.wrong == []
        assert (bench.tally.tried, bench.tally.lost) == (1 + POINTS, 0)
        # The points are spread over the whole issuance.
        assert {"none", "taken"} < set(bench.left)
        assert len(bench.left) > 3
        assert await bench.control([_before_printing_is_written(whole.points)]) > 0


def _before_printing_is_written(points: tuple[Point, ...]) -> Point:
    """The first write after `granted` is on disk."""
    return next(point for point in points if point.after == 2 and point.call == "pwrite64")

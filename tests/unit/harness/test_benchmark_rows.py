"""A benchmark's figures: what meets its target, how the table and the JSON show them."""

import json
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

import tests.benchmarks
from tests.benchmarks import __main__ as benchmark
from tests.benchmarks.harness import Options, Row, measured, row_of, seconds, table

Plant = Callable[[str, Callable[[Options], object]], None]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Makes a folder of planted areas the only one there is."""
    monkeypatch.setattr(tests.benchmarks, "__path__", [str(tmp_path)])

    def planted(area: str, rows: Callable[[Options], object]) -> None:
        (tmp_path / f"{area}.py").write_text("")
        module = types.ModuleType(area)
        module.__dict__["rows"] = rows
        monkeypatch.setitem(sys.modules, f"tests.benchmarks.{area}", module)

    return planted


def test_a_measured_row_tells_its_median_and_spread() -> None:
    row = measured("a.b_s", "s", [3.0, 1.0, 2.0], target=2.0, reference=4.0)
    assert (row.value, row.runs, row.median, row.min, row.max) == (2.0, 3, 2.0, 1.0, 3.0)
    assert row.ratio == 0.5


@pytest.mark.parametrize(("value", "at_most", "met"), [(2.0, True, True), (2.1, True, False), (1.9, False, False)])
def test_a_target_is_an_upper_or_a_lower_limit(value: float, at_most: bool, met: bool) -> None:
    assert Row("a.b", value, "s", target=2.0, at_most=at_most).met is met


def test_a_row_without_target_is_neither_met_nor_missed() -> None:
    assert Row("a.b", 1.0, "s").met is None


def test_a_row_survives_its_own_json() -> None:
    row = measured("a.b_s", "s", [1.0, 2.0], target=2.0, reference=4.0, note="warm")
    assert row_of(json.loads(json.dumps(row.as_json()))) == row


def test_warm_up_runs_do_not_count() -> None:
    calls = []
    assert len(seconds(lambda: calls.append(1), runs=3, warm_up=2)) == 3
    assert len(calls) == 5


def test_the_table_is_aligned_and_shouts_a_missed_target() -> None:
    lines = table([Row("a.long_name", 12345.6, "ms", target=3.0), Row("b", 0.5, "s", target=1.0)]).splitlines()
    assert len(lines) == 3
    assert lines[1].split()[:6] == ["a.long_name", "12346", "ms", "<=", "3", "NO"]
    assert lines[2].split()[:6] == ["b", "0.5", "s", "<=", "1", "yes"]
    assert lines[0].index("unit") == lines[1].index("ms") == lines[2].index("s ")


def test_only_chooses_an_area_or_a_row(plant: Plant, tmp_path: Path) -> None:
    plant("door", lambda _: [Row("door.open_s", 1.0, "s"), {"name": "door.shut_s", "value": 2.0, "unit": "s"}])
    plant("roof", lambda _: pytest.fail("not asked for"))
    out = tmp_path / "rows.json"
    assert benchmark.main(["--only", "door.shut_s", "--json", str(out)]) == 0
    assert [row["name"] for row in json.loads(out.read_text())] == ["door.shut_s"]


def test_a_broken_area_does_not_hide_the_others(plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: Options) -> object:
        raise RuntimeError("no such roof")

    plant("door", lambda _: [Row("door.open_s", 1.0, "s")])
    plant("attic", broken)
    assert benchmark.main([]) == 1
    said = capsys.readouterr()
    assert "door.open_s" in said.out
    assert "no such roof" in said.err


def test_an_unknown_area_is_refused_with_those_there_are(plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
    plant("door", lambda _: [])
    with pytest.raises(SystemExit, match="2"):
        benchmark.main(["--only", "cellar"])
    assert "there are: door" in capsys.readouterr().err

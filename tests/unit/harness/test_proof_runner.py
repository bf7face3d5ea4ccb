"""The proof runner: what counts as holding, and what it leaves behind."""

import json
import sys
import types
from pathlib import Path

import pytest

import tests.proofs
from tests.proofs import Options, Proof
from tests.proofs import __main__ as prove


@pytest.fixture
def outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Proof]:
    """Plants the proof `two-plus-two`; the dictionary's `proof` is what it comes to."""
    box: dict[str, Proof] = {}
    (tmp_path / "two_plus_two.py").write_text("")
    module = types.ModuleType("two_plus_two")

    def run(options: Options) -> Proof:
        assert options == Options(long=True, only=("small",))
        return box["proof"]

    module.__dict__["run"] = run
    monkeypatch.setattr(tests.proofs, "__path__", [str(tmp_path)])
    monkeypatch.setitem(sys.modules, "tests.proofs.two_plus_two", module)
    return box


WORDS = ["two-plus-two", "--long", "--only", "small"]


@pytest.mark.parametrize(("tried", "failed", "status"), [(3, 0, 0), (3, 1, 1), (0, 0, 1)])
def test_a_proof_holds_when_something_was_tried_and_nothing_failed(
    outcome: dict[str, Proof], tried: int, failed: int, status: int
) -> None:
    outcome["proof"] = Proof(tried, failed)
    assert prove.main(WORDS) == status


def test_it_leaves_what_was_tried_as_json(outcome: dict[str, Proof], tmp_path: Path) -> None:
    outcome["proof"] = Proof(3, 1, ("2 + 2 was 5",))
    prove.main([*WORDS, "--json", str(tmp_path / "proof.json")])
    left = json.loads((tmp_path / "proof.json").read_text())
    assert (left["name"], left["tried"], left["failed"], left["details"]) == (
        "two-plus-two",
        3,
        1,
        ["2 + 2 was 5"],
    )


def test_an_unknown_proof_is_refused_with_those_there_are(
    outcome: dict[str, Proof], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        prove.main(["three"])
    assert "there are: two-plus-two" in capsys.readouterr().err

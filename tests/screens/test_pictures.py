"""Every screen, case, language and orientation: as approved, whole, large enough to touch, and in words that exist."""

import fcntl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.screens import golden
from tests.screens.acts import ACTS, OWN
from tests.screens.compare import GOLDEN, approve, check, compare, write_report
from tests.screens.render import SPOILED
from tests.screens.test_words import keys

Drawn = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str], Drawn]:
    """Draws an orientation when it is first asked for, once for all of pytest's workers."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "screens-drawn"
    shared.mkdir(exist_ok=True)

    def draw(shape: str) -> Drawn:
        out = shared / shape
        with (shared / f"{shape}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (out / "report.json").exists():
                return out, golden.read_report(out)
            return out, golden.finish(golden.start(out, shape), out)

    return draw


@pytest.mark.timeout(golden.DEADLINE_S + 60)
@pytest.mark.parametrize("shape", golden.SIZES)
def test_screens_look_as_approved(shape: str, drawn: Callable[[str], Drawn], tmp_path: Path) -> None:
    out, _ = drawn(shape)
    wrong = check(out, GOLDEN / shape, golden.pictures(out))
    if wrong:
        write_report(tmp_path / "report.html", out, GOLDEN / shape, wrong)
    assert not wrong, f"see {tmp_path / 'report.html'}; python -m tests.screens.golden --update approves"


@pytest.mark.timeout(golden.DEADLINE_S + 60)
@pytest.mark.parametrize("shape", golden.SIZES)
def test_words_and_buttons_have_their_place(shape: str, drawn: Callable[[str], Drawn]) -> None:
    assert drawn(shape)[1]["problems"] == {}


@pytest.mark.timeout(golden.DEADLINE_S + 60)
@pytest.mark.parametrize("mistake", SPOILED)
def test_a_mistake_a_person_would_see_is_seen(mistake: str, drawn: Callable[[str], Drawn], tmp_path: Path) -> None:
    out, _ = drawn("portrait")
    approve(out / "goodbye.id.png", tmp_path / "golden.png")
    with (
        Image.open(tmp_path / "golden.png") as approved,
        Image.open(out / "goodbye.id.png") as right,
        Image.open(out / f"spoiled-{mistake}.png") as spoiled,
    ):
        assert compare(right, approved) == ""
        assert compare(spoiled, approved) != ""


@pytest.mark.timeout(golden.DEADLINE_S + 60)
def test_layout_check_sees_mistakes(drawn: Callable[[str], Drawn]) -> None:
    found = drawn("portrait")[1]["spoiled_layout"]
    assert "larger than its box" in found["narrow"]
    assert "lie over each other" in found["moved"]
    assert " px" in found["small"]


@pytest.mark.timeout(golden.DEADLINE_S + 60)
def test_no_word_is_missing_or_left_over(drawn: Callable[[str], Drawn]) -> None:
    assert set(drawn("portrait")[1]["asked"]) == keys("id")


@pytest.mark.timeout(golden.DEADLINE_S + 60)
def test_every_button_offered_is_one_that_is_tried(drawn: Callable[[str], Drawn]) -> None:
    offered = {name.split(":")[0] for case in drawn("portrait")[1]["targets"].values() for name in case}
    assert offered == {button.split(":")[0] for _, button, _ in ACTS} | OWN - {"zoom_out", "enter"}

"""`adm tour`: a whole journey by real touches, and what it leaves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
TOUR_S = 200.0
SCREENS = ["attract", "place-card", "reading", "face", "choose-document", "proofread", "printing", "take-paper"]
SCREENS += ["receipt", "choose-document-again", "goodbye"]

pytestmark = [pytest.mark.timeout(240)]


def tour(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "simulator.demo", "tour", str(out), *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'proto' / 'gen'}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TOUR_S,
        check=False,
    )


def test_a_tour_leaves_every_screen_the_papers_and_the_times(tmp_path: Path) -> None:
    done = tour(tmp_path / "out", "--landscape", "--resident", "mei", "--document", "biodata")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"

    story = json.loads((out / "tour.json").read_text())
    assert [name[3:-4] for name in story["pictures"]] == SCREENS
    screens = [picture(out / name) for name in story["pictures"]]
    assert {screen.size for screen in screens} == {(1920, 1080)}
    assert len({screen.resize((96, 54)).tobytes() for screen in screens}) == len(SCREENS), "two look the same"

    assert (out / "document.pdf").read_bytes().startswith(b"%PDF-")
    assert b"/ByteRange" in (out / "document.pdf").read_bytes(), "as signed by the registry"
    assert picture(out / "document.png").width > 800
    assert picture(out / "receipt.png").height > 300
    assert story["receipt_number"].startswith("ADM-3520-")

    for step in story["steps"]:
        parts = step["software_s"] + step["device_s"] + step["human_s"]
        assert parts == pytest.approx(step["total_s"], abs=0.1), step["name"]
    devices = {step["name"] for step in story["steps"] if step["device_s"] > 0}
    assert devices == {"reading", "printing", "receipt"}


def test_a_tour_of_a_card_leaves_both_its_sides(tmp_path: Path) -> None:
    done = tour(tmp_path / "out", "--document", "ktp_el")
    assert done.returncode == 0, done.stderr
    story = json.loads((tmp_path / "out" / "tour.json").read_text())
    screens = [*SCREENS[:7], "take-card", "surrender-card", *SCREENS[8:]]
    assert [name[3:-4] for name in story["pictures"]] == screens
    sides = [picture(tmp_path / "out" / f"card-{side}.png") for side in ("front", "back")]
    assert {side.size for side in sides} == {(1016, 648)}
    assert sides[0].tobytes() != sides[1].tobytes()
    assert not (tmp_path / "out" / "document.pdf").exists()
    assert {step["name"] for step in story["steps"] if step["device_s"] > 0} == {"reading", "printing", "receipt"}


def test_a_resident_nobody_knows_is_refused_before_anything_starts(tmp_path: Path) -> None:
    done = tour(tmp_path / "out", "--resident", "nobody")
    assert done.returncode == 2
    assert "invalid choice: 'nobody' (choose from 'hamid', 'nur'" in done.stderr
    assert not (tmp_path / "out").exists()


def picture(path: Path) -> Image.Image:
    with Image.open(path) as image:
        converted: Image.Image = image.convert("RGB")
        return converted

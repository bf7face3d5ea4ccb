"""The proof of the liveness check, with a folder of photographs: rendered residents stand in for them."""

from pathlib import Path

import cv2
import pytest

import tests.support.photographs as taken
from tests.proofs import Options, attacks
from tests.proofs import __main__ as prove
from tests.support.faces import empty_picture, engine, sample
from tests.support.subjects import resident


def save(path: Path, person: str, pose: str = "yaw_+00") -> None:
    path.parent.mkdir(exist_ok=True)
    assert cv2.imwrite(str(path), sample(person, pose))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures of two people, and what is of no use to an attacker."""
    save(tmp_path / "a.jpg", "mei")
    save(tmp_path / "b.jpg", "mei", "yaw_+04")
    save(tmp_path / "c.jpg", "hamid")
    save(tmp_path / "away.jpg", "hamid", "yaw_-40")
    cv2.imwrite(str(tmp_path / "wall.jpg"), empty_picture())
    (tmp_path / "torn.jpg").write_bytes(b"no picture")
    lines = ["image,person", "a.jpg,mei", "b.jpg,mei", "c.jpg,hamid", "away.jpg,hamid", "wall.jpg,x", "torn.jpg,x"]
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_what_an_attacker_could_use_is_taken_person_by_person_in_turn(folder: Path) -> None:
    found = taken.photographs(engine(), folder)
    assert (len(found.prints), found.people, found.left_out) == (3, 2, 3)
    mei, hamid, again = (engine().still_template(picture) for picture in found.prints)
    assert mei is not None
    assert hamid is not None
    assert again is not None
    assert engine().same_person(mei, again)
    assert not engine().same_person(mei, hamid)


def test_without_labels_a_folder_is_a_person_and_a_picture_beside_them_too(tmp_path: Path) -> None:
    save(tmp_path / "mei" / "1.jpg", "mei")
    save(tmp_path / "mei" / "2.jpg", "mei")
    save(tmp_path / "hamid.jpg", "hamid")
    assert sorted(person for _, person in taken.listed(tmp_path)) == ["hamid", "mei", "mei"]


def test_photographs_are_tried_and_told_in_rows_of_their_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "SHORT_PHOTOGRAPHS", 1)
    before = sorted(folder.iterdir())
    proof = attacks.run(Options(only=("photo-flat", "photo-frozen", "photo-looped"), faces=folder))
    assert (proof.tried, proof.failed, proof.holds) == (3, 0, True)
    assert any("3 of 2 people, 3 left out" in line and "no BPCER" in line for line in proof.details)
    assert [line.split(":")[0] for line in proof.details[-3:]] == ["photo-flat", "photo-frozen", "photo-looped"]
    assert sorted(folder.iterdir()) == before


def test_photographs_that_pass_fail_the_proof(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "SHORT_PHOTOGRAPHS", 1)
    monkeypatch.setitem(attacks.OF_PHOTOGRAPHS, "flat", lambda _, random: resident("mei", random))
    proof = attacks.run(Options(only=("photo-flat",), faces=folder))
    assert (proof.tried, proof.failed, proof.holds) == (1, 1, False)


def test_a_folder_without_a_face_fails_and_says_so(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "wall.jpg"), empty_picture())
    proof = attacks.run(Options(only=("photo-flat",), faces=tmp_path))
    assert not proof.holds
    assert "looks straight ahead" in proof.details[-1]


@pytest.mark.parametrize(("labels", "said"), [("image,who\na.jpg,mei\n", "columns image,person"), (None, "no photo")])
def test_a_folder_that_is_none_is_told(tmp_path: Path, labels: str | None, said: str) -> None:
    if labels is not None:
        (tmp_path / "labels.csv").write_text(labels)
    with pytest.raises(ValueError, match=said):
        taken.listed(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        prove.main(["attacks", "--faces", str(tmp_path / "none")])
    assert "there is no folder" in capsys.readouterr().err

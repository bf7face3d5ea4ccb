"""The proofs of the card reader can fail: what they look for is found when it is planted."""

from dataclasses import replace

import pytest

from drivers.card_reader.port import Biodata
from tests.proofs import Options, _fuzz_guided, chip_faults, fuzz_chip
from tests.unit.card_reader.bench import holders, opened_sam, table

PLANTED = "tests.unit.card_reader.planted"


def crashes_on_long_input(buf: bytes) -> None:
    if len(buf) > 280:
        raise IndexError("planted")


def test_fuzzing_finds_a_planted_crash_and_names_its_input() -> None:
    done, failures, _ = fuzz_chip.feed((bytes(10),), crashes_on_long_input, 5000, "planted")
    assert failures
    assert "IndexError: planted" in failures[0]
    assert done < 5000


def test_guided_fuzzing_finds_a_crash_that_chance_would_not() -> None:
    done, failures, _ = _fuzz_guided.feed("planted", 1_000_000, PLANTED)
    assert done == 0
    assert len(failures) == 1
    assert failures[0].startswith("guided: IndexError: planted: 41444d21")
    assert _fuzz_guided.feed("sound", 500, PLANTED)[:2] == (500, [])


def test_guided_fuzzing_that_does_not_start_is_a_failure() -> None:
    assert _fuzz_guided.feed("no such case", 10, PLANTED)[1] == ["guided: ended with 1: KeyError: 'no such case'"]


def test_fuzzing_repeats_itself() -> None:
    seen: list[list[bytes]] = [[], []]
    for one in seen:
        fuzz_chip.feed(fuzz_chip.APDU_GOODS, one.append, 50, "same")
    assert seen[0] == seen[1]
    assert len(set(seen[0])) > 40


def test_fuzzing_would_see_a_message_check_that_passes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.chip.sm.Session._verify", lambda *ignored: None)
    _, failures, _ = fuzz_chip.feed(fuzz_chip.SM_GOODS, fuzz_chip.try_secure_messaging, 2000, "sm")
    assert failures


def test_an_unknown_case_is_a_failure() -> None:
    assert not fuzz_chip.run(Options(only=("no such",))).holds
    assert not chip_faults.run(Options(only=("no such",))).holds


def test_stale_data_would_be_seen() -> None:
    reading = table("hamid").read(opened_sam())
    own, other = holders()["hamid"], holders()["nur"]
    assert chip_faults.is_of(reading, own, photo_too=True)
    mixed = (
        replace(reading, uid=other.uid),
        replace(reading, photo=table("nur").read(opened_sam()).photo),
        replace(reading, biodata=Biodata((), other.nik, other.name)),
    )
    assert not [one for one in mixed if chip_faults.is_of(one, own, photo_too=True)]

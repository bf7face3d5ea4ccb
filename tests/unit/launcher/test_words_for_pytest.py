"""What `./adm test`, `./adm lint` and `./adm golden` give to pytest."""

import pytest

from tests.__main__ import words_for_pytest


def test_tests_run_in_two_to_four_processes() -> None:
    assert [words_for_pytest([], cores)[:2] for cores in (1, 3, 64)] == [["-n", "2"], ["-n", "3"], ["-n", "4"]]


@pytest.mark.parametrize("word", ["-n0", "--pdb", "--dist=no"])
def test_who_asks_for_other_processes_gets_them(word: str) -> None:
    assert words_for_pytest([word, "-k", "card"], 2) == [word, "-k", "card"]


def test_lint_is_the_house_rules_alone() -> None:
    assert words_for_pytest(["--house", "-q"], 2)[-2:] == ["tests/house", "-q"]


def test_golden_draws_the_screens_pictures_again() -> None:
    assert words_for_pytest(["--golden"], 2)[-2:] == ["tests/screens", "--golden"]

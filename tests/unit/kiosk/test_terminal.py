"""A full self-test guided at a terminal: questions on a real pseudo-terminal, answered in time or not."""

import io
import os
from collections.abc import Iterator

import pytest

from kiosk.cli.terminal import ASKED, WORDS, AtTheTerminal
from selftest.operator import Step

LONG_S, SHORT_S = 30.0, 0.05


class Typist:
    """The keyboard's end of a pseudo-terminal."""

    def __init__(self) -> None:
        self._keys, inner = os.openpty()
        self.source = os.fdopen(inner, "r", encoding="utf-8")
        self.out = io.StringIO()

    def types(self, line: str) -> None:
        os.write(self._keys, line.encode() + b"\n")

    def close(self) -> None:
        self.source.close()
        os.close(self._keys)


@pytest.fixture
def typist() -> Iterator[Typist]:
    typist = Typist()
    yield typist
    typist.close()


@pytest.mark.parametrize(("line", "answer"), [("y", True), ("Ya", True), ("n", False), ("", False)])
def test_a_question_is_asked_in_both_languages_and_answered(typist: Typist, line: str, answer: bool) -> None:
    operator = AtTheTerminal(typist.source, typist.out)
    typist.types(line)
    assert operator.ask(Step.LOAD_TEST_BLANK, LONG_S) is answer
    for words in WORDS[Step.LOAD_TEST_BLANK]:
        assert words in typist.out.getvalue()


def test_nobody_who_answers_is_nobody(typist: Typist) -> None:
    operator = AtTheTerminal(typist.source, typist.out)
    assert operator.ask(Step.LOAD_TEST_BLANK, SHORT_S) is None
    assert operator.dead_cells(6, 10, LONG_S) is None
    assert operator.display_fine(LONG_S) is None


def test_a_step_is_begun_and_can_be_refused(typist: Typist) -> None:
    operator = AtTheTerminal(typist.source, typist.out)
    assert operator.begin(Step.PLACE_CARD, LONG_S)
    assert not operator.gave_up()
    typist.types("n")
    assert operator.gave_up()
    operator.end()
    assert not operator.begin(Step.WATCH_PREVIEW, LONG_S)
    # The turn was given back: the next question comes through.
    typist.types("y")
    assert operator.ask(Step.LOAD_KIA_TEST_BLANK, LONG_S)


def test_a_sound_that_cannot_be_played_is_not_asked_for(typist: Typist) -> None:
    typist.types("y")
    assert AtTheTerminal(typist.source, typist.out, play=lambda: False).ask(Step.HEAR_SOUND, LONG_S) is None
    assert AtTheTerminal(typist.source, typist.out, play=lambda: True).ask(Step.HEAR_SOUND, LONG_S) is True


def test_every_step_has_its_words_or_needs_the_machines_screen() -> None:
    assert set(Step) - set(WORDS) == {Step.HEAR_SOUND, Step.WATCH_PREVIEW}
    assert set(WORDS) >= ASKED

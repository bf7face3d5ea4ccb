"""Long texts: shrink, wrap, refuse; never cut. Letters of other scripts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.issuance.cards.errors import DesignDoesNotFit, FieldUnusable
from kiosk.issuance.cards.fonts import LetterMissing, Weight, runs, width_px
from kiosk.issuance.cards.layout import EASY, Place, clean, fit

PLACE = Place(width_px=460, lines=2, size_px=27, smallest_px=19)
WORDS = st.text(st.characters(min_codepoint=65, max_codepoint=90), min_size=1, max_size=14)


def test_a_short_text_stays_at_full_size_on_one_line() -> None:
    fitted = fit("name", "HAMID SUROSO", PLACE)
    assert (fitted.lines, fitted.size_px) == (("HAMID SUROSO",), 27)


def test_a_text_a_little_too_long_shrinks_before_it_wraps() -> None:
    fitted = fit("name", "SITI NURHALIZAH MAHARANI PUTRI", PLACE)
    assert len(fitted.lines) == 1
    assert round(27 * EASY) <= fitted.size_px < 27


def test_a_longer_text_wraps_at_the_largest_size_that_fits() -> None:
    text = "RADEN AJENG SITI NURHALIZAH MAHARANI PUTRI WIDYANINGRUM"
    fitted = fit("name", text, PLACE)
    assert len(fitted.lines) == 2
    assert " ".join(fitted.lines) == text
    with pytest.raises(DesignDoesNotFit):
        fit("name", text, Place(460, 2, fitted.size_px + 1, fitted.size_px + 1))


def test_a_text_that_does_not_fit_at_the_smallest_size_is_refused_by_its_fields_name() -> None:
    with pytest.raises(DesignDoesNotFit) as refused:
        fit("address", "JALAN " * 30, PLACE)
    assert refused.value.field == "address"
    assert "JALAN" not in str(refused.value)


def test_a_word_that_is_wider_than_the_line_is_refused_not_broken() -> None:
    with pytest.raises(DesignDoesNotFit):
        fit("name", "A" * 60, PLACE)


def test_lines_break_after_slashes_and_hyphens_too() -> None:
    fitted = fit("occupation", "KARYAWANSWASTANASIONAL/PEGAWAIPERUSAHAANDAERAH", PLACE)
    assert fitted.lines == ("KARYAWANSWASTANASIONAL/", "PEGAWAIPERUSAHAANDAERAH")


@given(st.lists(WORDS, min_size=1, max_size=16))
@settings(max_examples=60, deadline=None)
def test_nothing_is_ever_lost_and_every_line_is_within_its_width(words: list[str]) -> None:
    text = " ".join(words)
    try:
        fitted = fit("name", text, PLACE)
    except DesignDoesNotFit:
        return
    assert " ".join(fitted.lines) == text
    assert len(fitted.lines) <= PLACE.lines
    assert PLACE.smallest_px <= fitted.size_px <= PLACE.size_px
    assert all(width_px(line, PLACE.weight, fitted.size_px) <= PLACE.width_px for line in fitted.lines)


@pytest.mark.parametrize("name", ["ANDRÉ", "I GUSTI NGURAH", "NI MADÈ", "D'ARÇON", "O’BRIEN", "ŠARUNAS", "ꦲꦩꦶꦢ꧀ꦯꦸꦫꦱ"])
def test_accented_and_javanese_letters_are_drawn(name: str) -> None:
    assert fit("name", name, PLACE).lines == (name,)


def test_a_text_in_two_scripts_is_drawn_in_two_fonts() -> None:
    pieces = runs("JAWA ꦗꦮ", Weight.BOLD, 27)
    assert [piece.text for piece in pieces] == ["JAWA ", "ꦗꦮ"]
    assert pieces[0].font.path != pieces[1].font.path


@pytest.mark.parametrize("text", ["汉字", "NAMA 🙂"])
def test_letters_that_no_font_has_are_refused_not_drawn_as_boxes(text: str) -> None:
    with pytest.raises(LetterMissing):
        runs(text, Weight.BOLD, 27)
    with pytest.raises(DesignDoesNotFit):
        fit("name", text, PLACE)


@pytest.mark.parametrize("text", ["", "   ", "A\x00B", "A\x1bB", "\ud800", "A\ue000"])
def test_fields_that_are_empty_or_no_text_are_refused(text: str) -> None:
    with pytest.raises(FieldUnusable):
        clean("name", text)


def test_letters_are_composed_and_spaces_are_single() -> None:
    assert clean("name", "  ANDRE\u0301 \t\n BUDI ") == "ANDRÉ BUDI"

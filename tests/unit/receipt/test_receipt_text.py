"""Text for receipts: clean, wrapped, in columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.receipt_printer.text import CODE_PAGE, clean, row, wrap


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Sri Wahyuni", "Sri Wahyuni"),
        ("D'Angelo Müller-Peña", "D'Angelo Müller-Peña"),
        ("a\x1b@b", "a @b"),
        ("a\tb\x00c\x7fd\u200be", "a b c d e"),
        ("Nguyễn", "Nguyen"),
        ("ﬁlm", "film"),
        ("世界", "??"),
        ("☺", "?"),
    ],
)
def test_letters_the_printer_lacks_lose_their_marks_or_become_question_marks(text: str, printed: str) -> None:
    assert clean(text) == printed


@given(st.text())
def test_whatever_comes_in_only_printable_bytes_come_out(text: str) -> None:
    raw = clean(text).encode(CODE_PAGE)
    assert all(byte >= 0x20 and byte != 0x7F for byte in raw)


@given(st.text(), st.integers(16, 48))
def test_lines_are_never_longer_than_the_paper(text: str, columns: int) -> None:
    assert all(len(line) <= columns for line in wrap(text, columns))


@given(st.text(), st.text(), st.integers(24, 48))
def test_rows_are_never_longer_than_the_paper(label: str, value: str, columns: int) -> None:
    assert all(len(line) <= columns for line in row(label, value, columns))


def test_a_row_has_its_label_left_and_its_value_right() -> None:
    assert row("Nomor", "A-17", 24) == ["Nomor               A-17"]


def test_a_long_value_wraps_under_itself() -> None:
    assert row("Dokumen", "Kutipan Akta Kelahiran Anak", 32) == [
        "Dokumen   Kutipan Akta Kelahiran",
        "                            Anak",
    ]


def test_line_breaks_in_a_paragraph_are_kept() -> None:
    assert wrap("satu\ndua", 32) == ["satu", "dua"]

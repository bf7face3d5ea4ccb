"""Status words as data."""

import pytest

from drivers.card_reader import status_words
from drivers.card_reader.status_words import MEANINGS, Kind


@pytest.mark.parametrize(
    ("sw", "kind"),
    [
        (0x9000, Kind.OK),
        (0x6110, Kind.MORE),
        (0x6282, Kind.WARNING),
        (0x63C0, Kind.LOCKED),
        (0x63C2, Kind.REFUSED),
        (0x6300, Kind.REFUSED),
        (0x6983, Kind.LOCKED),
        (0x6988, Kind.REFUSED),
        (0x6985, Kind.STATE),
        (0x6A82, Kind.ABSENT),
        (0x6A86, Kind.PARAMETERS),
        (0x6C08, Kind.WRONG_LE),
        (0x6D00, Kind.UNSUPPORTED),
        (0x6F00, Kind.FAILED),
        (0x1234, Kind.UNKNOWN),
        (0x9001, Kind.UNKNOWN),
    ],
)
def test_each_word_has_its_kind(sw: int, kind: Kind) -> None:
    assert status_words.kind(sw) is kind


def test_every_row_can_be_met() -> None:
    assert {status_words.meaning(sw) for sw in range(0x10000)} >= set(MEANINGS)


def test_a_technician_reads_number_and_meaning() -> None:
    assert status_words.describe(0x6A82) == "6A82 file or application not found"

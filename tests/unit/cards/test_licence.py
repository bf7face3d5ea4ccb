"""Cards are marked as a simulation unless a licence that is valid today says otherwise."""

from datetime import date
from pathlib import Path

import pytest

from kiosk.issuance.cards.licence import LicenceUnusable, marked

TODAY = date(2026, 11, 23)
GOOD = 'operator = "Dinas Dukcapil Magetan"\nreference = "470/1234/2026"\nvalid_until = 2026-11-23\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "licence.toml"
    file.write_text(text)
    return file


def test_without_a_licence_every_card_is_marked() -> None:
    assert marked(None, TODAY)


def test_with_a_licence_no_card_is_marked_up_to_its_last_day(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    assert not marked(file, TODAY)
    with pytest.raises(LicenceUnusable, match="ended on 2026-11-23"):
        marked(file, date(2026, 11, 24))


@pytest.mark.parametrize(
    "text", ["", "operator = 1", GOOD + "more = 1\n", GOOD.replace("2026-11-23", '"soon"'), "\0", GOOD[:30]]
)
def test_a_file_that_is_no_licence_prints_nothing_at_all(tmp_path: Path, text: str) -> None:
    with pytest.raises(LicenceUnusable):
        marked(written(tmp_path, text), TODAY)


def test_a_licence_that_is_not_there_prints_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(LicenceUnusable):
        marked(tmp_path / "missing.toml", TODAY)

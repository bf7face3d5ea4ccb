"""When a card printer printed: kept over restarts, forgotten after two days, and never a reason not to start."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.issuance.card_log import PrintLog


def test_what_was_printed_is_known_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "card_printer.json"
    log = PrintLog(file)
    log.begun(cleaning_due=False)
    log.begun(cleaning_due=True)
    log.begun(cleaning_due=True)
    log.head_hot()
    again = PrintLog(file).history()
    assert again == log.history()
    assert (len(again.printed), again.since_cleaning_due) == (3, 2)
    assert again.head_hot_at is not None
    assert file.stat().st_mode & 0o077 == 0


def test_a_printer_that_was_cleaned_counts_anew(tmp_path: Path) -> None:
    log = PrintLog(tmp_path / "log.json")
    log.begun(cleaning_due=True)
    log.begun(cleaning_due=None)
    assert log.history().since_cleaning_due == 0


def test_what_is_older_than_two_days_is_dropped(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    old = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    file.write_text(json.dumps({"printed": [old], "head_hot_at": None, "since_cleaning_due": 0}))
    log = PrintLog(file)
    log.begun(cleaning_due=False)
    assert len(PrintLog(file).history().printed) == 1


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"printed": ["yesterday"]}'])
def test_a_damaged_log_begins_anew(tmp_path: Path, text: str) -> None:
    file = tmp_path / "log.json"
    file.write_text(text)
    log = PrintLog(file)
    log.begun(cleaning_due=False)
    assert len(PrintLog(file).history().printed) == 1


def test_a_disk_that_takes_nothing_stops_no_card(tmp_path: Path) -> None:
    log = PrintLog(tmp_path / "missing" / "log.json")
    log.begun(cleaning_due=False)
    assert len(log.history().printed) == 1

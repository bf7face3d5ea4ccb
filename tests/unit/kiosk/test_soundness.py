"""What the daemon looks at before it believes its journal."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance import messages, soundness
from kiosk.issuance.journal import Journal, JournalError
from kiosk.issuance.states import Event
from kiosk.issuance.stock import Handling, Item, StockEvent

KEY = "7b0c6a52-7c5e-4d4a-9d55-0c8f2f9f0b11"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = Journal(tmp_path / "journal.db", 1 << 30)
    written.append(KEY, Event.ASK, {"document_id": "d1"})
    written.append(KEY, Event.GRANT, {"grant_id": "g1"})
    written.append(KEY, Event.CANCEL, {}, messages.void("g1", pb.VOID_REASON_NOT_PRINTED))
    written.record_stock([Handling(StockEvent.LOAD, Item.CARD_KTP_EL, "B-1", 5)], ("1", "2"))
    written.append("other", Event.ASK, {})
    written.append("other", Event.GRANT, {})
    written.append("other", Event.FEED, {"blank": "BLANK_CARD_KTP_EL"})
    written.record_technician({"who": "7", "act": "looked"})
    written.close()
    return tmp_path / "journal.db"


def _check(path: Path) -> None:
    journal = Journal(path, 1 << 30)
    try:
        soundness.check(journal, path)
    finally:
        journal.close()


def test_a_journal_as_it_was_written_is_sound(path: Path) -> None:
    _check(path)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE issuance SET state = 'accepted'", "its issuance stands elsewhere"),
        ("UPDATE issuance SET state = 'acceptee'", "an issuance is missing"),
        ("UPDATE issuance SET detail = '{}'", "its issuance stands elsewhere"),
        ("UPDATE issuance SET detail = '{'", "a row is damaged"),
        ("DELETE FROM issuance", "an issuance is missing"),
        ("UPDATE book SET remaining = 3, issued = 1", "not what its entries say"),
        ("UPDATE book SET batch = 'B-2'", "not what its entries say|is missing"),
        ("DELETE FROM book", "a book is missing"),
        ("DELETE FROM hold", "not what its entries say"),
        ("UPDATE hold SET count = 2", "not what its entries say"),
        ("UPDATE hold SET batch = 'B-2'", "not what its entries say"),
        ("UPDATE entry SET detail = '{' WHERE seq = 8", "its detail was changed"),
        ("UPDATE book SET item = 'PAPIER'", "a row is damaged"),
        ("UPDATE entry SET event = 'spoil' WHERE seq = 3", "does not match its hash"),
        ("UPDATE outbox SET message = replace(message, 'g1', 'g2')", "not what its entry said"),
        ("UPDATE outbox SET method = 'complete'", "not what its entry said"),
        ("UPDATE outbox SET seq = 2 WHERE seq = 3", "not what its entry said"),
        ("UPDATE issuance SET key = CAST(x'ff' AS TEXT) WHERE seq = 3", "a row is damaged"),
    ],
)
def test_what_was_changed_on_the_disk_is_not_believed(path: Path, damage: str, said: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(damage)
    with pytest.raises(JournalError, match=said):
        _check(path)


def test_a_disk_that_cannot_be_written_is_no_error_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match=r"Not a directory|File exists"):
        Journal(tmp_path / "file" / "journal.db", 1 << 30)

"""The journal on a real disk: the chain, the moves, the outbox, and what a damaged or full one says."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.issuance.journal import Journal, JournalError, JournalFull, read, verify
from kiosk.issuance.states import Event, IllegalMove, State

KEY = "7b0c6a52-7c5e-4d4a-9d55-0c8f2f9f0b11"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal(path, 1 << 30)
    yield opened
    opened.close()


def _issue(journal: Journal, key: str = KEY) -> None:
    journal.append(key, Event.ASK, {"document_id": "document-one", "kind": "KK"})
    journal.append(key, Event.GRANT, {"grant_id": "g1"})
    journal.append(key, Event.PRINT, {})
    journal.append(key, Event.ACCEPT, {"job_id": 4})
    journal.append(key, Event.COMPLETE, {})
    journal.append(key, Event.TAKE, {"evidence": "taken"}, ("complete", {"grant_id": "g1"}))


def test_a_whole_issuance_is_a_chain_that_verifies(journal: Journal, path: Path) -> None:
    _issue(journal)
    assert verify(read(path)) == []
    assert journal.head[0] == 6
    issuance = journal.issuance(KEY)
    assert issuance is not None
    assert issuance.state is State.TAKEN
    assert issuance.detail["job_id"] == 4


def test_what_was_written_is_there_after_a_restart_and_the_chain_goes_on(path: Path) -> None:
    first = Journal(path, 1 << 30)
    first.append(KEY, Event.ASK, {})
    head = first.head
    first.close()
    second = Journal(path, 1 << 30)
    assert second.head == head
    second.append(KEY, Event.CANCEL, {})
    second.close()
    assert verify(read(path)) == []


def test_a_move_that_the_table_forbids_writes_nothing(journal: Journal, path: Path) -> None:
    journal.append(KEY, Event.ASK, {})
    with pytest.raises(IllegalMove):
        journal.append(KEY, Event.PRINT, {}, ("complete", {}))
    assert [entry.state for entry in read(path)] == ["asked"]
    assert journal.outbox() == []
    assert journal.head[0] == 1


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        ("UPDATE entry SET detail = '{\"job_id\":5}' WHERE seq = 4", "entry 4: its detail was changed"),
        ("UPDATE entry SET state = 'spoiled' WHERE seq = 6", "entry 6: does not match its hash"),
        ("UPDATE entry SET detail_sha256 = randomblob(32) WHERE seq = 5", "entry 5: does not match its hash"),
        ("DELETE FROM entry WHERE seq = 3", "entry 3: missing"),
    ],
)
def test_a_changed_or_missing_entry_is_found(journal: Journal, path: Path, tamper: str, said: str) -> None:
    _issue(journal)
    with sqlite3.connect(path) as db:
        db.execute(tamper)
    db.close()
    assert said in verify(read(path))


def test_a_detail_that_was_dropped_does_not_break_the_chain(journal: Journal, path: Path) -> None:
    _issue(journal)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE entry SET detail = NULL WHERE seq <= 4")
    db.close()
    assert verify(read(path)) == []


def test_what_central_keeps_is_dropped_here_once_it_ended_and_was_told(journal: Journal, path: Path) -> None:
    other = "0b4f4f43-5ac4-4f11-9d30-4c2f8b8f0001"
    _issue(journal)
    journal.append(other, Event.ASK, {"document_id": "d2"})
    assert [file.name for file in path.parent.iterdir() if b"document-one" in file.read_bytes()]
    assert journal.kept(*journal.head) == 0  # the registry has not heard of the first, and the second is open
    (message,) = journal.outbox()
    journal.acknowledged(message.seq)
    assert journal.kept(*journal.head) == 1
    assert verify(read(path)) == []
    assert [entry.detail is None for entry in read(path)] == [True] * 6 + [False]
    assert not [file.name for file in path.parent.iterdir() if b"document-one" in file.read_bytes()]
    second = journal.issuance(other)
    assert second is not None
    assert second.detail == {"document_id": "d2"}


def test_a_head_that_is_not_ours_drops_nothing(journal: Journal, path: Path) -> None:
    _issue(journal)
    journal.acknowledged(6)
    with pytest.raises(JournalError, match="another head"):
        journal.kept(6, bytes(32))
    assert all(entry.detail is not None for entry in read(path))


def test_the_registry_message_exists_until_it_is_acknowledged(journal: Journal) -> None:
    _issue(journal)
    (message,) = journal.outbox()
    assert (message.key, message.method, message.seq) == (KEY, "complete", 6)
    journal.acknowledged(message.seq)
    assert journal.outbox() == []


def test_a_second_daemon_is_refused(journal: Journal, path: Path) -> None:
    with pytest.raises(JournalError, match="held by another daemon"):
        Journal(path, 1 << 30)


def test_a_full_journal_refuses_new_work(path: Path) -> None:
    journal = Journal(path, 1)
    with pytest.raises(JournalFull, match="limit"):
        journal.check_room()
    journal.close()


def test_a_full_disk_refuses_new_work(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.check_room()  # negative control: with room the check passes
    monkeypatch.setattr("kiosk.issuance.journal.MIN_FREE_BYTES", 1 << 62)
    with pytest.raises(JournalFull, match="disk"):
        journal.check_room()


def test_a_damaged_file_is_said_so_and_never_replaced(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is not a database, however long it may be" * 100)
    before = path.read_bytes()
    with pytest.raises(JournalError, match="NOTADB"):
        Journal(path, 1 << 30)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    ["hash = NULL", "detail_sha256 = 7", "at = x'ff'", "detail = '{'", "detail = '[]'"],
)
def test_an_entry_that_holds_nonsense_is_said_to_be_damaged(journal: Journal, path: Path, damage: str) -> None:
    _issue(journal)
    column, _, value = damage.partition(" = ")
    journal._db.execute("PRAGMA writable_schema = ON")
    journal._db.execute("UPDATE sqlite_schema SET sql = replace(replace(sql, 'NOT NULL', ''), 'STRICT', '')")
    journal.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE entry SET {column} = {value} WHERE seq = 3")
    with pytest.raises(JournalError, match="entry 3 is damaged"):
        assert [entry.detail for entry in read(path)] == []
    if column == "detail":
        assert verify(read(path)) == ["entry 3: its detail was changed"]


def test_only_its_owner_may_read_it(journal: Journal, path: Path) -> None:
    _issue(journal)
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file.name


def test_it_writes_through_to_the_disk(journal: Journal) -> None:
    (synchronous,) = journal._db.execute("PRAGMA synchronous").fetchone()
    (mode,) = journal._db.execute("PRAGMA journal_mode").fetchone()
    assert (synchronous, mode) == (2, "wal")

"""The issuance journal: a hash chain in SQLite, on disk before anything irreversible happens.

WAL with synchronous FULL: a commit is on disk when `append` returns, where fsync is honoured. One connection, one
thread. An entry carries no personal data: keys, kinds, numbers and words only. What the registry must hear, and what
becomes of blanks, is written in the same transaction as the entry that causes it, so neither exists without the other.
"""

import fcntl
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kiosk.issuance import messages, stock, stock_books
from kiosk.issuance.chain import ZERO, Entry, canonical, digest, digest_of, hash_of, name_of, read, verify
from kiosk.issuance.errors import JournalError, JournalFull, JournalInUse
from kiosk.issuance.files import owner_only
from kiosk.issuance.states import ENDS, Event, State, move
from kiosk.issuance.stock import Book, Change, Handling, Held, Item, StockEvent
from kiosk.issuance.stock_books import Books

__all__ = ["Entry", "Issuance", "Journal", "JournalError", "JournalFull", "Message", "digest_of", "read", "verify"]

MIN_FREE_BYTES: Final = 64 << 20
_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    key TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT,
    detail_sha256 BLOB NOT NULL,
    hash BLOB NOT NULL,
    changes TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS entry_key ON entry (key, seq);
CREATE TABLE IF NOT EXISTS issuance (
    key TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    seq INTEGER NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    method TEXT NOT NULL,
    message TEXT NOT NULL,
    refused TEXT
) STRICT;
{stock_books.SCHEMA}
"""


@dataclass(frozen=True, slots=True)
class Message:
    """Something the registry must hear.

    Attributes:
        seq: The entry that caused it.
        method: complete, void or stock.
        fields: The request, without key and seq, JSON-able.
    """

    seq: int
    key: str
    method: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Issuance:
    """Where one issuance stands.

    Attributes:
        detail: Everything its entries said, newest wins.
    """

    key: str
    state: State
    seq: int
    detail: Mapping[str, Any]


class Journal:
    """The journal of one machine. Every call blocks for the disk: call it from one thread that may."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        """Open or create the journal.

        Raises:
            JournalError: Damaged, or another daemon holds it.
        """
        self._path = path
        self._max_bytes = max_bytes
        with owner_only():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._lock = path.with_name(path.name + "-lock").open("w")
            except OSError as error:
                raise JournalError(f"{path}: {error.strerror}") from error
            self._take_lock()
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
            self._books = Books(self._db)
            try:
                self._head = self._prepare()
            except JournalError:
                self.close()
                raise

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        self._db.close()
        self._lock.close()

    @property
    def head(self) -> tuple[int, bytes]:
        """Number and hash of the newest entry; (0, 32 zero bytes) when empty."""
        return self._head

    def check_room(self) -> None:
        """Raise JournalFull when no new issuance may be begun."""
        size = sum(file.stat().st_size for file in self._files())
        free = shutil.disk_usage(self._path.parent).free
        if size > self._max_bytes:
            raise JournalFull(f"the journal is at its limit of {self._max_bytes} bytes")
        if free < MIN_FREE_BYTES:
            raise JournalFull(f"the disk has {free} bytes left, less than {MIN_FREE_BYTES}")

    def append(
        self,
        key: str,
        event: Event,
        detail: Mapping[str, Any],
        tell: tuple[str, Mapping[str, Any]] | None = None,
    ) -> int:
        """Write one move, and what the registry must hear of it, in one transaction that is on disk on return.

        Args:
            key: Idempotency key of the issuance.
            event: What happens to it.
            detail: JSON-able; added to what earlier entries said.
            tell: Method and fields of a message to the registry.

        Returns:
            The entry's number.

        Raises:
            IllegalMove: The table does not allow the move.
            JournalFull, JournalError: Nothing was written.
        """
        with self._transaction():
            row = self._db.execute("SELECT state, detail FROM issuance WHERE key = ?", (key,)).fetchone()
            state = move(State(row[0]) if row else None, event).after
            known = {**(json.loads(row[1]) if row else {}), **detail}
            changes = self._books.move(self._head[0] + 1, key, event, detail, known)
            head, told = self._write(key, event, state, detail, changes, tell)
            self._db.execute(
                "INSERT INTO issuance VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
                " SET state = excluded.state, seq = excluded.seq, detail = excluded.detail",
                (key, state, head[0], canonical({**known, **told})),
            )
        self._head = head
        return head[0]

    def record_technician(self, detail: Mapping[str, Any]) -> int:
        """Write what a technician did that no issuance and no book knows.

        Raises:
            JournalFull, JournalError: Nothing was written.
        """
        word = stock.TECHNICIAN
        with self._transaction():
            head, _ = self._write(word, word, word, detail, (), None)
        self._head = head
        return head[0]

    def record_stock(self, done: Sequence[Handling], staff: Sequence[str], reason: str = "") -> int:
        """Write what people did with blanks and supplies, all of it or nothing, and tell the registry of blanks.

        Args:
            staff: Who did it and who confirmed it, staff numbers.

        Returns:
            The last entry's number.

        Raises:
            StockError: The books do not allow it; nothing was written.
            JournalFull, JournalError: Nothing was written.
        """
        head = self._head
        try:
            with self._transaction():
                for one in done:
                    self._head = self._handle(one, staff, reason)
        except BaseException:
            self._head = head
            raise
        return self._head[0]

    def _handle(self, one: Handling, staff: Sequence[str], reason: str) -> tuple[int, bytes]:
        seq, at = self._head[0] + 1, _now()
        changes = stock.by_people(one.event, one.item, one.batch, one.count)
        self._books.apply(seq, changes)
        detail = {"item": one.item, "batch": one.batch, "count": one.count, "staff": list(staff), "reason": reason}
        if one.event is StockEvent.COUNT:
            detail["difference"] = self._books.count(seq, one.item, one.batch, one.count, at).difference
        tell = messages.stock(one, staff) if one.item.is_blank else None
        return self._write(stock.KEY, one.event, stock.STATE, detail, changes, tell)[0]

    def _write(
        self,
        key: str,
        event: str,
        state: str,
        detail: Mapping[str, Any],
        changes: Sequence[Change],
        tell: tuple[str, Mapping[str, Any]] | None,
    ) -> tuple[tuple[int, bytes], Mapping[str, Any]]:
        """The entry itself, inside a transaction: the new head, and the detail as it was written."""
        (seq, before), at = (self._head[0] + 1, self._head[1]), _now()
        if tell is not None:
            # In the chain too: a message that was changed on the disk is not sent.
            detail = {**detail, "tell_sha256": digest_of(*tell)}
        text = canonical(detail)
        told = canonical([change.to_json() for change in changes]) if changes else None
        hashed = hash_of(before, seq, (at, key, event, state), digest(text), told)
        row = (seq, at, key, event, state, text, digest(text), hashed, told)
        self._db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        if tell is not None:
            self._db.execute("INSERT INTO outbox VALUES (?, ?, ?, ?, NULL)", (seq, key, tell[0], canonical(tell[1])))
        return (seq, hashed), detail

    def issuance(self, key: str) -> Issuance | None:
        """Where one issuance stands; None when it was never begun."""
        rows = self._issuances("WHERE key = ?", (key,))
        return rows[0] if rows else None

    def in_states(self, *states: State) -> list[Issuance]:
        """Issuances that stand in one of these states, oldest first."""
        marks = ", ".join("?" * len(states))
        return self._issuances(f"WHERE state IN ({marks}) ORDER BY seq", states)

    def books(self) -> list[Book]:
        """Every book of blanks and supplies."""
        with self._translated():
            return self._books.all()

    def held(self) -> list[Held]:
        """What is set aside for issuances."""
        with self._translated():
            return self._books.all_held()

    def next_batch(self, item: Item) -> str:
        """The batch that the next one comes from. Raises OutOfBlanks, see `Books.next_batch`."""
        with self._translated():
            return self._books.next_batch(item)

    def last_loading(self, item: Item) -> int | None:
        """How many were loaded the last time; None when none ever were."""
        with self._translated():
            rows = self._db.execute(
                "SELECT detail FROM entry WHERE key = ? AND event = ? ORDER BY seq DESC", (stock.KEY, StockEvent.LOAD)
            )
            said = (json.loads(text) for (text,) in rows)
            return next((int(one["count"]) for one in said if one["item"] == item), None)

    def outbox(self) -> list[Message]:
        """What the registry has not acknowledged, oldest first."""
        with self._translated():
            rows = self._db.execute(
                "SELECT seq, key, method, message FROM outbox WHERE refused IS NULL ORDER BY seq"
            ).fetchall()
            return [Message(seq, key, method, json.loads(text)) for seq, key, method, text in rows]

    def acknowledged(self, seq: int) -> None:
        """The registry has heard this message."""
        with self._transaction():
            self._db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))

    def _prepare(self) -> tuple[int, bytes]:
        with self._translated():
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.executescript(_SCHEMA)
            if len(self._db.execute("PRAGMA table_info(entry)").fetchall()) == 8:
                # Made before there were books.
                self._db.execute("ALTER TABLE entry ADD COLUMN changes TEXT")
            row = self._db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return row or (0, ZERO)

    def kept(self, seq: int, digest: bytes) -> int:
        """Central keeps the head `seq`: drop the details of issuances that ended by then and have nothing left to tell.

        What an ended issuance's number and state were stays; which document it was goes.

        Returns:
            How many issuances were dropped.

        Raises:
            JournalError: Our entry `seq` has another hash: central keeps another journal's head.
        """
        ends = ", ".join(f"'{state}'" for state in ENDS if state is not State.UNKNOWN)
        with self._transaction():
            row = self._db.execute("SELECT hash FROM entry WHERE seq = ?", (seq,)).fetchone()
            if row is None or row[0] != digest:
                raise JournalError(f"central keeps another head {seq} than ours")
            done = self._db.execute(
                f"SELECT key FROM issuance WHERE seq <= ? AND detail != '{{}}' AND state IN ({ends})"
                " AND key NOT IN (SELECT key FROM outbox)",
                (seq,),
            ).fetchall()
            for (key,) in done:
                self._db.execute("UPDATE entry SET detail = NULL WHERE key = ?", (key,))
                self._db.execute("UPDATE issuance SET detail = '{}' WHERE key = ?", (key,))
        if done:
            with self._translated():
                # Overwritten pages replace the old ones in the file, and the log that still held them is emptied.
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(done)

    def refused(self, seq: int, reason: str) -> None:
        """The registry has heard this message and will never take it: it is kept, and not sent again."""
        with self._transaction():
            self._db.execute("UPDATE outbox SET refused = ? WHERE seq = ?", (reason, seq))

    def count_refused(self) -> int:
        """Messages that the registry will never take: somebody has to compare its books with ours."""
        with self._translated():
            (count,) = self._db.execute("SELECT count(*) FROM outbox WHERE refused IS NOT NULL").fetchone()
        return int(count)

    def _take_lock(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise JournalInUse(f"{self._path} is held by another daemon") from error

    def _issuances(self, where: str, values: tuple[str, ...]) -> list[Issuance]:
        with self._translated():
            rows = self._db.execute(f"SELECT key, state, seq, detail FROM issuance {where}", values).fetchall()
            return [Issuance(key, State(state), seq, json.loads(text)) for key, state, seq, text in rows]

    def _files(self) -> Iterator[Path]:
        for suffix in ("", "-wal", "-shm"):
            file = self._path.with_name(self._path.name + suffix)
            if file.exists():
                yield file

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if name_of(error) == "SQLITE_FULL":
                raise JournalFull("the disk is full") from error
            raise JournalError(f"{self._path}: {name_of(error)}") from error
        except ValueError as error:
            raise JournalError(f"{self._path}: a row is damaged") from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

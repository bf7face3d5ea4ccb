"""The issuance journal: a hash chain in SQLite, on disk before anything irreversible happens.

WAL with synchronous FULL: a commit is on disk when `append` returns, where fsync is honoured. One connection, one
thread. An entry carries no personal data: keys, kinds, numbers and words only. What the registry must hear is written
in the same transaction as the entry that causes it, so neither exists without the other.

Hash of an entry: SHA-256 over the previous hash and the JSON of [seq, at, key, event, state, SHA-256 of the detail].
The chain holds a digest, not the detail itself, so what is no longer needed can be dropped without breaking it.
"""

import fcntl
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kiosk.issuance.files import owner_only
from kiosk.issuance.states import ENDS, Event, IllegalMove, State, move

MIN_FREE_BYTES: Final = 64 << 20
_ZERO: Final = bytes(32)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    key TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT,
    detail_sha256 BLOB NOT NULL,
    hash BLOB NOT NULL
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
"""


class JournalError(Exception):
    """The journal cannot be used: damaged, locked by another daemon, or on a disk that fails."""


class JournalFull(JournalError):
    """The journal or its disk is full: the machine refuses new work, and never overwrites."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something the registry must hear.

    Attributes:
        seq: The entry that caused it.
        method: complete or void.
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal.

    Attributes:
        detail: None once it was dropped; its digest stays.
    """

    seq: int
    at: str
    key: str
    event: str
    state: str
    detail: Mapping[str, Any] | None
    detail_sha256: bytes
    hash: bytes


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
            seq, before = self._head[0] + 1, self._head[1]
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            if tell is not None:
                # In the chain too: a message that was changed on the disk is not sent.
                detail = {**detail, "tell_sha256": digest_of(*tell)}
            text = _canonical(detail)
            detail_sha256 = _digest(text)
            digest = _hash(before, seq, at, key, event, state, detail_sha256)
            known = {**(json.loads(row[1]) if row else {}), **detail}
            row_values = (seq, at, key, event, state, text, detail_sha256, digest)
            self._db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row_values)
            self._db.execute(
                "INSERT INTO issuance VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
                " SET state = excluded.state, seq = excluded.seq, detail = excluded.detail",
                (key, state, seq, _canonical(known)),
            )
            if tell is not None:
                self._db.execute(
                    "INSERT INTO outbox VALUES (?, ?, ?, ?, NULL)", (seq, key, tell[0], _canonical(tell[1]))
                )
        self._head = (seq, digest)
        return seq

    def issuance(self, key: str) -> Issuance | None:
        """Where one issuance stands; None when it was never begun."""
        rows = self._issuances("WHERE key = ?", (key,))
        return rows[0] if rows else None

    def in_states(self, *states: State) -> list[Issuance]:
        """Issuances that stand in one of these states, oldest first."""
        marks = ", ".join("?" * len(states))
        return self._issuances(f"WHERE state IN ({marks}) ORDER BY seq", states)

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
            row = self._db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return row or (0, _ZERO)

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
            raise JournalError(f"{self._path} is held by another daemon") from error

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
            if _name(error) == "SQLITE_FULL":
                raise JournalFull("the disk is full") from error
            raise JournalError(f"{self._path}: {_name(error)}") from error
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise JournalError(f"{self._path}: a row is damaged") from error


def _name(error: Exception) -> str:
    # Python's own errors, such as for text that is no UTF-8, carry no code of SQLite's.
    return str(getattr(error, "sqlite_errorname", "a row is damaged"))


def read(path: Path) -> Iterator[Entry]:
    """The entries of a journal, oldest first, without opening it for writing.

    Raises:
        JournalError: The file is missing, locked or damaged.
    """
    try:
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            for seq, at, key, event, state, text, detail_sha256, digest in db.execute(
                "SELECT * FROM entry ORDER BY seq"
            ):
                yield _entry(path, seq, (at, key, event, state), text, (detail_sha256, digest))
        finally:
            db.close()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise JournalError(f"{path}: {_name(error)}") from error


def _entry(
    path: Path, seq: int, words: tuple[str, str, str, str], text: str | None, digests: tuple[bytes, bytes]
) -> Entry:
    """One row, which on a damaged disk may hold anything."""
    try:
        detail = None if text is None else json.loads(text)
    except ValueError:
        detail = ()
    of_their_types = all(isinstance(word, str) for word in words) and all(isinstance(one, bytes) for one in digests)
    if not of_their_types or not isinstance(detail, dict | None):
        raise JournalError(f"{path}: entry {seq} is damaged")
    return Entry(seq, *words, detail, *digests)


def verify(entries: Iterator[Entry]) -> list[str]:
    """Check the chain and every move; one line for each thing wrong, none when it holds."""
    wrong: list[str] = []
    before, expected = _ZERO, 1
    states: dict[str, State] = {}
    for entry in entries:
        if entry.seq != expected:
            wrong.append(f"entry {expected}: missing")
        if entry.detail is not None and _digest(_canonical(entry.detail)) != entry.detail_sha256:
            wrong.append(f"entry {entry.seq}: its detail was changed")
        if _hash(before, entry.seq, entry.at, entry.key, entry.event, entry.state, entry.detail_sha256) != entry.hash:
            wrong.append(f"entry {entry.seq}: does not match its hash")
        try:
            after = move(states.get(entry.key), Event(entry.event)).after
            if after != entry.state:
                raise IllegalMove(f"{entry.event} does not lead to {entry.state}")
            states[entry.key] = after
        except Exception as error:  # noqa: BLE001 - a damaged journal may hold anything
            wrong.append(f"entry {entry.seq}: {error}")
        before, expected = entry.hash, entry.seq + 1
    return wrong


def digest_of(method: str, fields: Mapping[str, Any]) -> str:
    """Of a message to the registry, as the entry that caused it keeps it: SHA-256, hex."""
    return _digest(f"{method} {_canonical(fields)}").hex()


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("ascii")).digest()


def _hash(before: bytes, seq: int, at: str, key: str, event: str, state: str, detail_sha256: bytes) -> bytes:
    text = json.dumps([seq, at, key, event, state, detail_sha256.hex()], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(before + text.encode("ascii")).digest()

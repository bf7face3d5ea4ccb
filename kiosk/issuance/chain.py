"""The journal as a chain of entries: read and verified by anybody, without the daemon and without writing.

Hash of an entry: SHA-256 over the previous hash and the JSON of [seq, at, key, event, state, SHA-256 of the detail],
with what it changed in the books of blanks as a seventh where it changed some. The chain holds a digest, not the detail
itself, so what is no longer needed can be dropped without breaking it; changes of the books name nobody and stay.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring_ascii as _quoted
from pathlib import Path
from typing import Any, Final

from kiosk.issuance import stock
from kiosk.issuance.errors import JournalError
from kiosk.issuance.states import Event, IllegalMove, State, move
from kiosk.issuance.stock import Change, Figure, Item, StockEvent

ZERO: Final = bytes(32)
_WORDS: Final = [int, str, str, str, str]
# With a detail or without, and with changes of the books, without, or from before there were any.
_TYPES: Final = [
    [*_WORDS, text, bytes, bytes, *more] for text in (str, type(None)) for more in ([str], [type(None)], [])
]


@dataclass(slots=True)
class Entry:
    """One line of the journal, as it stands there: what is JSON is read when it is asked for.

    Attributes:
        key: Of the issuance; `stock.KEY` where people changed the books, `stock.TECHNICIAN` for what one did otherwise.
        text: The detail as JSON; None once it was dropped; its digest stays.
        told: What it changed in the books of blanks, as JSON; None where it changed nothing.
    """

    seq: int
    at: str
    key: str
    event: str
    state: str
    text: str | None
    detail_sha256: bytes
    hash: bytes
    told: str | None = None

    @property
    def detail(self) -> Mapping[str, Any] | None:
        """What it says. Raises JournalError when it is damaged."""
        if self.text is None:
            return None
        try:
            detail = json.loads(self.text)
        except ValueError:
            detail = None
        if not isinstance(detail, dict):
            raise JournalError(f"entry {self.seq} is damaged")
        return detail

    @property
    def changes(self) -> Sequence[Change]:
        """What it changed in the books. Raises JournalError when it is damaged."""
        try:
            return () if self.told is None else _changes(self.told)
        except ValueError as error:
            raise JournalError(f"entry {self.seq} is damaged") from error


@lru_cache(maxsize=1024)
def _changes(told: str) -> tuple[Change, ...]:
    # Most entries say one of a few things.
    return tuple(Change.from_json(one) for one in json.loads(told))


def read(path: Path, after: int = 0) -> Iterator[Entry]:
    """The entries of a journal, oldest first, without opening it for writing.

    Args:
        after: Leave out entries up to this number.

    Raises:
        JournalError: The file is missing, locked or damaged.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            # A copy of an older journal has no changes of books.
            for row in db.execute("SELECT * FROM entry WHERE seq > ? ORDER BY seq", (after,)):
                yield _entry(path, row)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise JournalError(f"{path}: {name_of(error)}") from error


def _entry(path: Path, row: Sequence[Any]) -> Entry:
    """One row, which on a damaged disk may hold anything."""
    entry = Entry(*row)
    if [type(value) for value in row[:9]] not in _TYPES:
        raise JournalError(f"{path}: entry {entry.seq} is damaged")
    return entry


@dataclass
class Chain:
    """Follows a chain from its beginning, or from an entry that is known to be right.

    Attributes:
        seq: Of the last entry that was added.
        hash: Its hash.
        states: Where each issuance stands after it.
        figures: Of each book after it.
    """

    seq: int
    hash: bytes
    states: dict[str, State]
    figures: dict[tuple[Item, str], dict[Figure, int]]

    @classmethod
    def new(cls) -> "Chain":
        """Before the first entry."""
        return cls(0, ZERO, {}, {})

    def add(self, entry: Entry) -> list[str]:
        """Check the next entry; one line for each thing wrong."""
        wrong: list[str] = []
        if entry.seq != self.seq + 1:
            wrong.append(f"entry {self.seq + 1}: missing")
        if entry.text is not None and digest(entry.text) != entry.detail_sha256:
            wrong.append(f"entry {entry.seq}: its detail was changed")
        words = (entry.at, entry.key, entry.event, entry.state)
        if hash_of(self.hash, entry.seq, words, entry.detail_sha256, entry.told) != entry.hash:
            wrong.append(f"entry {entry.seq}: does not match its hash")
        try:
            self._move(entry)
            self._book(entry)
        except (ValueError, KeyError, IllegalMove, JournalError) as error:
            wrong.append(f"entry {entry.seq}: {error}")
        self.seq, self.hash = entry.seq, entry.hash
        return wrong

    def _move(self, entry: Entry) -> None:
        if entry.key == stock.TECHNICIAN:
            return
        if entry.key == stock.KEY:
            StockEvent(entry.event)
            return
        after = move(self.states.get(entry.key), Event(entry.event)).after
        if after != entry.state:
            raise IllegalMove(f"{entry.event} does not lead to {entry.state}")
        self.states[entry.key] = after

    def _book(self, entry: Entry) -> None:
        for change in entry.changes:
            book = (change.item, change.batch)
            before = self.figures.get(book) or dict.fromkeys(Figure, 0)
            self.figures[book] = after = stock.applied(before, change)
            if why := stock.impossible(change.item, after):
                raise ValueError(why)


def verify(entries: Iterator[Entry]) -> list[str]:
    """Check the chain, every move and every change of the books; one line for each thing wrong."""
    chain = Chain.new()
    return [line for entry in entries for line in chain.add(entry)]


def digest_of(method: str, fields: Mapping[str, Any]) -> str:
    """Of a message to the registry, as the entry that caused it keeps it: SHA-256, hex."""
    return digest(f"{method} {canonical(fields)}").hex()


def canonical(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON that is the same for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(text: str) -> bytes:
    """SHA-256."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def hash_of(before: bytes, seq: int, words: tuple[str, str, str, str], detail_sha256: bytes, told: str | None) -> bytes:
    """Of an entry; see the module.

    Args:
        words: At, key, event and state.
        told: What it changed in the books, canonical JSON.
    """
    more = "" if told is None else f",{told}"
    text = f'[{seq},{",".join(map(_quoted, words))},"{detail_sha256.hex()}"{more}]'
    return sha256(before + text.encode("utf-8", "surrogatepass")).digest()


def name_of(error: Exception) -> str:
    """SQLite's name of an error; Python's own errors, such as for text that is no UTF-8, carry none."""
    return str(getattr(error, "sqlite_errorname", "a row is damaged"))

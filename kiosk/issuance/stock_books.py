"""The books of blanks and supplies in the journal's database, changed in the journal's own transactions."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from kiosk.issuance import stock
from kiosk.issuance.errors import OutOfBlanks, StockError
from kiosk.issuance.states import Event
from kiosk.issuance.stock import Book, Change, Figure, Held, Item

_FIGURES: Final = tuple(Figure)
# The database checks every book at every change: no program of ours can write one that does not add up.
SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS book (
    item TEXT NOT NULL,
    batch TEXT NOT NULL,
    opened INTEGER NOT NULL,
    {", ".join(f"{figure} INTEGER NOT NULL DEFAULT 0" for figure in _FIGURES)},
    difference INTEGER NOT NULL DEFAULT 0,
    counted_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (item, batch),
    CHECK (loaded - unloaded = remaining + reserved + issued + spoiled + retained),
    CHECK (destroyed <= spoiled + retained),
    CHECK (min({", ".join(f for f in _FIGURES if f is not Figure.REMAINING)}) >= 0),
    CHECK (remaining >= 0 OR item NOT LIKE 'BLANK_CARD%')
) STRICT;
CREATE TABLE IF NOT EXISTS hold (
    key TEXT NOT NULL,
    item TEXT NOT NULL,
    batch TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (key, item)
) STRICT;
"""


class Books:
    """Every book of one machine. Writes only inside the journal's transaction, which is its caller's business."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def all(self) -> list[Book]:
        """Every book, item by item, oldest batch first."""
        columns = ", ".join(_FIGURES)
        rows = self._db.execute(
            f"SELECT item, batch, difference, counted_at, {columns} FROM book ORDER BY item, opened, batch"
        )
        return [
            Book(Item(item), batch, dict(zip(_FIGURES, figures, strict=True)), difference, counted_at)
            for item, batch, difference, counted_at, *figures in rows
        ]

    def of(self, item: Item) -> list[Book]:
        """The books of one item, oldest batch first."""
        return [book for book in self.all() if book.item is item]

    def next_batch(self, item: Item, count: int = 1) -> str:
        """The batch that the next ones come from: the oldest with any left.

        Raises:
            OutOfBlanks: None are left; or their books differ from what was counted, which people settle first.
        """
        books = self.of(item)
        if item.is_card and any(book.difference for book in books):
            raise OutOfBlanks(f"{item.value}: the last count and the books differ")
        batch = next((book.batch for book in books if book[Figure.REMAINING] >= count), None)
        if batch is not None:
            return batch
        if item.is_card:
            raise OutOfBlanks(f"{item.value}: by the books none are left")
        return books[-1].batch if books else ""

    def held(self, key: str) -> list[Held]:
        """What is set aside for an issuance."""
        rows = self._db.execute("SELECT item, batch, count FROM hold WHERE key = ? ORDER BY item", (key,))
        return [Held(Item(item), batch, count) for item, batch, count in rows]

    def all_held(self) -> list[Held]:
        """What is set aside for every issuance."""
        rows = self._db.execute("SELECT item, batch, count FROM hold")
        return [Held(Item(item), batch, count) for item, batch, count in rows]

    def move(
        self, seq: int, key: str, event: Event, detail: Mapping[str, Any], known: Mapping[str, Any]
    ) -> list[Change]:
        """Book what a move of an issuance means.

        Args:
            seq: The entry of the move.
            known: Everything known of the issuance, this move included.

        Returns:
            What changed, for the entry.

        Raises:
            StockError: The books do not allow it; nothing may be written.
        """
        holds = self.held(key)
        try:
            changes = stock.ended(event, detail, known, holds)
            needs = stock.wanted(event, known, holds)
        except ValueError as error:
            raise StockError(str(error)) from error
        for item, count in needs:
            if not item.is_blank and not self.of(item):
                continue  # nobody keeps count of this supply
            given = known.get("batch") if item.is_card else None
            batch = str(given) if given else self.next_batch(item, count)
            changes.append(Change(item, batch, Figure.REMAINING, Figure.RESERVED, count))
            self._db.execute("INSERT INTO hold VALUES (?, ?, ?, ?)", (key, item, batch, count))
        if holds and any(change.source is Figure.RESERVED for change in changes):
            self._db.execute("DELETE FROM hold WHERE key = ?", (key,))
        self.apply(seq, changes)
        return changes

    def apply(self, seq: int, changes: Iterable[Change]) -> None:
        """Write changes into the books.

        Raises:
            StockError: A book would say what cannot be.
        """
        for change in changes:
            self._open(change.item, change.batch, seq)
            figures = next(book for book in self.of(change.item) if book.batch == change.batch).figures
            after = stock.applied(figures, change)
            if wrong := stock.impossible(change.item, after):
                raise StockError(wrong)
            marks = ", ".join(f"{figure} = ?" for figure in _FIGURES)
            values = (*(after[figure] for figure in _FIGURES), change.item, change.batch)
            self._db.execute(f"UPDATE book SET {marks} WHERE item = ? AND batch = ?", values)

    def count(self, seq: int, item: Item, batch: str, counted: int, at: str) -> Book:
        """Note what was counted by hand; changes no figure. A book with a difference stays so until a count agrees."""
        self._open(item, batch, seq)
        book = next(book for book in self.of(item) if book.batch == batch)
        off = stock.difference(book, counted)
        self._db.execute(
            "UPDATE book SET difference = ?, counted_at = ? WHERE item = ? AND batch = ?", (off, at, item, batch)
        )
        return replace(book, difference=off, counted_at=at)

    def _open(self, item: Item, batch: str, seq: int) -> None:
        self._db.execute("INSERT OR IGNORE INTO book (item, batch, opened) VALUES (?, ?, ?)", (item, batch, seq))

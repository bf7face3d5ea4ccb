"""At start: is the journal what it was when it was closed? A disk that changes bits is found before it decides.

SQLite has no checksums of its own. The chain covers every entry; what is derived from the entries, where each issuance
stands and what each book of blanks says, is compared with them.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kiosk.issuance.chain import Chain, Entry, digest_of, read
from kiosk.issuance.errors import JournalError
from kiosk.issuance.journal import Issuance, Journal, Message
from kiosk.issuance.states import State
from kiosk.issuance.stock import KEY, TECHNICIAN, Figure, Item


def check(journal: Journal, path: Path) -> None:
    """Look at everything once.

    Args:
        path: Where `journal` is.

    Raises:
        JournalError: Damaged; the message names the first thing that is wrong.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # SQLite quotes what it found, which need not be text.
        raise JournalError(f"{path}: damaged") from error
    if said != "ok":
        raise JournalError(f"{path}: {said}")
    messages = {message.seq: message for message in journal.outbox()}
    chain, said = Chain.new(), _Said({}, {}, {})
    for entry in read(path):
        if wrong := chain.add(entry):
            raise JournalError(f"{path}: {wrong[0]}")
        said.add(entry, entry.seq in messages)
    wrong = _differences(said, journal.in_states(*State)) or _changed(said, messages.values()) or _books(chain, journal)
    if wrong:
        raise JournalError(f"{path}: {wrong[0]}")


@dataclass(slots=True)
class _Said:
    """What the entries say, as far as it is compared with something: most of a long journal is not kept in memory.

    Attributes:
        newest: State and number of the newest entry of each issuance.
        details: Entries of each issuance whose details were not dropped.
        telling: Entries that caused a message.
    """

    newest: dict[str, tuple[str, int]]
    details: dict[str, list[Entry]]
    telling: dict[int, Entry]

    def add(self, entry: Entry, tells: bool) -> None:
        if tells:
            self.telling[entry.seq] = entry
        if entry.key in (KEY, TECHNICIAN):
            return
        self.newest[entry.key] = (entry.state, entry.seq)
        if entry.text is not None:
            self.details.setdefault(entry.key, []).append(entry)


def _differences(said: _Said, issuances: list[Issuance]) -> list[str]:
    """Where issuances do not stand where their entries say."""
    standing = {issuance.key: issuance for issuance in issuances}
    if said.newest.keys() != standing.keys():
        return ["an issuance is missing, or has no entries"]
    wrong = []
    for key, (state, seq) in said.newest.items():
        issuance, detail = standing[key], dict[str, object]()
        for one in said.details.get(key, ()):
            detail.update(one.detail or {})
        if (state, seq, detail) != (issuance.state, issuance.seq, issuance.detail):
            wrong.append(f"entry {seq}: its issuance stands elsewhere")
    return wrong


def _changed(said: _Said, messages: Iterable[Message]) -> list[str]:
    """Messages to the registry that are not what their entries said."""
    wrong = []
    for message in messages:
        entry = said.telling.get(message.seq)
        digest = (entry.detail or {}).get("tell_sha256") if entry is not None and entry.key == message.key else None
        if digest != digest_of(message.method, message.fields):
            wrong.append(f"message {message.seq}: not what its entry said")
    return wrong


def _books(chain: Chain, journal: Journal) -> list[str]:
    """Books, and what is set aside, that are not what the changes of all entries add up to."""
    wrong = []
    aside: Counter[tuple[Item, str]] = Counter()
    for held in journal.held():
        aside[held.item, held.batch] += held.count
    for book in journal.books():
        name = (book.item, book.batch)
        figures = chain.figures.pop(name, None) or dict.fromkeys(Figure, 0)
        if figures != book.figures or figures[Figure.RESERVED] != aside.pop(name, 0):
            wrong.append(f"the book of {book.item.value} {book.batch}: not what its entries say")
    if aside or any(any(figures.values()) for figures in chain.figures.values()):
        wrong.append("a book is missing")
    return wrong

"""At start: is the journal what it was when it was closed? A disk that changes bits is found before it decides.

SQLite has no checksums of its own. The chain covers every entry; what is derived from the entries, where each issuance
stands, is compared with them.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from kiosk.issuance.journal import Entry, Issuance, Journal, JournalError, digest_of, read, verify
from kiosk.issuance.states import State
from kiosk.issuance.stock import KEY, TECHNICIAN


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
    entries = list(read(path))
    wrong = verify(iter(entries)) or _differences(entries, journal.in_states(*State))
    wrong += _changed(entries, journal)
    if wrong:
        raise JournalError(f"{path}: {wrong[0]}")


def _differences(entries: list[Entry], issuances: list[Issuance]) -> list[str]:
    """Where issuances do not stand where their entries say."""
    newest: dict[str, Entry] = {}
    details: dict[str, dict[str, object]] = {}
    for entry in entries:
        if entry.key in (KEY, TECHNICIAN):
            continue
        newest[entry.key] = entry
        details.setdefault(entry.key, {}).update(entry.detail or {})
    standing = {issuance.key: issuance for issuance in issuances}
    if newest.keys() != standing.keys():
        return ["an issuance is missing, or has no entries"]
    return [
        f"entry {entry.seq}: its issuance stands elsewhere"
        for key, entry in newest.items()
        if (entry.state, entry.seq, details[key]) != (standing[key].state, standing[key].seq, standing[key].detail)
    ]


def _changed(entries: list[Entry], journal: Journal) -> list[str]:
    """Messages to the registry that are not what their entries said."""
    by_seq = {entry.seq: entry for entry in entries}
    wrong = []
    for message in journal.outbox():
        entry = by_seq.get(message.seq)
        said = (entry.detail or {}).get("tell_sha256") if entry is not None and entry.key == message.key else None
        if said != digest_of(message.method, message.fields):
            wrong.append(f"message {message.seq}: not what its entry said")
    return wrong

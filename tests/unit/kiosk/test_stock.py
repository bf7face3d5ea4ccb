"""The kiosk's books of blanks: they add up after every move, in the journal's own transaction, and nowhere else."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from adm.registry.v1 import registry_pb2 as pb
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.issuance import messages, stock
from kiosk.issuance.chain import read, verify
from kiosk.issuance.errors import JournalError, OutOfBlanks, StockError
from kiosk.issuance.journal import Journal
from kiosk.issuance.states import ENDS, TABLE, Event, State
from kiosk.issuance.stock import Book, Fate, Figure, Handling, Item, StockEvent

KTP, PAPER = Item.CARD_KTP_EL, Item.PAPER_A4
STAFF = ("1234", "5678")
ENDINGS = {
    "taken": ([Event.ACCEPT, Event.COMPLETE, Event.PRESENT, Event.TAKE], Figure.ISSUED),
    "retracted": ([Event.ACCEPT, Event.COMPLETE, Event.PRESENT, Event.RETRACT], Figure.RETAINED),
    "retained": ([Event.ACCEPT, Event.COMPLETE, Event.PRESENT, Event.RETAIN], Figure.RETAINED),
    "retained, never presented": ([Event.ACCEPT, Event.COMPLETE, Event.RETAIN], Figure.RETAINED),
    "spoiled": ([Event.ACCEPT, Event.SPOIL], Figure.SPOILED),
    "cancelled": ([Event.CANCEL], Figure.REMAINING),
    "unknown": ([Event.LOSE], Figure.RESERVED),
    "settled as taken": ([Event.LOSE, Event.SETTLE_TAKEN], Figure.ISSUED),
    "settled as destroyed": ([Event.LOSE, Event.SETTLE_DESTROYED], Figure.SPOILED),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal(path, 1 << 30)
    yield opened
    opened.close()


def _load(journal: Journal, item: Item = KTP, count: int = 3, batch: str = "B-1") -> None:
    journal.record_stock([Handling(StockEvent.LOAD, item, batch, count)], STAFF)


def _book(journal: Journal, item: Item = KTP, batch: str = "B-1") -> Book:
    return next(book for book in journal.books() if (book.item, book.batch) == (item, batch))


def _begin(journal: Journal, key: str = "k1", **detail: Any) -> None:
    journal.append(key, Event.ASK, {})
    journal.append(key, Event.GRANT, {"grant_id": f"g-{key}", "page_count": 1} | detail)


def _feed_card(journal: Journal, key: str = "k1", **detail: Any) -> None:
    journal.append(key, Event.FEED, {"blank": "BLANK_CARD_KTP_EL"} | detail)


@pytest.mark.parametrize("name", ENDINGS)
def test_a_card_is_in_one_figure_at_every_moment_and_at_the_end_in_the_right_one(
    journal: Journal, path: Path, name: str
) -> None:
    events, figure = ENDINGS[name]
    _load(journal)
    _begin(journal)
    _feed_card(journal)
    assert (_book(journal)[Figure.REMAINING], _book(journal)[Figure.RESERVED]) == (2, 1)
    for event in (Event.ENCODE, Event.PRINT, *events):
        journal.append("k1", event, {})
        assert _book(journal).adds_up
    book = _book(journal)
    assert book[figure] == (3 if figure is Figure.REMAINING else 1)
    assert book[Figure.REMAINING] == (3 if figure is Figure.REMAINING else 2)
    assert verify(read(path)) == []


def test_a_rejected_blank_is_spoiled_and_the_next_one_comes_out_of_the_hopper(journal: Journal) -> None:
    _load(journal)
    _begin(journal)
    _feed_card(journal)
    journal.append("k1", Event.REJECT_BLANK, {"reason": "chip"})
    _feed_card(journal)
    assert {figure: n for figure, n in _book(journal).figures.items() if n} == {
        Figure.LOADED: 3,
        Figure.REMAINING: 1,
        Figure.RESERVED: 1,
        Figure.SPOILED: 1,
    }


def test_the_oldest_batch_is_used_first_and_a_given_one_is_believed(journal: Journal) -> None:
    _load(journal, count=1, batch="B-2")
    _load(journal, count=1, batch="B-1")
    assert journal.next_batch(KTP) == "B-2"
    _begin(journal)
    _feed_card(journal)
    assert journal.next_batch(KTP) == "B-1"
    _begin(journal, "k2")
    _feed_card(journal, "k2", batch="B-1")
    with pytest.raises(OutOfBlanks, match="none are left"):
        journal.next_batch(KTP)


def test_a_card_that_the_books_do_not_have_is_not_fed_and_nothing_is_written(journal: Journal, path: Path) -> None:
    _begin(journal)
    with pytest.raises(StockError):
        _feed_card(journal)
    with pytest.raises(StockError, match="remaining would be -1"):
        _feed_card(journal, batch="B-9")
    with pytest.raises(StockError):
        _feed_card(journal, blank="BLANK_OF_NOTHING")
    issuance = journal.issuance("k1")
    assert issuance is not None
    assert issuance.state is State.GRANTED
    assert [entry.state for entry in read(path)] == ["asked", "granted"]
    assert journal.head[0] == 2


def test_paper_is_counted_and_never_refused(journal: Journal) -> None:
    _begin(journal, page_count=2)
    journal.append("k1", Event.PRINT, {})
    assert _book(journal, PAPER, "").figures[Figure.REMAINING] == -2
    assert _book(journal, PAPER, "").adds_up


def test_of_a_document_of_several_sheets_only_the_spoiled_ones_are(journal: Journal) -> None:
    _load(journal, PAPER, 10, "")
    _begin(journal, page_count=3)
    journal.append("k1", Event.FEED, {})
    journal.append("k1", Event.PRINT, {})
    journal.append("k1", Event.SPOIL, {"sheets": 1})
    book = _book(journal, PAPER, "")
    assert (book[Figure.REMAINING], book[Figure.SPOILED], book[Figure.RESERVED]) == (9, 1, 0)


def test_ribbon_and_toner_are_counted_once_they_were_loaded(journal: Journal) -> None:
    _load(journal)
    _begin(journal, "before")
    _feed_card(journal, "before")
    journal.append("before", Event.PRINT, {})
    assert {book.item for book in journal.books()} == {KTP}
    _load(journal, Item.RIBBON, 500, "R-1")
    for key, last in (("k1", Event.CANCEL), ("k2", Event.SPOIL)):
        _begin(journal, key)
        _feed_card(journal, key)
        journal.append(key, Event.PRINT, {})
        assert _book(journal, Item.RIBBON, "R-1")[Figure.RESERVED] == 1
        journal.append(key, last, {})
    ribbon = _book(journal, Item.RIBBON, "R-1")
    assert (ribbon[Figure.REMAINING], ribbon[Figure.ISSUED], ribbon[Figure.SPOILED]) == (499, 1, 0)


def test_a_blank_that_stays_is_kept_by_its_serial_and_an_issued_one_is_not(journal: Journal, path: Path) -> None:
    _load(journal)
    for key, last in (("k1", Event.SPOIL), ("k2", Event.TAKE)):
        _begin(journal, key)
        _feed_card(journal, key)
        journal.append(key, Event.ENCODE, {"chip_uid": "04a1b2c3"})
        journal.append(key, Event.PRINT, {})
        for event in (Event.ACCEPT, Event.COMPLETE) if last is Event.TAKE else ():
            journal.append(key, event, {})
        journal.append(key, last, {})
    serials = {change.target: change.serial for entry in read(path) for change in entry.changes}
    assert serials[Figure.SPOILED] == "04a1b2c3"
    assert serials[Figure.ISSUED] == ""


def test_the_registry_hears_of_blanks_and_not_of_supplies(journal: Journal) -> None:
    _load(journal)
    _load(journal, Item.RIBBON, 500, "")
    (message,) = journal.outbox()
    assert (message.method, message.key, message.seq) == ("stock", stock.KEY, 1)
    assert message.fields["event"] == pb.STOCK_EVENT_LOADED
    assert message.fields["blank"] == pb.BLANK_CARD_KTP_EL
    assert message.fields["staff"] == list(STAFF)
    assert set(messages.stock(Handling(StockEvent.COUNT, PAPER, "", 0), STAFF)[1]) == {*message.fields}


def test_a_count_that_differs_closes_cards_until_one_agrees(journal: Journal) -> None:
    _load(journal)
    journal.record_stock([Handling(StockEvent.COUNT, KTP, "B-1", 2)], STAFF)
    assert _book(journal).difference == -1
    assert _book(journal)[Figure.REMAINING] == 3  # a count changes no figure
    with pytest.raises(OutOfBlanks, match="differ"):
        journal.next_batch(KTP)
    journal.record_stock([Handling(StockEvent.SPOIL_LOOSE, KTP, "B-1", 1)], STAFF)
    journal.record_stock([Handling(StockEvent.COUNT, KTP, "B-1", 2)], STAFF)
    assert journal.next_batch(KTP) == "B-1"


def test_a_blank_of_an_unknown_issuance_may_be_in_the_machine_or_not(journal: Journal) -> None:
    _load(journal)
    _begin(journal)
    _feed_card(journal)
    journal.append("k1", Event.LOSE, {})
    for counted, off in ((1, -1), (2, 0), (3, 0), (4, 1)):
        journal.record_stock([Handling(StockEvent.COUNT, KTP, "B-1", counted)], STAFF)
        assert _book(journal).difference == off


def test_what_people_did_together_is_written_together_or_not_at_all(journal: Journal, path: Path) -> None:
    _load(journal)
    head = journal.head
    more = [Handling(StockEvent.LOAD, KTP, "B-2", 5), Handling(StockEvent.UNLOAD, KTP, "B-1", 4)]
    with pytest.raises(StockError):
        journal.record_stock(more, STAFF)
    assert journal.head == head
    assert [book.batch for book in journal.books()] == ["B-1"]
    journal.record_stock(more[:1], STAFF)
    assert verify(read(path)) == []


def test_no_more_are_destroyed_than_were_spoiled_or_retained(journal: Journal) -> None:
    _load(journal)
    with pytest.raises(StockError, match="destroyed"):
        journal.record_stock([Handling(StockEvent.DESTROY, KTP, "B-1", 1)], STAFF)
    journal.record_stock([Handling(StockEvent.SPOIL_LOOSE, KTP, "B-1", 1)], STAFF, "test_card")
    journal.record_stock([Handling(StockEvent.DESTROY, KTP, "B-1", 1)], STAFF)
    assert _book(journal)[Figure.DESTROYED] == 1


def test_one_stack_of_two_batches_is_counted_as_a_whole() -> None:
    def book(batch: str, remaining: int) -> Book:
        return Book(KTP, batch, dict.fromkeys(Figure, 0) | {Figure.REMAINING: remaining})

    two = [book("old", 3), book("new", 100)]
    assert stock.shared(two, 103) == {"old": 3, "new": 100}
    assert stock.shared(two, 102) == {"old": 2, "new": 100}
    assert stock.shared(two, 99) == {"old": 0, "new": 99}
    assert stock.shared(two, 104) == {"old": 3, "new": 101}


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        ("UPDATE entry SET changes = replace(changes, ',3,', ',4,') WHERE seq = 1", "does not match its hash"),
        ("UPDATE entry SET changes = NULL WHERE seq = 1", "does not match its hash"),
        ("UPDATE entry SET event = 'borrow' WHERE seq = 1", "is not a valid StockEvent"),
    ],
)
def test_a_changed_book_entry_is_found(journal: Journal, path: Path, tamper: str, said: str) -> None:
    _load(journal)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(tamper)
    assert any(said in line for line in verify(read(path)))


def test_the_database_itself_refuses_books_that_do_not_add_up(journal: Journal, path: Path) -> None:
    _load(journal)
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        db.execute("UPDATE book SET remaining = remaining + 1")


def test_a_journal_made_before_there_were_books_goes_on(path: Path) -> None:
    first = Journal(path, 1 << 30)
    _begin(first)
    first.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("ALTER TABLE entry DROP COLUMN changes")
        db.execute("DROP TABLE book")
        db.execute("DROP TABLE hold")
    assert verify(read(path)) == []
    second = Journal(path, 1 << 30)
    second.append("k1", Event.PRINT, {})
    second.append("k1", Event.CANCEL, {})
    second.close()
    assert verify(read(path)) == []


def test_every_end_but_unknown_says_what_became_of_the_blank() -> None:
    for line in TABLE:
        if line.after in ENDS and line.before not in ENDS and line.after is not State.UNKNOWN:
            assert stock.FATES[line.event] is not Fate.RESERVE
        if line.after is State.UNKNOWN:
            assert line.event not in stock.FATES


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_happens_the_books_add_up_and_can_be_made_again_from_the_chain(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("random") / "journal.db"
    journal = Journal(path, 1 << 30)
    try:
        for number in range(data.draw(st.integers(1, 25))):
            key = f"k{data.draw(st.integers(0, 2))}"
            item = data.draw(st.sampled_from([KTP, PAPER, Item.RIBBON]))
            try:
                if data.draw(st.booleans()):
                    event = data.draw(st.sampled_from(StockEvent))
                    handling = Handling(event, item, data.draw(st.sampled_from(["", "B-1"])), number % 7)
                    journal.record_stock([handling], STAFF)
                else:
                    issuance = journal.issuance(key)
                    before = issuance.state if issuance else None
                    allowed = [line.event for line in TABLE if line.before is before]
                    if not allowed:
                        continue
                    event_ = data.draw(st.sampled_from(allowed))
                    known = {"blank": item.value, "page_count": 2} if event_ is Event.GRANT and item.is_blank else {}
                    journal.append(key, event_, known)
            except JournalError:
                continue
            assert all(book.adds_up for book in journal.books())
        again: dict[tuple[Item, str], dict[Figure, int]] = {}
        for entry in read(path):
            for change in entry.changes:
                book = (change.item, change.batch)
                again[book] = stock.applied(again.get(book, dict.fromkeys(Figure, 0)), change)
        opened = {(book.item, book.batch): dict(book.figures) for book in journal.books()}
        assert {k: v for k, v in opened.items() if any(v.values())} == {
            k: v for k, v in again.items() if any(v.values())
        }
        assert verify(read(path)) == []
    finally:
        journal.close()

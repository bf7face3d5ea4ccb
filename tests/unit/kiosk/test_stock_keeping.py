"""Two people and the books: loading with counts, counting a stack of two batches, and the command that asks for it."""

import argparse
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.cli import stock as command
from kiosk.cli.say import CommandFailed
from kiosk.issuance.errors import OutOfBlanks, StockError
from kiosk.issuance.journal import Journal
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.stock import Figure, Item
from kiosk.issuance.stock_keeping import ITEMS, StockKeeper, as_message

STAFF = ("1234", "5678")
KTP = Item.CARD_KTP_EL


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = Ledger(Journal(tmp_path / "journal.db", 1 << 30))
    yield opened
    opened.close()


@pytest.fixture
def keeper(ledger: Ledger) -> StockKeeper:
    return StockKeeper(ledger)


async def test_a_loading_is_counted_before_and_after_and_the_registry_hears_all_three(
    keeper: StockKeeper, ledger: Ledger
) -> None:
    await keeper.load(KTP, "B-1", 10, STAFF, 0, 10)
    books = await keeper.load(KTP, "B-2", 100, STAFF, 10, 110)
    assert [(book.batch, book[Figure.REMAINING], book.difference) for book in books] == [
        ("B-1", 10, 0),
        ("B-2", 100, 0),
    ]
    told = [(m.fields["event"], m.fields["batch"], m.fields["count"]) for m in await ledger.outbox()]
    assert told[-4:] == [
        (registry.STOCK_EVENT_COUNTED, "B-1", 10),
        (registry.STOCK_EVENT_LOADED, "B-2", 100),
        (registry.STOCK_EVENT_COUNTED, "B-1", 10),
        (registry.STOCK_EVENT_COUNTED, "B-2", 100),
    ]
    assert await ledger.remaining(registry.BLANK_CARD_KTP_EL) == 110
    assert await ledger.remaining(registry.BLANK_CARD_KIA) is None
    assert await ledger.next_blank(registry.BLANK_CARD_KTP_EL) == "B-1"


async def test_a_card_that_is_missing_closes_cards_and_says_why(keeper: StockKeeper, ledger: Ledger) -> None:
    blank = registry.BLANK_CARD_KTP_EL
    assert await ledger.stock_reason(blank) == "stock:out"
    await keeper.load(KTP, "B-1", 10, STAFF, 0, 9)
    assert await ledger.stock_reason(blank) == "stock:mismatch"
    with pytest.raises(OutOfBlanks, match="differ"):
        await ledger.next_blank(blank)
    await keeper.count(KTP, 10, STAFF)
    assert await ledger.stock_reason(blank) == ""
    assert await ledger.stock_reason(registry.BLANK_PAPER_A4) == ""


async def test_blanks_found_where_no_book_was_are_a_mismatch(keeper: StockKeeper) -> None:
    books = await keeper.load(KTP, "B-1", 10, STAFF, 2, 12)
    assert sum(book.difference for book in books) == 2
    assert sum(book[Figure.REMAINING] for book in books) == 10


async def test_a_sheet_that_a_test_spoiled_is_booked_by_one_person_and_no_card_is(keeper: StockKeeper) -> None:
    await keeper.load(Item.PAPER_A4, "", 500, STAFF, None, None)
    await keeper.load(KTP, "B-1", 10, STAFF, 0, 10)
    alone = pb.RecordStockRequest(act=pb.STOCK_ACT_SPOIL, item=pb.STOCK_ITEM_PAPER_A4, count=1, staff=["1234"])
    (paper,) = await keeper.record(alone)
    assert (paper[Figure.REMAINING], paper[Figure.SPOILED]) == (499, 1)
    card = pb.RecordStockRequest(
        act=pb.STOCK_ACT_SPOIL, item=pb.STOCK_ITEM_CARD_KTP_EL, batch="B-1", count=1, staff=["1234"]
    )
    alone.act = pb.STOCK_ACT_UNLOAD
    for refused in (card, alone):
        with pytest.raises(StockError, match="two people"):
            await keeper.record(refused)


async def test_cards_are_not_loaded_uncounted_and_paper_is(keeper: StockKeeper) -> None:
    with pytest.raises(StockError, match="counted before and after"):
        await keeper.load(KTP, "B-1", 10, STAFF, None, None)
    (paper,) = await keeper.load(Item.PAPER_A4, "", 500, STAFF, None, None)
    assert paper[Figure.REMAINING] == 500
    assert await keeper.books(KTP) == []


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (
            pb.RecordStockRequest(act=pb.STOCK_ACT_UNLOAD, item=pb.STOCK_ITEM_CARD_KTP_EL, count=1, staff=["1", "1"]),
            "two people",
        ),
        (
            pb.RecordStockRequest(act=pb.STOCK_ACT_UNLOAD, item=pb.STOCK_ITEM_CARD_KTP_EL, count=0, staff=STAFF),
            "nothing happened",
        ),
        (
            pb.RecordStockRequest(act=pb.STOCK_ACT_UNLOAD, item=pb.STOCK_ITEM_CARD_KTP_EL, count=1, staff=STAFF),
            "remaining would be -1",
        ),
        (
            pb.RecordStockRequest(
                act=pb.STOCK_ACT_COUNT, item=pb.STOCK_ITEM_CARD_KTP_EL, count=1, counted_after=1, staff=STAFF
            ),
            "a loading",
        ),
    ],
)
async def test_what_is_wrong_is_said_and_not_written(
    keeper: StockKeeper, ledger: Ledger, request_: pb.RecordStockRequest, said: str
) -> None:
    with pytest.raises(StockError, match=said):
        await keeper.record(request_)
    assert ledger.head[0] == 0


async def test_every_act_of_the_panel_reaches_its_figure(keeper: StockKeeper) -> None:
    def ask(act: pb.StockAct.ValueType, count: int) -> pb.RecordStockRequest:
        request = pb.RecordStockRequest(act=act, item=pb.STOCK_ITEM_CARD_KIA, batch="K", count=count, staff=STAFF)
        if act == pb.STOCK_ACT_LOAD:
            request.counted_before, request.counted_after = 0, count
        return request

    for act, count in (
        (pb.STOCK_ACT_LOAD, 9),
        (pb.STOCK_ACT_UNLOAD, 2),
        (pb.STOCK_ACT_SPOIL, 3),
        (pb.STOCK_ACT_DESTROY, 1),
        (pb.STOCK_ACT_COUNT, 5),
    ):
        (book,) = await keeper.record(ask(act, count))
    message = as_message(book)
    assert (message.loaded, message.unloaded, message.spoiled, message.destroyed, message.remaining) == (9, 2, 3, 1, 4)
    assert message.difference == 1
    assert message.HasField("counted_at")


def test_every_item_of_the_panel_is_counted() -> None:
    assert set(ITEMS) == {number for number in pb.StockItem.values() if number}
    assert set(ITEMS.values()) == set(Item)
    assert set(command.ITEMS.values()) == set(ITEMS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("load ktp 10 --batch B-1 --by 1 --confirmed-by 2", "counted by hand"),
        ("load ktp 10 --batch B-1 --by 1 --confirmed-by 1 --before 0 --after 10", "Two people"),
        ("count kia 3 --by 1 --confirmed-by budi/santoso", "staff number"),
    ],
)
def test_the_command_asks_for_counts_and_two_people(line: str, said: str) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default=Path("nowhere"))
    command.add(parser.add_subparsers())
    arguments = parser.parse_args(["stock", *line.split()])
    with pytest.raises(CommandFailed, match=said):
        arguments.run(arguments)

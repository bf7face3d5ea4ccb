"""Blanks: every one is in exactly one place of the books, whatever becomes of a grant."""

import asyncio
import json
from datetime import UTC, timedelta
from typing import Any

import grpc
import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central import alarms
from central.registry import reconciliation, stock
from central.registry.service import utc_now
from central.registry.stock import Book
from central.store.engine import Store
from central.store.schema_stock import stock as stock_table
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine

KTP = pb.DOCUMENT_KIND_KTP_EL
LOADED, UNLOADED, SPOILED = pb.STOCK_EVENT_LOADED, pb.STOCK_EVENT_UNLOADED, pb.STOCK_EVENT_SPOILED
COUNTED, DESTROYED = pb.STOCK_EVENT_COUNTED, pb.STOCK_EVENT_DESTROYED


def figures(
    central: Bench, blank: pb.Blank.ValueType = pb.BLANK_CARD_KTP_EL, batch: str = "SIM-KTP-001"
) -> dict[str, int]:
    """The figures of a book that are not zero."""
    store = Store(central.directory / "central.sqlite3")
    try:
        row = store.read_now(Book("kiosk/3520/mpp-01", blank, batch).read)
    finally:
        store.close()
    names = ("unloaded", "issued", "spoiled", "retained", "remaining", "reserved", "destroyed")
    return {} if row is None else {name: row._mapping[name] for name in names if row._mapping[name]}


def kinds_of_alarms(central: Bench) -> list[str]:
    store = Store(central.directory / "central.sqlite3")
    try:
        return [alarm["kind"] for alarm in store.read_now(alarms.open_ones)]
    finally:
        store.close()


async def refused(attempt: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await attempt
    return bench.reason(error.value)


async def check(central: Bench) -> tuple[int, str]:
    done = await bench.command("stock", "check", "--config", central.directory / "central.toml")
    assert not done.stderr
    return done.returncode, done.stdout


async def test_a_grant_reserves_a_card_and_its_hand_over_issues_it(central: Bench, machine: Machine) -> None:
    assert figures(central) == {"remaining": 50}
    claims = await central.granted(machine, KTP)
    assert claims.blank == pb.BLANK_CARD_KTP_EL
    assert figures(central) == {"remaining": 49, "reserved": 1}
    await machine.complete(claims, pb.OUTCOME_UNKNOWN, seq=5)
    assert figures(central) == {"remaining": 49, "reserved": 1}
    for _ in range(3):
        await machine.complete(claims, pb.OUTCOME_TAKEN, seq=6)
    assert figures(central) == {"remaining": 49, "issued": 1}
    assert await check(central) == (0, "3 books add up\n")


@pytest.mark.parametrize(
    ("reason", "spoiled", "expected"),
    [
        (pb.VOID_REASON_SPOILED, 1, {"remaining": 49, "spoiled": 1}),
        (pb.VOID_REASON_SPOILED, 2, {"remaining": 48, "spoiled": 2}),
        (pb.VOID_REASON_SPOILED, 0, {"remaining": 50}),
        (pb.VOID_REASON_RETRACTED, 0, {"remaining": 49, "retained": 1}),
        (pb.VOID_REASON_RETRACTED, 1, {"remaining": 49, "retained": 1}),
        (pb.VOID_REASON_RETAINED, 1, {"remaining": 49, "retained": 1}),
        (pb.VOID_REASON_RETRACTED, 2, {"remaining": 48, "retained": 1, "spoiled": 1}),
        (pb.VOID_REASON_NOT_PRINTED, 0, {"remaining": 50}),
        (pb.VOID_REASON_CANCELLED, 0, {"remaining": 50}),
    ],
)
async def test_a_void_says_where_the_blank_is(
    central: Bench, machine: Machine, reason: pb.VoidReason.ValueType, spoiled: int, expected: dict[str, int]
) -> None:
    claims = await central.granted(machine, KTP)
    for _ in range(2):
        await machine.void(claims.idempotency_key, claims.grant_id, spoiled=spoiled, reason=reason)
    assert figures(central) == expected
    assert (await check(central))[0] == 0


async def test_a_document_that_was_drawn_back_says_so_until_it_is_handed_over(central: Bench, machine: Machine) -> None:
    async def listed() -> pb.Document:
        documents = await machine.documents(await central.verified(machine))
        return next(document for document in documents if document.kind == KTP)

    assert not (await listed()).HasField("taken_back_at")
    first = await central.granted(machine, KTP)
    await machine.void(first.idempotency_key, first.grant_id, spoiled=0, reason=pb.VOID_REASON_RETRACTED)
    drawn_back = await listed()
    assert drawn_back.state == pb.DOCUMENT_STATE_READY
    assert abs(drawn_back.taken_back_at.ToDatetime(UTC) - utc_now()) < timedelta(minutes=5)
    second = await central.granted(machine, KTP)
    await machine.void(second.idempotency_key, second.grant_id, seq=2, spoiled=1, reason=pb.VOID_REASON_SPOILED)
    assert not (await listed()).HasField("taken_back_at")


async def test_a_void_after_unknown_settles_once(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine, KTP)
    await machine.complete(claims, pb.OUTCOME_UNKNOWN)
    await machine.void(claims.idempotency_key, claims.grant_id, seq=9, spoiled=0, reason=pb.VOID_REASON_RETRACTED)
    assert figures(central) == {"remaining": 49, "retained": 1}


async def test_without_blanks_no_card_is_granted_and_paper_is(central: Bench) -> None:
    async with central.machine(central.directory / "other-credentials") as other:
        assert await refused(central.granted(other, KTP)) == "OUT_OF_STOCK"
        claims = await central.granted(other)
        assert claims.blank == pb.BLANK_PAPER_A4
        await other.complete(claims)
    listed = await bench.command("stock", bench.OTHER_MACHINE, "--json", "--config", central.directory / "central.toml")
    (book,) = json.loads(listed.stdout)
    assert (book["blank"], book["issued"], book["remaining"]) == ("PAPER_A4", 1, -1)
    assert (await check(central))[0] == 0


async def test_the_last_blank_goes_to_one_of_two_who_want_it(central: Bench, machine: Machine) -> None:
    assert await machine.stock(UNLOADED, 49, seq=1) == 1
    people = (bench.HAMID, bench.NUR, bench.KARTO, bench.YOSEF)
    answers = await asyncio.gather(*(central.granted(machine, KTP, who) for who in people), return_exceptions=True)
    reasons = [bench.reason(answer) for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert reasons == ["OUT_OF_STOCK"] * 3
    assert figures(central) == {"unloaded": 49, "reserved": 1}


async def test_the_oldest_box_is_used_first(central: Bench, machine: Machine) -> None:
    await machine.stock(LOADED, 10, seq=1, batch="SECOND")
    await machine.stock(UNLOADED, 49, seq=2)
    for person in (bench.HAMID, bench.NUR):
        await machine.complete(await central.granted(machine, KTP, person))
    assert figures(central) == {"unloaded": 49, "issued": 1}
    assert figures(central, batch="SECOND") == {"remaining": 9, "issued": 1}


async def test_events_outside_an_issuance_change_the_books_once(central: Bench, machine: Machine) -> None:
    said = [
        (LOADED, 100, 7, ["S-01", "S-02"]),
        (SPOILED, 2, 8, []),
        (DESTROYED, 2, 9, ["S-01", "S-02"]),
        (UNLOADED, 48, 10, ["S-01"]),
    ]
    assert [await machine.stock(event, count, seq, staff=staff) for event, count, seq, staff in said] == [
        150,
        148,
        148,
        100,
    ]
    # Told again they change nothing, and the answer is how it stands now.
    assert [await machine.stock(event, count, seq, staff=staff) for event, count, seq, staff in said] == [100] * 4
    assert figures(central) == {"unloaded": 48, "spoiled": 2, "destroyed": 2, "remaining": 100}
    assert await refused(machine.stock(LOADED, 101, seq=7)) == "KEY_REUSED"
    async with central.machine(central.directory / "other-credentials") as other:
        assert await other.stock(LOADED, 5, seq=7) == 5
    assert (await check(central))[0] == 0


@pytest.mark.parametrize("staff", [[], ["S-01"], ["S-01", "S-01"]])
@pytest.mark.parametrize("event", [LOADED, DESTROYED])
async def test_loading_and_destroying_take_two_people(
    machine: Machine, event: pb.StockEvent.ValueType, staff: list[str]
) -> None:
    assert await refused(machine.stock(event, 1, seq=1, staff=staff)) == "INVALID_REQUEST"


async def test_nothing_is_no_event_and_nothing_counted_is_one(central: Bench, machine: Machine) -> None:
    assert await refused(machine.stock(LOADED, 0, seq=1)) == "INVALID_REQUEST"
    assert await machine.stock(COUNTED, 0, seq=2, blank=pb.BLANK_CARD_KIA, batch="NEVER SEEN") == 0
    assert kinds_of_alarms(central) == []


@pytest.mark.parametrize(("event", "count"), [(UNLOADED, 51), (SPOILED, 51), (DESTROYED, 1)])
async def test_what_the_books_do_not_have_is_refused_and_raises_an_alarm(
    central: Bench, machine: Machine, event: pb.StockEvent.ValueType, count: int
) -> None:
    assert await refused(machine.stock(event, count, seq=1)) == "OUT_OF_STOCK"
    assert figures(central) == {"remaining": 50}
    assert kinds_of_alarms(central) == ["stock_mismatch"]
    # Loaded before, told after: the same message is then taken.
    await machine.stock(LOADED, 10, seq=2)
    if event != DESTROYED:
        assert await machine.stock(event, count, seq=1) == 9


async def test_a_count_that_differs_raises_an_alarm_and_changes_no_figure(central: Bench, machine: Machine) -> None:
    assert await machine.stock(COUNTED, 50, seq=1) == 50
    assert (await check(central))[0] == 0
    assert await machine.stock(COUNTED, 48, seq=2) == 50
    assert figures(central) == {"remaining": 50}
    assert kinds_of_alarms(central) == ["stock_mismatch"]
    status, said = await check(central)
    assert (status, "counted by hand: 48, which is -2 from the books" in said) == (1, True)
    # Two are found spoiled; the next count is right.
    await machine.stock(SPOILED, 2, seq=3)
    await machine.stock(COUNTED, 48, seq=4)
    assert (await check(central))[0] == 0


@pytest.mark.parametrize(("count", "off"), [(48, 1), (49, 0), (50, 0), (51, 1)])
async def test_a_blank_of_unknown_outcome_may_be_counted_or_not(
    central: Bench, machine: Machine, count: int, off: int
) -> None:
    await machine.complete(await central.granted(machine, KTP), pb.OUTCOME_UNKNOWN)
    await machine.stock(COUNTED, count, seq=8)
    assert (await check(central))[0] == off


async def test_a_blank_spoiled_that_is_not_in_the_books_lets_go_and_raises_an_alarm(
    central: Bench, machine: Machine
) -> None:
    await machine.stock(UNLOADED, 49, seq=1)
    claims = await central.granted(machine, KTP)
    await machine.void(claims.idempotency_key, claims.grant_id, spoiled=2)
    assert figures(central) == {"unloaded": 49, "spoiled": 1}
    assert kinds_of_alarms(central) == ["stock_mismatch"]
    await machine.stock(LOADED, 1, seq=6)
    assert (await central.granted(machine, KTP)).blank == pb.BLANK_CARD_KTP_EL


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock SET remaining = remaining + 1 WHERE blank = 2",
        "UPDATE stock SET remaining = -1, loaded = loaded - 51 WHERE blank = 2",
        "UPDATE stock SET destroyed = 1 WHERE blank = 2",
    ],
    ids=["out of nothing", "below zero", "more destroyed than spoiled"],
)
async def test_the_database_refuses_books_that_do_not_add_up(central: Bench, statement: str) -> None:
    store = Store(central.directory / "central.sqlite3")
    with pytest.raises(sa.exc.IntegrityError, match="stock_"):
        store.write_now(lambda c: c.execute(sa.text(statement)))
    store.close()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE stock SET loaded = loaded + 1, remaining = remaining + 1 WHERE blank = 2", "its moves make 50"),
        ("DELETE FROM stock_moves WHERE grant_id IS NULL AND blank = 3", "its moves make 0"),
        ("UPDATE stock_events SET count = 51 WHERE blank = 2", "the events told of 51"),
        ("UPDATE issuances SET state = 'taken'", "is taken and has 1 reserved"),
        ("UPDATE stock_moves SET reserved = 0 WHERE blank = 2", "is open and has 0 reserved"),
    ],
)
async def test_the_daily_check_finds_books_that_were_changed_behind_its_back(
    central: Bench, machine: Machine, statement: str, words: str
) -> None:
    await central.granted(machine, KTP)
    assert (await check(central))[0] == 0
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(sa.text(statement)))
    store.close()
    status, said = await check(central)
    assert (status, words in said) == (1, True), said
    assert kinds_of_alarms(central) == ["stock_mismatch"]


async def test_the_books_are_shown_to_people_and_programs(central: Bench, machine: Machine) -> None:
    await machine.stock(COUNTED, 49, seq=1)
    config = central.directory / "central.toml"
    lines = (await bench.command("stock", "--config", config)).stdout.splitlines()
    assert lines[0].split()[:3] == ["MACHINE", "BLANK", "BATCH"]
    assert [line.split()[1] for line in lines[1:]] == ["PAPER_A4", "CARD_KTP_EL", "CARD_KIA"]
    assert "49 (-1)" in lines[2]
    as_json = json.loads((await bench.command("stock", "--json", "--config", config)).stdout)
    assert [(b["blank"], b["loaded"], b["remaining"]) for b in as_json] == [
        ("PAPER_A4", 500, 500), ("CARD_KTP_EL", 50, 50), ("CARD_KIA", 50, 50),
    ]  # fmt: skip
    assert (await bench.command("stock", "kiosk/3520/none", "--config", config)).stdout == "no books\n"


async def test_a_grant_from_before_there_were_books_ends_without_them(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(sa.text("DELETE FROM stock_moves WHERE grant_id IS NOT NULL")))
    store.write_now(lambda c: c.execute(stock_table.update().values(reserved=0, remaining=stock_table.c.loaded)))
    store.close()
    await machine.complete(claims)
    assert figures(central, pb.BLANK_PAPER_A4, "") == {"remaining": 500}


def test_books_that_would_not_add_up_are_a_mistake_that_changes_nothing(central: Bench) -> None:
    book = Book("kiosk/3520/mpp-01", pb.BLANK_CARD_KIA, "SIM-KIA-001")
    store = Store(central.directory / "central.sqlite3")
    with pytest.raises(sa.exc.IntegrityError):
        store.write_now(lambda c: stock.move(c, book, utc_now(), remaining=-1))
    assert store.read_now(reconciliation.mismatches) == []
    store.close()

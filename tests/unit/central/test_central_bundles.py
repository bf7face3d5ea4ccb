"""States of many machines in few transactions, none of them lost."""

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from central.development import samples
from central.fleet import machines
from central.fleet.bundles import Bundles
from central.fleet.machines import Seen
from central.store.engine import Store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NAMES = [f"kiosk/3520/m-{number}" for number in range(200)]


def enrol(store: Store) -> None:
    def all_of_them(connection: sa.Connection) -> None:
        for name in NAMES:
            samples.enrol(connection, name)

    store.write_now(all_of_them)


def states(store: Store) -> dict[str, object]:
    return {m["machine_id"]: m["outbox"] for m in store.read_now(machines.all_machines)}


async def test_every_state_is_kept_and_few_transactions_made(store: Store) -> None:
    enrol(store)
    bundles = Bundles(store)
    await asyncio.gather(*(bundles.keep(Seen(name, {"outbox": n}, NOW)) for n, name in enumerate(NAMES)))
    kept = states(store)
    assert [kept[name] for name in NAMES] == list(range(200))
    assert bundles.written < 10


async def test_the_newest_state_of_a_machine_wins(store: Store) -> None:
    enrol(store)
    bundles = Bundles(store)
    await asyncio.gather(*(bundles.keep(Seen(NAMES[0], {"outbox": n}, NOW)) for n in range(50)))
    assert states(store)[NAMES[0]] == 49


async def test_a_write_that_fails_is_told_to_those_who_wait_and_the_next_works(store: Store) -> None:
    enrol(store)
    bundles = Bundles(store)
    answers = await asyncio.gather(
        bundles.keep(Seen(NAMES[0], {"no_such_column": 1}, NOW)),
        bundles.keep(Seen(NAMES[1], {"outbox": 1}, NOW)),
        return_exceptions=True,
    )
    assert all(isinstance(answer, sa.exc.CompileError) for answer in answers)
    await bundles.keep(Seen(NAMES[1], {"outbox": 2}, NOW))
    assert states(store)[NAMES[1]] == 2


async def test_a_machine_that_goes_away_during_a_write_takes_nothing_with_it(store: Store) -> None:
    enrol(store)
    bundles = Bundles(store)
    first = asyncio.ensure_future(bundles.keep(Seen(NAMES[0], {"outbox": 7}, NOW)))
    second = asyncio.ensure_future(bundles.keep(Seen(NAMES[1], {"outbox": 8}, NOW)))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    assert (states(store)[NAMES[0]], states(store)[NAMES[1]]) == (7, 8)


async def test_a_machine_that_is_not_enrolled_is_not_added(store: Store) -> None:
    await Bundles(store).keep(Seen("kiosk/3520/nobody", {"seen_at": datetime.now(UTC).isoformat()}, NOW))
    assert "kiosk/3520/nobody" not in states(store)

"""The store: one writer, whole transactions, a chain that shows tampering."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from central.store import audit, schema, times
from central.store.engine import Store, StoreError
from central.store.schema import counters

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_concurrent_writers_lose_no_update(store: Store) -> None:
    store.write_now(lambda c: c.execute(counters.insert().values(name="n", value=0)))

    def count(connection: sa.Connection) -> None:
        value = connection.execute(sa.select(counters.c.value)).scalar_one()
        connection.execute(counters.update().values(value=value + 1))

    await asyncio.gather(*(store.write(count) for _ in range(100)))
    assert await store.read(lambda c: c.execute(sa.select(counters.c.value)).scalar_one()) == 100


def test_two_processes_writers_wait_for_each_other(store: Store, directory: Path) -> None:
    second = Store(directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(counters.insert().values(name="n", value=0)))

    def count_up(one: Store) -> None:
        def count(connection: sa.Connection) -> None:
            value = connection.execute(sa.select(counters.c.value)).scalar_one()
            connection.execute(counters.update().values(value=value + 1))

        for _ in range(40):
            one.write_now(count)

    threads = [threading.Thread(target=count_up, args=(one,)) for one in (store, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    assert store.read_now(lambda c: c.execute(sa.select(counters.c.value)).scalar_one()) == 80


async def test_work_that_fails_leaves_nothing_behind(store: Store) -> None:
    def fail(connection: sa.Connection) -> None:
        connection.execute(counters.insert().values(name="n", value=1))
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        await store.write(fail)
    assert await store.read(lambda c: c.execute(sa.select(sa.func.count()).select_from(counters)).scalar()) == 0


async def test_work_runs_outside_the_event_loops_thread(store: Store) -> None:
    reading = await store.read(lambda _: threading.current_thread())
    writers = {await store.write(lambda _: threading.current_thread()) for _ in range(5)}
    assert threading.main_thread() not in {reading, *writers}
    assert len(writers) == 1


def test_every_connection_is_durable(store: Store) -> None:
    def pragmas(connection: sa.Connection) -> tuple[object, ...]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names)

    full = 2
    assert store.write_now(pragmas) == store.read_now(pragmas) == ("wal", full, 1)


def test_a_writing_transaction_takes_the_lock_at_once(store: Store, directory: Path) -> None:
    other = sqlite3.connect(directory / "central.sqlite3", timeout=0)

    def try_to_write(_: sa.Connection) -> None:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")

    store.write_now(try_to_write)
    other.close()


def test_a_database_that_is_none_is_refused_with_words_for_people(tmp_path: Path) -> None:
    missing = Store(tmp_path / "missing.sqlite3")
    with pytest.raises(StoreError, match="no such database"):
        missing.check()
    missing.close()
    assert not (tmp_path / "missing.sqlite3").exists()
    (tmp_path / "text.sqlite3").write_text("this is no database, only text that is long enough to be looked at" * 20)
    text = Store(tmp_path / "text.sqlite3")
    with pytest.raises(StoreError, match="not a registry's database"):
        text.check()
    text.close()


def test_a_database_of_another_schema_is_refused(store: Store) -> None:
    store.check()
    store.write_now(lambda c: c.execute(sa.text("UPDATE about SET value = '99'")))
    with pytest.raises(StoreError, match="schema 99, this software knows 5"):
        store.check()


def test_a_database_of_the_first_schema_is_brought_forward_with_what_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(file)) as old:
        old.executescript((Path(__file__).parent / "schema_1.sql").read_text())
        old.execute("INSERT INTO counters VALUES ('n', 7)")
        old.execute("INSERT INTO artefacts VALUES ('grant', 'bytes')")
        old.commit()
    store = Store(file)
    with pytest.raises(StoreError, match="schema 1, this software knows 5"):
        store.check()
    assert [store.bring_forward(), store.bring_forward()] == [True, False]
    store.check()
    assert store.read_now(lambda c: c.execute(sa.select(counters.c.value)).scalar_one()) == 7
    assert store.read_now(lambda c: c.execute(sa.select(schema.artefacts.c.content)).scalar_one()) == "bytes"
    fresh = Store(tmp_path / "new.sqlite3")
    fresh.create()
    assert columns(store) == columns(fresh)
    store.close()
    fresh.close()


def columns(store: Store) -> dict[str, set[str]]:
    def read(connection: sa.Connection) -> dict[str, set[str]]:
        found = sa.inspect(connection)
        return {table: {column["name"] for column in found.get_columns(table)} for table in found.get_table_names()}

    return store.read_now(read)


def test_a_database_of_a_later_schema_is_left_alone(store: Store) -> None:
    store.write_now(lambda c: c.execute(sa.text("UPDATE about SET value = '99'")))
    with pytest.raises(StoreError, match="schema 99"):
        store.bring_forward()


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET details = '{}' WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("UPDATE audit SET event = 'x' WHERE seq = 1", 1),
    ],
)
def test_the_audit_chain_shows_where_it_was_changed(store: Store, statement: str, broken: int) -> None:
    for number in range(5):
        store.write_now(partial(audit.append, at=NOW, machine_id="m", event="event", details={"n": number}))
    assert store.read_now(audit.first_broken) is None
    store.write_now(lambda c: c.execute(sa.text(statement)))
    assert store.read_now(audit.first_broken) == broken


def test_what_is_rolled_back_is_not_in_the_chain(store: Store) -> None:
    def fail(connection: sa.Connection) -> None:
        audit.append(connection, NOW, "m", "lost", {})
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        store.write_now(fail)
    query = sa.text("SELECT seq, event FROM audit ORDER BY seq")
    before = store.read_now(lambda c: list(c.execute(query)))
    store.write_now(lambda c: audit.append(c, NOW, "m", "kept", {}))
    assert store.read_now(lambda c: list(c.execute(query))) == [*before, (len(before) + 1, "kept")]


MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(timezone(timedelta(hours=7)))
)


@given(MOMENTS, MOMENTS)
def test_times_as_text_sort_as_times(one: datetime, other: datetime) -> None:
    assert (times.to_text(one) < times.to_text(other)) == (one < other)
    assert times.from_text(times.to_text(one)) == one


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        times.to_text(datetime(2026, 1, 1))

"""Transactions: one writer thread, a few readers, none of them the event loop.

SQLite has one writer at a time, so there is one writing thread and it takes the write lock with BEGIN IMMEDIATE: a
transaction that began as a reader and fails when it wants to write does not exist. WAL and synchronous FULL: what was
acknowledged survives a power cut (3.7 ms an append measured, where fsync is honoured).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL

from central.store import schema, schema_entry, schema_stock

# Named here so that their tables are made with the others.
_MORE_TABLES = (schema_entry, schema_stock)

T = TypeVar("T")
Work = Callable[[sa.Connection], T]

# How long a writing transaction of another process may make this one wait.
_BUSY_TIMEOUT_MS = 10_000


class StoreError(Exception):
    """The database cannot be used; the message says why, for people."""


class Store:
    """The registry's database.

    `write` and `read` run a function of one connection in one transaction: committed when it returns, rolled back when
    it raises. The function must be short and do nothing but SQL and arithmetic.
    """

    def __init__(self, path: Path, readers: int = 3) -> None:
        self._path = path
        self._writing = _engine(path, "BEGIN IMMEDIATE")
        self._reading = _engine(path, "BEGIN")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-reader")

    def create(self) -> None:
        """Make the tables; an empty file becomes a database."""
        with self._writing.begin() as connection:
            schema.metadata.create_all(connection)
            connection.execute(schema.about.insert().values(name="schema", value=str(schema.SCHEMA_VERSION)))

    def check(self) -> None:
        """See that the database is there and of this schema.

        Raises:
            StoreError: It is not.
        """
        version = self._version()
        if version != str(schema.SCHEMA_VERSION):
            raise StoreError(f"{self._path}: schema {version}, this software knows {schema.SCHEMA_VERSION}")

    def bring_forward(self) -> bool:
        """Make a database of an older schema one of this; returns whether that was needed.

        Raises:
            StoreError: See `check`.
        """
        version = self._version()
        if version is None or not version.isascii() or not version.isdigit() or int(version) >= schema.SCHEMA_VERSION:
            self.check()
            return False
        # Only here: it brings alembic, which commands do without.
        from central.store import migrations

        self.write_now(lambda c: migrations.bring_forward(c, int(version)))
        return True

    def _version(self) -> str | None:
        if not self._path.is_file():
            raise StoreError(f"{self._path}: no such database; make one with `python -m central init`")
        try:
            return self.read_now(
                lambda c: c.execute(sa.select(schema.about.c.value).where(schema.about.c.name == "schema")).scalar()
            )
        except sa.exc.DatabaseError as error:
            raise StoreError(f"{self._path}: not a registry's database") from error

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a writing transaction, in the writer's thread."""
        return await _run(self._writer, lambda: self.write_now(work))

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a reading transaction, in a reader's thread."""
        return await _run(self._readers, lambda: self.read_now(work))

    def write_now(self, work: Work[T]) -> T:
        """Run `work` in a writing transaction, in the calling thread: for commands, not for the event loop."""
        with self._writing.begin() as connection:
            return work(connection)

    def read_now(self, work: Work[T]) -> T:
        """Run `work` in a reading transaction, in the calling thread."""
        with self._reading.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """End the threads and connections; running transactions end first. May be called twice."""
        self._writer.shutdown()
        self._readers.shutdown()
        self._writing.dispose()
        self._reading.dispose()


async def _run(executor: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, work)


def _engine(path: Path, begin: str) -> sa.Engine:
    engine = sa.create_engine(
        URL.create("sqlite+pysqlite", database=str(path)), poolclass=sa.pool.QueuePool, pool_size=4, max_overflow=30
    )

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling would begin late and never IMMEDIATE.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {_BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine

"""Brings an older database forward, in one transaction; new tables are made, and old ones altered here."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from central.store import schema


def _to_2(operations: Operations) -> None:
    operations.add_column("issuances", sa.Column("signer", sa.String(128)))


def _to_3(operations: Operations) -> None:
    operations.add_column("issuances", sa.Column("chip_uid", sa.LargeBinary))
    operations.add_column("issuances", sa.Column("blank_batch", sa.String(64)))
    operations.add_column("issuances", sa.Column("old_card", sa.Integer))


def _to_5(operations: Operations) -> None:
    operations.add_column("issuances", sa.Column("reason", sa.String(32)))


def _new_tables_only(operations: Operations) -> None:
    """Nothing existing changes."""


# What alters existing tables, by the version it leads to.
STEPS: Mapping[int, Callable[[Operations], None]] = {2: _to_2, 3: _to_3, 4: _new_tables_only, 5: _to_5}


def bring_forward(connection: sa.Connection, version: int) -> None:
    """Make a database of an older version one of today's."""
    operations = Operations(MigrationContext.configure(connection))
    for number in range(version + 1, schema.SCHEMA_VERSION + 1):
        STEPS[number](operations)
    schema.metadata.create_all(connection)
    connection.execute(
        schema.about.update().where(schema.about.c.name == "schema").values(value=str(schema.SCHEMA_VERSION))
    )

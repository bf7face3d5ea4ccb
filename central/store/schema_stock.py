"""Tables of the blanks: the books a machine, blank and batch, the moves that made them, and what machines reported.

loaded - unloaded = issued + spoiled + retained + remaining + reserved holds in every transaction, by the database's
own check. Nothing is below zero, but for the paper that remains: paper is counted and never refused.
"""

import uuid

import sqlalchemy as sa

from central.store.schema import metadata

# adm.registry.v1.Blank.BLANK_PAPER_A4
_PAPER = 1

FIGURES = ("loaded", "unloaded", "issued", "spoiled", "retained", "remaining", "reserved", "destroyed")


def _whole(name: str) -> sa.CheckConstraint:
    exempt = f" OR blank = {_PAPER}" if name == "remaining" else ""
    return sa.CheckConstraint(f"{name} >= 0{exempt}", name=f"stock_{name}")


stock = sa.Table(
    "stock",
    metadata,
    sa.Column("machine_id", sa.String(128), primary_key=True),
    sa.Column("blank", sa.Integer, primary_key=True),  # adm.registry.v1.Blank
    sa.Column("batch", sa.String(64), primary_key=True),
    sa.Column("opened_at", sa.String(32), nullable=False),  # the oldest batch is used first
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in FIGURES),
    sa.Column("counted", sa.BigInteger),  # by hand, the last time
    sa.Column("counted_difference", sa.BigInteger),  # from what the books said then
    sa.Column("counted_at", sa.String(32)),
    sa.CheckConstraint(
        "loaded - unloaded = issued + spoiled + retained + remaining + reserved", name="stock_conservation"
    ),
    sa.CheckConstraint("destroyed <= spoiled + retained", name="stock_destroyed_within"),
    *(_whole(name) for name in FIGURES),
)

stock_moves = sa.Table(
    "stock_moves",
    metadata,
    sa.Column("move_id", sa.String(36), primary_key=True, default=lambda: str(uuid.uuid4())),
    sa.Column("machine_id", sa.String(128), nullable=False),
    sa.Column("blank", sa.Integer, nullable=False),
    sa.Column("batch", sa.String(64), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("grant_id", sa.String(36), index=True),  # NULL: outside an issuance
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in FIGURES),  # how much each figure changed
    sa.ForeignKeyConstraint(
        ["machine_id", "blank", "batch"], ["stock.machine_id", "stock.blank", "stock.batch"], name="stock_moves_book"
    ),
)

stock_events = sa.Table(
    "stock_events",
    metadata,
    sa.Column("machine_id", sa.String(128), primary_key=True),
    sa.Column("journal_seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("blank", sa.Integer, nullable=False),
    sa.Column("batch", sa.String(64), nullable=False),
    sa.Column("event", sa.Integer, nullable=False),  # adm.registry.v1.StockEvent
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("staff", sa.Text, nullable=False),  # JSON array of staff numbers
    sa.Column("occurred_at", sa.String(32), nullable=False),  # by the machine's clock
    sa.Column("recorded_at", sa.String(32), nullable=False),
)

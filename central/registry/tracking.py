"""What became of an issuance, for who holds its receipt: a state, nothing else."""

from enum import StrEnum

import sqlalchemy as sa

from central.store.schema import issuances


class Progress(StrEnum):
    """Where an issuance stands, in a resident's terms."""

    UNDER_WAY = "under way"
    DONE = "done"
    LOOKED_INTO = "looked into"
    NOT_ISSUED = "not issued"
    REPLACED = "replaced"


_PROGRESS = {"open": Progress.UNDER_WAY, "unknown": Progress.LOOKED_INTO, "void": Progress.NOT_ISSUED}


def find(connection: sa.Connection, receipt_number: str) -> Progress | None:
    """Where the issuance of a receipt stands; None when there is no such number."""
    query = sa.select(issuances.c.state, issuances.c.holds).where(issuances.c.receipt_number == receipt_number)
    row = connection.execute(query).first()
    if row is None:
        return None
    if row.state == "taken":
        return Progress.REPLACED if row.holds is None else Progress.DONE
    return _PROGRESS[row.state]

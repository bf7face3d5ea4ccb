"""Reads of families, residents and their registrations."""

from typing import Any

import sqlalchemy as sa

from central.store.schema import births, deaths, families, move_members, moves, portraits, residents

Row = sa.Row[Any]


def resident(connection: sa.Connection, nik: str) -> Row | None:
    """One resident, dead or living."""
    return connection.execute(sa.select(residents).where(residents.c.nik == nik)).first()


def family(connection: sa.Connection, number: str) -> Row | None:
    """One family card's head data."""
    return connection.execute(sa.select(families).where(families.c.number == number)).first()


def members(connection: sa.Connection, number: str) -> list[Row]:
    """Living members of a family in the card's order."""
    query = sa.select(residents).where(residents.c.family_number == number, residents.c.died_on.is_(None))
    return list(connection.execute(query.order_by(residents.c.position)))


def children(connection: sa.Connection, nik: str) -> list[Row]:
    """A resident's living children, oldest first."""
    query = sa.select(residents).where(
        sa.or_(residents.c.father_nik == nik, residents.c.mother_nik == nik), residents.c.died_on.is_(None)
    )
    return list(connection.execute(query.order_by(residents.c.birth_date)))


def portrait(connection: sa.Connection, nik: str) -> Row | None:
    """A resident's enrolment photo and signature."""
    return connection.execute(sa.select(portraits).where(portraits.c.nik == nik)).first()


def birth(connection: sa.Connection, nik: str) -> Row | None:
    """A resident's birth registration."""
    return connection.execute(sa.select(births).where(births.c.nik == nik)).first()


def death(connection: sa.Connection, number: str) -> Row | None:
    """A death registration."""
    return connection.execute(sa.select(deaths).where(deaths.c.number == number)).first()


def deaths_reported_by(connection: sa.Connection, nik: str) -> list[str]:
    """Numbers of the deaths a resident reported."""
    query = sa.select(deaths.c.number).where(deaths.c.reported_by == nik)
    return list(connection.execute(query.order_by(deaths.c.registered_on)).scalars())


def move(connection: sa.Connection, number: str) -> Row | None:
    """A move."""
    return connection.execute(sa.select(moves).where(moves.c.number == number)).first()


def moves_applied_by(connection: sa.Connection, nik: str) -> list[str]:
    """Numbers of the moves a resident applied for."""
    query = sa.select(moves.c.number).where(moves.c.applicant == nik)
    return list(connection.execute(query.order_by(moves.c.issued_on)).scalars())


def moving(connection: sa.Connection, number: str) -> list[Row]:
    """Residents who move, in the letter's order."""
    query = (
        sa.select(residents)
        .join(move_members, move_members.c.nik == residents.c.nik)
        .where(move_members.c.number == number)
    )
    return list(connection.execute(query.order_by(move_members.c.position)))

"""What stands in each document, taken from the registry: plain values, ready to be set."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta, timezone

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.documents import cards, words
from central.documents.content import Content
from central.store import residents
from central.store.residents import Row

WIB = timezone(timedelta(hours=7), "WIB")

# Rows of a page's table: a longer family or party goes on with another page.
KK_ROWS = 10
SKPWNI_ROWS = 10

# SKPWNI holds for this many working days (reference: purworejokab; other offices say 30 days).
SKPWNI_WORKING_DAYS = 100


def read(connection: sa.Connection, kind: int, subject: str, today: date) -> Content | None:
    """What stands in a document; None when the registry does not know its subject, or it has no such document."""
    if kind in _CARDS:
        return _CARDS[kind](connection, subject, today)
    return _READERS[kind](connection, subject)


def _kk(connection: sa.Connection, number: str) -> Content | None:
    family = residents.family(connection, number)
    people = residents.members(connection, number)
    if family is None or not people:
        return None
    head = next((person for person in people if person.relation == "KEPALA KELUARGA"), people[0])
    values = {
        "number": number,
        "head": head.name,
        **_address(family),
        "issued_on": words.numeric(family.issued_on),
        "members": [_kk_row(person) for person in people],
        "rows": KK_ROWS,
    }
    return Content("kk", head.name, _pages(len(people), KK_ROWS), values)


def _kk_row(person: Row) -> dict[str, str]:
    return {
        "name": person.name,
        "nik": person.nik,
        "sex": person.sex,
        "birth_place": person.birth_place,
        "birth_date": words.numeric(person.birth_date),
        "religion": person.religion,
        "education": person.education,
        "occupation": person.occupation,
        "blood": person.blood,
        "marital": person.marital,
        "married_on": words.numeric(person.married_on),
        "relation": person.relation,
        "nationality": person.nationality,
        "father": person.father,
        "mother": person.mother,
    }


def _biodata(connection: sa.Connection, nik: str) -> Content | None:
    person = residents.resident(connection, nik)
    family = residents.family(connection, person.family_number) if person else None
    if person is None or family is None:
        return None
    birth = residents.birth(connection, nik)
    people = residents.members(connection, family.number)
    head = next((member.name for member in people if member.relation == "KEPALA KELUARGA"), "-")
    values = _kk_row(person) | _address(family)
    values |= {
        "family_number": family.number,
        "head": head,
        "birth_certificate": birth.number if birth else "-",
    }
    return Content("biodata", person.name, 1, values)


def _birth(connection: sa.Connection, nik: str) -> Content | None:
    person = residents.resident(connection, nik)
    birth = residents.birth(connection, nik)
    family = residents.family(connection, person.family_number) if person else None
    if person is None or birth is None or family is None:
        return None
    values = {
        "number": birth.number,
        "nik": person.nik,
        "name": person.name,
        "sex": person.sex,
        "nationality": _nationality(person.nationality),
        "birth_place": person.birth_place,
        "birth_day": words.spoken_day(person.birth_date),
        "birth_year": words.number(person.birth_date.year),
        "child_order": words.number(birth.child_order),
        "father": person.father,
        "mother": person.mother,
        "registered_on": words.long(birth.registered_on),
        "regency": family.regency,
        "regency_kind": family.regency_kind,
    }
    return Content("akta_kelahiran", person.name, 1, values)


def _death(connection: sa.Connection, number: str) -> Content | None:
    death = residents.death(connection, number)
    reporter = residents.resident(connection, death.reported_by) if death else None
    family = residents.family(connection, reporter.family_number) if reporter else None
    if death is None or family is None:
        return None
    values = {
        "number": number,
        "nik": death.nik,
        "name": death.name,
        "sex": death.sex,
        "nationality": _nationality("WNI"),
        "birth_place": death.birth_place,
        "birth_date": words.long(death.birth_date),
        "death_place": death.died_in,
        "death_day": words.spoken_day(death.died_on),
        "death_year": words.number(death.died_on.year),
        "father": death.father,
        "mother": death.mother,
        "registered_on": words.long(death.registered_on),
        "regency": family.regency,
        "regency_kind": family.regency_kind,
    }
    return Content("akta_kematian", death.name, 1, values)


def _move(connection: sa.Connection, number: str) -> Content | None:
    move = residents.move(connection, number)
    applicant = residents.resident(connection, move.applicant) if move else None
    family = residents.family(connection, applicant.family_number) if applicant else None
    if move is None or applicant is None or family is None:
        return None
    people = residents.moving(connection, number)
    head = next(
        (p.name for p in residents.members(connection, family.number) if p.relation == "KEPALA KELUARGA"),
        applicant.name,
    )
    values = {
        "number": number,
        "applicant": applicant.name,
        "applicant_nik": applicant.nik,
        "family_number": family.number,
        "head": head,
        **_address(family),
        **{f"to_{name}": move._mapping[f"to_{name}"] for name in _ADDRESS},
        "reason": move.reason,
        "working_days": str(SKPWNI_WORKING_DAYS),
        "issued_on": words.long(move.issued_on),
        "members": [
            {"nik": p.nik, "name": p.name, "relation": p.relation, "birth_date": words.numeric(p.birth_date)}
            for p in people
        ],
        "rows": SKPWNI_ROWS,
    }
    return Content("skpwni", applicant.name, _pages(len(people), SKPWNI_ROWS), values)


_ADDRESS = (
    "address", "rt", "rw", "village", "district", "regency", "regency_kind", "province", "postal_code",
)  # fmt: skip


def _address(family: Row) -> dict[str, str]:
    return {name: family._mapping[name] for name in _ADDRESS}


def _nationality(short: str) -> str:
    return "INDONESIA" if short == "WNI" else short


def _pages(people: int, rows: int) -> int:
    return max(1, -(-people // rows))


_CARDS: Mapping[int, Callable[[sa.Connection, str, date], Content | None]] = {
    pb.DOCUMENT_KIND_KTP_EL: cards.ktp_el,
    pb.DOCUMENT_KIND_KIA: cards.kia,
}
_READERS: Mapping[int, Callable[[sa.Connection, str], Content | None]] = {
    pb.DOCUMENT_KIND_KK: _kk,
    pb.DOCUMENT_KIND_BIODATA: _biodata,
    pb.DOCUMENT_KIND_AKTA_KELAHIRAN: _birth,
    pb.DOCUMENT_KIND_AKTA_KEMATIAN: _death,
    pb.DOCUMENT_KIND_SKPWNI: _move,
}

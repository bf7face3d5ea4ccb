"""Which documents a resident may print: rules over the registry's data, asked anew at every call."""

from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.store import residents
from central.store.residents import Row

# UU 24/2013 art. 63: a resident is an adult for these documents at 17, or when married before.
_ADULT_AGE = 17


def age(birth_date: date, today: date) -> int:
    """Full years; somebody born on 29 February has the birthday on 1 March of a common year."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def is_adult(person: Row, today: date) -> bool:
    """Whether a resident may ask for the family's papers."""
    return age(person.birth_date, today) >= _ADULT_AGE or person.marital != "BELUM KAWIN"


def printable(connection: sa.Connection, person: Row, today: date) -> Iterator["tuple[pb.DocumentKind.ValueType, str]"]:
    """What a living resident may print: kind and key of the subject, in the order of a list."""
    if is_adult(person, today):
        yield pb.DOCUMENT_KIND_KK, person.family_number
        yield pb.DOCUMENT_KIND_KTP_EL, person.nik
    yield pb.DOCUMENT_KIND_BIODATA, person.nik
    yield pb.DOCUMENT_KIND_AKTA_KELAHIRAN, person.nik
    children = residents.children(connection, person.nik)
    for child in children:
        yield pb.DOCUMENT_KIND_AKTA_KELAHIRAN, child.nik
    for child in children:
        # A child's card is its parents' to ask for, until it may have a KTP-el.
        if not is_adult(child, today):
            yield pb.DOCUMENT_KIND_KIA, child.nik
    for number in residents.deaths_reported_by(connection, person.nik):
        yield pb.DOCUMENT_KIND_AKTA_KEMATIAN, number
    for number in residents.moves_applied_by(connection, person.nik):
        yield pb.DOCUMENT_KIND_SKPWNI, number

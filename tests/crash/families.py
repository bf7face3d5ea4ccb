"""Invented families of one, as many as a proof has runs: each run prints a document that no other run printed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.development import samples
from central.registry import stock_events
from central.registry.stock import Book
from central.store.engine import Store

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
BATCH = "SIM-1"
BLANKS = 100_000
TEMPLATE: tuple[float, ...] = (0.125,) * 128


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who lives alone.

    Attributes:
        uid: Of the chip, hex.
    """

    nik: str
    uid: str


class OneFace:
    """Implements `central.development.references.References` with one template: nobody's face is looked at here."""

    model_id = "0" * 64
    threshold = 0.6
    dimensions = len(TEMPLATE)

    def template(self, face: str) -> Sequence[float]:
        """The one template."""
        return TEMPLATE


def person(number: int) -> Person:
    """The inhabitant of house `number`, from 0."""
    return Person(f"352006010180{number + 1:04d}", f"04{number:012X}")


def fill(database: Path, count: int, machine_id: str) -> None:
    """Make a registry's database with `count` families and one machine."""
    folder = database.with_name(f"samples-{uuid.uuid4()}")
    folder.mkdir()
    (folder / "faces").symlink_to(SAMPLES / "faces")
    (folder / "residents.toml").write_text("\n".join(_family(number) for number in range(count)), encoding="utf-8")
    store = Store(database)
    try:
        database.touch(mode=0o600)
        store.create()
        store.write_now(lambda c: samples.load(c, folder, OneFace()))
        store.write_now(lambda c: samples.enrol(c, machine_id))
        store.write_now(lambda c: _load(c, machine_id))
    finally:
        store.close()


def _load(connection: sa.Connection, machine_id: str) -> None:
    """Blanks for every card that a proof may make."""
    now = datetime.now(UTC)
    book = Book(machine_id, pb.BLANK_CARD_KTP_EL, BATCH)
    stock_events.apply(connection, book, pb.STOCK_EVENT_LOADED, BLANKS, now)


def _family(number: int) -> str:
    someone = person(number)
    return f"""
[[family]]
number = "352006010119{number + 1:04d}"
address = "JL. CONTOH NO. {number + 1}"
rt = "001"
rw = "001"
village = "MAGETAN"
district = "MAGETAN"
regency = "MAGETAN"
regency_kind = "KABUPATEN"
province = "JAWA TIMUR"
postal_code = "63311"
issued_on = 2024-02-19

[[family.member]]
nik = "{someone.nik}"
name = "WARGA CONTOH"
sex = "LAKI-LAKI"
birth_place = "MAGETAN"
birth_date = 1980-01-01
religion = "ISLAM"
education = "SLTA/SEDERAJAT"
occupation = "PEDAGANG"
blood = "O"
marital = "BELUM KAWIN"
relation = "KEPALA KELUARGA"
nationality = "WNI"
father = "BAPAK CONTOH"
mother = "IBU CONTOH"
face = "hamid"
card = {{ type = "A", uid = "{someone.uid}" }}
"""

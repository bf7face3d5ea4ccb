"""Reads samples/residents.toml into a new registry."""

import tomllib
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.development import portraits
from central.development.references import References
from central.registry import faces, stock_events
from central.registry.stock import Book
from central.store import schema, times

_BLANKS = (
    (pb.BLANK_PAPER_A4, "", 500),
    (pb.BLANK_CARD_KTP_EL, "SIM-KTP-001", 50),
    (pb.BLANK_CARD_KIA, "SIM-KIA-001", 50),
)
_BIRTH = ("number", "registered_on", "child_order")


def load(connection: sa.Connection, samples: Path, references: References) -> None:
    """Fill an empty registry with the sample families, their documents and their faces' references.

    Raises:
        OSError: A sample file cannot be read.
        KeyError, tomllib.TOMLDecodeError: residents.toml is not what it should be.
    """
    data = tomllib.loads((samples / "residents.toml").read_text(encoding="utf-8"))
    connection.execute(
        schema.face_models.insert().values(
            model_id=references.model_id,
            threshold=references.threshold,
            dimensions=references.dimensions,
            in_use=True,
        )
    )
    for family in data["family"]:
        _family(connection, family, references, samples)
    for death in data.get("death", ()):
        connection.execute(schema.deaths.insert().values(**death))
        _document(connection, pb.DOCUMENT_KIND_AKTA_KEMATIAN, death["number"])
    for move in data.get("move", ()):
        _move(connection, move)


def enrol(connection: sa.Connection, machine_id: str) -> None:
    """Let a machine in."""
    connection.execute(
        schema.machines.insert().values(
            machine_id=machine_id, enrolled_at=times.to_text(datetime.now(UTC)), refused=False
        )
    )


def load_blanks(connection: sa.Connection, machine_id: str, now: datetime) -> None:
    """Let a machine begin with full hoppers."""
    columns = {"event": pb.STOCK_EVENT_LOADED, "staff": '["SIMULASI"]', "occurred_at": times.to_text(now)}
    # Numbers below 1: no machine's journal has these events.
    for number, (blank, batch, count) in enumerate(_BLANKS):
        book = Book(machine_id, blank, batch)
        stock_events.apply(connection, book, pb.STOCK_EVENT_LOADED, count, now)
        said = columns | {"blank": blank, "batch": batch, "count": count}
        stock_events.enter(connection, machine_id, -number, said, now)


def _family(connection: sa.Connection, family: Mapping[str, Any], references: References, samples: Path) -> None:
    columns = {column.name for column in schema.families.columns}
    connection.execute(schema.families.insert().values({k: v for k, v in family.items() if k in columns}))
    _document(connection, pb.DOCUMENT_KIND_KK, family["number"])
    columns = {column.name for column in schema.residents.columns}
    for position, member in enumerate(family["member"], start=1):
        values = {k: v for k, v in member.items() if k in columns}
        values |= _parents(member, family["member"])
        card = member.get("card")
        values["card_uid"] = bytes.fromhex(card["uid"]) if card else None
        connection.execute(
            schema.residents.insert().values(family_number=family["number"], position=position, **values)
        )
        _document(connection, pb.DOCUMENT_KIND_BIODATA, member["nik"])
        if "birth_certificate" in member:
            birth = {name: member["birth_certificate"][name] for name in _BIRTH}
            connection.execute(schema.births.insert().values(nik=member["nik"], **birth))
            _document(connection, pb.DOCUMENT_KIND_AKTA_KELAHIRAN, member["nik"])
        if "face" in member:
            _face(connection, member["nik"], member["face"], references, samples)
            _document(connection, pb.DOCUMENT_KIND_KTP_EL, member["nik"])
        else:
            _document(connection, pb.DOCUMENT_KIND_KIA, member["nik"])


def _face(connection: sa.Connection, nik: str, face: str, references: References, samples: Path) -> None:
    vector = faces.pack(references.template(face))
    connection.execute(schema.references.insert().values(nik=nik, model_id=references.model_id, vector=vector))
    photo, signature = portraits.photo(samples, face), portraits.signature(face)
    connection.execute(schema.portraits.insert().values(nik=nik, photo=photo, signature=signature))


def _parents(member: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """Links a child to parents on the same card: the office has these links, the sample file has names."""

    def nik_of(name: str, sex: str) -> str | None:
        return next((p["nik"] for p in people if p["name"] == name and p["sex"] == sex and p is not member), None)

    return {
        "father_nik": nik_of(member["father"], "LAKI-LAKI"),
        "mother_nik": nik_of(member["mother"], "PEREMPUAN"),
    }


def _move(connection: sa.Connection, move: Mapping[str, Any]) -> None:
    values = {k: v for k, v in move.items() if k != "members"}
    connection.execute(schema.moves.insert().values(**values))
    for position, nik in enumerate(move["members"], start=1):
        connection.execute(schema.move_members.insert().values(number=move["number"], position=position, nik=nik))
    _document(connection, pb.DOCUMENT_KIND_SKPWNI, move["number"])


def _document(connection: sa.Connection, kind: "pb.DocumentKind.ValueType", subject: str) -> None:
    connection.execute(schema.documents.insert().values(document_id=str(uuid.uuid4()), kind=kind, subject=subject))

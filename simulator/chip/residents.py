"""Sample residents who hold a card, as the chips need them."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CardHolder:
    """An invented resident with a card.

    Attributes:
        key: Short name, as of the face's folder.
        card_type: A or B.
        uid: As the sample file has it: 7 bytes of type A, 4 of type B.
        portrait: Enrolment photograph.
    """

    key: str
    nik: str = field(repr=False)
    name: str = field(repr=False)
    sex: str
    birth_place: str
    birth_date: date
    religion: str
    occupation: str
    blood: str
    marital: str
    nationality: str
    address: str = field(repr=False)
    rt: str
    rw: str
    village: str
    district: str
    regency: str
    province: str
    card_type: str
    uid: bytes
    portrait: Path


def card_holders(samples: Path) -> dict[str, CardHolder]:
    """Everybody in `samples/residents.toml` who has a card, by key."""
    document = tomllib.loads((samples / "residents.toml").read_text("utf-8"))
    holders = {}
    for family in document["family"]:
        for member in family["member"]:
            if "card" in member:
                holder = _holder(samples, family, member)
                holders[holder.key] = holder
    return holders


def _holder(samples: Path, family: dict[str, str], member: dict[str, object]) -> CardHolder:
    card, born = member["card"], member["birth_date"]
    assert isinstance(card, dict)  # as the sample file has it
    assert isinstance(born, date)
    key = str(member["face"])

    def text(name: str) -> str:
        return str(member[name])

    return CardHolder(
        key=key,
        nik=text("nik"),
        name=text("name"),
        sex=text("sex"),
        birth_place=text("birth_place"),
        birth_date=born,
        religion=text("religion"),
        occupation=text("occupation"),
        blood=text("blood"),
        marital=text("marital"),
        nationality=text("nationality"),
        address=family["address"],
        rt=family["rt"],
        rw=family["rw"],
        village=family["village"],
        district=family["district"],
        regency=family["regency"],
        province=family["province"],
        card_type=card["type"],
        uid=bytes.fromhex(card["uid"]),
        portrait=samples / "faces" / key / "portrait.jpg",
    )

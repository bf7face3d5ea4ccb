"""Sample residents who hold a card, as the chips need them."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

NEW_CARD = b"\x04SIM"
"""How the UIDs of simulated blanks begin."""


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


def renewed(holders: dict[str, CardHolder], file: Path) -> dict[str, CardHolder]:
    """The holders with the cards that were handed to them by this simulator."""
    uids = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return {
        key: replace(holder, card_type="A", uid=bytes.fromhex(uids[key])) if key in uids else holder
        for key, holder in holders.items()
    }


def remember(file: Path, holders: Mapping[str, CardHolder]) -> None:
    """Keep whose cards are new for a simulator that is started again beside the same registry."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({key: holder.uid.hex() for key, holder in holders.items() if _is_new(holder)}), "utf-8")


def _is_new(holder: CardHolder) -> bool:
    return holder.uid.startswith(NEW_CARD)


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

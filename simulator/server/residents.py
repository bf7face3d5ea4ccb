"""The sample residents who have a card and a face: whom the page offers."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Resident:
    """One invented person.

    Attributes:
        name: As on the card, in ordinary capitals.
        note: What sets this person apart, for people: "Head of family, 48".
        portrait: JPEG.
    """

    name: str
    note: str
    portrait: Path


RELATIONS = {
    "KEPALA KELUARGA": "head of the family",
    "SUAMI": "husband",
    "ISTRI": "wife",
    "ANAK": "child",
    "ORANG TUA": "parent",
}


def load_residents(samples: Path) -> Mapping[str, Resident]:
    """Residents by the name of their face, as in `faces/`.

    Args:
        samples: The directory with residents.toml.
    """
    with (samples / "residents.toml").open("rb") as file:
        families = tomllib.load(file)["family"]
    return {
        member["face"]: Resident(
            member["name"].title(),
            f"{RELATIONS.get(member['relation'], member['relation'].lower())}, born {member['birth_date'].year}",
            samples / "faces" / member["face"] / "portrait.jpg",
        )
        for family in families
        for member in family["member"]
        if "face" in member
    }

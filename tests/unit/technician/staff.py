"""The invented staff of the samples, as a test knows them."""

import hashlib
from pathlib import Path
from typing import Final

from kiosk.technician.staff import Staff

FILE: Final = Path(__file__).parents[3] / "samples" / "staff.toml"
PINS: Final = {
    "service_technician": "246810",
    "service_attendant": "135791",
    "service_auditor": "112358",
    "service_supervisor": "314159",
}


def staff_of_samples() -> Staff:
    """All of them."""
    return Staff.load(FILE)


def uid_of(card: str) -> bytes:
    """Of a simulated service card."""
    return hashlib.sha256(card.encode()).digest()[:4]

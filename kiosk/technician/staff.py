"""Who holds a service card: a credential file with nothing in it that opens the door by itself.

    salt = "<32 hex digits>"
    [[card]]
    staff = "T-0017"
    name = "Sari Wulandari"
    role = "technician"            # or attendant, auditor
    uid = "<scrypt of the card's UID, hex>"
    pin = "<scrypt of the PIN, hex>"

A UID has 4 to 10 bytes and can be read by anybody near the card: it says who comes, and the PIN proves it. Both are
kept as scrypt (RFC 7914) so that the file alone gives neither. Cards are lost: a line is taken out, nothing else.
"""

import hashlib
import hmac
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PIN_MIN: Final = 6
PIN_MAX: Final = 8
# 16 ms on a small machine for a UID, which every card that comes pays; 70 ms for a PIN.
_UID_COST: Final = 2**12
_PIN_COST: Final = 2**14
_BYTES: Final = 32
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Role(StrEnum):
    """What a holder may do. attendant: paper and jams; technician: everything; auditor: read."""

    ATTENDANT = "attendant"
    TECHNICIAN = "technician"
    AUDITOR = "auditor"


class StaffError(Exception):
    """The file has mistakes; the message has one line for each."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works at the machine.

    Attributes:
        staff: Staff number, as the journal keeps it.
        name: For the screen; never logged.
    """

    staff: str
    name: str
    role: Role


class _Card(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    staff: str = Field(pattern=r"^[A-Za-z0-9.-]{1,32}$")
    name: str = Field(min_length=1, max_length=64)
    role: Role
    uid: _Hash
    pin: _Hash


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    salt: str = Field(pattern=r"^[0-9a-f]{32,128}$")
    card: tuple[_Card, ...] = ()


class Staff:
    """The holders of service cards."""

    def __init__(self, content: dict[str, Any]) -> None:
        """Check what a file holds.

        Raises:
            StaffError: It has mistakes.
        """
        try:
            self._file = _File.model_validate(content)
        except ValidationError as error:
            lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)]
            raise StaffError("\n".join(lines)) from error
        self._cards = {card.uid: card for card in self._file.card}
        numbers = [card.staff for card in self._file.card]
        if len(self._cards) < len(numbers) or len(set(numbers)) < len(numbers):
            raise StaffError("card: two have the same UID or the same staff number")

    @classmethod
    def load(cls, path: Path) -> "Staff":
        """Read a file.

        Raises:
            StaffError: It cannot be read, or has mistakes.
        """
        try:
            return cls(tomllib.loads(path.read_text("utf-8")))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise StaffError(f"{path}: cannot be read") from error

    def holder(self, uid: bytes) -> Holder | None:
        """Whose card this is; None for everybody else's."""
        card = self._cards.get(uid_hash(self._file.salt, uid))
        return None if card is None else Holder(card.staff, card.name, card.role)

    def proves(self, holder: Holder, pin: str) -> bool:
        """Whether this is the holder's PIN."""
        expected = next(card.pin for card in self._file.card if card.staff == holder.staff)
        return hmac.compare_digest(pin_hash(self._file.salt, holder.staff, pin), expected)


def uid_hash(salt: str, uid: bytes) -> str:
    """Of a card's UID."""
    return _scrypt(uid, bytes.fromhex(salt) + b"uid", _UID_COST)


def pin_hash(salt: str, staff: str, pin: str) -> str:
    """Of a PIN: the same digits of two people look different."""
    return _scrypt(pin.encode("ascii"), bytes.fromhex(salt) + b"pin" + staff.encode("ascii"), _PIN_COST)


def _scrypt(secret: bytes, salt: bytes, cost: int) -> str:
    return hashlib.scrypt(secret, salt=salt, n=cost, r=8, p=1, dklen=_BYTES).hex()

"""How a blank's chip is written. The commands of the real KTP-el are not public, so they stay behind this interface."""

from dataclasses import dataclass, field
from typing import Protocol

from drivers.card_reader.channel import Channel
from drivers.card_reader.profile import KTP_EL, Profile
from drivers.errors import DriverError

MAX_CHIP_BYTES = 8192
"""The chip has 8 KB (BPPT's description, published by Kompas, 2021-02-14)."""


class BlankDefective(DriverError):
    """The blank's chip does not take or keep what is written to it: reject the blank."""


class BlankNotSeen(BlankDefective):
    """The encoder sees no chip: a blank without one that works, or lying wrongly."""


@dataclass(frozen=True, slots=True)
class CardFiles:
    """What is written. Its repr shows nothing personal.

    Attributes:
        card_control, biodata, photo, signature: Contents of the elementary files, without their length header.
    """

    card_control: bytes = field(repr=False)
    biodata: bytes = field(repr=False)
    photo: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def by_identifier(self, profile: Profile = KTP_EL) -> dict[int, bytes]:
        """File identifier to the whole file; each begins with its length in two bytes.

        Raises:
            ValueError: A file is empty, or all of them are more than the chip holds.
        """
        given = {
            profile.card_control: self.card_control,
            profile.biodata: self.biodata,
            profile.photo: self.photo,
            profile.signature: self.signature,
        }
        if not all(given.values()):
            raise ValueError("a file of the card is empty")
        if sum(map(len, given.values())) + 2 * len(given) > MAX_CHIP_BYTES:
            raise ValueError("the files are more than the chip holds")
        return {identifier: len(data).to_bytes(2, "big") + data for identifier, data in given.items()}


class Personaliser(Protocol):
    """Commands over one powered chip. Each raises BlankDefective when the chip refuses.

    Attributes:
        simulated: Whether it is an invention that no real card understands; shown wherever it is used.
    """

    simulated: bool

    def begin(self, channel: Channel) -> None:
        """Select the application of a blank; a card that was written before is no blank."""

    def write(self, channel: Channel, file: int, content: bytes) -> None:
        """Write a whole file."""

    def read(self, channel: Channel, file: int, length: int) -> bytes:
        """Read that many bytes of a file."""

    def lock(self, channel: Channel) -> None:
        """Make it a card: nothing can be written any more."""

    def locked(self, channel: Channel) -> bool:
        """Whether it is locked."""

"""What the kiosk asks of a card reader, whatever its make."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from drivers.deadline import Deadline
from drivers.errors import DeviceFault, Disconnected, DriverError
from drivers.status import DeviceState, MediaState


class Assurance(StrEnum):
    """How much a reading proves. Policy, not the driver, decides what that is worth."""

    UNVERIFIED = "unverified"
    SAM_VERIFIED = "samVerified"


class CardRemoved(Disconnected):
    """The card was taken away, or swapped, during the read: place it again."""


class CardUnreadable(DriverError):
    """The card answers wrongly or too slowly: place it again, flat and still."""


class NotAnEktp(DriverError):
    """A card is there, and it is not an e-KTP."""


class CardNotAuthentic(DriverError):
    """The SAM refuses the card, or its data's signature fails: see the officer."""


class SamFault(DeviceFault):
    """The SAM is missing, busy, locked, or refuses its secret; `code` says which.

    Codes: samMissing, samBusy, samLocked, samSecretRefused, samError.
    """


@dataclass(frozen=True, slots=True)
class Biodata:
    """Text fields of the chip. Its repr shows nothing personal.

    Attributes:
        fields: The 21 fields in chip order (see `drivers.card_reader.profile`).
    """

    fields: tuple[str, ...] = field(repr=False)
    nik: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChipReading:
    """What one reading of one card gave. Its repr shows nothing personal.

    Attributes:
        uid: 4 to 10 bytes.
        assurance: What it proves.
        reason: Why it is only `unverified`, a short code such as samMissing; empty when verified.
        biodata: None without a SAM.
        photo: JPEG bytes; empty when the card gave none.
        signature: Signature bitmap as stored; empty without a SAM.
    """

    uid: bytes = field(repr=False)
    assurance: Assurance
    reason: str
    biodata: Biodata | None = field(repr=False)
    photo: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardReaderStatus:
    """How the reader is.

    Attributes:
        sam_reason: Why the SAM is not usable, a `SamFault` code such as samSecretRefused; None when it is, or when
            nothing more is known than the state says.
    """

    device: DeviceState
    media: MediaState
    sam: DeviceState
    sam_reason: str | None = None


class CardReader(Protocol):
    """A contactless reader with its SAM. One thread calls; `status` and `close` may come from any.

    A card may be placed and taken at any time; nothing of a former card is ever returned for a later one.
    """

    def open(self, deadline: Deadline) -> None:
        """Start watching the reader. A reader that is not there is no error: status says noDevice."""

    def close(self) -> None:
        """Stop; ends waits. May be called twice."""

    def status(self) -> CardReaderStatus:
        """Newest known state; never waits."""

    def wait_for_card(self, deadline: Deadline) -> bool:
        """True as soon as a card lies on the reader, False at the deadline."""

    def wait_for_removal(self, deadline: Deadline) -> bool:
        """True as soon as no card lies on the reader, False at the deadline."""

    def read(self, deadline: Deadline, on_progress: Callable[[float], None]) -> ChipReading:
        """Read the card that lies there; `on_progress` hears 0 to 1.

        Raises:
            CardRemoved, CardUnreadable, NotAnEktp, CardNotAuthentic: About the card.
            SamFault: The SAM fails in a way that a retry does not mend. A SAM that is not there is no
                error: the reading is `unverified`, reason samMissing.
            NotFound, DeadlineExceeded, DeviceFault: About the reader.
        """

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """What it says of itself (`drivers.facts`); empty when it tells nothing or cannot be asked."""

    def plain_file(self, deadline: Deadline) -> bytes:
        """What the one file that needs no SAM holds (the photo's), and no more: a test card says there what it is.

        Raises:
            CardRemoved, CardUnreadable, NotAnEktp: About the card.
            NotFound, DeviceFault: About the reader.
        """

    def uid(self, deadline: Deadline) -> bytes:
        """The UID alone, 4 to 10 bytes, of any contactless card that lies there.

        Raises:
            CardRemoved, CardUnreadable: About the card.
            NotFound, DeviceFault: About the reader.
        """

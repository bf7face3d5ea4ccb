"""What the kiosk asks of a receipt printer, and what a receipt is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.deadline import Deadline
from drivers.status import DeviceState, PaperState


@dataclass(frozen=True, slots=True)
class Heading:
    """Large centred line."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Wrapped text; control characters are taken out."""

    text: str
    centered: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Label on the left, value on the right; the value wraps when long."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code, centred. At most 300 characters."""

    text: str


Block = Heading | Paragraph | Row | Rule | QrCode


class ReceiptEvidence(StrEnum):
    """How much is known of a printed receipt."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class ReceiptPrinterStatus:
    """How the printer is. None: this model does not tell."""

    device: DeviceState
    paper: PaperState | None
    cover_open: bool | None
    cutter_fault: bool | None


class ReceiptPrinter(Protocol):
    """A 58 or 80 mm printer with a cutter."""

    def open(self, deadline: Deadline) -> None:
        """Find the printer. One that is not there is no error: status says noDevice."""

    def close(self) -> None:
        """Let go of it. May be called twice."""

    def status(self, deadline: Deadline) -> ReceiptPrinterStatus:
        """Ask it how it is; one that does not answer is `offline`, never an exception."""

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """What it says of itself (`drivers.facts`); empty when it tells nothing or cannot be asked."""

    def counters(self, deadline: Deadline) -> Mapping[str, int]:
        """What it counted in its life, by name (`lines_fed`, `cuts`).

        Raises:
            Unsupported: This model tells none.
            NotFound, DeadlineExceeded, ProtocolError: It was not asked, or did not say.
        """

    def clear(self, deadline: Deadline) -> bool:
        """Forget what was not printed, and cut off what hangs out.

        Returns:
            Whether the printer confirmed it; a model that cannot forget confirms nothing.
        """

    def print(self, blocks: tuple[Block, ...], deadline: Deadline) -> ReceiptEvidence:
        """Print and cut one receipt.

        Raises:
            NotFound, DeviceFault: Nothing was printed.
            OutcomeUnknown: Bytes were sent, and how it ended is not known.
        """

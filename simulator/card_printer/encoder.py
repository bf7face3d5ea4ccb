"""The virtual encoder: the chip of the card at the contactless station really is in a PC/SC reader's slot."""

import base64
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from simulator.card_printer.card import Card
from simulator.chip.device import pcscd_folders, publish_socket
from simulator.chip.processes import Cage, ChildFailed, ChipProcess, LineChild

READER = "ADM Simulated Printer Encoder"
PORT = 35967
_MID_WRITE = 10


@dataclass(frozen=True, slots=True)
class ChipContents:
    """What is on a card's chip.

    Attributes:
        files: Identifier to content.
        uid: Empty for a card whose chip was never in the field.
    """

    locked: bool = False
    files: dict[int, bytes] = field(default_factory=dict, repr=False)
    uid: bytes = b""


class VirtualEncoder:
    """Implements `simulator.card_printer.mechanism.Encoder`.

    On a pcscd that has the reader `READER` at `PORT` (a card reader's, which shares it) or on one of its own.

    Attributes:
        reader_pattern: For the driver's settings.
        pcscd_socket: For the driver's settings, when pcscd is its own; valid once started.
    """

    reader_pattern = f"^{re.escape(READER)} .*00$"

    def __init__(self, directory: Path) -> None:
        """Make it; nothing runs yet.

        Args:
            directory: For its own pcscd's files.
        """
        self._directory = directory
        self._own: Cage | None = None
        self._slot: ChipProcess | None = None
        self._placed = False
        self.pcscd_socket = ""

    async def start(self, cage: Cage | None = None) -> None:
        """Be there on the wire.

        Args:
            cage: Of the pcscd to use; None starts one.

        Raises:
            ChildFailed: pcscd or vpcd is not installed, or namespaces are not allowed.
        """
        if cage is None:
            run, conf = pcscd_folders(self._directory, {READER: PORT})
            cage = self._own = await Cage.start(run, conf)
            await cage.start_pcscd()
            self.pcscd_socket = publish_socket(run / "pcscd.comm")
        command = cage.inside([sys.executable, "-m", "simulator.card_printer.slot", str(PORT)])
        self._slot = ChipProcess(await LineChild.start(*command))

    async def stop(self) -> None:
        """End everything that `start` started. May be called twice."""
        children = (self._slot, self._own)
        self._slot = self._own = None
        for child in children:
            if child is not None:
                await child.end()

    async def place(self, card: Card) -> None:
        """See `Encoder.place`."""
        if self._slot is not None:
            await self._slot.do("place", card=card.number, defective=card.defective)
            self._placed = True

    async def withdraw(self) -> None:
        """See `Encoder.withdraw`."""
        if self._slot is not None and self._placed:
            self._placed = False
            await self._slot.do("withdraw")

    async def settle(self) -> None:
        """Wait until the reader has seen that no chip is there any more, for measurements.

        Raises:
            ChildFailed: It does not look.
        """
        if self._slot is not None and not (await self._slot.do("settle"))["settled"]:
            raise ChildFailed("the encoder's reader does not look at its slot")

    async def set_mute(self, mute: bool) -> None:
        """Whether the chip stops answering in the middle of the writing."""
        if self._slot is not None:
            await self._slot.do("mute", at=_MID_WRITE if mute else None)

    async def contents(self, number: int) -> ChipContents:
        """What is on the chip of this card, for tests and the page."""
        if self._slot is None:
            return ChipContents()
        answer = await self._slot.do("contents", card=number)
        files = {int(name): base64.b64decode(data) for name, data in answer.get("files", {}).items()}
        return ChipContents(answer.get("locked", False), files, bytes.fromhex(answer.get("uid", "")))

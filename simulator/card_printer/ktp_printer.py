"""The KTP-el printer of a machine: its encoder is on the card reader's pcscd, and its cards work in the card reader."""

from pathlib import Path
from typing import Any

from drivers.card_reader import biodata
from drivers.card_reader.profile import KTP_EL
from drivers.errors import ProtocolError
from simulator.card_printer.device import VirtualCardPrinter
from simulator.card_printer.encoder import VirtualEncoder
from simulator.chip.device import VirtualCardReader

_LENGTH_BYTES = 2


class VirtualKtpPrinter(VirtualCardPrinter):
    """A `VirtualCardPrinter` with an encoder; the card reader has to be started before it.

    Attributes:
        chips: The encoder.
    """

    def __init__(self, directory: Path, reader: VirtualCardReader, **options: Any) -> None:
        """Make it; nothing runs yet.

        Args:
            reader: On whose pcscd the encoder is; made with `more_readers` for it.
            options: As of `VirtualCardPrinter`.
        """
        self.chips = VirtualEncoder(directory / "encoder")
        self._reader = reader
        super().__init__(directory, encoder=self.chips, **options)

    async def start(self) -> None:
        """See `VirtualDevice.start`."""
        await self.chips.start(self._reader.cage)
        await super().start()

    async def stop(self) -> None:
        """See `VirtualDevice.stop`."""
        await super().stop()
        await self.chips.stop()

    async def take_card(self) -> None:
        """Take what lies in the exit; a card that was written works in the card reader from now on.

        So does a test card, as what it is: a card that is nobody's.
        """
        card = self.mechanism.in_exit
        await super().take_card()
        if card is None or card.pushed_in:
            return
        chip = await self.chips.contents(card.number)
        if not chip.locked:
            return
        try:
            holder = biodata.parse(chip.files[KTP_EL.biodata][_LENGTH_BYTES:])
        except ProtocolError:
            self._reader.hand_over(chip.uid, chip.files)
        else:
            self._reader.renew(holder.nik, chip.uid)

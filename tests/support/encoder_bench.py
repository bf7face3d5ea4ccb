"""A virtual card printer with its encoder on a real pcscd, and both drivers above it."""

from pathlib import Path
from typing import Any

from drivers.card_printer.encoder import PcscEncoder, Settings, create
from drivers.card_printer.personalise import CardFiles
from simulator.card_printer.encoder import ChipContents, VirtualEncoder
from tests.support.card_printer_bench import CardPrinterBench, soon

FILES = CardFiles(bytes(range(51)), b'"3520"' * 60, bytes(range(256)) * 15, b"\x99" * 300)


class EncoderBench(CardPrinterBench):
    """As `CardPrinterBench`, and chips at the contactless station."""

    def __init__(self, directory: Path, model: str = "KC200B") -> None:
        self.chips = VirtualEncoder(directory / "encoder")
        super().__init__(directory, model, encoder=self.chips)
        self.run(self.chips.start())

    def encoder(self, **changes: Any) -> PcscEncoder:
        """A driver for the encoder, opened; the caller closes it."""
        given = {"reader_pattern": self.chips.reader_pattern, "pcscd_socket": self.chips.pcscd_socket}
        encoder = create(Settings.model_validate({"transmit_timeout_s": 2.0} | given | changes))
        encoder.open(soon())
        return encoder

    def contents(self, number: int) -> ChipContents:
        """What is on a card's chip."""
        return self.run(self.chips.contents(number))

    def close(self) -> None:
        """End everything."""
        self.run(self.chips.stop())
        super().close()

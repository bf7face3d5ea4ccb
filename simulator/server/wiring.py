"""Which virtual devices there are, and how the kiosk's production drivers find each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.camera import VirtualCamera
from simulator.chip.device import VirtualCardReader
from simulator.device import VirtualDevice
from simulator.document_printer.device import VirtualDocumentPrinter
from simulator.receipt_printer.device import VirtualReceiptPrinter


@dataclass(frozen=True, slots=True)
class Devices:
    """The four devices of an A4 machine."""

    directory: Path
    card_reader: VirtualCardReader
    camera: VirtualCamera
    document_printer: VirtualDocumentPrinter
    receipt_printer: VirtualReceiptPrinter

    @classmethod
    def make(cls, directory: Path, samples: Path, codes: Path | None = None) -> "Devices":
        """All four, not yet started; each keeps its files below `directory`. `codes`: the residents' QR codes."""
        return cls(
            directory=directory,
            card_reader=VirtualCardReader(directory / "card_reader", samples),
            camera=VirtualCamera(samples, codes, directory / "document_printer" / "printed"),
            document_printer=VirtualDocumentPrinter(directory / "document_printer"),
            receipt_printer=VirtualReceiptPrinter(directory / "receipt_printer"),
        )

    def all(self) -> list[VirtualDevice]:
        """In the order people meet them."""
        return [self.card_reader, self.camera, self.document_printer, self.receipt_printer]

    def pictures(self) -> Mapping[str, Path]:
        """Where devices that draw leave their PNGs."""
        return {
            "document_printer": self.document_printer.pictures,
            "receipt_printer": self.directory / "receipt_printer" / "receipts",
        }

    def kiosk_settings(self) -> Mapping[str, Any]:
        """The `devices` sections of kiosk.toml; only after all have started."""
        reader, model = self.card_reader, self.receipt_printer.model
        return {
            "card_reader": {
                "driver": "pcsc",
                "settings": {
                    "card_pattern": reader.card_pattern,
                    "sam_pattern": reader.sam_pattern,
                    "sam_secret_file": str(reader.sam_secret_file),
                    "pcscd_socket": reader.pcscd_socket,
                },
            },
            "camera": {"driver": "opencv", "settings": {"source": self.camera.url}},
            "document_printer": {"driver": "ipp", "settings": {"uri": self.document_printer.uri}},
            "receipt_printer": {
                "driver": "escpos",
                "settings": {
                    "vendor_id": model.vendor_id,
                    "product_id": model.product_id,
                    "serial": self.receipt_printer.serial,
                    "backend": f"usbip:{self.receipt_printer.usbip}",
                    "profile": model.name,
                },
            },
        }

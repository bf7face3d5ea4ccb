"""Which virtual devices there are, and how the kiosk's production drivers find each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.cabinet.device import VirtualCabinet
from simulator.camera import VirtualCamera
from simulator.card_printer.device import VirtualCardPrinter
from simulator.card_printer.encoder import PORT, READER
from simulator.card_printer.ktp_printer import VirtualKtpPrinter
from simulator.card_printer.models import VENDOR_ID
from simulator.chip.device import VirtualCardReader
from simulator.device import VirtualDevice
from simulator.document_printer.device import VirtualDocumentPrinter
from simulator.paper_feeder import feeder as feeder_model
from simulator.paper_feeder.device import VirtualPaperFeeder
from simulator.receipt_printer.device import VirtualReceiptPrinter

KIA_SERIAL = "ADM-SIM-CARD-2"


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices of a machine that prints documents and cards."""

    directory: Path
    card_reader: VirtualCardReader
    camera: VirtualCamera
    document_printer: VirtualDocumentPrinter
    receipt_printer: VirtualReceiptPrinter
    card_printer: VirtualKtpPrinter
    kia_printer: VirtualCardPrinter
    cabinet: VirtualCabinet
    paper_feeder: VirtualPaperFeeder | None = None

    @classmethod
    def make(cls, directory: Path, samples: Path, codes: Path | None = None, feeder: bool = False) -> "Devices":
        """All of them, not yet started; each keeps its files below `directory`.

        Args:
            codes: The residents' QR codes.
            feeder: Sheets come from and go to a paper feeder.
        """
        paper_feeder = VirtualPaperFeeder() if feeder else None
        path = paper_feeder.path if paper_feeder else None
        document_printer = VirtualDocumentPrinter(directory / "document_printer", path=path)
        if paper_feeder:
            paper_feeder.pages = lambda: document_printer.sheets_out
        reader = VirtualCardReader(directory / "card_reader", samples, more_readers={READER: PORT})
        kia: dict[str, Any] = {"name": "kia_printer", "title": "KIA printer", "serial": KIA_SERIAL}
        return cls(
            directory=directory,
            card_reader=reader,
            camera=VirtualCamera(
                samples,
                codes,
                directory / "document_printer" / "printed",
                directory / "receipt_printer" / "receipts",
            ),
            document_printer=document_printer,
            paper_feeder=paper_feeder,
            receipt_printer=VirtualReceiptPrinter(directory / "receipt_printer"),
            card_printer=VirtualKtpPrinter(directory / "card_printer", reader, title="KTP-el printer"),
            kia_printer=VirtualCardPrinter(directory / "kia_printer", **kia),
            cabinet=VirtualCabinet(directory / "cabinet"),
        )

    def all(self) -> list[VirtualDevice]:
        """In the order people meet them."""
        feeder = [self.paper_feeder] if self.paper_feeder else []
        paper: list[VirtualDevice] = [self.document_printer, *feeder, self.receipt_printer]
        return [self.card_reader, self.camera, *paper, *self._card_printers(), self.cabinet]

    def pictures(self) -> Mapping[str, Path]:
        """Where devices that draw leave their PNGs."""
        return {
            "document_printer": self.document_printer.pictures,
            "paper_feeder": self.document_printer.pictures,
            "receipt_printer": self.directory / "receipt_printer" / "receipts",
            **{printer.name: printer.pictures for printer in self._card_printers()},
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
            "card_encoder": {
                "driver": "pcsc",
                "settings": {
                    "reader_pattern": self.card_printer.chips.reader_pattern,
                    "pcscd_socket": reader.pcscd_socket,
                },
            },
            **{printer.name: _card_printer(printer) for printer in self._card_printers()},
            **({"paper_feeder": _paper_feeder(self.paper_feeder)} if self.paper_feeder else {}),
        }

    def _card_printers(self) -> tuple[VirtualCardPrinter, VirtualCardPrinter]:
        return (self.card_printer, self.kia_printer)


def _card_printer(printer: VirtualCardPrinter) -> Mapping[str, Any]:
    return {
        "driver": "evolis",
        "settings": {
            "vendor_id": VENDOR_ID,
            "product_id": printer.model.product_id,
            "serial": printer.serial,
            "backend": f"usbip:{printer.usbip}",
            "profile": printer.model.name,
        },
    }


def _paper_feeder(feeder: VirtualPaperFeeder) -> Mapping[str, Any]:
    return {
        "driver": "crt",
        "settings": {
            "vendor_id": feeder_model.VENDOR_ID,
            "product_id": feeder_model.PRODUCT_ID,
            "serial": feeder.serial,
            "backend": f"usbip:{feeder.usbip}",
        },
    }

"""Paper: how soon a document reaches the printer, what a page of raster and a receipt cost.

Over IPP to ippeveprinter and over USB/IP, as in the product; devices take no time, so what is measured is
software.
"""

import asyncio
import tempfile
import time
from contextlib import closing
from pathlib import Path

from drivers.deadline import Deadline
from drivers.document_printer import ipp
from drivers.document_printer.document import PageMemory, to_raster
from drivers.paper_feeder import crt_usb
from drivers.receipt_printer import escpos_usb
from drivers.receipt_printer import port as receipt
from simulator.document_printer.device import VirtualDocumentPrinter
from simulator.paper_feeder.device import VirtualPaperFeeder
from simulator.paper_feeder.feeder import PRODUCT_ID, VENDOR_ID
from simulator.receipt_printer.models import MODELS
from simulator.usbip.device import Identity, Setup, Stall
from simulator.usbip.server import UsbIpServer
from tests.benchmarks.harness import Options, Row, measured, seconds
from tests.pdf_samples import text_pdf
from tests.support.paper_bench import LONG_S, Loop

RUNS = 20
MODEL = MODELS["TM-T20II"]
KERNEL_STATUS_MS = 7.6
"""A status round trip of python-escpos through usblp and the kernel's USB/IP, measured in a virtual
machine.
"""
RECEIPT: tuple[receipt.Block, ...] = (
    receipt.Heading("Anjungan Dukcapil Mandiri"),
    receipt.Rule(),
    *(
        receipt.Row(label, value)
        for label, value in (("Nomor", "A-0017"), ("Dokumen", "Kartu Keluarga"), ("Lembar", "1"))
    ),
    receipt.Paragraph("Simpan struk ini sampai dokumen Anda sesuai. " * 3),
    receipt.QrCode("https://dukcapil.example/l/A-0017"),
)


def rows(options: Options) -> list[Row]:
    """All figures of paper."""
    with closing(Loop()) as loop:
        return [_pdf_to_printer(loop), _raster(), *_receipts(loop), _feeder(loop)]


def _pdf_to_printer(loop: Loop) -> Row:
    with tempfile.TemporaryDirectory(prefix="adm-paper-") as folder:
        device = VirtualDocumentPrinter(Path(folder), page_s=0.001)
        loop.run(device.start())
        try:
            printer = ipp.create(ipp.Settings(uri=device.uri, poll_s=0.05))
            printer.open(Deadline.after(LONG_S))
            pdf = text_pdf()
            samples = []
            for _ in range(RUNS + 1):
                began_s = time.monotonic()
                job = printer.print(pdf, "benchmark", Deadline.after(LONG_S))
                samples.append((device.document_at_s - began_s) * 1000)
                printer.wait(job, Deadline.after(LONG_S), lambda _: None)
        finally:
            loop.run(device.stop())
    note = "from print() to the first byte of the PDF on the printer's side; check, status and Create-Job in between"
    return measured("paper.pdf_to_printer_ms", "ms", samples[1:], target=50, note=note)


def _raster() -> Row:
    pdf, memory = text_pdf(), PageMemory()
    began_s = time.process_time()
    samples = [taken * 1000 for taken in seconds(lambda: to_raster(pdf, memory), RUNS)]
    of_cpu_ms = (time.process_time() - began_s) * 1000 / (RUNS + 1)
    note = (
        f"one A4 page of text: drawn by PDFium at 300 dpi grey and coded as PWG Raster; {of_cpu_ms:.0f} ms of CPU each"
    )
    return measured("paper.raster_ms", "ms", samples, target=60, note=note)


def _receipts(loop: Loop) -> list[Row]:
    server = UsbIpServer()
    loop.run(server.start())
    loop.run(_plug(server))
    try:
        settings = escpos_usb.Settings(
            vendor_id=MODEL.vendor_id, product_id=MODEL.product_id, backend=f"usbip:{server.address}"
        )
        printer = escpos_usb.create(settings)
        printer.open(Deadline.after(LONG_S))
        with closing(printer):
            receipts = seconds(lambda: printer.print(RECEIPT, Deadline.after(LONG_S)), RUNS)
            statuses = seconds(lambda: printer.status(Deadline.after(LONG_S)), 10 * RUNS)
    finally:
        loop.run(server.stop())
    note = "composed, status before, sent, acknowledged, status after, by a printer that answers at once"
    return [
        measured("paper.receipt_ms", "ms", [taken * 1000 for taken in receipts], target=60, note=note),
        measured("paper.status_ms", "ms", [taken * 1000 for taken in statuses], reference=KERNEL_STATUS_MS),
    ]


def _feeder(loop: Loop) -> Row:
    device = VirtualPaperFeeder(section_s=0.0)
    loop.run(device.start())
    try:
        settings = crt_usb.Settings(vendor_id=VENDOR_ID, product_id=PRODUCT_ID, backend=f"usbip:{device.usbip}")
        with closing(crt_usb.create(settings)) as feeder:
            feeder.open(Deadline.after(LONG_S))
            samples = seconds(lambda: feeder.sensors(Deadline.after(LONG_S)), 10 * RUNS)
    finally:
        loop.run(device.stop())
    note = "one command: acknowledged, answered, acknowledged, over USB/IP; the virtual feeder's share included"
    return measured("paper.feeder_roundtrip_ms", "ms", [taken * 1000 for taken in samples], target=2, note=note)


async def _plug(server: UsbIpServer) -> None:
    server.plug(_InstantPrinter())


class _InstantPrinter:
    """Answers every question at once and prints nothing."""

    identity = Identity(MODEL.vendor_id, MODEL.product_id, "ADM", "Instant", "1", (7, 1, 2))

    def __init__(self) -> None:
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    async def receive(self, data: bytes) -> int:
        if data.startswith(b"\x10\x04"):
            self._answers.put_nowait(b"\x12" * 4)
        elif (at := data.find(b"\x1d(H\x06\x00\x30\x30")) >= 0:
            self._answers.put_nowait(b"\x37\x22" + data[at + 7 : at + 11] + b"\x00")
        return len(data)

    async def transmit(self, at_most: int) -> bytes:
        return await self._answers.get()

    async def control(self, setup: Setup, data: bytes) -> bytes:
        raise Stall

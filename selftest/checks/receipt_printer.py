"""The receipt printer: ready, paper, cover, cutter; at the full level a test receipt."""

import time
from typing import Final

from drivers.deadline import Deadline
from drivers.errors import DriverError
from drivers.receipt_printer.port import Heading, Paragraph, QrCode, ReceiptPrinter, ReceiptPrinterStatus, Rule
from drivers.status import DeviceState, PaperState
from selftest import advice
from selftest.asking import ask
from selftest.model import (
    Check,
    Finding,
    Level,
    Limits,
    Measurement,
    Needs,
    Subject,
    Words,
    failed,
    judged,
    passed,
    skipped,
)
from selftest.telling import telling

DEVICE: Final = "receipt_printer"
OPEN_S: Final = 5.0
STATUS_S: Final = 4.0
PRINT_S: Final = 15.0
ANSWER: Final = Limits(at_most=2.0)
RECEIPT: Final = Limits(at_most=10.0)
TEST_RECEIPT: Final = (
    Heading("UJI / TEST"),
    Paragraph("Bukan bukti layanan / not a receipt", centered=True),
    Rule(),
    Paragraph("0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz"),
    QrCode("ADM-TEST"),
)


def subject(port: ReceiptPrinter, accepted_serial: str = "") -> Subject:
    """Checks of the printer, not yet opened."""
    asked = _Asked(port, accepted_serial)
    return Subject(
        (
            Check(
                f"{DEVICE}.ready",
                DEVICE,
                Words("Printer struk siap", "Receipt printer ready"),
                asked.ready,
                2 * STATUS_S + 3.0,
            ),
            Check(f"{DEVICE}.paper", DEVICE, Words("Kertas struk", "Receipt paper"), asked.paper, STATUS_S),
            Check(f"{DEVICE}.cover", DEVICE, Words("Penutup", "Cover"), asked.cover, STATUS_S),
            Check(f"{DEVICE}.cutter", DEVICE, Words("Pisau", "Cutter"), asked.cutter, STATUS_S),
            Check(
                f"{DEVICE}.receipt",
                DEVICE,
                Words("Cetak struk uji", "Print a test receipt"),
                lambda: _print(port),
                PRINT_S + STATUS_S + 5.0,
                Needs.PAPER,
                Level.FULL,
            ),
        ),
        lambda: port.open(Deadline.after(OPEN_S)),
        port.close,
    )


class _Asked:
    """One answer of the printer, judged from four sides."""

    def __init__(self, port: ReceiptPrinter, accepted_serial: str) -> None:
        self._port = port
        self._accepted = accepted_serial
        self._status: ReceiptPrinterStatus | None = None

    def ready(self) -> Finding:
        """Online; an open cover and a stuck blade have checks of their own."""
        began = time.monotonic()
        self._status = status = ask(self._port.status, STATUS_S)
        answer = Measurement("answer", time.monotonic() - began, "s", ANSWER)
        if status.device is not DeviceState.ONLINE and not status.cover_open and not status.cutter_fault:
            return failed(f"device:{status.device}", advice.of_state(status.device), answer)
        return telling(judged("", advice.RESTART, answer), self._port, self._accepted)

    def paper(self) -> Finding:
        """On the roll."""
        word = self._status.paper if self._status else None
        if word in (PaperState.OUT, PaperState.LOW):
            return failed(f"paper:{word}", advice.PAPER_OUT if word is PaperState.OUT else advice.PAPER_LOW)
        return passed() if word is PaperState.FULL else skipped("the printer does not tell")

    def cover(self) -> Finding:
        """Closed."""
        is_open = self._status.cover_open if self._status else None
        if is_open is None:
            return skipped("the printer does not tell")
        return failed("cover:open", advice.COVER) if is_open else passed()

    def cutter(self) -> Finding:
        """Free."""
        stuck = self._status.cutter_fault if self._status else None
        if stuck is None:
            return skipped("the printer does not tell")
        return failed("cutter:stuck", advice.CUTTER) if stuck else passed()


def _print(port: ReceiptPrinter) -> Finding:
    began = time.monotonic()
    try:
        port.print(TEST_RECEIPT, Deadline.after(PRINT_S))
    except DriverError as error:
        return _stopped(port, error)
    return judged("receipt", advice.RESTART, Measurement("time", time.monotonic() - began, "s", RECEIPT))


def _stopped(port: ReceiptPrinter, error: DriverError) -> Finding:
    """Why it stopped, as it says now."""
    status = port.status(Deadline.after(STATUS_S))
    if status.cutter_fault:
        return failed("cutter:stuck", advice.CUTTER)
    if status.paper is PaperState.OUT:
        return failed("paper:out", advice.PAPER_OUT)
    return failed(f"receipt:{type(error).__name__}", advice.NOT_PRINTED)

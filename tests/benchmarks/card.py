"""Cards: drawing and packing, from the resident's yes to the printer, the wire, and whether the text comes out.

Over the virtual printer without its mechanics' time, its encoder on a real pcscd without the air's time. The reference
of the wire is the same bytes in the same transfers with nobody asking or checking anything.
"""

import asyncio
import tempfile
import time
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drivers.card_printer import raster
from drivers.card_printer.evolis_wire import Command, Name, encode_command
from drivers.card_printer.port import CardSide, Place
from drivers.transport.usb import UsbAddress, UsbChannel
from kiosk.issuance.card_outcome import CardStep
from kiosk.issuance.cards.ktp import ktp_sides
from kiosk.issuance.cards.sides import preview
from simulator.card_printer.models import VENDOR_ID
from tests.benchmarks.harness import Options, Row, measured, seconds
from tests.support.card_issuing import DOCUMENT, TAKE_S, IssuingBench
from tests.support.card_printer_bench import soon
from tests.support.encoder_bench import EncoderBench
from tests.unit.cards.sample import ktp, pictures

RASTER_RUNS = 15
CARDS = 7
LEVELS = 32
RASTER_TARGET_MS, START_TARGET_MS, USB_TARGET, SSIM_TARGET = 120.0, 400.0, 0.9, 0.99
# SSIM's own constants (Wang et al. 2004): an 11-pixel Gaussian window, K1, K2, and a dynamic range of 255.
_WINDOW, _SIGMA, _C1, _C2 = (11, 11), 1.5, (0.01 * 255) ** 2, (0.03 * 255) ** 2


def rows(options: Options) -> list[Row]:
    """All figures of cards."""
    found = [_raster()]
    with tempfile.TemporaryDirectory(prefix="adm-cards-") as folder:
        bench = EncoderBench(Path(folder))
        try:
            found += asyncio.run(_cards(bench, Path(folder)))
            found.append(_wire(bench))
        finally:
            bench.close()
    return found


def _drawn() -> tuple[CardSide, CardSide]:
    return ktp_sides(ktp(), pictures(), marked=True).printable()


def _packed(sides: tuple[CardSide, CardSide]) -> list[tuple[str, int, bytes]]:
    align = raster.Alignment()
    return [block for side in sides for block in raster.panels(side, "ymcko", LEVELS, align=align, free=None)]


def _raster() -> Row:
    taken = seconds(lambda: _packed(_drawn()), RASTER_RUNS, warm_up=2)
    return measured("card.raster_ms", "ms", [1000 * one for one in taken], target=RASTER_TARGET_MS)


async def _cards(bench: EncoderBench, folder: Path) -> list[Row]:
    """Cards as the kiosk issues them, from the resident's yes on."""
    starts, text, whole = [], [], []
    issuing = IssuingBench(folder, bench)
    await issuing.start()
    try:
        design = issuing.issuer.draw(issuing.registry.card).printable()[0]
        for _ in range(CARDS):
            # Nobody is there within a second of the one before: the encoder has seen its card go.
            bench.run(bench.chips.settle())
            before = len(bench.virtual.printer.commands)
            began_s = time.perf_counter()
            card = await issuing.issuer.make("token", DOCUMENT, "v1", _unseen)
            commands = bench.virtual.printer.commands[before:]
            starts.append(1000 * (bench.virtual.printer.began_s[before + commands.index(Name.RIBBON)] - began_s))
            text.append(_text_ssim(bench, design))
            whole.append(_picture_ssim(bench, design))
            bench.act("take_card")
            await issuing.issuer.wait_taken(card, TAKE_S)
    finally:
        await issuing.stop()
    note = "yes to first byte: journal, design, feeding, chip without air, packing; the registry at once"
    return [
        measured("card.start_ms", "ms", starts, target=START_TARGET_MS, note=note),
        measured("card.ssim", "", text, target=SSIM_TARGET, at_most=False, note="black panel against the text"),
        measured("card.picture_ssim", "", whole, note="front.png against the design, five bits a colour"),
    ]


async def _unseen(_step: CardStep, _progress: float) -> None:
    return


def _wire(bench: EncoderBench) -> Row:
    """Bytes a second from the first block to the print command, and the same bytes merely pushed."""
    sides = _drawn()
    sent = [encode_command(Command(Name.BITMAP, (panel, str(levels)), data)) for panel, levels, data in _packed(sides)]
    total = sum(map(len, sent))
    ratios, rates = [], []
    for _ in range(CARDS):
        raw = _pushed(bench, sent, total)
        with closing(bench.driver()) as printer:
            printer.move(Place.INSIDE, soon())
            before = len(bench.virtual.printer.commands)
            printer.wait(printer.print(*sides, soon()), soon())
            commands, began_s = bench.virtual.printer.commands[before:], bench.virtual.printer.began_s[before:]
            rate = total / (began_s[commands.index(Name.PRINT)] - began_s[commands.index(Name.FRONT)])
            printer.move(Place.REJECT, soon())
        bench.act("empty_reject")
        ratios.append(rate / raw)
        rates.append(rate / 1e6)
    note = f"driver {sorted(rates)[len(rates) // 2]:.0f} MB/s"
    return measured("card.usb_ratio", "", ratios, target=USB_TARGET, at_most=False, note=note)


def _pushed(bench: EncoderBench, sent: list[bytes], total: int) -> float:
    """Bytes a second of a plain write, until the printer has worked through them."""
    address = UsbAddress(VENDOR_ID, bench.virtual.model.product_id, None, 7, f"usbip:{bench.virtual.usbip}")
    with closing(UsbChannel.open(address)) as channel:
        channel.write(b"\x1bPr;ymcko\r\x1bSs\r", soon())
        before = len(bench.virtual.printer.commands)
        began_s = time.perf_counter()
        for block in sent:
            channel.write(block, soon(), 65536)
        channel.write(b"\x1bSs\r", soon())
        while len(bench.virtual.printer.commands) < before + len(sent) + 1:
            channel.read(soon())
        return total / (time.perf_counter() - began_s)


def _text_ssim(bench: EncoderBench, design: CardSide) -> float:
    front = bench.virtual.mechanism.cards[-1].printed["front"]
    (black,) = [panel for panel in front if panel.name == "k"]
    printed = raster.upright(raster.unpack(black.block, 1))
    return ssim(printed.astype(np.uint8) * 255, design.black.astype(np.uint8) * 255)


def _picture_ssim(bench: EncoderBench, design: CardSide) -> float:
    with Image.open(bench.directory / "cards" / "front.png") as picture:
        printed = np.asarray(picture.convert("L"))
    return ssim(printed, np.asarray(preview(design).convert("L")))


def ssim(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Structural similarity of two grey pictures, 1 when they are the same."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    mean_x, mean_y = _blurred(x), _blurred(y)
    var_x, var_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    both = _blurred(x * y) - mean_x * mean_y
    top = (2 * mean_x * mean_y + _C1) * (2 * both + _C2)
    return float((top / ((mean_x**2 + mean_y**2 + _C1) * (var_x + var_y + _C2))).mean())


def _blurred(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    blurred: NDArray[np.float64] = cv2.GaussianBlur(plane, _WINDOW, _SIGMA)
    return blurred

"""The receipt printer's port, over USB/IP to the virtual printer: every model, every fault."""

import asyncio
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from drivers.catalog import create, settings_type
from drivers.deadline import Deadline
from drivers.errors import DeviceFault, NotFound, OutcomeUnknown, Unsupported
from drivers.receipt_printer import escpos_usb
from drivers.receipt_printer.compose import compose
from drivers.receipt_printer.port import (
    Block,
    Heading,
    Paragraph,
    QrCode,
    ReceiptEvidence,
    ReceiptPrinter,
    ReceiptPrinterStatus,
    Row,
    Rule,
)
from drivers.receipt_printer.profiles import PROFILES
from drivers.status import DeviceState, PaperState
from simulator.receipt_printer.device import SERIAL, VirtualReceiptPrinter
from simulator.receipt_printer.models import MODELS

TRACK = "https://dukcapil.example/l/A-0017"
RECEIPT: tuple[Block, ...] = (
    Heading("Anjungan Dukcapil"),
    Rule(),
    Row("Nomor", "A-0017"),
    Row("Dokumen", "Kartu Keluarga"),
    Paragraph("Simpan struk ini sampai dokumen Anda sesuai."),
    QrCode(TRACK),
)
AT_ONCE = 1e6
"""mm/s: a motor that takes no time."""


class Bench:
    """A virtual printer and the production driver before it."""

    def __init__(self, device: VirtualReceiptPrinter, driver: ReceiptPrinter) -> None:
        self.device = device
        self.driver = driver

    async def status(self, seconds: float = 5) -> ReceiptPrinterStatus:
        return await to_thread(self.driver.status, Deadline.after(seconds))

    async def print(self, seconds: float = 20, blocks: tuple[Block, ...] = RECEIPT) -> ReceiptEvidence:
        return await to_thread(self.driver.print, blocks, Deadline.after(seconds))

    @property
    def printed(self) -> int:
        return int(self.device.state()["receipts_printed"])


MakeBench = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def bench_of(tmp_path: Path) -> MakeBench:
    @asynccontextmanager
    async def make(model: str = "TM-T20II", speed_mm_s: float = AT_ONCE) -> AsyncIterator[Bench]:
        device = VirtualReceiptPrinter(tmp_path, model=model, speed_mm_s=speed_mm_s)
        await device.start()
        settings = settings_type("receipt_printer", "escpos").model_validate(
            {
                "vendor_id": device.model.vendor_id,
                "product_id": device.model.product_id,
                "serial": SERIAL,
                "backend": f"usbip:{device.usbip}",
                "profile": model,
            }
        )
        driver: ReceiptPrinter = create("receipt_printer", "escpos", settings)
        await to_thread(driver.open, Deadline.after(5))
        try:
            yield Bench(device, driver)
        finally:
            await to_thread(driver.close)
            await device.stop()

    return make


@pytest.fixture
async def bench(bench_of: MakeBench) -> AsyncIterator[Bench]:
    async with bench_of() as made:
        yield made


@pytest.mark.parametrize("model", [name for name in MODELS if MODELS[name].cutter])
async def test_a_receipt_is_printed_cut_and_acknowledged(bench_of: MakeBench, model: str) -> None:
    async with bench_of(model) as bench:
        assert await bench.print() is ReceiptEvidence.ACKNOWLEDGED
        # Acknowledged means it is out: no waiting here.
        assert bench.printed == 1
        assert bench.device.state()["unknown_commands"] == []
        picture = Path(bench.device.state()["last_receipt"])
        assert scan(picture) == [TRACK]


async def test_a_model_without_a_cutter_is_acknowledged_when_its_paper_has_moved(bench_of: MakeBench) -> None:
    async with bench_of("POS-5890") as bench:
        assert await bench.print() is ReceiptEvidence.ACKNOWLEDGED
        await bench.device.take_receipt()
        assert scan(Path(bench.device.state()["last_receipt"])) == [TRACK]


async def test_a_healthy_printer_is_online(bench: Bench) -> None:
    assert await bench.status() == ReceiptPrinterStatus(DeviceState.ONLINE, PaperState.FULL, False, False)


async def test_acknowledged_comes_after_the_paper_not_after_the_bytes(bench_of: MakeBench) -> None:
    async with bench_of(speed_mm_s=400) as bench:
        printing = asyncio.create_task(bench.print())
        await until(lambda: bench.device.printer.paper.height_dots > 0)
        assert bench.printed == 0
        assert await printing is ReceiptEvidence.ACKNOWLEDGED
        assert bench.printed == 1


@pytest.mark.parametrize(
    ("fault", "device", "paper"),
    [
        ("paper_end", DeviceState.ONLINE, PaperState.OUT),
        ("cover_open", DeviceState.USER_ERROR, PaperState.FULL),
    ],
)
async def test_a_printer_that_is_not_ready_says_why_and_prints_nothing(
    bench: Bench, fault: str, device: DeviceState, paper: PaperState
) -> None:
    await bench.device.set_fault(fault)
    status = await bench.status()
    assert (status.device, status.paper) == (device, paper)
    with pytest.raises(DeviceFault) as refused:
        await bench.print()
    assert refused.value.words == {"device": device, "paper": paper}
    assert bench.device.printer.paper.height_dots == 0
    await bench.device.set_fault(None)
    assert await bench.print() is ReceiptEvidence.ACKNOWLEDGED
    assert bench.printed == 1


@pytest.mark.parametrize("fault", ["mute", "nak"])
async def test_a_printer_that_does_not_answer_is_offline_and_gets_no_receipt(bench: Bench, fault: str) -> None:
    await bench.device.set_fault(fault)
    assert (await bench.status(0.3)).device is DeviceState.OFFLINE
    with pytest.raises(DeviceFault):
        await bench.print(0.3)
    await bench.device.set_fault(None)
    assert (await bench.status()).device is DeviceState.ONLINE
    assert await bench.print() is ReceiptEvidence.ACKNOWLEDGED
    assert bench.printed == 1


async def test_an_unplugged_printer_is_no_device_and_is_found_again(bench: Bench) -> None:
    await bench.device.set_fault("unplugged")
    assert (await bench.status()).device is DeviceState.NO_DEVICE
    with pytest.raises(NotFound):
        await bench.print()
    await bench.device.set_fault(None)
    assert (await bench.status()).device is DeviceState.ONLINE
    assert await bench.print() is ReceiptEvidence.ACKNOWLEDGED


async def test_a_printer_replugged_between_receipts_just_prints(bench: Bench) -> None:
    await bench.print()
    await bench.device.set_fault("unplugged")
    await bench.device.set_fault(None)
    assert await bench.print() is ReceiptEvidence.ACKNOWLEDGED
    assert bench.printed == 2


@pytest.mark.parametrize("fault", ["paper_runs_out", "cutter", "partial_write"])
async def test_a_receipt_that_stops_on_its_way_has_an_unknown_outcome(bench: Bench, fault: str) -> None:
    await bench.device.set_fault(fault)
    with pytest.raises(OutcomeUnknown):
        await bench.print()


async def test_unplugged_in_the_middle_of_a_receipt_is_an_unknown_outcome(bench_of: MakeBench) -> None:
    async with bench_of(speed_mm_s=20) as bench:
        printing = asyncio.create_task(bench.print())
        await until(lambda: bench.device.printer.paper.height_dots > 0)
        await bench.device.set_fault("unplugged")
        with pytest.raises(OutcomeUnknown):
            await printing


async def test_what_a_stopped_printer_held_does_not_come_out_before_the_next_receipt(bench: Bench) -> None:
    """The rest of one resident's receipt must not be the next one's."""
    await bench.device.set_fault("paper_runs_out")
    with pytest.raises(OutcomeUnknown):
        await bench.print(blocks=(*RECEIPT, *RECEIPT))
    await bench.device.load_paper()
    await bench.print(blocks=(Paragraph("berikutnya"),))
    assert bench.printed == 1
    assert scan(Path(bench.device.state()["last_receipt"])) == []


async def test_half_a_receipt_is_cut_off_before_the_next_one(bench: Bench) -> None:
    await bench.device.set_fault("partial_write")
    with pytest.raises(OutcomeUnknown):
        await bench.print(blocks=(QrCode(TRACK), *RECEIPT, *RECEIPT, *RECEIPT))
    await bench.device.set_fault(None)
    await bench.print(blocks=(Paragraph("berikutnya"),))
    assert bench.printed == 2
    first, second = (bench.device.pictures / f"receipt-{number}.png" for number in (1, 2))
    assert scan(first)
    assert scan(second) == []


async def test_a_stuck_cutter_is_a_hardware_error_until_it_is_freed(bench: Bench) -> None:
    await bench.device.set_fault("cutter")
    with pytest.raises(OutcomeUnknown):
        await bench.print()
    status = await bench.status()
    assert (status.device, status.cutter_fault) == (DeviceState.HARDWARE_ERROR, True)
    await bench.device.set_fault(None)
    assert (await bench.status()).device is DeviceState.ONLINE


async def test_near_end_counts_as_low_only_after_three_receipts(bench: Bench) -> None:
    await bench.device.set_fault("paper_near_end")
    seen = []
    for _ in range(3):
        seen.append((await bench.status()).paper)
        await bench.print(blocks=(Paragraph("struk"),))
    assert seen == [PaperState.FULL] * 3
    assert (await bench.status()).paper is PaperState.LOW
    await bench.device.load_paper()
    assert (await bench.status()).paper is PaperState.FULL


async def test_one_good_receipt_between_starts_the_count_of_near_ends_anew(bench: Bench) -> None:
    for near_end in (True, True, False, True, True):
        await bench.device.set_fault("paper_near_end" if near_end else None)
        await bench.print(blocks=(Paragraph("struk"),))
        assert (await bench.status()).paper is PaperState.FULL
    await bench.print(blocks=(Paragraph("struk"),))
    assert (await bench.status()).paper is PaperState.LOW


@pytest.mark.parametrize(
    ("fault", "word"), [("cutter", DeviceState.HARDWARE_ERROR), ("paper_runs_out", DeviceState.ONLINE)]
)
async def test_a_printer_that_tells_by_itself_is_not_asked_why_it_stopped(
    bench: Bench, fault: str, word: DeviceState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escpos_usb, "LOOK_S", 60.0)
    await bench.device.set_fault(fault)
    with pytest.raises(OutcomeUnknown) as unknown:
        await bench.print(seconds=40)
    stopped = unknown.value.__cause__
    assert isinstance(stopped, DeviceFault), "it was waited for until the deadline"
    assert stopped.words["device"] == word


async def test_clearing_forgets_what_was_not_printed_and_cuts_what_hangs_out(bench: Bench) -> None:
    channel = bench.driver._connected()  # type: ignore[attr-defined]
    await bench.device.set_fault("cover_open")
    await to_thread(channel.write, compose(RECEIPT, PROFILES["TM-T20II"], 48), Deadline.after(5))
    assert await to_thread(bench.driver.clear, Deadline.after(5))
    await bench.device.set_fault(None)
    assert await bench.print(blocks=(Paragraph("berikutnya"),)) is ReceiptEvidence.ACKNOWLEDGED
    assert bench.printed == 1, "nothing hung out, and nothing of the other one came"
    assert scan(Path(bench.device.state()["last_receipt"])) == []


async def test_a_model_that_cannot_forget_confirms_no_clearing(bench_of: MakeBench) -> None:
    async with bench_of("KR-306") as bench:
        assert not await to_thread(bench.driver.clear, Deadline.after(5))


async def test_lines_and_cuts_are_counted_where_the_model_tells_them(bench: Bench, bench_of: MakeBench) -> None:
    await bench.print()
    once = await to_thread(bench.driver.counters, Deadline.after(5))
    await bench.print()
    twice = await to_thread(bench.driver.counters, Deadline.after(5))
    assert (once["cuts"], twice["cuts"], twice["lines_fed"]) == (1, 2, 2 * once["lines_fed"])
    async with bench_of("POS-5890") as other:
        with pytest.raises(Unsupported):
            await to_thread(other.driver.counters, Deadline.after(5))


async def test_status_bytes_inside_an_image_do_not_confuse_the_driver(bench_of: MakeBench) -> None:
    """Printers obey DLE EOT wherever they see it; a raster that holds it makes them answer unasked."""
    async with bench_of("KR-306") as bench:
        stray = b"\x10\x04\x04" * 40
        channel = bench.driver._connected()  # type: ignore[attr-defined]
        await to_thread(channel.write, b"\x1dv0\x00\x0f\x00\x08\x00" + stray, Deadline.after(5))
        assert await bench.print() is ReceiptEvidence.ACKNOWLEDGED
        status = await bench.status()
        assert (status.device, status.paper) == (DeviceState.ONLINE, PaperState.FULL)


async def test_a_driver_that_was_never_opened_and_one_closed_twice_work(bench: Bench) -> None:
    await to_thread(bench.driver.close)
    await to_thread(bench.driver.close)
    assert (await bench.status()).device is DeviceState.ONLINE


@pytest.mark.parametrize(
    "wrong", [{"backend": "usb"}, {"profile": "TM-X"}, {"vendor_id": 70000}, {"columns": 8}, {"speed": 3}]
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    right = {"vendor_id": 0x04B8, "product_id": 0x0E15}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        settings_type("receipt_printer", "escpos").model_validate(right | wrong)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - paper moves without telling anybody
            await asyncio.sleep(0.001)


def scan(picture: Path) -> list[str]:
    import numpy as np
    import zxingcpp
    from PIL import Image

    return [code.text for code in zxingcpp.read_barcodes(np.asarray(Image.open(picture).convert("L")))]

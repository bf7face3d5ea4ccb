"""Tickets of the office's queue: for whom the machine sends to the counter, and no number twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from adm.panel.v1 import panel_pb2 as pb

from drivers.deadline import Deadline
from drivers.receipt_printer import escpos_usb
from drivers.receipt_printer.port import ReceiptPrinter
from kiosk.config import QueueSettings
from kiosk.devices import Device
from kiosk.session.queue_numbers import MOST, next_number
from kiosk.session.tickets import TO_THE_COUNTER, ticket
from kiosk.session.trouble import Trouble
from simulator.receipt_printer.device import VirtualReceiptPrinter
from simulator.receipt_printer.models import MODELS

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
TO_SEE = {pb.TROUBLE_KIND_DATA_WRONG, pb.TROUBLE_KIND_FACE_NOT_MATCHED, pb.TROUBLE_KIND_MACHINE}


def test_numbers_go_up_in_a_day_and_begin_anew_the_next(tmp_path: Path) -> None:
    file = tmp_path / "queue.json"
    given = [next_number(file, "A", day) for day in (MONDAY, MONDAY, MONDAY, TUESDAY)]
    assert given == ["A-001", "A-002", "A-003", "A-001"]
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kept", ['{"day": "2026-11-23", "last": "x"}', "[]", "{", ""])
def test_a_damaged_series_begins_anew(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "queue.json"
    file.write_text(kept)
    assert [next_number(file, "B", MONDAY) for _ in range(2)] == ["B-001", "B-002"]


def test_a_series_stays_within_three_figures(tmp_path: Path) -> None:
    file = tmp_path / "queue.json"
    file.write_text(f'{{"day": "{MONDAY.isoformat()}", "last": {MOST - 1}}}')
    assert [next_number(file, "A", MONDAY) for _ in range(2)] == ["A-999", "A-001"]


class Machine(SimpleNamespace):
    """What tickets need of a machine: its configuration and its receipt printer, a real one over USB/IP."""

    async def printed(self) -> int:
        await asyncio.gather(*self.slips)
        count: int = self.virtual.state()["receipts_printed"]
        return count

    async def meets(self, kind: pb.TroubleKind.ValueType, reference: str = "") -> Trouble:
        trouble = Trouble(kind, reference)
        session: Any = SimpleNamespace(kiosk=self, panel=SimpleNamespace(language=pb.LANGUAGE_ID))
        await ticket(session, trouble)
        return trouble

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        self.slips.append(asyncio.ensure_future(work))


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    virtual = VirtualReceiptPrinter(tmp_path, speed_mm_s=1e6)
    await virtual.start()
    model = MODELS["TM-T20II"]
    settings = escpos_usb.Settings(
        vendor_id=model.vendor_id, product_id=model.product_id, backend=f"usbip:{virtual.usbip}"
    )
    device: Device[ReceiptPrinter] = Device("receipt_printer", "escpos", lambda: escpos_usb.create(settings))
    config = SimpleNamespace(
        queue=QueueSettings(prefix="A", service="Loket Dukcapil"), state_dir=tmp_path, site_name="MPP", simulation=True
    )
    made = Machine(virtual=virtual, config=config, receipt_printer=device, slips=[])
    await device.open()
    await device.poll(lambda port: port.status(Deadline.after(4.0)), 4.0)
    yield made
    await asyncio.gather(*made.slips)
    await device.close()
    await virtual.stop()


async def test_who_is_sent_to_the_counter_gets_the_next_number(machine: Machine) -> None:
    assert TO_SEE <= TO_THE_COUNTER
    numbers = []
    for kind in sorted(TO_SEE):
        trouble = await machine.meets(kind)
        assert trouble.slip
        numbers.append(trouble.reference)
    assert numbers == ["A-001", "A-002", "A-003"]
    assert await machine.printed() == 3


async def test_who_has_a_number_or_need_not_go_there_gets_none(machine: Machine) -> None:
    kept = await machine.meets(pb.TROUBLE_KIND_MACHINE, "ADM-3520-000123")
    assert (kept.reference, kept.slip) == ("ADM-3520-000123", False)
    for kind in (pb.TROUBLE_KIND_BUSY, pb.TROUBLE_KIND_SESSION_EXPIRED, pb.TROUBLE_KIND_DATA_CHANGED):
        assert (await machine.meets(kind)).reference == ""
    assert await machine.printed() == 0


async def test_no_number_is_promised_that_cannot_be_printed_or_kept(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "queue.new").mkdir()
    assert not (await machine.meets(pb.TROUBLE_KIND_DATA_WRONG)).slip
    (tmp_path / "queue.new").rmdir()
    await machine.virtual.set_fault("paper_end")
    await machine.receipt_printer.poll(lambda port: port.status(Deadline.after(4.0)), 4.0)
    assert (await machine.meets(pb.TROUBLE_KIND_DATA_WRONG)).reference == ""
    await machine.virtual.set_fault(None)
    await machine.receipt_printer.poll(lambda port: port.status(Deadline.after(4.0)), 4.0)
    machine.config.queue = None
    assert (await machine.meets(pb.TROUBLE_KIND_DATA_WRONG)).reference == ""
    assert await machine.printed() == 0

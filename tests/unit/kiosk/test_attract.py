"""Who begins a journey: a touch, a card that comes; not a card that somebody left."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb

from drivers.deadline import Deadline
from kiosk.config import TechnicianSettings
from kiosk.devices import Device
from kiosk.fleet.capabilities import BY_CARD, BY_QR, VERIFY
from kiosk.fleet.health import Verdict
from kiosk.session import attract
from kiosk.session.panel import Panel
from kiosk.technician.door import Door
from kiosk.technician.locks import Locks
from tests.unit.technician.staff import staff_of_samples, uid_of


class Reader:
    """A reader whose card is put and taken by the test; its waits are the port's."""

    def __init__(self) -> None:
        self._lies = False
        self.card = bytes(4)
        self._changed = threading.Condition()
        self.asked = threading.Semaphore(0)

    def open(self, deadline: Deadline) -> None:
        pass

    def close(self) -> None:
        pass

    def put(self, lies: bool = True) -> None:
        with self._changed:
            self._lies = lies
            self._changed.notify_all()

    def uid(self, deadline: Deadline) -> bytes:
        return self.card

    def wait_for_card(self, deadline: Deadline) -> bool:
        return self._wait(True, deadline)

    def wait_for_removal(self, deadline: Deadline) -> bool:
        return self._wait(False, deadline)

    def _wait(self, lies: bool, deadline: Deadline) -> bool:
        with self._changed:
            if deadline.remaining_s > 0:
                self.asked.release()
            return self._changed.wait_for(lambda: self._lies is lies, deadline.remaining_s)


class Machine(SimpleNamespace):
    """What attract needs of the machine."""

    def serves(self, availability: fleet.Availability.ValueType, *works: str, opens_at: datetime | None = None) -> None:
        """Whether it can print, and what works besides."""
        self.services.verdict = Verdict(availability, "paper", pb.OUT_OF_SERVICE_REASON_JOURNAL, opens_at)
        self.capabilities = SimpleNamespace(
            report=lambda: [fleet.CapabilityHealth(name=n, availability=fleet.AVAILABILITY_AVAILABLE) for n in works]
        )
        self.changed.set()

    async def shows(self, screen: str) -> None:
        async with asyncio.timeout(10):
            async for view in self.panel.views():
                if view.WhichOneof("screen") == screen:
                    return


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    reader = Reader()
    device: Device[Any] = Device("card_reader", "test", lambda: reader)
    await device.open()
    made = Machine(
        reader=reader,
        card_reader=device,
        panel=Panel(pb.LANGUAGE_ID),
        changed=asyncio.Event(),
        maintenance=SimpleNamespace(wanted=asyncio.Event()),
        services=SimpleNamespace(report=list),
        door=Door(TechnicianSettings(key_switch=tmp_path / "key"), staff_of_samples(), Locks(tmp_path / "locks")),
        self_test_wanted=asyncio.Event(),
        config=SimpleNamespace(site_name="Magetan"),
    )
    made.serves(fleet.AVAILABILITY_AVAILABLE, BY_CARD)
    yield made
    await device.close()


async def test_a_card_that_comes_while_the_services_change_begins(machine: Machine) -> None:
    begin = asyncio.create_task(attract._somebody_comes(machine))  # type: ignore[arg-type]
    await machine.shows("attract")
    await asyncio.to_thread(machine.reader.asked.acquire, True, 10)
    machine.reader.put()
    machine.serves(fleet.AVAILABILITY_DEGRADED, BY_CARD)
    assert await asyncio.wait_for(begin, 10) == "start"


async def test_a_card_that_was_left_begins_nothing_until_it_comes_again(machine: Machine) -> None:
    machine.reader.put()
    begin = asyncio.create_task(attract._somebody_comes(machine))  # type: ignore[arg-type]
    await machine.shows("attract")
    await asyncio.to_thread(machine.reader.asked.acquire, True, 10)
    assert not begin.done()
    machine.reader.put(False)
    await asyncio.to_thread(machine.reader.asked.acquire, True, 10)
    assert not begin.done()
    machine.reader.put()
    assert await asyncio.wait_for(begin, 10) == "start"


async def test_nobody_begins_while_the_machine_does_not_serve(machine: Machine) -> None:
    machine.serves(fleet.AVAILABILITY_UNAVAILABLE, BY_CARD, BY_QR)
    begin = asyncio.create_task(attract._somebody_comes(machine))  # type: ignore[arg-type]
    await machine.shows("out_of_service")
    machine.reader.put()
    assert not await machine.panel.act(pb.ActRequest(revision=machine.panel.view.revision, start=pb.StartAct()))
    machine.serves(fleet.AVAILABILITY_AVAILABLE, BY_CARD)
    await machine.shows("attract")
    await asyncio.to_thread(machine.reader.asked.acquire, True, 10)
    assert not begin.done(), "the card lay there before"
    assert await machine.panel.act(pb.ActRequest(revision=machine.panel.view.revision, start=pb.StartAct()))
    assert await asyncio.wait_for(begin, 10) == "start"


async def test_what_does_not_work_is_neither_offered_nor_begun(machine: Machine) -> None:
    begin = asyncio.create_task(attract._somebody_comes(machine))  # type: ignore[arg-type]
    await machine.shows("attract")
    await asyncio.to_thread(machine.reader.asked.acquire, True, 10)
    shown = machine.panel.view
    assert shown.attract.check_document == shown.attract.use_qr == fleet.AVAILABILITY_UNAVAILABLE
    for act in ({"check_document": pb.CheckDocumentAct()}, {"use_qr": pb.UseQrAct()}):
        assert not await machine.panel.act(pb.ActRequest(revision=shown.revision, **act))
    assert await machine.panel.act(pb.ActRequest(revision=shown.revision, start=pb.StartAct()))
    assert await asyncio.wait_for(begin, 10) == "start"


async def test_a_document_can_be_checked_while_nothing_can_be_printed(machine: Machine) -> None:
    opens_at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    machine.serves(fleet.AVAILABILITY_UNAVAILABLE, BY_CARD, BY_QR, VERIFY, opens_at=opens_at)
    begin = asyncio.create_task(attract._somebody_comes(machine))  # type: ignore[arg-type]
    await machine.shows("out_of_service")
    await asyncio.to_thread(machine.reader.asked.acquire, True, 10)
    shown = machine.panel.view
    assert shown.out_of_service.check_document
    assert shown.out_of_service.opens_at.ToDatetime(tzinfo=UTC) == opens_at
    assert not await machine.panel.act(pb.ActRequest(revision=shown.revision, use_qr=pb.UseQrAct()))
    assert await machine.panel.act(pb.ActRequest(revision=shown.revision, check_document=pb.CheckDocumentAct()))
    assert await asyncio.wait_for(begin, 10) == "check_document"


async def test_without_a_reader_a_code_is_the_way_in(machine: Machine) -> None:
    machine.serves(fleet.AVAILABILITY_DEGRADED, BY_QR)
    begin = asyncio.create_task(attract._somebody_comes(machine))  # type: ignore[arg-type]
    await machine.shows("attract")
    await asyncio.to_thread(machine.reader.asked.acquire, True, 10)
    shown = machine.panel.view
    assert shown.attract.use_card == fleet.AVAILABILITY_UNAVAILABLE
    assert not await machine.panel.act(pb.ActRequest(revision=shown.revision, start=pb.StartAct()))
    assert await machine.panel.act(pb.ActRequest(revision=shown.revision, use_qr=pb.UseQrAct()))
    assert await asyncio.wait_for(begin, 10) == "use_qr"


async def test_a_technician_is_let_in(machine: Machine) -> None:
    begin = asyncio.create_task(attract._somebody_comes(machine))  # type: ignore[arg-type]
    await machine.shows("attract")
    machine.maintenance.wanted.set()
    assert await asyncio.wait_for(begin, 10) == attract.TECHNICIAN


@pytest.mark.parametrize("availability", [fleet.AVAILABILITY_AVAILABLE, fleet.AVAILABILITY_UNAVAILABLE])
async def test_a_service_card_is_known_also_while_the_machine_does_not_serve(
    machine: Machine, availability: fleet.Availability.ValueType
) -> None:
    machine.serves(availability)
    machine.reader.card = uid_of("service_technician")
    begin = asyncio.create_task(attract._somebody_comes(machine))  # type: ignore[arg-type]
    await asyncio.to_thread(machine.reader.asked.acquire, True, 10)
    machine.reader.put()
    assert await asyncio.wait_for(begin, 10) == attract.STAFF
    assert machine.door.comer.staff == "T-0017"

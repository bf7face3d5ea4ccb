"""The old card: an officer confirms it with a service card and its PIN, or what the resident says is all there is."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech
from adm.registry.v1 import registry_pb2 as registry

from drivers.deadline import Deadline
from kiosk.config import TechnicianSettings
from kiosk.devices import Device
from kiosk.issuance.card_endings import CardEndings
from kiosk.issuance.card_outcome import Card
from kiosk.issuance.journal import Journal
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import Event
from kiosk.session.old_card import ask_for_old_card
from kiosk.session.panel import Abandoned, Panel
from kiosk.technician.door import Door
from kiosk.technician.locks import Locks
from tests.unit.kiosk.test_attract import Reader
from tests.unit.technician.staff import staff_of_samples, uid_of

KEY = "2b7e1516-28ae-42a6-8bf7-158809cf4f3c"
KTP = registry.Document(kind=registry.DOCUMENT_KIND_KTP_EL)
TAKEN = (Event.ASK, Event.GRANT, Event.FEED, Event.PRINT, Event.ACCEPT, Event.COMPLETE, Event.PRESENT, Event.TAKE)


class SeenReader(Reader):
    """A reader that tells when a card was looked at, and when it was seen to be gone."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_at = threading.Semaphore(0)
        self.left = threading.Semaphore(0)

    def wait_for_removal(self, deadline: Deadline) -> bool:
        gone = super().wait_for_removal(deadline)
        if gone:
            self.left.release()
        return gone

    def uid(self, deadline: Deadline) -> bytes:
        self.looked_at.release()
        return super().uid(deadline)


class Machine(SimpleNamespace):
    """What asking for the old card needs of the machine; its journal is a real one."""

    async def asks(self) -> None:
        issuer: Any = SimpleNamespace(station=SimpleNamespace(sees_exit=True), endings=CardEndings(self.ledger))
        session: Any = SimpleNamespace(kiosk=self, panel=self.panel)
        await ask_for_old_card(session, KTP, issuer, Card(KEY, "grant", "ADM-1", evidence="taken"))

    async def shows(self, screen: str, where: Callable[[pb.View], bool] = lambda view: True) -> pb.View:
        panel: Panel = self.panel
        async with asyncio.timeout(40):
            async for view in panel.views():
                if view.WhichOneof("screen") == screen and where(view):
                    return view
        raise AssertionError

    async def touched(self, **act: Any) -> None:
        """Touch as soon as that is asked for."""
        for _ in range(4000):
            if await self.panel.act(pb.ActRequest(revision=self.panel.view.revision, **act)):
                return
            await asyncio.sleep(0.01)
        pytest.fail("nothing is asked")

    async def told(self) -> tuple[Any, dict[str, Any]]:
        """The journal's word, and what the registry hears."""
        issuance = await self.ledger.issuance(KEY)
        return issuance.detail, (await self.ledger.outbox())[-1].fields


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    reader = SeenReader()
    device: Device[Any] = Device("card_reader", "test", lambda: reader)
    await device.open()
    ledger = Ledger(Journal(tmp_path / "journal.db", 1 << 24))
    for event in TAKEN:
        await ledger.append(KEY, event, {"grant_id": "grant"})
    waits = SimpleNamespace(idle_s=60, still_there_s=0.2)
    yield Machine(
        reader=reader,
        card_reader=device,
        panel=Panel(pb.LANGUAGE_ID),
        door=Door(TechnicianSettings(), staff_of_samples(), Locks(tmp_path / "locks")),
        ledger=ledger,
        config=SimpleNamespace(cards=SimpleNamespace(old_card="officer", surrender_s=60), session=waits),
    )
    await device.close()
    ledger.close()


def service_card(machine: Machine, name: str) -> None:
    machine.reader.card = uid_of(name)
    machine.reader.put()


def pin(digits: str) -> dict[str, Any]:
    return {"enter_service_pin": tech.EnterServicePinAct(pin=digits)}


async def test_an_officer_confirms_it_with_card_and_pin_and_both_books_know_who(machine: Machine) -> None:
    asking = asyncio.create_task(machine.asks())
    screen = (await machine.shows("surrender_card")).surrender_card
    assert (screen.officer_confirms, screen.into_slot) == (True, False)
    assert not await machine.panel.act(pb.ActRequest(revision=machine.panel.view.revision, confirm=pb.ConfirmAct()))
    service_card(machine, "service_attendant")
    shown = (await machine.shows("technician_pin")).technician_pin
    assert shown.purpose == tech.TECHNICIAN_PIN_PURPOSE_OLD_CARD
    await machine.touched(**pin("000000"))
    await machine.shows("technician_pin", lambda view: view.technician_pin.wrong)
    await machine.touched(**pin("135791"))
    await asyncio.wait_for(asking, 40)
    detail, fields = await machine.told()
    staff = detail["by"]
    assert (detail["old_card"], fields["old_card"]) == ("officer", registry.OLD_CARD_OFFICER)
    assert fields["old_card_by"] == staff != ""


async def test_neither_a_residents_card_nor_an_auditors_confirms_it(machine: Machine) -> None:
    asking = asyncio.create_task(machine.asks())
    await machine.shows("surrender_card")
    for card in ("of a resident", "service_auditor"):
        service_card(machine, card)
        assert await asyncio.to_thread(machine.reader.looked_at.acquire, True, 40)
        machine.reader.put(False)
        assert await asyncio.to_thread(machine.reader.left.acquire, True, 40)
    service_card(machine, "service_attendant")
    holder = (await machine.shows("technician_pin")).technician_pin.holder
    assert holder == "Budi Santoso", "the first who may confirm it"
    await machine.touched(cancel=pb.CancelAct())
    await machine.touched(reject=pb.RejectAct())
    await asyncio.wait_for(asking, 40)
    assert (await machine.told())[0]["old_card"] == "lost"


async def test_an_officer_who_goes_away_at_the_pin_confirms_nothing(machine: Machine) -> None:
    asking = asyncio.create_task(machine.asks())
    await machine.shows("surrender_card")
    service_card(machine, "service_attendant")
    await machine.shows("technician_pin")
    await machine.touched(cancel=pb.CancelAct())
    await machine.shows("surrender_card")
    await machine.touched(reject=pb.RejectAct())
    await asyncio.wait_for(asking, 40)
    detail, fields = await machine.told()
    assert (detail["old_card"], "old_card_by" in fields) == ("lost", False)


async def test_where_nobody_has_a_service_card_it_is_said_and_not_confirmed(machine: Machine) -> None:
    machine.door.staff = None
    asking = asyncio.create_task(machine.asks())
    assert not (await machine.shows("surrender_card")).surrender_card.officer_confirms
    await machine.touched(confirm=pb.ConfirmAct())
    await asyncio.wait_for(asking, 40)
    detail, fields = await machine.told()
    assert (detail["old_card"], fields["old_card"]) == ("said_officer", registry.OLD_CARD_SAID_OFFICER)
    assert "old_card_by" not in fields


async def test_nobody_who_answers_keeps_it_and_that_is_written_down(machine: Machine) -> None:
    machine.config.cards.surrender_s = 0.1
    with pytest.raises(Abandoned):
        await machine.asks()
    assert (await machine.told())[1]["old_card"] == registry.OLD_CARD_KEPT

"""Cards without a chip over a printer behind a closed driver: it feeds and ejects by itself and sees no exit."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from adm.registry.v1 import registry_pb2 as pb

from kiosk.devices import Device
from kiosk.issuance.card import CardIssuer
from kiosk.issuance.card_log import PrintLog
from kiosk.issuance.card_outcome import Card, CardEnd, CardFailed, CardStep
from kiosk.issuance.card_station import Station
from kiosk.issuance.cards.limits import Limits, Reason
from kiosk.issuance.journal import Journal, read, verify
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import State
from kiosk.issuance.stock import Handling, Item, StockEvent
from tests.support.card_issuing import GrantingRegistry
from tests.support.cups_bench import CupsBench
from tests.unit.cards.test_card_content import childs

pytestmark = [
    pytest.mark.skipif(shutil.which("/usr/sbin/cupsd") is None, reason="the package cups-daemon is missing"),
    pytest.mark.xdist_group("card_issuing"),
]
DOCUMENT = pb.Document(document_id="doc-1", kind=pb.DOCUMENT_KIND_KIA, page_count=1, blank=pb.BLANK_CARD_KIA)


class Machine:
    """A KIA station on a real cupsd."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bench = CupsBench(path)
        self.device: Device[Any] = Device("kia_printer", "cups", self.bench.driver)

    async def start(self) -> None:
        await self.device.open()
        self.ledger = Ledger(Journal(self.path / "journal.db", 1 << 30))
        await self.ledger.record_stock([Handling(StockEvent.LOAD, Item.CARD_KIA, "K-1", 5)], ("S-01", "S-02"))
        registry: Any = GrantingRegistry(childs())
        log = PrintLog(self.path / "log.json")
        station = Station(pb.DOCUMENT_KIND_KIA, pb.BLANK_CARD_KIA, self.device, None, Limits(), log, 10.0)
        self.issuer = CardIssuer(self.ledger, registry, station, 40.0, 10.0, None)

    async def stop(self) -> None:
        await self.device.close()
        self.ledger.close()
        self.bench.stop()

    async def make(self) -> Card:
        return await self.issuer.make("token", DOCUMENT, "v1", _unseen)

    def states(self) -> list[str]:
        return [entry.state for entry in read(self.path / "journal.db") if entry.state != "stock"]


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    made = Machine(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_a_touch_stands_for_the_sensor_that_is_not_there(machine: Machine) -> None:
    card = await machine.make()
    assert not machine.issuer.station.sees_exit
    await machine.issuer.endings.take(card, "touch")
    assert machine.states() == ["asked", "granted", "feeding", "printing", "accepted", "printed", "taken"]
    assert len(list(machine.bench.printed.glob("*.pdf"))) == 1
    assert verify(read(machine.path / "journal.db")) == []


async def test_a_card_nobody_confirms_is_for_a_technician_unless_an_attendant_sees_it(machine: Machine) -> None:
    with pytest.raises(CardFailed) as caught:
        await machine.issuer.not_confirmed(await machine.make(), assume_taken=False)
    assert caught.value.end is CardEnd.UNKNOWN
    await machine.issuer.not_confirmed(await machine.make(), assume_taken=True)
    assert [issuance.state for issuance in await machine.ledger.in_states(*State)] == [State.UNKNOWN, State.TAKEN]
    # The printer cannot be asked for more than the spooler knows.
    messages = [dict(message.fields) for message in await machine.ledger.outbox() if message.method == "complete"]
    assert {fields["evidence"] for fields in messages} == {pb.EVIDENCE_SENT}


async def test_no_chip_is_written_behind_a_closed_driver(machine: Machine) -> None:
    device: Device[Any] = machine.device
    station = Station(
        pb.DOCUMENT_KIND_KTP_EL, pb.BLANK_CARD_KTP_EL, device, device, Limits(), machine.issuer.station.log, 10.0
    )
    assert station.verdict().reasons == (Reason.PRINTER,)


async def _unseen(_step: CardStep, _progress: float) -> None:
    return

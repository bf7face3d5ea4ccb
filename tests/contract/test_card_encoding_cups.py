"""KTP-el over a printer behind a closed driver whose job options bring a blank to its own PC/SC encoder.

A real cupsd runs jobs through a backend that stands for the maker's: it moves a virtual blank to and from the encoder's
field on a real pcscd as the jobs' options say.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from adm.registry.v1 import registry_pb2 as pb
from pydantic import ValidationError

from drivers.card_printer import encoder as encoders
from drivers.card_printer.cups import Settings
from drivers.card_printer.port import Place
from drivers.card_reader.profile import KTP_EL
from kiosk.devices import Device
from kiosk.issuance.card import CardIssuer
from kiosk.issuance.card_log import PrintLog
from kiosk.issuance.card_outcome import CardEnd, CardFailed, CardStep
from kiosk.issuance.card_station import Station
from kiosk.issuance.cards.limits import Limits
from kiosk.issuance.journal import Journal, read, verify
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.stock import Handling, Item, StockEvent
from simulator.card_printer.card import Card
from simulator.card_printer.encoder import VirtualEncoder
from tests.support.card_issuing import DOCUMENT, GrantingRegistry, content
from tests.support.cups_bench import CupsBench

pytestmark = [
    pytest.mark.skipif(shutil.which("/usr/sbin/cupsd") is None, reason="the package cups-daemon is missing"),
    pytest.mark.xdist_group("card_issuing"),
]
OPTIONS = {
    "to_encoder": {"ChipStation": "Feed"},
    "at_encoder": {"ChipStation": "Print"},
    "reject": {"ChipStation": "Reject"},
}


class Mechanics:
    """What the maker's driver moves.

    Attributes:
        done: Each job's move.
        defective: How many of the next blanks keep nothing that is written to them.
    """

    def __init__(self, chips: VirtualEncoder) -> None:
        self.done: list[str] = []
        self.defective = 0
        self._chips = chips
        self._cards = 0

    async def obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        options = dict(word.split("=", 1) for word in (await reader.readline()).decode().split() if "=" in word)
        move = options["ChipStation"]
        self.done.append(move)
        if move == "Feed":
            self._cards += 1
            await self._chips.place(Card(self._cards, defective=self._cards <= self.defective))
        else:
            await self._chips.withdraw()
        writer.write(b"1")
        await writer.drain()
        writer.close()


class Machine:
    """A KTP-el station on a real cupsd and a real pcscd."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bench = CupsBench(path)
        self.chips = VirtualEncoder(path / "encoder")
        self.mechanics = Mechanics(self.chips)

    async def start(self) -> None:
        await self.chips.start()
        self._listening = await asyncio.start_unix_server(self.mechanics.obey, self.bench.printed / "mechanics")
        settings = encoders.Settings(reader_pattern=self.chips.reader_pattern, pcscd_socket=self.chips.pcscd_socket)
        self.printer: Device[Any] = Device("card_printer", "cups", lambda: self.bench.driver(**OPTIONS))
        self.encoder: Device[Any] = Device("card_encoder", "pcsc", lambda: encoders.create(settings))
        await self.printer.open()
        await self.encoder.open()
        self.ledger = Ledger(Journal(self.path / "journal.db", 1 << 30))
        await self.ledger.record_stock([Handling(StockEvent.LOAD, Item.CARD_KTP_EL, "K-1", 5)], ("S-01", "S-02"))
        registry: Any = GrantingRegistry(content())
        log = PrintLog(self.path / "log.json")
        station = Station(
            pb.DOCUMENT_KIND_KTP_EL, pb.BLANK_CARD_KTP_EL, self.printer, self.encoder, Limits(), log, 40.0
        )
        self.issuer = CardIssuer(self.ledger, registry, station, 40.0, 40.0, None)

    async def stop(self) -> None:
        await self.printer.close()
        await self.encoder.close()
        self._listening.close()
        await self._listening.wait_closed()
        await self.chips.stop()
        self.ledger.close()
        await asyncio.to_thread(self.bench.stop)

    def states(self) -> list[str]:
        return [entry.state for entry in read(self.path / "journal.db") if entry.state != "stock"]


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    made = Machine(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_a_chip_is_written_by_pcsc_where_the_drivers_options_bring_the_blank(machine: Machine) -> None:
    assert (await machine.issuer.station.check()).open
    card = await machine.issuer.make("token", DOCUMENT, "v1", _unseen)
    await machine.issuer.endings.take(card, "touch")
    assert machine.mechanics.done == ["Feed", "Print"]
    made = ["asked", "granted", "feeding", "encoding", "printing", "accepted", "printed", "taken"]
    assert machine.states() == made
    chip = await machine.chips.contents(1)
    assert (chip.locked, chip.uid.hex()) == (True, card.chip_uid)
    assert chip.files[KTP_EL.biodata]
    assert verify(read(machine.path / "journal.db")) == []


async def test_blanks_that_keep_nothing_are_rejected_and_the_second_is_the_last(machine: Machine) -> None:
    machine.mechanics.defective = 2
    with pytest.raises(CardFailed) as caught:
        await machine.issuer.make("token", DOCUMENT, "v1", _unseen)
    assert caught.value.end is CardEnd.BLANK_DEFECTIVE
    assert machine.mechanics.done == ["Feed", "Reject", "Feed", "Reject"]
    (book,) = [book for book in await machine.ledger.books() if book.item is Item.CARD_KTP_EL]
    assert {str(figure): count for figure, count in book.figures.items()}["spoiled"] == 2


def test_the_options_of_the_encoder_come_together_or_not_at_all() -> None:
    for name in OPTIONS:
        with pytest.raises(ValidationError, match="belong together"):
            Settings.model_validate({"uri": "ipp://127.0.0.1/printers/x"} | {name: OPTIONS[name]})


async def test_other_places_stay_out_of_reach(machine: Machine) -> None:
    assert machine.printer.port.capabilities().places == {Place.CONTACTLESS, Place.REJECT}


async def _unseen(_step: CardStep, _progress: float) -> None:
    return

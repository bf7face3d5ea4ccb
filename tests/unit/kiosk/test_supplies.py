"""Ribbon and toner in the books, and what the printers say of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from drivers.card_printer.port import CardPrinterStatus
from drivers.document_printer.port import Supplies
from drivers.errors import Disconnected
from drivers.status import DeviceState
from kiosk.devices import Device
from kiosk.issuance.journal import Journal
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.stock import Book, Figure, Handling, Item, StockEvent
from kiosk.issuance.supplies import SupplyWatch, ribbon_differs, toner_differs

STAFF = ("S-1", "S-2")


def book(item: Item, remaining: int, reserved: int = 0) -> Book:
    figures = dict.fromkeys(Figure, 0) | {Figure.REMAINING: remaining, Figure.RESERVED: reserved}
    return Book(item, "", figures)


@pytest.mark.parametrize(
    ("left", "reserved", "told", "off"),
    [
        (200, 0, [100, 100], 0),
        (200, 0, [90, 90], 0),
        (200, 0, [90, 89], -21),
        (200, 30, [130, 121], 21),
        (200, 30, [110, 110], 0),
        (0, 0, [100], 100),
        (200, 0, [100, None], 0),
        (200, 0, [], 0),
    ],
)
def test_ribbons_are_held_against_their_book(left: int, reserved: int, told: list[int | None], off: int) -> None:
    assert ribbon_differs([book(Item.RIBBON, left, reserved), book(Item.TONER, 5)], told) == off


def test_what_nobody_counts_differs_from_nothing() -> None:
    assert ribbon_differs([book(Item.TONER, 5)], [100]) == 0
    assert toner_differs([book(Item.RIBBON, 5)], 2000, 7) == 0
    assert toner_differs([book(Item.TONER, 5)], None, 7) == 0
    assert toner_differs([book(Item.TONER, 5)], 2000, None) == 0


@pytest.mark.parametrize(
    ("left", "told", "off"),
    [(2000, 60, 0), (2000, 59, -41), (100, 46, 41), (100, 45, 0), (-50, 41, 41), (4000, 100, 0)],
)
def test_toner_is_held_against_its_book(left: int, told: int, off: int) -> None:
    assert toner_differs([book(Item.TONER, left)], 2000, told) == off


class Printer:
    """Says how much toner it has."""

    def __init__(self) -> None:
        self.percent: int | None = 100
        self.asked = 0
        self.away = False

    def open(self, deadline: object) -> None: ...
    def close(self) -> None: ...

    def supplies(self, deadline: object) -> Supplies:
        self.asked += 1
        if self.away:
            raise Disconnected("away")
        return Supplies(self.percent, {}, None)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = Ledger(Journal(tmp_path / "journal.db", 1 << 30))
    await ledger.record_stock(
        [Handling(StockEvent.LOAD, Item.RIBBON, "R-1", 200), Handling(StockEvent.LOAD, Item.TONER, "", 2000)], STAFF
    )
    yield ledger
    ledger.close()


@pytest.fixture
async def printer() -> AsyncIterator[tuple[Printer, Device[Any]]]:
    port = Printer()
    device: Device[Any] = Device("document_printer", "scripted", lambda: port)
    await device.open()
    device.state = DeviceState.ONLINE
    yield port, device
    await device.close()


def says(cards: int) -> CardPrinterStatus:
    return CardPrinterStatus(DeviceState.ONLINE, ribbon_cards=cards)


async def test_a_ribbon_and_toner_that_went_unwritten_are_told_until_they_are_written_down(
    ledger: Ledger, printer: tuple[Printer, Device[Any]]
) -> None:
    port, device = printer
    watch = SupplyWatch(ledger, device, patience_s=0)
    assert await watch.look([says(100), says(100)], busy=False) == ()
    port.percent = 30
    assert await watch.look([says(100), says(40)], busy=False) == ("ribbon:mismatch=-60",)
    assert port.asked == 1
    await ledger.record_stock([Handling(StockEvent.LOAD, Item.TONER, "", 2000)], STAFF)
    assert await watch.look([says(100), says(40)], busy=True) == ("ribbon:mismatch=-60",)
    words = await watch.look([says(100), says(40)], busy=False)
    assert words == ("ribbon:mismatch=-60", "toner:mismatch=-70")
    assert port.asked == 2
    await ledger.record_stock([Handling(StockEvent.SPOIL_LOOSE, Item.RIBBON, "R-1", 60)], STAFF)
    assert await watch.look([says(100), says(40)], busy=False) == ("toner:mismatch=-70",)


async def test_a_difference_counts_only_when_it_lasts(ledger: Ledger, printer: tuple[Printer, Device[Any]]) -> None:
    watch = SupplyWatch(ledger, printer[1])
    assert await watch.look([says(10)], busy=False) == ()


async def test_a_printer_that_is_away_says_nothing_new(ledger: Ledger, printer: tuple[Printer, Device[Any]]) -> None:
    port, device = printer
    port.away = True
    watch = SupplyWatch(ledger, device, patience_s=0)
    assert await watch.look([None], busy=False) == ()
    device.state = DeviceState.OFFLINE
    await ledger.record_stock([Handling(StockEvent.LOAD, Item.TONER, "", 500)], STAFF)
    await watch.look([None], busy=False)
    assert port.asked == 1

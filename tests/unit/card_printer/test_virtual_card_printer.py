"""The virtual card printer as the simulator page sees it, and what it holds itself to."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.card_printer.evolis import EvolisPrinter
from drivers.card_printer.port import Place
from simulator.card_printer.card import Spot
from simulator.card_printer.faults import Fault
from simulator.card_printer.mechanism import HOPPER_CARDS
from simulator.device import ActionRefused, VirtualDevice
from tests.support.card_printer_bench import CardPrinterBench, pattern_side, soon


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[CardPrinterBench]:
    bench = CardPrinterBench(tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def printer(bench: CardPrinterBench) -> Iterator[EvolisPrinter]:
    driver = bench.driver()
    yield driver
    driver.close()


def as_device(device: VirtualDevice) -> VirtualDevice:
    """For mypy: it is a `VirtualDevice`."""
    return device


def test_its_state_is_for_the_page(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    printer.move(Place.INSIDE, soon())
    state = json.loads(json.dumps(as_device(bench.virtual).state()))
    assert state["hopper"] == HOPPER_CARDS - 1
    assert state["where"]["inside"] == 1
    assert state["last_card"] is None
    printer.wait(printer.print(pattern_side(), None, soon()), soon())
    last = Path(bench.virtual.state()["last_card"])
    assert {path.name for path in last.iterdir()} == {"front.png", "back.png"}


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_can_be_shown_and_healed(bench: CardPrinterBench, printer: EvolisPrinter, fault: Fault) -> None:
    assert fault.value in bench.virtual.faults()
    bench.fault(fault)
    bench.fault(None)
    printer.move(Place.INSIDE, soon())
    printer.move(Place.EXIT, soon())
    assert [card.spot for card in bench.virtual.mechanism.cards] == [Spot.EXIT]


def test_a_fault_that_does_not_exist_is_refused(bench: CardPrinterBench) -> None:
    with pytest.raises(KeyError):
        bench.fault("on_fire")


def test_taking_a_card_that_is_not_there_is_refused(bench: CardPrinterBench) -> None:
    with pytest.raises(ActionRefused):
        bench.act("take_card")


def test_no_card_is_lost_or_made_whatever_is_done_with_it(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    for places in ((Place.EXIT,), (Place.REJECT,), (Place.CONTACT, Place.EXIT), (Place.INSIDE,)):
        printer.move(Place.INSIDE, soon())
        for place in places:
            printer.move(place, soon())
    bench.act("clear")
    mechanism = bench.virtual.mechanism
    assert mechanism.hopper + len(mechanism.cards) == HOPPER_CARDS
    spots = [card.spot for card in mechanism.cards]
    # A card that still lies in the exit is pushed out by the next.
    assert spots == [Spot.TAKEN, Spot.REJECT, Spot.EXIT, Spot.REMOVED]


def test_a_ribbon_with_one_black_panel_for_the_back_takes_one_set_a_card(tmp_path: Path) -> None:
    bench = CardPrinterBench(tmp_path / "ymckok", "Primacy", ribbon="ymckok")
    try:
        printer = bench.driver()
        before = bench.virtual.mechanism.ribbon_sets
        printer.move(Place.INSIDE, soon())
        job = printer.print(pattern_side(1), pattern_side(2), soon())
        printer.wait(job, soon())
        (card,) = bench.virtual.mechanism.cards
        assert (card.words()["front"], card.words()["back"], job.panels) == ("ymcko", "k", 6)
        assert bench.virtual.mechanism.ribbon_sets == before - 1
        printer.close()
    finally:
        bench.close()

"""Whether a blank that a technician's command feeds has left the hopper, over the production driver."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from drivers.card_printer.evolis import EvolisPrinter
from drivers.card_printer.port import Place
from drivers.errors import DriverError
from kiosk.cli import blank as cli_blank
from kiosk.cli.blank import Blank
from simulator.card_printer.faults import Step
from tests.support.card_printer_bench import CardPrinterBench, soon

pytestmark = pytest.mark.xdist_group("card_printer")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardPrinterBench]:
    bench = CardPrinterBench(Path(tmp_path_factory.mktemp("blanks")))
    yield bench
    bench.close()


@pytest.fixture
def printer(bench: CardPrinterBench) -> Iterator[EvolisPrinter]:
    driver = bench.driver()
    yield driver
    bench.fault(None)
    for action in ("clear", "load_blanks", "plug_in"):
        bench.act(action)
    driver.close()


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        (None, True),
        ("feeder_empty", False),
        ("feeder_jam", True),
        ("cover_opened", True),
        # Nobody can say where it is: it counts as gone, and a count of the hopper would tell.
        ("mute", True),
    ],
)
def test_a_blank_counts_as_gone_unless_the_printer_says_it_is_not(
    bench: CardPrinterBench, printer: EvolisPrinter, fault: str | None, left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_blank, "MOVE_S", 2.0)
    bench.fault(fault, Step.FEED if fault == "cover_opened" else None)
    before = bench.virtual.mechanism.hopper
    blank = Blank()
    with suppress(DriverError):
        blank.feed(printer)
    assert blank.left is left
    if fault != "mute":
        assert before - bench.virtual.mechanism.hopper == left


def test_a_card_that_is_inside_stays_and_no_blank_leaves(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    printer.move(Place.INSIDE, soon())
    before = bench.virtual.mechanism.hopper
    blank = Blank()
    assert not blank.feed(printer)
    assert (blank.left, bench.virtual.mechanism.hopper) == (False, before)

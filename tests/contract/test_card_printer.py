"""What every card printer does, shown on the Evolis driver over USB/IP with the virtual printer."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drivers.card_printer.evolis import EvolisPrinter
from drivers.card_printer.port import CardPrinter, JobState, Place
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DeviceFault, NotFound, OutcomeUnknown, Unsupported
from drivers.status import DeviceState, InkState, MediaState, PaperState, PresentedState, RetractBinState
from simulator.card_printer.card import Spot, varnished
from simulator.card_printer.faults import Step
from tests.support.card_printer_bench import CardPrinterBench, pattern_side, soon

FRONT, BACK = pattern_side(1), pattern_side(2)


@pytest.fixture
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CardPrinterBench]:
    bench = CardPrinterBench(tmp_path, getattr(request, "param", "KC200B"))
    yield bench
    bench.close()


@pytest.fixture
def printer(bench: CardPrinterBench) -> Iterator[EvolisPrinter]:
    driver = bench.driver()
    yield driver
    driver.close()


every_model = pytest.mark.parametrize("bench", ["Dualys", "Primacy", "KC200B"], indirect=True)
guides_model = pytest.mark.parametrize("bench", ["Dualys"], indirect=True)


def printed(printer: CardPrinter) -> None:
    """Feed, print both sides, wait."""
    printer.move(Place.INSIDE, soon())
    printer.wait(printer.print(FRONT, BACK, soon()), soon())


def is_port(printer: CardPrinter) -> CardPrinter:
    """For mypy: the driver is a `CardPrinter`."""
    return printer


@every_model
def test_a_card_is_fed_printed_on_both_sides_and_handed_out(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    is_port(printer).move(Place.CONTACTLESS, soon())
    assert printer.status(soon()).card_at is Place.CONTACTLESS
    ended = printer.wait(printer.print(FRONT, BACK, soon()), soon())
    if printer.capabilities().holds_after_print:
        assert ended.at is Place.INSIDE
        printer.move(Place.EXIT, soon())
    (card,) = bench.virtual.mechanism.cards
    assert card.spot is Spot.EXIT
    assert card.words() == {"number": 1, "spot": "exit", "overprinted": False, "front": "ymcko", "back": "ymcko"}


def test_what_was_printed_is_what_was_asked_for(
    bench: CardPrinterBench, printer: EvolisPrinter, tmp_path: Path
) -> None:
    printed(printer)
    for side, name in ((FRONT, "front"), (BACK, "back")):
        with Image.open(tmp_path / "cards" / f"{name}.png") as picture:
            drawn = np.asarray(picture).astype(int)
        assert np.abs(drawn - np.where(side.black[:, :, None], 0, side.colour)).max() <= 5


def test_a_contact_chip_is_left_without_overlay(bench: CardPrinterBench) -> None:
    driver = bench.driver(chip_area={"left": 71, "top": 106, "right": 307, "bottom": 319})
    printed(driver)
    driver.close()
    varnish = varnished(bench.virtual.mechanism.cards[0].printed["front"])
    assert not varnish[106:319, 71:307].any()
    assert varnish.sum() == varnish.size - 213 * 236


def test_one_side_takes_one_set_of_panels(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    before = printer.counters(soon())
    printer.move(Place.INSIDE, soon())
    job = printer.print(FRONT, None, soon())
    printer.wait(job, soon())
    after = printer.counters(soon())
    assert (job.panels, job.panels_before) == (5, before.panels)
    assert before.panels is not None
    assert (after.panels, after.cards) == (before.panels + 5, 1)
    assert bench.virtual.mechanism.cards[0].words()["back"] == ""


def test_status_is_in_the_words_of_xfs(printer: EvolisPrinter) -> None:
    status = printer.status(soon())
    assert status.device is DeviceState.ONLINE
    assert (status.media, status.card_at, status.presented) == (
        MediaState.NOT_PRESENT,
        None,
        PresentedState.NOT_PRESENTED,
    )
    assert (status.ribbon, status.ribbon_cards, status.hopper) == (InkState.FULL, 100, PaperState.FULL)
    # Five panels a set, and a set for each side.
    assert status.ribbon_panels == 1000
    assert (status.reject_bin, status.cleaning_due, status.cover_open) == (RetractBinState.OK, False, False)


@guides_model
def test_what_a_model_cannot_tell_is_none(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    status = printer.status(soon())
    assert status.device is DeviceState.ONLINE
    unknown = (
        status.presented,
        status.ribbon_cards,
        status.ribbon_panels,
        status.hopper,
        status.reject_bin,
        status.head_hot,
    )
    assert unknown == (None,) * 6
    assert status.temperature_c is None
    assert status.ribbon is InkState.UNKNOWN


@guides_model
def test_what_a_model_cannot_do_is_unsupported(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    with pytest.raises(Unsupported):
        printer.wait_taken(soon())
    assert not printer.capabilities().retracts
    assert bench.virtual.mechanism.cards == []


@every_model
def test_it_says_who_it_is(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    identity = printer.identify(soon())
    assert identity.serial == bench.virtual.serial
    assert identity.model.startswith(bench.virtual.model.name)


def test_supplies_run_low_and_out(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    bench.virtual.mechanism.hopper, bench.virtual.mechanism.ribbon_sets = 5, 10
    low = printer.status(soon())
    assert (low.hopper, low.ribbon, low.ribbon_cards) == (PaperState.LOW, InkState.LOW, 5)
    bench.virtual.mechanism.hopper, bench.virtual.mechanism.ribbon_sets = 0, 1
    out = printer.status(soon())
    assert (out.hopper, out.ribbon, out.ribbon_cards) == (PaperState.OUT, InkState.OUT, 0)


def test_without_blanks_nothing_moves(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    bench.fault("feeder_empty")
    with pytest.raises(DeviceFault) as fault:
        printer.move(Place.CONTACTLESS, soon())
    assert fault.value.words["paper"] == PaperState.OUT
    assert bench.virtual.mechanism.cards == []


def test_a_ribbon_that_does_not_last_for_the_card_is_refused_before_anything_is_printed(
    bench: CardPrinterBench, printer: EvolisPrinter
) -> None:
    bench.virtual.mechanism.ribbon_sets = 1
    printer.move(Place.INSIDE, soon())
    with pytest.raises(DeviceFault) as fault:
        printer.print(FRONT, BACK, soon())
    assert fault.value.words["ribbon"] == InkState.OUT
    assert bench.virtual.mechanism.cards[0].clean
    printer.wait(printer.print(FRONT, None, soon()), soon())
    assert bench.virtual.mechanism.cards[0].words()["front"] == "ymcko"


def test_printing_without_a_card_inside_is_refused(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    with pytest.raises(DeviceFault) as fault:
        printer.print(FRONT, BACK, soon())
    assert fault.value.words["media"] == MediaState.NOT_PRESENT
    assert "Se" not in bench.virtual.printer.commands


def test_a_card_goes_where_it_is_told_and_nowhere_twice(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    for place in (Place.CONTACTLESS, Place.CONTACT, Place.INSIDE, Place.INSIDE, Place.REJECT):
        printer.move(place, soon())
        at = printer.status(soon()).card_at
        assert at is (None if place is Place.REJECT else place)
    assert [card.spot for card in bench.virtual.mechanism.cards] == [Spot.REJECT]
    assert bench.virtual.printer.commands.count("Si") == 1


def test_a_card_that_nobody_takes_is_drawn_back_and_kept(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    printed(printer)
    printer.move(Place.EXIT, soon())
    assert printer.status(soon()).presented is PresentedState.PRESENTED
    assert not printer.wait_taken(soon(0.3))
    printer.move(Place.REJECT, soon())
    assert bench.virtual.mechanism.cards[0].spot is Spot.REJECT
    assert printer.status(soon()).presented is PresentedState.NOT_PRESENTED


def test_a_card_that_is_taken_is_seen_to_be_gone(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    printed(printer)
    printer.move(Place.EXIT, soon())
    bench.act("take_card")
    assert printer.wait_taken(soon())


def test_moving_no_card_is_refused(printer: EvolisPrinter) -> None:
    for place in (Place.EXIT, Place.REJECT):
        with pytest.raises(DeviceFault) as fault:
            printer.move(place, soon())
        assert fault.value.words["media"] == MediaState.NOT_PRESENT


def test_a_full_reject_box_keeps_the_card_inside(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    bench.fault("reject_full")
    assert printer.status(soon()).reject_bin is RetractBinState.FULL
    printer.move(Place.INSIDE, soon())
    with pytest.raises(DeviceFault) as fault:
        printer.move(Place.REJECT, soon())
    assert fault.value.words["retractBins"] == RetractBinState.FULL
    assert printer.status(soon()).card_at is Place.INSIDE


def test_a_jam_says_so_until_somebody_clears_it(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    bench.fault("feeder_jam")
    with pytest.raises(DeviceFault) as fault:
        printer.move(Place.CONTACTLESS, soon())
    assert fault.value.words["paper"] == PaperState.JAMMED
    status = printer.status(soon())
    assert (status.device, status.media) == (DeviceState.HARDWARE_ERROR, MediaState.JAMMED)
    with pytest.raises(DeviceFault):
        printer.move(Place.CONTACTLESS, soon())
    assert len(bench.virtual.mechanism.cards) == 1
    bench.act("clear")
    printer.reset(soon())
    assert printer.status(soon()).device is DeviceState.ONLINE
    printer.move(Place.CONTACTLESS, soon())


def test_a_hot_head_stops_the_card_and_is_told_of(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    bench.fault("head_hot")
    printer.move(Place.INSIDE, soon())
    with pytest.raises(DeviceFault) as fault:
        printer.wait(printer.print(FRONT, BACK, soon()), soon())
    assert fault.value.code == "ERROR HEAD"
    assert printer.status(soon()).head_hot is True


def test_an_open_cover_refuses_before_a_blank_moves(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    bench.virtual.mechanism.cover_open = True
    status = printer.status(soon())
    assert (status.device, status.cover_open) == (DeviceState.USER_ERROR, True)
    with pytest.raises(DeviceFault) as fault:
        printer.move(Place.INSIDE, soon())
    assert fault.value.words["cover"] == "open"
    assert bench.virtual.mechanism.cards == []


def test_a_printer_that_is_not_there_is_no_device(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    bench.fault("unplugged")
    assert printer.status(soon()).device is DeviceState.NO_DEVICE
    with pytest.raises(NotFound):
        printer.move(Place.INSIDE, soon())
    bench.act("plug_in")
    assert printer.status(soon()).device is DeviceState.ONLINE


def test_a_silent_printer_is_offline_and_nothing_begins(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    bench.fault("mute")
    assert printer.status(soon(1)).device is DeviceState.OFFLINE
    with pytest.raises(DeviceFault) as fault:
        printer.move(Place.INSIDE, soon(1))
    assert fault.value.words["device"] == DeviceState.OFFLINE
    assert bench.virtual.mechanism.cards == []


def test_an_answer_that_comes_late_is_not_taken_for_another_questions(
    bench: CardPrinterBench, printer: EvolisPrinter
) -> None:
    printer.move(Place.INSIDE, soon())
    bench.virtual.mechanism._pace = 0.05
    job = printer.print(FRONT, BACK, soon())
    with pytest.raises(DeadlineExceeded):
        printer.wait(job, Deadline.after(0.01))
    # The printer still prints; its word for that comes before the answers to these.
    assert printer.recall(job, soon()) is JobState.PRINTED
    assert printer.status(soon()).card_at is Place.INSIDE
    assert bench.virtual.mechanism.cards[0].words()["back"] == "ymcko"


def test_the_end_of_a_print_can_be_waited_for_in_turns(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    printer.move(Place.INSIDE, soon())
    bench.virtual.mechanism._pace = 0.02
    job = printer.print(FRONT, BACK, soon())
    assert printer.status(soon()).device is DeviceState.DEVICE_BUSY
    with pytest.raises(DeadlineExceeded):
        printer.wait(job, Deadline.after(0.01))
    assert printer.wait(job, soon()).at is Place.INSIDE


@pytest.mark.parametrize(
    ("fault", "state"),
    [("unplugged", JobState.PRINTED), ("power_lost", JobState.PARTLY), ("garbled", JobState.PRINTED)],
)
def test_a_print_whose_end_is_lost_is_recalled_from_the_counters(
    bench: CardPrinterBench, printer: EvolisPrinter, fault: str, state: JobState
) -> None:
    printer.move(Place.INSIDE, soon())
    bench.fault(fault, Step.PRINT)
    job = printer.print(FRONT, BACK, soon())
    with pytest.raises(OutcomeUnknown):
        printer.wait(job, soon())
    bench.fault(None)
    assert printer.recall(job, soon()) is state
    assert bench.virtual.printer.commands.count("Se") == 1
    assert not bench.virtual.mechanism.cards[0].overprinted


def test_a_print_that_never_began_is_recalled_as_such(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    printer.move(Place.INSIDE, soon())
    bench.fault("nack", Step.PRINT)
    job = printer.print(FRONT, BACK, soon())
    with pytest.raises(DeviceFault):
        printer.wait(job, soon())
    assert printer.recall(job, soon()) is JobState.NOT_PRINTED
    printer.move(Place.REJECT, soon())
    assert bench.virtual.mechanism.cards[0].clean


def test_panels_of_a_print_that_was_broken_off_are_never_printed_later(
    bench: CardPrinterBench, printer: EvolisPrinter
) -> None:
    printer.move(Place.INSIDE, soon())
    bench.virtual.printer.nack_in = 15
    with pytest.raises(DeviceFault):
        printer.print(FRONT, BACK, soon())
    assert "Db" in bench.virtual.printer.commands
    printer.move(Place.EXIT, soon())
    assert bench.virtual.mechanism.cards[0].clean


def test_panels_of_a_print_that_was_broken_off_do_not_come_out_on_the_next_card(
    bench: CardPrinterBench, printer: EvolisPrinter
) -> None:
    printer.move(Place.INSIDE, soon())
    bench.virtual.printer.nack_in = 15
    with pytest.raises(DeviceFault):
        printer.print(FRONT, BACK, soon())
    printer.wait(printer.print(BACK, None, soon()), soon())
    assert bench.virtual.mechanism.cards[0].words() == {
        "number": 1,
        "spot": "inside",
        "overprinted": False,
        "front": "ymcko",
        "back": "",
    }


def test_cleaning_is_asked_for_and_done(bench: CardPrinterBench, printer: EvolisPrinter) -> None:
    bench.virtual.mechanism.cards_since_cleaning = 1000
    assert printer.status(soon()).cleaning_due is True
    printer.clean(soon())
    assert printer.status(soon()).cleaning_due is False
    assert printer.counters(soon()).cleanings == 1


def test_closing_twice_and_opening_without_a_printer_are_no_errors(bench: CardPrinterBench) -> None:
    driver = bench.driver(product_id=0x0001)
    assert driver.status(soon()).device is DeviceState.NO_DEVICE
    driver.close()
    driver.close()

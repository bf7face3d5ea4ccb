"""What a card printer behind a closed driver does, shown over a real cupsd with a backend of ours."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from drivers.card_printer.cups import CupsCardPrinter
from drivers.card_printer.port import CardJob, CardPrinter, JobState, Place
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DeviceFault, NotFound, OutcomeUnknown, Unsupported
from drivers.status import DeviceState, MediaState
from tests.support.card_printer_bench import pattern_side, soon
from tests.support.cups_bench import CupsBench

FRONT, BACK = pattern_side(1), pattern_side(2)

pytestmark = pytest.mark.skipif(shutil.which("/usr/sbin/cupsd") is None, reason="the package cups-daemon is missing")


@pytest.fixture
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CupsBench]:
    bench = CupsBench(tmp_path, getattr(request, "param", "abort-job"))
    yield bench
    bench.stop()


@pytest.fixture
def printer(bench: CupsBench) -> CupsCardPrinter:
    return bench.driver()


def prints(bench: CupsBench) -> int:
    """How often the printer was given a card to print."""
    return len(list(bench.printed.glob("*.pdf")))


def is_port(printer: CardPrinter) -> CardPrinter:
    """For mypy: the driver is a `CardPrinter`."""
    return printer


def test_a_card_is_handed_over_once_with_both_sides_dot_for_dot(bench: CupsBench, printer: CupsCardPrinter) -> None:
    job = is_port(printer).print(FRONT, BACK, soon())
    ended = printer.wait(job, soon())
    assert not ended.acknowledged
    assert prints(bench) == 1
    options = (bench.printed / "1.options").read_text()
    assert "media=Card" in options
    assert "sides=two-sided-long-edge" in options
    document = pypdfium2.PdfDocument(bench.printed / "1.pdf")
    for page, side in zip(document, (FRONT, BACK), strict=True):
        assert page.get_size() == pytest.approx((1016 * 72 / 300, 648 * 72 / 300))
        (image,) = page.get_objects()
        assert image.get_bounds() == pytest.approx((0, 0, *page.get_size()))
        drawn = image.get_bitmap().to_numpy()[:, :, ::-1]
        assert (drawn == np.where(side.black[:, :, None], 0, side.colour)).all()
    document.close()
    assert printer.recall(job, soon()) is JobState.PRINTED


def test_one_side_is_one_page(bench: CupsBench, printer: CupsCardPrinter) -> None:
    printer.wait(printer.print(FRONT, None, soon()), soon())
    document = pypdfium2.PdfDocument(bench.printed / "1.pdf")
    assert len(document) == 1
    document.close()
    assert "sides=one-sided" in (bench.printed / "1.options").read_text()


def test_a_jam_ends_the_job_as_a_fault_and_nothing_is_printed_again(bench: CupsBench, printer: CupsCardPrinter) -> None:
    (bench.printed / "jam").touch()
    job = printer.print(FRONT, BACK, soon())
    with pytest.raises(DeviceFault):
        printer.wait(job, soon())
    assert printer.recall(job, soon()) is JobState.PARTLY
    status = printer.status(soon())
    assert (status.device, status.media) == (DeviceState.HARDWARE_ERROR, MediaState.JAMMED)
    with pytest.raises(DeviceFault) as refused:
        printer.print(FRONT, BACK, soon())
    assert "media-jam" in refused.value.code
    assert prints(bench) == 1


def test_a_job_that_takes_long_can_be_waited_for_in_turns(bench: CupsBench, printer: CupsCardPrinter) -> None:
    (bench.printed / "hold").touch()
    job = printer.print(FRONT, BACK, soon())
    with pytest.raises(DeadlineExceeded):
        printer.wait(job, Deadline.after(0.3))
    (bench.printed / "hold").unlink()
    printer.wait(job, soon())
    assert prints(bench) == 1


def test_a_job_that_never_reached_the_printer_is_cancelled_and_known_not_to_be_printed(
    bench: CupsBench, printer: CupsCardPrinter
) -> None:
    (bench.printed / "hold").touch()
    first = printer.print(FRONT, None, soon())
    second = printer.print(BACK, None, soon())
    assert printer.recall(second, soon()) is JobState.NOT_PRINTED
    (bench.printed / "hold").unlink()
    printer.wait(first, soon())
    with pytest.raises(DeviceFault):
        printer.wait(second, soon())
    assert prints(bench) == 1


def test_a_spooler_that_dies_leaves_the_end_unknown(bench: CupsBench, printer: CupsCardPrinter) -> None:
    (bench.printed / "hold").touch()
    job = printer.print(FRONT, BACK, soon())
    bench.stop()
    with pytest.raises(OutcomeUnknown):
        printer.wait(job, soon())
    assert printer.recall(job, soon()) is JobState.UNKNOWN
    assert printer.status(soon()).device is DeviceState.NO_DEVICE
    with pytest.raises(NotFound):
        printer.print(FRONT, BACK, soon())


def test_a_job_of_another_spooler_is_not_taken_for_ours(printer: CupsCardPrinter) -> None:
    job = printer.print(FRONT, None, soon())
    printer.wait(job, soon())
    assert printer.recall(CardJob(None, 0, job.job_id, "card-other-1"), soon()) is JobState.UNKNOWN


@pytest.mark.parametrize("bench", ["retry-job", "retry-current-job"], indirect=True)
def test_a_queue_that_would_print_again_by_itself_is_refused(bench: CupsBench, printer: CupsCardPrinter) -> None:
    with pytest.raises(Unsupported, match="abort-job"):
        printer.print(FRONT, BACK, soon())
    assert prints(bench) == 0


def test_what_a_spooler_cannot_do_is_unsupported(printer: CupsCardPrinter) -> None:
    can = printer.capabilities()
    assert can.places == frozenset()
    assert can.feeds_on_print
    for act in (
        lambda: printer.move(Place.CONTACTLESS, soon()),
        lambda: printer.wait_taken(soon()),
        lambda: printer.clean(soon()),
        lambda: printer.reset(soon()),
    ):
        with pytest.raises(Unsupported):
            act()


def test_what_a_spooler_cannot_tell_is_none(printer: CupsCardPrinter) -> None:
    status = printer.status(soon())
    assert status.device is DeviceState.ONLINE
    unknown = (status.card_at, status.presented, status.ribbon, status.hopper, status.reject_bin, status.cover_open)
    assert unknown == (None,) * 6
    assert printer.counters(soon()).panels is None

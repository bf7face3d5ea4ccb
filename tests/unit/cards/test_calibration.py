"""The test card: what is measured on it sets the machine right."""

import numpy as np
import pytest

from drivers.card_printer import raster
from drivers.card_printer.port import DOTS_PER_MM, HEIGHT_DOTS, WIDTH_DOTS, CardSide
from drivers.card_printer.raster import Alignment
from kiosk.issuance.cards.calibration import CARD_MM, MARGIN_MM, Measured, alignment, calibration_sides
from kiosk.issuance.cards.errors import FieldUnusable

MIDDLE = (WIDTH_DOTS - 1) / 2, (HEIGHT_DOTS - 1) / 2


def printed(side: CardSide, wrong: Alignment, ours: Alignment) -> "np.typing.NDArray[np.bool_]":
    """What a machine that is off by `wrong` prints when the driver aligns by `ours`."""
    sent = raster._align(side.black, ours)
    return raster._align(sent, wrong)


def margins(black: "np.typing.NDArray[np.bool_]") -> Measured:
    """A ruler on the printed card: the frame's outermost long lines, in millimetres from the card's edges."""
    columns = np.nonzero(black.sum(axis=0) > HEIGHT_DOTS * 0.6)[0]
    rows = np.nonzero(black.sum(axis=1) > WIDTH_DOTS * 0.6)[0]
    over_x, over_y = (WIDTH_DOTS / DOTS_PER_MM - CARD_MM[0]) / 2, (HEIGHT_DOTS / DOTS_PER_MM - CARD_MM[1]) / 2
    return Measured(
        columns[0] / DOTS_PER_MM - over_x,
        rows[0] / DOTS_PER_MM - over_y,
        (WIDTH_DOTS - columns[-1]) / DOTS_PER_MM - over_x,
        (HEIGHT_DOTS - rows[-1]) / DOTS_PER_MM - over_y,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        Alignment(),
        Alignment(right_dots=9, down_dots=-6),
        Alignment(scale_x=0.985, scale_y=1.01),
        Alignment(-12, 7, 1.012, 0.99),
    ],
)
def test_what_is_measured_on_the_test_card_sets_the_machine_right(wrong: Alignment) -> None:
    side = calibration_sides().printable()[0]
    ours = alignment(margins(printed(side, wrong, Alignment())))
    after = margins(printed(side, wrong, ours))
    for margin in (after.left_mm, after.top_mm, after.right_mm, after.bottom_mm):
        assert margin == pytest.approx(MARGIN_MM, abs=0.25)


@pytest.mark.parametrize("reading", [-1.0, 13.0, float("nan"), float("inf")])
def test_readings_that_no_printer_gives_are_refused(reading: float) -> None:
    with pytest.raises(FieldUnusable):
        alignment(Measured(5.0, 5.0, reading, 5.0))


def test_margins_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(FieldUnusable):
        alignment(Measured(12.0, 5.0, 12.0, 5.0))


def test_the_test_card_says_what_it_is_and_shows_every_dye() -> None:
    front, back = calibration_sides().printable()
    assert front.black.any()
    assert back.black.any()
    for colour in ((0, 255, 255), (255, 0, 255), (255, 255, 0)):
        assert (front.colour == colour).all(axis=2).sum() > 500

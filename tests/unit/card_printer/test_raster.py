"""Colours to panels: where each dot goes, what black does to dye, alignment, the chip's place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.card_printer import raster
from drivers.card_printer.evolis_wire import BITS_OF_LEVELS, block_bytes
from drivers.card_printer.port import HEIGHT_DOTS, WIDTH_DOTS, CardSide
from drivers.card_printer.raster import Alignment, Area
from tests.support.card_printer_bench import pattern_side

NONE = Alignment()


def white() -> CardSide:
    colour = np.full((HEIGHT_DOTS, WIDTH_DOTS, 3), 255, np.uint8)
    return CardSide(colour, np.zeros((HEIGHT_DOTS, WIDTH_DOTS), np.bool_))


def dots(side: CardSide, panel: str, levels: int = 32, **words: object) -> "raster._Bytes":
    """One panel's dots as the picture lies."""
    given_words = {"align": NONE, "free": None} | words
    ((_, sent, block),) = raster.panels(side, panel, levels, **given_words)  # type: ignore[arg-type]
    return raster.upright(raster.unpack(block, BITS_OF_LEVELS[sent]))


@given(st.sampled_from([5, 6, 7, 8]), st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_packed_dots_are_the_bits_of_each_from_the_high_one_on(bits: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 1 << bits, 64, dtype=np.uint8)
    by_hand = "".join(f"{value:0{bits}b}" for value in values)
    assert raster.pack(values, bits) == int(by_hand, 2).to_bytes(8 * bits, "big")


@pytest.mark.parametrize("levels", BITS_OF_LEVELS)
def test_panels_have_the_length_of_their_levels(levels: int) -> None:
    for _, sent, block in raster.panels(white(), "ymcko", 32 if levels == 2 else levels, align=NONE, free=None):
        assert len(block) == block_bytes(sent)


def test_the_first_dot_of_the_raster_is_the_cards_bottom_left() -> None:
    side = white()
    side.black[HEIGHT_DOTS - 1, 0] = True
    side.black[HEIGHT_DOTS - 2, 1] = True
    block = raster.panels(side, "k", 32, align=NONE, free=None)[0][2]
    assert block[0] == 0x80
    assert block[HEIGHT_DOTS // 8] == 0x40
    assert sum(byte.bit_count() for byte in block) == 2


def test_each_dye_takes_its_light_away() -> None:
    side = white()
    side.colour[10, 20] = (255, 0, 0)
    assert [int(dots(side, panel)[10, 20]) for panel in "ymc"] == [31, 31, 0]
    assert [int(dots(side, panel)[10, 21]) for panel in "ymc"] == [0, 0, 0]


@pytest.mark.parametrize("levels", [32, 64, 128, 256])
def test_shades_are_rounded_to_the_nearest(levels: int) -> None:
    side = white()
    side.colour[0, :256, 0] = np.arange(256)
    nearest = np.rint((255 - np.arange(256)) * (levels - 1) / 255)
    assert (dots(side, "c", levels)[0, :256] == nearest).all()


def test_no_dye_lies_under_black() -> None:
    side = pattern_side()
    for panel in "ymc":
        assert not dots(side, panel)[side.black].any()
    assert (dots(side, "k").astype(np.bool_) == side.black).all()


@pytest.mark.parametrize("levels", [32, 128])
def test_a_picture_comes_back_from_its_panels(levels: int) -> None:
    side = pattern_side()
    blocks = {
        p: raster.unpack(b, BITS_OF_LEVELS[sent])
        for p, sent, b in raster.panels(side, "ymck", levels, align=NONE, free=None)
    }
    black = blocks.pop("k").astype(np.bool_)
    back = raster.picture(blocks, levels, black).astype(int)
    wanted = np.where(side.black[:, :, None], 0, side.colour)
    assert np.abs(back - wanted).max() <= 255 / (levels - 1) / 2 + 1


def test_the_overlay_leaves_the_chip_free_and_nothing_else() -> None:
    free = Area(71, 106, 307, 319)
    varnish = dots(white(), "o", free=free).astype(np.bool_)
    assert not varnish[free.top : free.bottom, free.left : free.right].any()
    assert (~varnish).sum() == (free.bottom - free.top) * (free.right - free.left)
    assert dots(white(), "o").all()


def test_a_side_upside_down_is_turned_by_half() -> None:
    side = pattern_side()
    turned = dots(side, "k", upside_down=True).astype(np.bool_)
    assert (turned[::-1, ::-1] == side.black).all()


def test_alignment_moves_every_panel_alike_and_brings_in_white() -> None:
    side = pattern_side()
    align = Alignment(right_dots=5, down_dots=-3)
    black = dots(side, "k", align=align).astype(np.bool_)
    assert (black[:-3, 5:] == side.black[3:, :-5]).all()
    assert not black[-3:].any()
    assert not black[:, :5].any()
    cyan, still = dots(side, "c", align=align), dots(side, "c")
    assert (cyan[:-3, 5:] == still[3:, :-5]).all()
    assert not cyan[-3:].any()


def test_scale_stretches_about_the_middle() -> None:
    side = white()
    side.black[:, WIDTH_DOTS // 2 + 400] = True
    black = dots(side, "k", align=Alignment(scale_x=1.02)).astype(np.bool_)
    (columns,) = np.nonzero(black[0])
    assert set(columns) <= set(range(WIDTH_DOTS // 2 + 407, WIDTH_DOTS // 2 + 410))
    assert len(columns) >= 1


@pytest.mark.parametrize("shape", [(648, 1015, 3), (1016, 648, 3), (648, 1016)])
def test_a_side_of_another_size_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="uint8 648 x 1016"):
        CardSide(np.zeros(shape, np.uint8), np.zeros((HEIGHT_DOTS, WIDTH_DOTS), np.bool_))

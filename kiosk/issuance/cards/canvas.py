"""One side of a card while it is drawn: a colour picture, and the dots of the black panel."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from drivers.card_printer.port import DOTS_PER_MM, HEIGHT_DOTS, WIDTH_DOTS, CardSide
from kiosk.issuance.cards.fonts import Weight, ascent_px, runs, width_px
from kiosk.issuance.cards.layout import Fitted

SIZE = (WIDTH_DOTS, HEIGHT_DOTS)
LINE_HEIGHT = 1.13
Colour = tuple[int, int, int]


def dots(millimetres: float) -> int:
    """Millimetres on the card in dots."""
    return round(millimetres * DOTS_PER_MM)


class Canvas:
    """Draws; positions are dots from the card's top left."""

    def __init__(self, background: Image.Image) -> None:
        self.colour = background.copy()
        self._black = Image.new("1", SIZE)
        self._pen = ImageDraw.Draw(self._black)
        self._pen.fontmode = "1"

    def text(self, x: float, y: float, words: str, weight: Weight, size_px: int) -> float:
        """A line of black text whose top is at y; gives where it ends."""
        baseline = y + ascent_px(weight, size_px)
        for run in runs(words, weight, size_px):
            self._pen.text((round(x), round(baseline)), run.text, fill=1, font=run.font, anchor="ls")
            x += run.width_px
        return x

    def centred(self, middle_x: float, y: float, words: str, weight: Weight, size_px: int) -> None:
        """A line of black text about its middle."""
        self.text(middle_x - width_px(words, weight, size_px) / 2, y, words, weight, size_px)

    def block(self, x: float, y: float, fitted: Fitted, weight: Weight, pitch_px: float) -> float:
        """Lines under one another, each in the middle of its own height of `pitch_px`; gives where the next begins."""
        for line in fitted.lines:
            self.text(x, y + (pitch_px - fitted.size_px * LINE_HEIGHT) / 2, line, weight, fitted.size_px)
            y += pitch_px
        return y

    def centred_block(self, middle_x: float, y: float, fitted: Fitted, weight: Weight) -> float:
        """Lines about their middle; gives where the next begins."""
        for line in fitted.lines:
            self.centred(middle_x, y, line, weight, fitted.size_px)
            y += fitted.size_px * LINE_HEIGHT
        return y

    def lines(self, points: Sequence[tuple[float, float]], width_px: int = 2) -> None:
        """A black line through these points."""
        self._pen.line(list(points), fill=1, width=width_px)

    def box(self, left: float, top: float, right: float, bottom: float, width_px: int = 2) -> None:
        """A black frame."""
        self._pen.rectangle((left, top, right, bottom), outline=1, width=width_px)

    def stamp(self, left: int, top: int, ink: Image.Image) -> None:
        """Black dots where a picture of mode "1" is set."""
        self._black.paste(1, (left, top), ink)

    def picture(self, left: int, top: int, image: Image.Image) -> None:
        """A colour picture."""
        self.colour.paste(image, (left, top))

    def done(self) -> CardSide:
        """The side."""
        return CardSide(np.asarray(self.colour), np.asarray(self._black))

"""Two sides that were drawn, ready for the printer."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from drivers.card_printer.port import CardSide
from kiosk.issuance.cards.canvas import Canvas


@dataclass(frozen=True, slots=True, repr=False)
class Sides:
    """Front and back."""

    front: Canvas
    back: Canvas

    def printable(self) -> tuple[CardSide, CardSide]:
        """Front and back as the printer takes them."""
        return self.front.done(), self.back.done()


def preview(side: CardSide) -> Image.Image:
    """What a side looks like, for the screen on which it is proofread."""
    return Image.fromarray(np.where(side.black[:, :, None], np.uint8(0), side.colour))

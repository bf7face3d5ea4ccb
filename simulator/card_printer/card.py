"""A virtual card: where it is, and every panel that was ever printed on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drivers.card_printer.evolis_wire import BITS_OF_LEVELS
from drivers.card_printer.port import HEIGHT_DOTS, WIDTH_DOTS
from drivers.card_printer.raster import picture, unpack, upright


class Spot(StrEnum):
    """Where a card is; it is always in exactly one of these."""

    HOPPER = "hopper"
    FEEDER = "feeder"
    INSIDE = "inside"
    CONTACT = "contact"
    CONTACTLESS = "contactless"
    EXIT = "exit"
    REJECT = "reject"
    TAKEN = "taken"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel as it was received.

    Attributes:
        name: y, m, c, k or o.
        levels: Shades.
        block: Packed dots.
    """

    name: str
    levels: int
    block: bytes = field(repr=False)


@dataclass(slots=True)
class Card:
    """One blank and what became of it.

    Attributes:
        number: Counts from 1, in the order they were fed.
        spot: Where it is.
        defective: Whether its chip does not keep what is written to it.
        pushed_in: Whether it came in through the exit: somebody's old card.
        test: Whether it is a test blank that a technician put in by hand: it was never in the hopper.
        printed: Side ("front", "back") to the panels on it, in the order they were printed.
    """

    number: int
    spot: Spot = Spot.HOPPER
    defective: bool = False
    pushed_in: bool = False
    test: bool = False
    printed: dict[str, list[Panel]] = field(default_factory=lambda: {"front": [], "back": []}, repr=False)

    @property
    def clean(self) -> bool:
        """Whether nothing at all was printed on it."""
        return not any(self.printed.values())

    @property
    def overprinted(self) -> bool:
        """Whether a panel was printed twice on a side: never right."""
        return any(len({panel.name for panel in side}) < len(side) for side in self.printed.values())

    def words(self) -> Mapping[str, Any]:
        """For the page and for tests."""
        return {
            "number": self.number,
            "spot": self.spot.value,
            "overprinted": self.overprinted,
            **({"pushed_in": True} if self.pushed_in else {}),
            **({"test": True} if self.test else {}),
            **{side: "".join(panel.name for panel in panels) for side, panels in self.printed.items()},
        }


def draw(panels: list[Panel]) -> Image.Image:
    """What a side with these panels on it looks like."""
    dye = {panel.name: _dots(panel) for panel in panels if panel.name in "ymc"}
    levels = max((panel.levels for panel in panels if panel.name in "ymc"), default=2)
    black = next((_dots(panel).astype(np.bool_) for panel in panels if panel.name == "k"), None)
    return Image.fromarray(picture(dye, levels, black))


def varnished(panels: list[Panel]) -> NDArray[np.bool_]:
    """Where the overlay is, as the picture lies: (648, 1016)."""
    for panel in panels:
        if panel.name == "o":
            return upright(_dots(panel).astype(np.bool_))
    return np.zeros((HEIGHT_DOTS, WIDTH_DOTS), np.bool_)


def _dots(panel: Panel) -> NDArray[np.uint8]:
    return unpack(panel.block, BITS_OF_LEVELS[panel.levels])

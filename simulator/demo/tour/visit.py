"""Somebody at the machine who is no resident of a script: sees screens, touches them, has each pictured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adm.panel.v1 import panel_pb2 as pb

from simulator.demo.client import SimulatorClient
from simulator.demo.demo import Demo
from simulator.demo.tour.camera_roll import CameraRoll
from simulator.demo.tour.hand import Hand
from simulator.demo.views import Views

SCREEN_S = 40.0
NOTHING_ENDS = frozenset[str]()


def anything(view: pb.View) -> bool:
    """Any View of the screen that is waited for."""
    return True


@dataclass(slots=True)
class Visit:
    """One person's eyes and finger.

    Attributes:
        views: Without dead ends: trouble and closed services belong to this story.
    """

    demo: Demo
    views: Views
    hand: Hand
    roll: CameraRoll
    simulator: SimulatorClient

    async def sees(
        self, *screens: str, within_s: float = SCREEN_S, where: Callable[[pb.View], bool] = anything
    ) -> pb.View:
        """Wait for one of these screens, and until it is drawn."""
        seen = await self.views.wait(*screens, within_s=within_s, where=where)
        await self.hand.wait(seen.screen, seen.view.revision)
        return seen.view

    async def looks(self, picture: str) -> None:
        """Have what is shown pictured."""
        await self.roll.still(picture)

    async def touches(self, *buttons: str) -> None:
        """One button after the other."""
        for button in buttons:
            await self.hand.touch(button)

    async def types(self, digits: str, enter: str = "enter") -> None:
        """On a keypad; each digit is a button."""
        await self.touches(*(f"digit:{digit}" for digit in digits), enter)

    async def picks(self, button: str) -> None:
        """A button of a list that may stand on a later page of it."""
        await self.hand.find(button)
        await self.touches(button)

    async def takes_card(self) -> None:
        """From the reader, if one lies there."""
        if (await self.simulator.state("card_reader"))["card"] is not None:
            await self.simulator.act("card_reader", "take")

    async def swipes(self, places: Sequence[tuple[int, int]]) -> None:
        """One finger that goes over all these places, px."""
        await self.hand.swipe(places)

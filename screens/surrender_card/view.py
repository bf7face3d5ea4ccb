"""Asks for the old card, once the new one is in the resident's hands."""

from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, StringProperty

from screens.kinds import kind_name
from screens.widgets.page import Optional, Page
from screens.words import say


class SurrenderCardPage(Page):
    """Given, or lost: then an officer has to see to it."""

    largest_wide = 1.0
    slot = BooleanProperty(False)
    kind = StringProperty("")
    body = StringProperty("")
    given = StringProperty("")
    hint = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._given = Optional(self.ids.given)

    def draw(self, screen: pb.SurrenderCardScreen) -> None:
        """Names the card, where it goes, and who says that it is there."""
        where = "slot" if screen.into_slot else "confirmed" if screen.officer_confirms else "officer"
        self.slot = screen.into_slot
        self.kind = kind_name(screen.kind)
        self.hint = say("surrender_card.not_seen") if screen.not_seen else ""
        self.body = "" if screen.not_seen else say(f"surrender_card.body_{where}")
        self.given = say("surrender_card.confirm_slot" if screen.into_slot else "surrender_card.confirm_officer")
        self._given.offer(not screen.officer_confirms)


PAGE = SurrenderCardPage

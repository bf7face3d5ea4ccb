"""Asks a second person to put a service card on the reader."""

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import StringProperty

from screens.widgets.page import Page
from screens.words import say


class SecondCardPage(Page):
    """The machine notices the card."""

    resizes_text = False
    largest_tall = largest_wide = 1.0
    title = StringProperty("")
    body = StringProperty("")

    def draw(self, screen: technician.TechnicianPinScreen) -> None:
        """Says whose card."""
        second = screen.purpose == technician.TECHNICIAN_PIN_PURPOSE_SECOND_PERSON
        self.title = say("second_card.title" if second else "second_card.first")
        self.body = say("second_card.body") if second else ""


PAGE = SecondCardPage

"""Asks for the PIN of a service card."""

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import StringProperty

from screens.widgets.keypad import CodePage
from screens.words import count, say


class TechnicianPinPage(CodePage):
    """The PIN is never shown."""

    resizes_text = False
    largest_tall = 1.0
    act_name = ("enter_service_pin", "pin")
    title = StringProperty("")
    body = StringProperty("")

    def draw(self, screen: technician.TechnicianPinScreen) -> None:
        """Asks, asks again, or says how long this card is locked."""
        second = screen.purpose == technician.TECHNICIAN_PIN_PURPOSE_SECOND_PERSON
        self.title = say("technician_pin.second" if second else "technician_pin.title")
        old_card = screen.purpose == technician.TECHNICIAN_PIN_PURPOSE_OLD_CARD
        self.body = say("technician_pin.old_card" if old_card else "technician_pin.body", holder=screen.holder)
        self.open = not screen.locked_minutes
        hint = ""
        if screen.locked_minutes:
            hint = count("technician_pin.locked", screen.locked_minutes)
        elif screen.wrong:
            hint = count("enter_pin.wrong", max(1, screen.attempts_left))
        self.begin(screen.max_length, hint, screen.min_length)


PAGE = TechnicianPinPage

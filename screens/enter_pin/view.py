"""Asks for the PIN that came with the QR code."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import StringProperty

from screens.widgets.keypad import CodePage
from screens.words import count, say


class EnterPinPage(CodePage):
    """The PIN is never shown."""

    act_name = ("enter_pin", "pin")
    title = StringProperty("")
    body = StringProperty("")

    def draw(self, screen: pb.EnterPinScreen) -> None:
        """Asks, or asks again."""
        self.title, self.body = say("enter_pin.title"), say("enter_pin.body")
        self.begin(screen.length, count("enter_pin.wrong", max(1, screen.attempts_left)) if screen.wrong else "")


PAGE = EnterPinPage

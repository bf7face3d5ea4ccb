"""Shows the number of the issuance, large."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, StringProperty

from screens.widgets.page import Page
from screens.words import say

_STATES = {
    pb.RECEIPT_STATE_READY: "ready",
    pb.RECEIPT_STATE_UNAVAILABLE: "unavailable",
}


class ReceiptPage(Page):
    """The number is there whatever the printer does."""

    largest_wide = 1.0
    title = StringProperty("")
    body = StringProperty("")
    number = StringProperty("")
    printed = BooleanProperty(True)
    waiting = BooleanProperty(False)

    def draw(self, screen: pb.ReceiptScreen) -> None:
        """Says how far the receipt is."""
        state = _STATES.get(screen.state, "printing")
        self.title = say(f"receipt.{state}.title")
        self.body = say(f"receipt.{state}.body")
        self.number = screen.receipt_number
        self.printed = state != "unavailable"
        self.waiting = state == "printing"


PAGE = ReceiptPage

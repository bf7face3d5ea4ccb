"""Asks to hold a QR code to the camera: one's own, or a printed document's."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, StringProperty

from screens.face.live import LivePage
from screens.words import say


class ShowQrPage(LivePage):
    """The camera's picture in a frame, and what to hold into it."""

    largest_wide = 1.0
    title = StringProperty("")
    body = StringProperty("")
    hint = StringProperty("")
    signing_in = BooleanProperty(True)

    def draw(self, screen: pb.ShowQrScreen) -> None:
        """Says what for."""
        self.look()
        self.signing_in = screen.purpose != pb.QR_PURPOSE_CHECK_DOCUMENT
        purpose = "sign_in" if self.signing_in else "check"
        self.title = say(f"show_qr.{purpose}.title")
        self.body = say(f"show_qr.{purpose}.body")
        self.hint = say("show_qr.not_ours") if screen.hint == pb.QR_HINT_NOT_OURS else ""


PAGE = ShowQrPage

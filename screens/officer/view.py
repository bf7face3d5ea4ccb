"""Asks an officer, who has looked at the resident, for a release code."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import StringProperty

from screens.widgets.keypad import CodePage
from screens.words import say


class OfficerPage(CodePage):
    """The code is never shown."""

    act_name = ("enter_release_code", "code")
    title = StringProperty("")
    body = StringProperty("")

    def draw(self, screen: pb.OfficerScreen) -> None:
        """Asks, or asks again."""
        self.title, self.body = say("officer.title"), say("officer.body")
        self.begin(screen.length, say("officer.wrong") if screen.wrong else "")


PAGE = OfficerPage

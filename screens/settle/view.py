"""What became of an issuance of unknown outcome: two answers, each with what was seen."""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import StringProperty

from screens.kinds import kind_name
from screens.moment import written
from screens.settle.findings import NOTES
from screens.widgets.button import BigButton
from screens.widgets.desk import DeskPage
from screens.words import count, say


class SettlePage(DeskPage):
    """Nothing is settled here yet: a question follows."""

    left = StringProperty("")
    known = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for note, (key, finding) in NOTES.items():
            button = BigButton(
                target=f"note:{key}", text=say(f"note.{key}"), primary=False, compact=True, icon="arrow-right"
            )
            button.bind(on_release=lambda _button, f=finding, n=note: self.act("settle", finding=f, note=n))
            self.ids["taken" if finding == technician.FINDING_TAKEN else "destroyed"].add_widget(button)

    def draw(self, screen: technician.SettleScreen) -> None:
        """Says which issuance, and what the machine knows of it."""
        self.left = count("settle.left", max(1, screen.remaining))
        self.known = screen.what_is_known
        self.ids.facts.fill(
            (
                (say("settle.number"), screen.receipt_number),
                (say("settle.kind"), kind_name(screen.kind)),
                (say("settle.at"), written(screen.at) if screen.HasField("at") else ""),
            )
        )

    def place(self, content: Any, left: float, right: float, ceiling: float, floor: float) -> None:
        """From the top down."""
        content.width = right - left
        content.pos = left, ceiling - content.height


PAGE = SettlePage

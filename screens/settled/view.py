"""Is this what was found; then that it is in the journal, or that it was refused."""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import ColorProperty, StringProperty

from screens import theme
from screens.kinds import kind_name
from screens.moment import written
from screens.settle.findings import FINDINGS, NOTES
from screens.widgets.page import Optional, Page
from screens.words import say


class SettledPage(Page):
    """A settlement cannot be taken back, so it is asked twice."""

    resizes_text = False
    largest_tall = largest_wide = 1.0
    icon = StringProperty("")
    badge = StringProperty("")
    title = StringProperty("")
    body = StringProperty("")
    ink = ColorProperty(theme.BRAND)
    ground = ColorProperty(theme.BRAND_TINT)
    edge = ColorProperty(theme.BRAND_LINE)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._buttons = {name: Optional(self.ids[name]) for name in ("confirm", "reject", "done")}

    def draw(self, screen: technician.SettleScreen) -> None:
        """Shows what was found."""
        finding, icon = FINDINGS.get(screen.finding, FINDINGS[technician.FINDING_TAKEN])
        step, self.ink, self.ground, self.edge, self.badge = {
            technician.SETTLE_STEP_RECORDED: ("recorded", theme.GOOD, theme.GOOD_TINT, theme.GOOD_LINE, "check"),
            technician.SETTLE_STEP_REFUSED: ("refused", theme.HEED, theme.HEED_TINT, theme.HEED_LINE, "warning"),
        }.get(screen.step, ("confirm", theme.BRAND, theme.BRAND_TINT, theme.BRAND_LINE, icon))
        self.icon = "file"
        self.title = say(f"settled.{step}")
        self.body = say(f"settled.{step}_body")
        note = NOTES.get(screen.note)
        self.ids.facts.fill(
            (
                (say("settle.number"), screen.receipt_number),
                (say("settle.kind"), kind_name(screen.kind)),
                (say("settle.at"), written(screen.at) if screen.HasField("at") else ""),
                (say("settled.finding"), say(f"finding.{finding}")),
                (say("settled.note"), say(f"note.{note[0]}") if note else ""),
            )
        )
        for name, button in self._buttons.items():
            button.offer((name == "done") == (step != "confirm"))


PAGE = SettledPage

"""Says whether a document is genuine: by colour, sign and words."""

from datetime import UTC
from typing import NamedTuple

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry
from babel.dates import format_date
from kivy.properties import ColorProperty, StringProperty

from screens import theme
from screens.kinds import kind_name
from screens.theme import Colour
from screens.widgets.page import Page
from screens.words import say, words


class Look(NamedTuple):
    """How an answer looks: word key, icon on the disc, colours."""

    key: str
    icon: str
    ink: Colour
    ground: Colour
    edge: Colour


_LOOKS = {
    registry.DOCUMENT_VALIDITY_VALID: Look("valid", "check", theme.GOOD, theme.GOOD_TINT, theme.GOOD_LINE),
    registry.DOCUMENT_VALIDITY_SUPERSEDED: Look("superseded", "clock", theme.HEED, theme.HEED_TINT, theme.HEED_LINE),
}
_NOT_GENUINE = Look("not_genuine", "x", theme.BAD, theme.BAD_TINT, theme.BAD_LINE)


class VerdictPage(Page):
    """Green, yellow or red, and what stands behind it."""

    largest_wide = 1.0
    title = StringProperty("")
    body = StringProperty("")
    kind = StringProperty("")
    issued = StringProperty("")
    icon = StringProperty("")
    ink = ColorProperty(theme.GOOD)
    ground = ColorProperty(theme.GOOD_TINT)
    edge = ColorProperty(theme.GOOD_LINE)

    def draw(self, screen: pb.VerdictScreen) -> None:
        """Shows the answer."""
        look = _LOOKS.get(screen.validity, _NOT_GENUINE)
        self.title, self.body = say(f"verdict.{look.key}.title"), say(f"verdict.{look.key}.body")
        self.icon, self.ink, self.ground, self.edge = look.icon, look.ink, look.ground, look.edge
        genuine = look is not _NOT_GENUINE
        self.kind = kind_name(screen.kind) if genuine else ""
        self.issued = ""
        if genuine and screen.HasField("issued_at"):
            date = screen.issued_at.ToDatetime(tzinfo=UTC).astimezone()
            shown = format_date(date, format="long", locale=words.language)
            self.issued = say("verdict.issued", date=shown, signer=screen.signer)


PAGE = VerdictPage

"""What technicians' pages are made of: figures, lines of checks, and where on the machine something is."""

from collections.abc import Sequence

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import BooleanProperty, ColorProperty, ListProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from screens import theme
from screens.devices import device
from screens.widgets.button import Touch
from screens.widgets.page import Stack


class Fact(BoxLayout):
    """A title and its value."""

    title = StringProperty("")
    value = StringProperty("")


class Facts(Stack):
    """Lines of figures."""

    def fill(self, facts: Sequence[tuple[str, str]]) -> None:
        """Shows other figures; those without a value are left out."""
        self.clear_widgets()
        for title, value in facts:
            if value:
                self.add_widget(Fact(title=title, value=value))


class Where(FloatLayout):
    """The machine, with a ring around one device; for one that is outside or nowhere its icon.

    Attributes:
        device: as in ``CheckLine.device``.
        ink: colour of the icon.
        at: middle of the ring on the drawing, px from its top left; empty for an icon.
    """

    device = StringProperty("")
    icon = StringProperty("")
    at = ListProperty()
    ink = ColorProperty()

    def on_device(self, _where: object, name: str) -> None:
        """Kivy's event."""
        found = device(name)
        self.icon, self.at = found.icon, list(found.at or ())


_LOOKS = {
    technician.CHECK_OUTCOME_WAITING: ("dots", theme.LINE_STRONG, False),
    technician.CHECK_OUTCOME_RUNNING: ("hourglass", theme.BRAND, False),
    technician.CHECK_OUTCOME_PASS: ("check", theme.GOOD, True),
    technician.CHECK_OUTCOME_FAIL: ("x", theme.BAD, True),
    technician.CHECK_OUTCOME_ERROR: ("warning", theme.BAD, True),
    technician.CHECK_OUTCOME_TIMEOUT: ("clock", theme.BAD, True),
    technician.CHECK_OUTCOME_SKIPPED: ("skip", theme.INK_SOFT, False),
}
BAD = (technician.CHECK_OUTCOME_FAIL, technician.CHECK_OUTCOME_ERROR, technician.CHECK_OUTCOME_TIMEOUT)


class CheckRow(FloatLayout):
    """One check and how it stands."""

    title = StringProperty("")
    detail = StringProperty("")
    icon = StringProperty("")
    ink = ColorProperty(theme.LINE_STRONG)
    solid = BooleanProperty(False)
    now = BooleanProperty(False)

    def show(self, line: technician.CheckLine) -> None:
        """Shows a check."""
        self.icon, self.ink, self.solid = _LOOKS.get(line.outcome, _LOOKS[technician.CHECK_OUTCOME_WAITING])
        self.title, self.detail = line.title, line.detail
        self.now = line.outcome == technician.CHECK_OUTCOME_RUNNING


class Tile(Touch, FloatLayout):
    """A button with an icon, a title and a remark.

    Attributes:
        marked: it needs doing.
    """

    icon = StringProperty("")
    title = StringProperty("")
    detail = StringProperty("")
    marked = BooleanProperty(False)

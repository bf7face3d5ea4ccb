"""Passed or not, what to do about it and where, and every check for those who want to know."""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from screens import theme
from screens.devices import task_name
from screens.moment import written
from screens.widgets.desk import DeskPage
from screens.widgets.page import Optional
from screens.widgets.tech import CheckRow
from screens.words import count, say

_ACTIONS = {
    technician.ADVICE_ACTION_RESET: "reset",
    technician.ADVICE_ACTION_SOFTWARE_ERROR: "software",
    technician.ADVICE_ACTION_CONFIGURATION: "configuration",
    technician.ADVICE_ACTION_CLEAR: "clear",
    technician.ADVICE_ACTION_MAINTENANCE: "maintenance",
    technician.ADVICE_ACTION_SUSPEND: "suspend",
}
#: Heights of a deed and of a check, px.
DEED, CHECK = 296, 84


class Deed(FloatLayout):
    """One thing to do, with a drawing of where."""

    device = StringProperty("")
    title = StringProperty("")
    advice = StringProperty("")
    kind = StringProperty("")

    def show(self, to_do: technician.ToDo) -> None:
        """Shows a deed."""
        self.device, self.title, self.advice = to_do.device, to_do.title, to_do.advice
        action = _ACTIONS.get(to_do.action, "maintenance")
        self.kind = " · ".join(filter(None, (say(f"action.{action}"), to_do.reason)))


class SelfTestResultPage(DeskPage):
    """What to do comes first; a button shows every check."""

    level = StringProperty("")
    title = StringProperty("")
    counts = StringProperty("")
    report = StringProperty("")
    kept = StringProperty("")
    passed = BooleanProperty(True)
    listing = BooleanProperty(False)
    ground = ListProperty(theme.GOOD_TINT)
    edge = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._screen = technician.SelfTestResultScreen()
        super().__init__(**kwargs)
        self._retry, self._more = Optional(self.ids.retry), Optional(self.ids.more)

    def draw(self, screen: technician.SelfTestResultScreen) -> None:
        """Says the verdict."""
        self._screen = screen
        self.passed = screen.passed
        self.ground = theme.GOOD_TINT if screen.passed else theme.BAD_TINT
        at = written(screen.at) if screen.HasField("at") else ""
        self.level = " · ".join(filter(None, (say(f"task.{task_name(screen.level)}"), at)))
        self.title = say("self_test_result.passed" if screen.passed else "self_test_result.failed")
        parts = [count("self_test.passed", screen.passed_count)]
        if screen.failed_count:
            parts.append(count("self_test.failed", screen.failed_count))
        if screen.skipped_count:
            parts.append(count("self_test.skipped", screen.skipped_count))
        self.counts = ", ".join(parts)
        self.report = say("self_test_result.report", number=screen.report_number) if screen.report_number else ""
        self.kept = "" if screen.kept else say("self_test_result.not_kept")
        self._retry.offer(not screen.earlier)
        self._more.offer(bool(screen.to_do))
        self.list(not screen.to_do)

    def arrange(self) -> None:
        """The verdict's ground ends below it."""
        super().arrange()
        self.edge = self.ids.top.y - 24

    def place(self, content: Any, left: float, right: float, ceiling: float, floor: float) -> None:
        """Clear of the verdict's ground."""
        super().place(content, left, right, ceiling - (24 if self.portrait else 0), floor)

    def list(self, everything: bool) -> None:
        """Shows every check, or what to do."""
        self.listing = everything
        content = self.ids.content
        content.row, content.gap = (CHECK, 10) if everything else (DEED, 20)
        if everything:
            content.fill(self._screen.checks, CheckRow)
        else:
            content.fill(self._screen.to_do, Deed)


PAGE = SelfTestResultPage

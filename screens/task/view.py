"""A task in three breaths: what will be done, that it is under way, and how it went."""

from typing import Any, ClassVar

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import ColorProperty, StringProperty

from screens import theme
from screens.devices import task_icon, task_name
from screens.widgets.page import Optional, Page
from screens.words import say

_STATES = {
    technician.TASK_STATE_BY_HAND: ("by_hand", "tap", theme.BRAND, theme.BRAND_TINT, theme.BRAND_LINE),
    technician.TASK_STATE_JUDGE: ("judge", "question", theme.BRAND, theme.BRAND_TINT, theme.BRAND_LINE),
    technician.TASK_STATE_WORKING: ("working", "hourglass", theme.BRAND, theme.BRAND_TINT, theme.BRAND_LINE),
    technician.TASK_STATE_DONE: ("done", "check", theme.GOOD, theme.GOOD_TINT, theme.GOOD_LINE),
    technician.TASK_STATE_FAILED: ("failed", "x", theme.BAD, theme.BAD_TINT, theme.BAD_LINE),
}
_ASK = ("ask", "question", theme.BRAND, theme.BRAND_TINT, theme.BRAND_LINE)
_OFFERED = {
    "ask": {"confirm", "cancel"},
    "by_hand": {"finished", "cancel"},
    "judge": {"well", "ill"},
    "working": set(),
    "done": {"done"},
    "failed": {"retry", "leave"},
}


class TaskPage(Page):
    """The words of a task come from the daemon; the frame is the same for all."""

    _NAMES: ClassVar = ("confirm", "finished", "well", "ill", "retry", "cancel", "done", "leave")
    resizes_text = False
    largest_tall = largest_wide = 1.0
    icon = StringProperty("")
    badge = StringProperty("")
    device = StringProperty("")
    task = StringProperty("")
    title = StringProperty("")
    words = StringProperty("")
    ink = ColorProperty(theme.BRAND)
    ground = ColorProperty(theme.BRAND_TINT)
    edge = ColorProperty(theme.BRAND_LINE)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._buttons = {name: Optional(self.ids[name]) for name in self._NAMES}

    def draw(self, screen: technician.TaskScreen) -> None:
        """Says how far."""
        state, self.badge, self.ink, self.ground, self.edge = _STATES.get(screen.state, _ASK)
        name = task_name(screen.task)
        self.icon, self.task = task_icon(screen.task), say(f"task.{name}")
        self.title, self.words = say(f"task_state.{state}"), screen.words
        self.device = screen.device
        self.ids.facts.fill([(fact.title, fact.value) for fact in screen.facts])
        for button, optional in self._buttons.items():
            optional.offer(button in _OFFERED[state])


PAGE = TaskPage

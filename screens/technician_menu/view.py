"""What the holder of a service card can do here."""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import StringProperty

from screens.devices import task_icon, task_name
from screens.widgets.desk import DeskPage
from screens.widgets.tech import Tile
from screens.words import say

_ROLES = {
    technician.TECHNICIAN_ROLE_ATTENDANT: "attendant",
    technician.TECHNICIAN_ROLE_AUDITOR: "auditor",
}
#: So many tasks stand below each other; more stand in two columns.
FEW = 6


class TaskTile(Tile):
    """One task."""

    def __init__(self, page: "TechnicianMenuPage", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._task = technician.TECHNICIAN_TASK_UNSPECIFIED
        self.bind(on_release=lambda _tile: page.act("choose_task", task=self._task))

    def show(self, choice: technician.TaskChoice) -> None:
        """Shows a task."""
        self._task = choice.task
        name = task_name(choice.task)
        self.icon, self.title, self.detail = task_icon(choice.task), say(f"task.{name}"), choice.detail
        self.marked, self.disabled = choice.needs_doing, not choice.enabled
        self.target = f"task:{name}" if choice.enabled else ""


class TechnicianMenuPage(DeskPage):
    """Tasks in the daemon's order; what needs doing stands out."""

    role = StringProperty("")
    holder = StringProperty("")
    summary = StringProperty("")

    def draw(self, screen: technician.TechnicianMenuScreen) -> None:
        """Lists the tasks."""
        self.role = say(f"role.{_ROLES.get(screen.role, 'technician')}")
        self.holder, self.summary = screen.holder, screen.summary
        content = self.ids.content
        content.columns, content.row = (1, 132 if self.portrait else 116) if len(screen.tasks) <= FEW else (2, 116)
        content.fill(screen.tasks, self._tile)

    def _tile(self) -> TaskTile:
        return TaskTile(self)


PAGE = TechnicianMenuPage

"""A list of devices or reports to pick from."""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import StringProperty

from screens.devices import device, task_name
from screens.widgets.desk import DeskPage
from screens.widgets.tech import Tile
from screens.words import say


class PickTile(Tile):
    """One thing to pick."""

    def __init__(self, page: "PickPage", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._id = ""
        self.bind(on_release=lambda _tile: page.act("pick", id=self._id))

    def show(self, line: technician.PickLine) -> None:
        """Shows a thing."""
        self._id = line.id
        self.icon, self.title, self.detail = device(line.icon).icon, line.title, line.detail
        self.marked, self.target = line.marked, f"pick:{line.id}"


class PickPage(DeskPage):
    """Says so when there is nothing to pick."""

    task = StringProperty("")
    title = StringProperty("")

    def draw(self, screen: technician.PickScreen) -> None:
        """Lists."""
        self.task = say(f"task.{task_name(screen.task)}")
        reports = screen.task == technician.TECHNICIAN_TASK_REPORTS
        self.title = say(("pick.report" if reports else "pick.device") if screen.lines else "pick.none")
        self.ids.content.fill(screen.lines, self._tile)

    def _tile(self) -> PickTile:
        return PickTile(self)


PAGE = PickPage

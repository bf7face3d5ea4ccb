"""Is the count right; then that it is in the journal."""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import BooleanProperty, StringProperty

from screens.devices import task_icon, task_name
from screens.widgets.page import Optional, Page
from screens.words import say


class StockCountedPage(Page):
    """The books before and after, large enough to read out to the second person."""

    resizes_text = False
    largest_tall = largest_wide = 1.0
    icon = StringProperty("")
    title = StringProperty("")
    kind = StringProperty("")
    body = StringProperty("")
    recorded = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._buttons = {name: Optional(self.ids[name]) for name in ("confirm", "reject", "done")}

    def draw(self, screen: technician.LoadStockScreen) -> None:
        """Shows the figures."""
        self.recorded = screen.step == technician.LOAD_STOCK_STEP_RECORDED
        self.icon, self.kind = task_icon(screen.task), say(f"task.{task_name(screen.task)}")
        self.title = say("stock_counted.recorded" if self.recorded else "stock_counted.title")
        two = screen.two_persons and not screen.second_person and not self.recorded
        self.body = say("stock_counted.two_persons") if two else ""
        before = str(screen.remaining) if screen.HasField("remaining") else say("stock_counted.never")
        self.ids.facts.fill(
            (
                (say("stock_counted.before"), "" if self.recorded else before),
                (say("stock_counted.entered"), str(screen.entered)),
                (say("stock_counted.batch"), screen.batch),
                (say("stock_counted.after"), str(screen.after)),
                (say("stock_counted.second_person"), screen.second_person),
            )
        )
        for name, button in self._buttons.items():
            button.offer((name == "done") == self.recorded)


PAGE = StockCountedPage

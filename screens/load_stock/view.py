"""Takes a count of what lies in the machine or was loaded, and the batch where one is asked for."""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from screens.devices import task_name
from screens.widgets.button import Touch
from screens.widgets.keypad import KeypadPage
from screens.widgets.page import Optional
from screens.words import say

#: Digits of a count and of a batch, at most: the contract's.
DIGITS = {"count": 4, "batch": 16}
_COUNTS = {
    technician.LOAD_STOCK_COUNT_BEFORE: "before",
    technician.LOAD_STOCK_COUNT_AFTER: "after",
}


class Entry(Touch, FloatLayout):
    """One number that is being entered; touching it chooses it.

    Attributes:
        active: the keys go to it.
    """

    caption = StringProperty("")
    number = StringProperty("")
    active = BooleanProperty(False)


class LoadStockPage(KeypadPage):
    """The number is seen; what the books say is shown only after the count, so that it is a count."""

    resizes_text = False
    largest_tall = 1.0
    title = StringProperty("")
    body = StringProperty("")
    hint = StringProperty("")
    caption = StringProperty("")
    count = StringProperty("")
    batch = StringProperty("")
    chosen = StringProperty("count")
    wants_batch = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._batch = Optional(self.ids.batch)

    def draw(self, screen: technician.LoadStockScreen) -> None:
        """Asks for a count from its first digit on."""
        counting = _COUNTS.get(screen.counting, "loaded")
        self.title = say(f"task.{task_name(screen.task)}")
        self.body = say(f"load_stock.{counting}")
        self.hint = (screen.refused or say("load_stock.wrong")) if screen.wrong else ""
        self.caption = say("load_stock.count_of", most=screen.capacity) if screen.capacity else say("load_stock.count")
        self.wants_batch = screen.wants_batch
        self._batch.offer(screen.wants_batch)
        self.count = self.batch = ""
        self.chosen = "count"

    def press(self, key: str) -> None:
        """Adds or erases a digit of the chosen number."""
        number = getattr(self, self.chosen)
        number = number[:-1] if key == "erase" else number + key
        setattr(self, self.chosen, number[: DIGITS[self.chosen]])

    def send(self) -> None:
        """Goes on to the batch, or sends both."""
        if self.count and self.wants_batch and not self.batch:
            self.chosen = "batch"
        elif self.count:
            self.act("enter_count", count=int(self.count), batch=self.batch)


PAGE = LoadStockPage

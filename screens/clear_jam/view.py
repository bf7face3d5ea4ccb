"""Leads through clearing a jam: what to do, where, and what the sensors say while it is done."""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from screens import theme
from screens.widgets.desk import DeskPage
from screens.widgets.page import Optional
from screens.words import say

_SENSORS = {
    technician.SENSOR_STATE_CLEAR: ("clear", "check", theme.GOOD),
    technician.SENSOR_STATE_BLOCKED: ("blocked", "warning", theme.HEED),
    technician.SENSOR_STATE_OPEN: ("open", "door", theme.HEED),
    technician.SENSOR_STATE_CLOSED: ("closed", "check", theme.GOOD),
    technician.SENSOR_STATE_UNKNOWN: ("unknown", "question", theme.INK_SOFT),
}


class JamStep(BoxLayout):
    """One deed with its number."""

    number = StringProperty("")
    text = StringProperty("")
    done = BooleanProperty(False)
    now = BooleanProperty(False)


class Sensor(FloatLayout):
    """One sensor, live."""

    title = StringProperty("")
    state = StringProperty("")
    icon = StringProperty("")
    ink = ColorProperty(theme.INK_SOFT)


class ClearJamPage(DeskPage):
    """Steps tick themselves off where a sensor sees it."""

    device = StringProperty("")
    clear = BooleanProperty(False)
    working = BooleanProperty(False)
    sensors = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._retry = Optional(self.ids.retry)

    def draw(self, screen: technician.ClearJamScreen) -> None:
        """Ticks off, and says what the sensors see."""
        self.device, self.clear, self.working = screen.device, screen.clear, screen.working
        self.sensors = len(screen.sensors)
        self._retry.offer(screen.can_try)
        steps, sensors = self.ids.steps, self.ids.sensors
        _fit(steps, len(screen.steps), JamStep)
        for number, (row, step) in enumerate(zip(reversed(steps.children), screen.steps, strict=True), 1):
            row.number, row.text, row.done, row.now = str(number), step.words, step.done, step.now
        _fit(sensors, len(screen.sensors), Sensor)
        for chip, sensor in zip(reversed(sensors.children), screen.sensors, strict=True):
            key, chip.icon, chip.ink = _SENSORS.get(sensor.state, _SENSORS[technician.SENSOR_STATE_UNKNOWN])
            chip.title, chip.state = sensor.title, say(f"sensor.{key}")

    def place(self, content: Any, left: float, right: float, ceiling: float, floor: float) -> None:
        """From the top down."""
        content.width = right - left
        content.pos = left, ceiling - content.height


def _fit(holder: Any, wanted: int, make: Any) -> None:
    while len(holder.children) > wanted:
        holder.remove_widget(holder.children[0])
    while len(holder.children) < wanted:
        holder.add_widget(make())


PAGE = ClearJamPage

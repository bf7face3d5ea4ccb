"""Asks the person at the machine for something during a self-test."""

from pathlib import Path
from typing import Any, NamedTuple

from adm.panel.v1 import technician_pb2 as technician
from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import BooleanProperty, StringProperty

from screens import theme
from screens.face.live import LivePage
from screens.widgets.page import Optional
from screens.words import say

SOUND = Path(__file__).with_name("chime.wav")


class Step(NamedTuple):
    """How a step looks.

    Attributes:
        key: of its words.
        device: where on the machine; empty when the camera's picture is shown instead.
        yes: it is for the person to say that it is done.
        no: it is for the person to say that it cannot be done.
    """

    key: str
    device: str = ""
    yes: bool = False
    no: bool = True


STEPS = {
    technician.OPERATOR_STEP_PLACE_CARD: Step("place_card", "card_reader"),
    technician.OPERATOR_STEP_SHOW_RECEIPT: Step("show_receipt"),
    technician.OPERATOR_STEP_SHOW_PAGE: Step("show_page"),
    technician.OPERATOR_STEP_HEAR_SOUND: Step("hear_sound", "sound", yes=True),
    technician.OPERATOR_STEP_WATCH_PREVIEW: Step("watch_preview", no=False),
    technician.OPERATOR_STEP_LOAD_TEST_BLANK: Step("load_test_blank", "card_printer", yes=True),
    technician.OPERATOR_STEP_LOAD_KIA_TEST_BLANK: Step("load_kia_test_blank", "kia_printer", yes=True),
    technician.OPERATOR_STEP_PLACE_ENCODED_CARD: Step("place_encoded_card", "card_reader"),
}


class OperatorStepPage(LivePage):
    """Where on the machine, or the camera's picture, and what to do."""

    resizes_text = False
    largest_tall = largest_wide = 1.0
    title = StringProperty("")
    body = StringProperty("")
    yes = StringProperty("")
    no = StringProperty("")
    device = StringProperty("")
    live = BooleanProperty(False)
    sounds = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._step = technician.OPERATOR_STEP_UNSPECIFIED
        self._sound: Any = None
        self._numbers = False
        self._last_frame = 0
        super().__init__(**kwargs)
        self._again, self._yes, self._no = (Optional(self.ids[name]) for name in ("again", "yes", "no"))

    def show(self, view: Any) -> None:
        """Draws a View; a step has its own time."""
        super().show(view)
        self.time_left.start(view.self_test.seconds_left)

    def draw(self, screen: technician.SelfTestScreen) -> None:
        """Says what to do; plays the sound when the step begins."""
        step = STEPS.get(screen.step, STEPS[technician.OPERATOR_STEP_WATCH_PREVIEW])
        new, self._step = screen.step != self._step, screen.step
        self.title, self.body = say(f"step.{step.key}.title"), say(f"step.{step.key}.body")
        self.yes = say(f"step.{step.key}.yes") if step.yes else ""
        self.no = say(f"step.{step.key}.no") if step.no else ""
        self.device, self.live = step.device, not step.device
        self.sounds = screen.step == technician.OPERATOR_STEP_HEAR_SOUND
        self._again.offer(self.sounds)
        self._yes.offer(step.yes)
        self._no.offer(step.no)
        if self.live:
            self.look()
        else:
            self.look_away()
        self._count_frames(screen.step == technician.OPERATOR_STEP_WATCH_PREVIEW)
        if self.sounds and new and theme.settings.motion:
            self.play()

    def play(self) -> None:
        """Plays the sound."""
        # Kivy's audio costs memory and a device: only a self-test needs it.
        from kivy.core.audio import SoundLoader

        self._sound = self._sound or SoundLoader.load(str(SOUND))
        if self._sound is not None:
            self._sound.play()

    def leave(self) -> None:
        """Ends what runs."""
        super().leave()
        self._count_frames(False)
        if self._sound is not None:
            self._sound.unload()
            self._sound = None

    def _count_frames(self, wanted: bool) -> None:
        if wanted and not self._numbers:
            Window.bind(on_flip=self._flipped)
        elif self._numbers and not wanted:
            Window.unbind(on_flip=self._flipped)
        self._numbers = wanted

    def _flipped(self, _window: Any) -> None:
        # Kivy tells this before it hands the frame to the display: it is there one turn later.
        number = self.ids.mirror.number
        if number > self._last_frame:
            self._last_frame = number
            Clock.schedule_once(lambda _dt: App.get_running_app().frame_shown(number))


PAGE = OperatorStepPage

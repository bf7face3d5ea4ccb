"""The application: shows the newest View, sends touches, and says so when the daemon is away."""

import gc
import logging
import os
from pathlib import Path
from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as technician
from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from screens import pages, theme
from screens.keys import Keys
from screens.link import PanelLink
from screens.memory import give_back
from screens.notify import Notifier
from screens.targets import TargetsFile
from screens.widgets.page import Page
from screens.widgets.shrink import Shrink
from screens.words import words

log = logging.getLogger(__name__)

#: Seconds at the start in which the daemon may answer before the screen says that the machine is starting.
PATIENCE_S = 1.5
#: Seconds after an accepted touch in which buttons stay deaf when no new View comes.
DEAF_S = 3.0
#: Seconds after a change of page until what the old one used is given back: when a person is reading the new one.
TIDY_S = 0.7
_LANGUAGES = {pb.LANGUAGE_EN: "en"}


class Screens(App):
    """Draws Views.

    Args:
        link: the line to the daemon.
        notifier: to systemd.
        size_px: width and height of the pages when the window is smaller; None when it is not.
    """

    def __init__(
        self, link: PanelLink, notifier: Notifier | None = None, size_px: tuple[int, int] | None = None
    ) -> None:
        super().__init__()
        self._size_px = size_px
        self._link = link
        self.page: Page | None = None
        self.view = pb.View()
        self._away = True
        self._waiting: int | None = None
        self._notifier = notifier or Notifier({})
        self._told = False
        self._tidy = Clock.create_trigger(lambda _dt: give_back(), TIDY_S)
        path = os.environ.get("ADM_SCREENS_TARGETS")
        self._targets = TargetsFile(Path(path)) if path else None

    @staticmethod
    def _cross(handler: Any) -> Any:
        """Makes a callback that may be called in any thread and runs in Kivy's."""
        return lambda *args: Clock.schedule_once(lambda _dt: handler(*args))

    def build(self) -> Widget:
        """Kivy's entry: the ground on which pages come and go."""
        self.kv_file = ""
        Window.clearcolor = theme.WHITE
        self.ground = FloatLayout()
        self._keys = Keys(self.ground, lambda: self.page)
        if self._size_px is None:
            return self.ground
        return Shrink(self.ground, self._size_px, Window.width / self._size_px[0])

    def load_kv(self, filename: str | None = None) -> bool:
        """Nothing to load by the application's name: pages bring their own rules."""
        return False

    def on_start(self) -> None:
        """Kivy's event: the window stands."""
        Window.bind(on_flip=self._about_to_show)
        # What stands now stays: collecting after each page then looks at pages only.
        gc.freeze()
        Clock.schedule_once(lambda _dt: self._gone() if self.page is None else None, PATIENCE_S)
        if self._notifier.watchdog_s:
            Clock.schedule_interval(lambda _dt: self._notifier.send("WATCHDOG=1"), self._notifier.watchdog_s)
        self._link.start(self._cross(self._arrived), self._cross(self._gone))

    def on_stop(self) -> None:
        """Kivy's event: the application ends."""
        self._notifier.send("STOPPING=1")
        if self.page is not None:
            self.page.leave()
        self._link.stop()

    def act(self, name: str, fields: dict[str, Any]) -> None:
        """A touch: sent once, on the View it was made on; a second touch on the same View waits for the answer."""
        if name == "text_size":
            self._resize()
            return
        if self._away:
            if name == "set_language":
                self._show(self._starting(fields["language"]))
            return
        if self._waiting == self.view.revision:
            return
        revision = self._waiting = self.view.revision
        act: dict[str, Any] = {name: fields}
        request = pb.ActRequest(revision=revision, **act)
        self._link.act(request, self._cross(lambda accepted: self._answered(revision, accepted)))

    def frame_shown(self, number: int) -> None:
        """Says that a numbered frame of the preview is on the display; no touch, so nothing grows deaf."""
        request = pb.ActRequest(revision=self.view.revision, frame_shown=technician.FrameShownAct(number=number))
        self._link.act(request, lambda _accepted: None)

    def preview(self, on_frame: Any) -> Any:
        """Opens the camera's preview for the face page; frames arrive in a worker thread."""
        return self._link.preview(on_frame)

    def image(self, image_id: str, on_image: Any) -> None:
        """Fetches a page's picture for the proofread page."""
        self._link.image(image_id, self._cross(on_image))

    def _answered(self, revision: int, accepted: bool) -> None:
        # An accepted act is followed by a new View; until it comes the old buttons stay deaf, but not for ever.
        if not accepted:
            self._hear(revision)
        else:
            Clock.schedule_once(lambda _dt: self._hear(revision), DEAF_S)

    def _hear(self, revision: int) -> None:
        if self._waiting == revision:
            self._waiting = None

    def _arrived(self, view: pb.View) -> None:
        self._away = False
        if view.revision != self._waiting:
            self._waiting = None
        if pages.name_of(view) == "attract" and theme.settings.wish != 1:
            theme.settings.wish = 1.0
            self._show(view, anew=True)
        else:
            self._show(view)

    def _gone(self) -> None:
        self._away = True
        self._waiting = None
        self._show(self._starting(self.view.language))

    @staticmethod
    def _starting(language: pb.Language.ValueType) -> pb.View:
        reason = pb.OUT_OF_SERVICE_REASON_STARTING
        return pb.View(language=language, out_of_service=pb.OutOfServiceScreen(reason=reason))

    def _resize(self) -> None:
        theme.settings.wish = theme.LARGE if theme.settings.wish == 1 else 1.0
        self._show(self.view, anew=True)

    def _show(self, view: pb.View, anew: bool = False) -> None:
        language = _LANGUAGES.get(view.language, "id")
        same = pages.room_of(view) == pages.room_of(self.view) and language == words.language
        self.view = view
        if self.page is not None and same and not anew:
            self.page.show(view)
            # A View that changes nothing to see is drawn as well: whoever waits for its revision waits for a frame.
            self.page.canvas.ask_update()
            return
        words.switch(language)
        page = pages.build(view, self.act, language, self._size_px or Window.size)
        self._keys.forget()
        if self.page is not None:
            self.page.leave()
        self.ground.clear_widgets()
        self.ground.add_widget(page)
        self.page = page
        self._tidy()

    def _about_to_show(self, _window: Any) -> None:
        # Kivy tells this before it hands the frame to the display: say that it is there one turn later.
        page, revision, name = self.page, self.view.revision, pages.name_of(self.view)
        if page is not None:
            Clock.schedule_once(lambda _dt: self._drawn(page, revision, name))

    def _drawn(self, page: Page, revision: int, name: str) -> None:
        if not self._told:
            self._told = True
            self._notifier.send("READY=1")
        if self._targets is not None:
            self._targets.write(page, revision, name)

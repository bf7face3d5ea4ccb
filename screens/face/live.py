"""A page that shows the camera: opens the preview with its first View, ends it when it is left."""

from typing import Any

from kivy.app import App

from screens.widgets.page import Page


class LivePage(Page):
    """Has a ``mirror`` among its ids."""

    def __init__(self, **kwargs: Any) -> None:
        self._preview: Any = None
        super().__init__(**kwargs)

    def look(self) -> None:
        """Opens the preview unless it is open."""
        if self._preview is None:
            self._preview = App.get_running_app().preview(self.ids.mirror.take)

    def look_away(self) -> None:
        """Ends the preview and lets go of the picture."""
        if self._preview is not None:
            self._preview.stop()
            self._preview = None
        self.ids.mirror.forget()

    def leave(self) -> None:
        """The camera is not watched by a page that nobody sees."""
        super().leave()
        self.look_away()

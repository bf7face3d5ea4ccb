"""What will be printed, and the question whether everything on it is right."""

from io import BytesIO
from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.app import App
from kivy.core.image import Image as CoreImage
from kivy.graphics.texture import Texture
from kivy.properties import NumericProperty, StringProperty

from screens import theme
from screens.kinds import kind_name
from screens.widgets.page import Page
from screens.words import say


class ProofreadPage(Page):
    """Shows one page of paper at a time, whose pages the daemon turns; of a card both sides."""

    largest_wide = 1.0

    kind = StringProperty("")
    subject = StringProperty("")
    body = StringProperty("")
    where = StringProperty("")
    number = NumericProperty(1)
    pages = NumericProperty(1)

    def __init__(self, **kwargs: Any) -> None:
        self._image_ids: tuple[str, ...] = ()
        self._textures: dict[str, Texture] = {}
        super().__init__(**kwargs)

    def draw(self, screen: pb.ProofreadScreen) -> None:
        """Names the document and fetches its page."""
        self.kind = kind_name(screen.kind)
        self.subject = screen.subject_name
        self.number = screen.page
        self.pages = screen.page_count
        self.where = say("proofread.page", page=screen.page, pages=screen.page_count) if screen.page_count > 1 else ""
        self.body = say("proofread.body_card" if screen.back_image_id else "proofread.body")
        image_ids = tuple(filter(None, (screen.image_id, screen.back_image_id)))
        if image_ids != self._image_ids:
            self._forget()
            self._image_ids = image_ids
            for image_id in image_ids:
                self._fetch(image_id)

    def leave(self) -> None:
        """Lets go of the page."""
        super().leave()
        self._forget()

    def turn(self, by: int) -> None:
        """Asks for another page."""
        self.act("turn_page", page=self.number + by)

    def arrange(self) -> None:
        """Page above the buttons on a tall window, left of them on a wide one."""
        margin, ids = theme.MARGIN, self.ids
        if self.portrait:
            width = self.width - 2 * margin
            bottom = self._foot(self.x + margin, width)
            ids.actions.width = ids.top.width = ids.tools.width = width
            ids.actions.pos = self.x + margin, bottom
            ids.top.pos = self.x + margin, self.header.y - 8 - ids.top.height
            ids.tools.pos = self.x + margin, bottom + ids.actions.height + 28
            ids.frame.pos = self.x, ids.tools.top + 28
            ids.frame.size = self.width, ids.top.y - 28 - ids.frame.y
        else:
            right = 780
            x = self.right - right + 48
            width = right - 48 - margin
            bottom = self._foot(x, width)
            ids.actions.width = ids.top.width = width
            ids.actions.pos = x, bottom
            ids.top.pos = x, self.header.y - 8 - ids.top.height
            ids.tools.width = self.width - right - 2 * 40
            ids.tools.pos = self.x + 40, self.y + 32
            ids.frame.pos = self.x, ids.tools.top + 24
            ids.frame.size = self.width - right, self.header.y - ids.frame.y

    def _fetch(self, image_id: str) -> None:
        App.get_running_app().image(image_id, lambda png: self._arrived(image_id, png))

    def _forget(self) -> None:
        self._image_ids = ()
        self._textures.clear()
        self.ids.viewer.set_pages([], [])

    def _arrived(self, image_id: str, png: bytes) -> None:
        if image_id not in self._image_ids:
            return
        self._textures[image_id] = CoreImage(BytesIO(png), ext="png", mipmap=False, nocache=True).texture
        if len(self._textures) == len(self._image_ids):
            captions = [say("proofread.front"), say("proofread.back_side")] if len(self._image_ids) > 1 else []
            self.ids.viewer.set_pages([self._textures[name] for name in self._image_ids], captions)


PAGE = ProofreadPage

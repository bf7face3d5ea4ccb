"""A technician's page: a heading, something to work on, and buttons."""

from typing import Any, ClassVar

from kivy.properties import NumericProperty

from screens import theme
from screens.widgets.page import Page

#: Share of a wide window for heading and buttons.
SIDE = 0.38


class DeskPage(Page):
    """Has ``top`` and ``actions`` (stacks) and ``content`` among its ids.

    Attributes:
        side: width of the heading's ground on a wide window, px.
    """

    resizes_text: ClassVar[bool] = False
    largest_tall = 1.0
    largest_wide = 1.0
    side = NumericProperty(0)

    def arrange(self) -> None:
        """Heading above what there is to do on a tall window, left of it on a wide one; buttons below."""
        margin, ids = theme.MARGIN, self.ids
        self.side = 0 if self.portrait else round(self.width * SIDE)
        width = (self.width if self.portrait else self.side) - 2 * margin
        foot = self._foot(self.x + margin, width)
        ids.top.width = ids.actions.width = width
        ids.actions.pos = self.x + margin, foot
        ids.top.pos = self.x + margin, self.header.y - 8 - ids.top.height
        if self.portrait:
            left, right = self.x + margin, self.right - margin
            ceiling, floor = ids.top.y - 32, ids.actions.top + 32
        else:
            left, right = self.x + self.side + 56, self.right - margin
            ceiling, floor = self.header.y - 8, self.y + margin
        self.place(ids.content, left, right, ceiling, floor)

    def place(self, content: Any, left: float, right: float, ceiling: float, floor: float) -> None:
        """Gives the content its room."""
        content.pos = left, floor
        content.size = right - left, ceiling - floor

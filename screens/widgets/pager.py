"""A list that is turned page by page rather than scrolled."""

from collections.abc import Callable, Sequence
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from screens import theme
from screens.words import say


class Paging(FloatLayout):
    """Two buttons and where one is."""

    where = StringProperty("")
    earlier = BooleanProperty(False)
    later = BooleanProperty(False)

    __events__ = ("on_turn",)

    def on_turn(self, pages: int) -> None:
        """A button was touched: 1 for later, -1 for earlier."""


class Pager(FloatLayout):
    """Rows of one kind, as many as fit; a row is made once and shows one thing after the other.

    Attributes:
        columns: beside each other.
        row: height of a row, px.
        gap: between rows and columns, px.
    """

    columns = NumericProperty(1)
    row = NumericProperty(96)
    gap = NumericProperty(16)

    def __init__(self, **kwargs: Any) -> None:
        self._items: Sequence[Any] = ()
        self._make: Callable[[], Any] | None = None
        self._rows: list[Any] = []
        self._first = 0
        self._per_page = 1
        super().__init__(**kwargs)
        self._paging = Paging()
        self._paging.bind(on_turn=lambda _paging, pages: self._turn(pages))
        for name in ("columns", "row", "gap"):
            self.fbind(name, self._trigger_layout)

    def fill(self, items: Sequence[Any], make: Callable[[], Any]) -> None:
        """Shows other things. A row made by ``make`` has a method ``show`` that takes one of them."""
        if make is not self._make:
            self._clear()
            self._make = make
        self._items = list(items)
        self._trigger_layout()

    def follow(self, index: int) -> None:
        """Turns to the page on which a thing is."""
        self._first = index // self._per_page * self._per_page
        self._trigger_layout()

    def do_layout(self, *_args: Any, **_kwargs: Any) -> None:
        """Kivy's entry."""
        columns, gap = int(self.columns), self.gap
        fit = int((self.height + gap) // (self.row + gap)) * columns
        turns = fit < len(self._items)
        if turns:
            fit = int((self.height - theme.SECONDARY) // (self.row + gap)) * columns
        self._per_page = max(1, fit)
        self._first = min(self._first, max(0, len(self._items) - 1)) // self._per_page * self._per_page
        self._show(self._items[self._first : self._first + self._per_page])
        width = (self.width - gap * (columns - 1)) / columns
        for number, row in enumerate(self._rows):
            down, across = divmod(number, columns)
            row.size = width, self.row
            row.pos = self.x + across * (width + gap), self.top - (down + 1) * self.row - down * gap
        self._place_paging(turns)

    def _show(self, items: Sequence[Any]) -> None:
        while len(self._rows) > len(items):
            self.remove_widget(self._rows.pop())
        while self._make is not None and len(self._rows) < len(items):
            row = self._make()
            row.size_hint = (None, None)
            self._rows.append(row)
            self.add_widget(row)
        for row, item in zip(self._rows, items, strict=True):
            row.show(item)

    def _place_paging(self, turns: bool) -> None:
        paging = self._paging
        if turns != (paging.parent is not None):
            if turns:
                self.add_widget(paging)
            else:
                self.remove_widget(paging)
        paging.size, paging.pos = (self.width, theme.SECONDARY), self.pos
        paging.earlier = turns and self._first > 0
        paging.later = turns and self._first + self._per_page < len(self._items)
        pages = -(-len(self._items) // self._per_page)
        paging.where = say("choose.page", page=self._first // self._per_page + 1, pages=pages)

    def _turn(self, pages: int) -> None:
        self._first = max(0, self._first + pages * self._per_page)
        self._trigger_layout()

    def _clear(self) -> None:
        for row in self._rows:
            self.remove_widget(row)
        self._rows = []
        self._first = 0

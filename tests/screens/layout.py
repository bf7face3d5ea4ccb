"""What can be wrong with the layout of a page, found by measuring its widgets. Runs inside the window's process."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from kivy.core.window import Window

from screens import theme
from screens.widgets.button import Touch

Box = tuple[float, float, float, float]
#: Anti-aliasing and whole pixels: this much is no overlap, px.
SLACK = 2


def _visible(page: Any) -> Iterator[Any]:
    for child in page.children:
        if child.opacity > 0:
            yield child
            yield from _visible(child)


def _box(widget: Any) -> Box:
    x, y = widget.to_window(widget.x, widget.y)
    return x, y, x + widget.width, y + widget.height


def _text_box(label: Any) -> Box:
    """Where the letters are: in the middle of their label's box, or at its left when they are so aligned."""
    x, y, right, top = _box(label)
    width, height = label.texture_size
    middle = (y + top) / 2
    left = x if label.text_size[0] else (x + right) / 2 - width / 2
    return left, middle - height / 2, left + width, middle + height / 2


def _overlap(one: Box, other: Box) -> bool:
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > SLACK and min(one[3], other[3]) - max(one[1], other[1]) > SLACK
    )


def _within(inner: Box, outer: Box) -> bool:
    return (
        inner[0] >= outer[0] - SLACK
        and inner[1] >= outer[1] - SLACK
        and inner[2] <= outer[2] + SLACK
        and inner[3] <= outer[3] + SLACK
    )


def _ancestors(widget: Any) -> list[Any]:
    found = []
    while widget.parent is not None and widget.parent is not widget:
        widget = widget.parent
        found.append(widget)
    return found


def problems(page: Any) -> list[str]:
    """Everything wrong: words outside their box or over something, buttons too small or over each other."""
    found: list[str] = []
    widgets = list(_visible(page))
    window = _box(page)
    if window != (0, 0, *Window.size):
        found.append(f"the page does not fill the window: {window}")
    labels = [widget for widget in widgets if getattr(widget, "text", "") and hasattr(widget, "texture_size")]
    words = [label for label in labels if not label.font_name.startswith(theme.FONT_ICON[:-8])]
    touches = [widget for widget in widgets if isinstance(widget, Touch) and widget.width > 0]
    for label in words:
        name, box = repr(label.text[:40]), _text_box(label)
        if not _within(box, window):
            found.append(f"{name} leaves the window")
        if label.text_size[0] and not _within(box, _box(label)):
            found.append(f"{name} is larger than its box")
        if label.text_size[0]:
            found += [
                f"{name} breaks the word {word!r}"
                for word in label.text.split()
                if label._label.get_extents(word)[0] > label.width + SLACK
            ]
        above = _ancestors(label)
        for touch in touches:
            if touch in above and not _within(box, _box(touch)):
                found.append(f"{name} leaves its button")
            elif touch not in above and _overlap(box, _box(touch)):
                found.append(f"{name} lies under the button {touch.target!r}")
    for one, other in combinations(words, 2):
        if _overlap(_text_box(one), _text_box(other)):
            found.append(f"{one.text[:30]!r} and {other.text[:30]!r} lie over each other")
    for touch in touches:
        if touch.target and min(touch.width, touch.height) < theme.TARGET_MIN:
            found.append(f"button {touch.target!r} is {touch.width:.0f} x {touch.height:.0f} px")
        if not _within(_box(touch), window):
            found.append(f"button {touch.target!r} leaves the window")
    for one, other in combinations(touches, 2):
        if _overlap(_box(one), _box(other)):
            found.append(f"buttons {one.target!r} and {other.target!r} lie over each other")
    return found

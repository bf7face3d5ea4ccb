"""Where the buttons are: for tours and tests that touch the real window.

Named by the environment variable ADM_SCREENS_TARGETS, a JSON file is kept current:
``{"revision": 7, "screen": "attract", "size": [1080, 1920], "targets": {"start": [72, 1680, 936, 168]}}``,
x and y from the window's top left corner, px. It holds document ids at most, nothing personal.
"""

import json
import os
from pathlib import Path
from typing import Any

from kivy.core.window import Window

from screens.widgets.button import Touch


def find(page: Any) -> dict[str, list[int]]:
    """Every button of a page that can be touched now, by name: x, y, width, height, px from the top left."""
    found: dict[str, list[int]] = {}
    for widget in page.walk():
        if isinstance(widget, Touch) and widget.target and not widget.disabled:
            x, bottom = widget.to_window(widget.x, widget.y)
            right, top = widget.to_window(widget.right, widget.top)
            found[widget.target] = [round(x), round(Window.height - top), round(right - x), round(top - bottom)]
    return dict(sorted(found.items()))


class TargetsFile:
    """Keeps the file current; writes only what changed, and never half of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = ""

    def write(self, page: Any, revision: int, screen: str) -> None:
        """Writes where the buttons of the page just drawn are."""
        content = {
            "revision": revision,
            "screen": screen,
            "size": list(Window.size),
            "targets": find(page),
        }
        text = json.dumps(content)
        if text == self._last:
            return
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        beside.write_text(text)
        beside.replace(self._path)
        self._last = text

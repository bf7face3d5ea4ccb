"""The handful of widgets every screen is made of. Importing this room registers all of them with kv."""

from pathlib import Path

from kivy.lang import Builder

from screens.widgets import art, boxes, button, desk, header, keypad, page, pager, ring, steps, tech, text, time_left

__all__ = [
    "art",
    "boxes",
    "button",
    "desk",
    "header",
    "keypad",
    "page",
    "pager",
    "ring",
    "steps",
    "tech",
    "text",
    "time_left",
]

for _path in sorted(Path(__file__).parent.glob("*.kv")):
    Builder.load_file(str(_path))

"""Builds the page of a View: one folder a screen, found by the name of its message in ``View.screen``."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as technician
from kivy.lang import Builder

from screens import theme
from screens.widgets.page import Actor, Page

_loaded: dict[str, type[Page]] = {}


def name_of(view: pb.View) -> str:
    """Name of a View's screen, as ``attract``."""
    return view.WhichOneof("screen") or "out_of_service"


def room_of(view: pb.View) -> str:
    """Folder of the page that draws a View: its screen's, or another where a screen has two faces."""
    name = name_of(view)
    return _FACES[name](view) if name in _FACES else name


_FACES: dict[str, Callable[[pb.View], str]] = {
    "technician_pin": lambda view: "second_card" if view.technician_pin.waiting_for_card else "technician_pin",
    "self_test": lambda view: "operator_step" if view.self_test.step else "self_test",
    "load_stock": lambda view: (
        "stock_counted" if view.load_stock.step > technician.LOAD_STOCK_STEP_COUNT else "load_stock"
    ),
    "settle": lambda view: "settled" if view.settle.step > technician.SETTLE_STEP_QUESTION else "settle",
}


def page_class(name: str) -> type[Page]:
    """The page in a folder, which is read when it is first needed."""
    if name not in _loaded:
        module: Any = importlib.import_module(f"screens.{name}.view")
        Builder.load_file(str(Path(module.__file__).with_name("view.kv")))
        _loaded[name] = module.PAGE
    return _loaded[name]


def build(view: pb.View, actor: Actor, language: str, size: tuple[int, int]) -> Page:
    """Builds and fills the page of a View for a window of a size, px."""
    kind = page_class(room_of(view))
    largest = kind.largest_tall if size[1] >= size[0] else kind.largest_wide
    theme.settings.scale = min(theme.settings.wish, largest)
    page = kind(actor=actor, language=language, size=size)
    page.show(view)
    return page

"""Builds the page of a View: one folder a screen, found by the name of its message in ``View.screen``."""

import importlib
from pathlib import Path
from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.lang import Builder

from screens import theme
from screens.widgets.page import Actor, Page

_loaded: dict[str, type[Page]] = {}


def name_of(view: pb.View) -> str:
    """Name of a View's screen, as ``attract``."""
    return view.WhichOneof("screen") or "out_of_service"


def page_class(name: str) -> type[Page]:
    """The page of a screen; its folder is read when it is first needed."""
    if name not in _loaded:
        module: Any = importlib.import_module(f"screens.{name}.view")
        Builder.load_file(str(Path(module.__file__).with_name("view.kv")))
        _loaded[name] = module.PAGE
    return _loaded[name]


def build(view: pb.View, actor: Actor, language: str, size: tuple[int, int]) -> Page:
    """Builds and fills the page of a View for a window of a size, px."""
    kind = page_class(name_of(view))
    largest = kind.largest_tall if size[1] >= size[0] else kind.largest_wide
    theme.settings.scale = min(theme.settings.wish, largest)
    page = kind(actor=actor, language=language, size=size)
    page.show(view)
    return page

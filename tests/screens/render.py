"""Draws every case in one process, a window per orientation: pictures to compare, layout, and words asked for.

``python -m tests.screens.render OUT 1080x1920`` writes OUT/<case>.<language>.png at half size and OUT/report.json.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

from screens.__main__ import size_px
from screens.window import prepare

#: Cases pictured in English as well; words and layout of every case are checked in both languages.
ENGLISH = {"attract", "choose_document-many", "face-closer", "proofread-kk", "trouble-spoiled", "technician_menu"}


def half(picture: Image.Image) -> Image.Image:
    """A picture at half its size."""
    return picture.reduce(2)


def _spoil(page: Any, kind: str) -> None:
    """Makes one mistake a person would see, to prove that the comparison sees it too."""
    from screens.widgets.button import BigButton
    from screens.widgets.text import Text

    texts = [widget for widget in page.walk() if type(widget) is Text and widget.text and widget.role == "body"]
    button = next(widget for widget in page.walk() if isinstance(widget, BigButton))
    if kind == "word-missing":
        texts[0].text = texts[0].text.rsplit(" ", 1)[0]
    elif kind == "button-moved":
        button.parent.x += 6
    elif kind == "button-recoloured":
        button.ground = (*button.ground[:2], button.ground[2] * 0.85, 1)
    elif kind == "icon-missing":
        button.icon = ""


def _first(page: Any, name: str) -> Any:
    return next(widget for widget in page.walk() if type(widget).__name__ == name and widget.text)


def _narrow(page: Any) -> None:
    _first(page, "Text").height = 20


def _move(page: Any) -> None:
    words = _first(page, "Text").parent
    words.children[0].y = words.children[-1].y


def _shrink(page: Any) -> None:
    _first(page, "BigButton").height = 40


def _see(page: Any) -> None:
    page.seen = True


def _turn(page: Any) -> None:
    for number in range(len(page._screen.to_do)):
        page.ids.content.follow(number)
        page.ids.content.do_layout()


#: What a person does on a page brings words that its first look does not have.
_GOING_ON = {"display_test": _see, "self_test_result-failed": _turn}
_LAYOUT_SPOILED = {"narrow": _narrow, "moved": _move, "small": _shrink}
SPOILED = ("word-missing", "button-moved", "button-recoloured", "icon-missing")


def main(out: Path, size: tuple[int, int]) -> None:
    """Draws and measures."""
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    os.environ["TZ"] = "Asia/Jakarta"
    time.tzset()
    prepare(*size)
    from adm.panel.v1 import panel_pb2 as pb
    from kivy.clock import Clock

    from screens import pages, theme
    from screens.targets import find
    from screens.tools import views
    from screens.tools.stage import Stage, frame_from
    from screens.words import words
    from tests.screens.layout import problems

    out.mkdir(parents=True, exist_ok=True)
    face = frame_from(Path(__file__).parents[2] / "samples/faces/mei/yaw_+00.jpg")
    stage = Stage()
    report: dict[str, Any] = {"problems": {}, "targets": {}}
    for name, view in views.cases():
        for language, number in (("id", pb.LANGUAGE_ID), ("en", pb.LANGUAGE_EN)):
            view.language = number
            pictured = language == "id" or name in ENGLISH
            # Indonesian needs more room, so the large text is measured with it.
            grows = pages.page_class(pages.room_of(view)).resizes_text
            for scale in (theme.LARGE, 1.0) if language == "id" and grows else (1.0,):
                page = stage.arrange(view, face if name in views.WITH_FACE else None, scale)
                wrong = problems(page)
                if wrong:
                    report["problems"][f"{name}.{language} x{scale}"] = wrong
            if pictured:
                half(stage.shoot()).save(out / f"{name}.{language}.png", compress_level=1)
            report["targets"][f"{name}.{language}"] = find(page)
            if name in _GOING_ON:
                _GOING_ON[name](page)
    view = dict(views.cases())["goodbye"]
    view.language = pb.LANGUAGE_ID
    for kind in SPOILED:
        _spoil(stage.show(view), kind)
        Clock.tick()
        half(stage.shoot()).save(out / f"spoiled-{kind}.png")
    report["spoiled_layout"] = {}
    for kind, spoil in _LAYOUT_SPOILED.items():
        page = stage.arrange(view)
        spoil(page)
        report["spoiled_layout"][kind] = " ".join(problems(page))
    words.count("time_left.minutes", 2)
    report["asked"] = sorted(words.asked)
    (out / "report.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main(Path(sys.argv[1]), size_px(sys.argv[2]))

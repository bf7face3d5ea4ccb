"""Draws every screen into PNGs, to look at: ``python -m screens.tools.sheet OUT [--size 1920x1080] [--only face]``."""

import argparse
import os
from pathlib import Path

from screens.__main__ import size_px
from screens.window import prepare


def main() -> None:
    """Writes one PNG a case and language."""
    parser = argparse.ArgumentParser(prog="python -m screens.tools.sheet")
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=size_px, default=(1080, 1920))
    parser.add_argument("--language", choices=("id", "en", "both"), default="both")
    parser.add_argument("--scale", type=float, default=1.0, help="text scale")
    parser.add_argument("--only", default="", help="cases whose names begin so")
    options = parser.parse_args()
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    prepare(*options.size)
    from adm.panel.v1 import panel_pb2 as pb

    from screens.tools import views
    from screens.tools.stage import Stage, frame_from

    face = frame_from(Path(__file__).parents[2] / "samples/faces/mei/yaw_+00.jpg")
    stage = Stage()
    options.out.mkdir(parents=True, exist_ok=True)
    languages = {"id": pb.LANGUAGE_ID, "en": pb.LANGUAGE_EN}
    for name, view in views.cases():
        for language, number in languages.items():
            if options.language not in (language, "both") or not name.startswith(options.only):
                continue
            view.language = number
            stage.show(view, face if name in views.WITH_FACE else None, options.scale)
            stage.shoot().save(options.out / f"{name}.{language}.png", compress_level=1)


if __name__ == "__main__":
    main()

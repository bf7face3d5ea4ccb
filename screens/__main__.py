"""Starts the screens: ``python -m screens --socket unix:/run/adm/panel.sock --size 1080x1920 --fullscreen``."""

import argparse
import logging
import re
import sys

from screens import memory
from screens.window import prepare


def size_px(text: str) -> tuple[int, int]:
    """Reads a window size."""
    match = re.fullmatch(r"(\d{3,4})x(\d{3,4})", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT in px, as 1080x1920")
    return int(match[1]), int(match[2])


def main(argv: list[str] | None = None) -> int:
    """Runs until the window is closed."""
    parser = argparse.ArgumentParser(prog="python -m screens", description="The kiosk's screens.")
    parser.add_argument("--socket", required=True, help="the daemon's panel, as unix:/run/adm/panel.sock")
    parser.add_argument("--size", type=size_px, default=(1080, 1920), help="window, px: 1080x1920 or 1920x1080")
    parser.add_argument("--window", type=size_px, help="draws the pages smaller, px: 540x960; the same shape as --size")
    parser.add_argument("--fullscreen", action="store_true", help="no frame, no other window above")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("kivy").setLevel(logging.WARNING)
    memory.keep_little()
    prepare(*(options.window or options.size), fullscreen=options.fullscreen)
    # Kivy reads its settings when it is imported, so everything that imports it comes after prepare().
    from screens.app import Screens
    from screens.link import Link
    from screens.notify import Notifier

    Screens(Link(options.socket), Notifier(), options.size if options.window else None).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

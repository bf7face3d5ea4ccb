"""Settings of Kivy and its window; to be made before anything imports kivy."""

import os
import tempfile
from pathlib import Path


def prepare(width_px: int, height_px: int, *, fullscreen: bool = False) -> None:
    """Sets Kivy up for a kiosk: no files, no settings page, no escape key, one kind of pointer, pixel-exact sizes."""
    os.environ.update(
        KIVY_NO_ARGS="1",
        KIVY_NO_CONFIG="1",
        KIVY_NO_FILELOG="1",
        KIVY_LOG_MODE="PYTHON",
        KIVY_WINDOW="sdl2",
        KIVY_TEXT="sdl2",
        KIVY_IMAGE="sdl2",
        KIVY_CLIPBOARD="dummy",
        KIVY_DPI="96",
        KIVY_METRICS_DENSITY="1",
        KIVY_METRICS_FONTSCALE="1",
    )
    # Kivy wants a home directory even if it keeps nothing there.
    home = Path(os.environ.get("RUNTIME_DIRECTORY", tempfile.gettempdir())) / f"adm-kivy-{os.getuid()}"
    os.environ.setdefault("KIVY_HOME", str(home))
    from kivy.config import Config

    Config.set("graphics", "width", str(width_px))
    Config.set("graphics", "height", str(height_px))
    # Edges are smoothed by the shapes themselves: multisampling costs 80 MB and triples the time of a frame.
    Config.set("graphics", "multisamples", "0")
    Config.set("graphics", "resizable", "0")
    Config.set("graphics", "borderless", "1" if fullscreen else "0")
    Config.set("graphics", "fullscreen", "auto" if fullscreen else "0")
    Config.set("graphics", "maxfps", "30")
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "log_level", "warning")
    Config.set("kivy", "window_icon", "")
    for name in [option for option, _ in Config.items("input")]:
        Config.remove_option("input", name)
    Config.set("input", "mouse", "mouse,disable_multitouch")

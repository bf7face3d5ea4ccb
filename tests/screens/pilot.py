"""The real application with a finger: run as a process by the tests, told by lines of JSON what to do.

``{"touch": [x, y]}``, ``{"touch": [x, y], "times": 2}``, ``{"swipe": [[x, y], ...]}``, ``{"keys": [9, 13]}``,
``{"count": true}``, ``{"hang": "file"}``; each is answered by
one line. Coordinates are px from the window's top left. Everything else is ``python -m screens``.
"""

import gc
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from screens.window import prepare


def main(target: str, size: tuple[int, int]) -> None:
    """Runs until standard input ends."""
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    prepare(*size)
    from kivy.clock import Clock
    from kivy.core.window import Window
    from kivy.tests.common import UnitTestTouch

    from screens.app import Screens
    from screens.link import Link
    from screens.notify import Notifier
    from screens.widgets.page import Page

    app = Screens(Link(target), Notifier())
    frames = 0
    turns = 0

    def drawn(*_args: Any) -> None:
        nonlocal frames
        frames += 1

    def turned(_dt: float) -> None:
        nonlocal turns
        turns += 1

    Window.bind(on_flip=drawn)
    Clock.schedule_interval(turned, 0)

    def answer(**values: Any) -> None:
        print(json.dumps(values), flush=True)

    def touch(where: list[float], times: int) -> None:
        for _ in range(times):
            finger = UnitTestTouch(where[0], Window.height - where[1])
            finger.touch_down()
            finger.touch_up()
        answer(touched=times)

    def swipe(way: list[list[float]]) -> None:
        finger = UnitTestTouch(way[0][0], Window.height - way[0][1])
        finger.touch_down()
        for x, y in way[1:]:
            finger.touch_move(x, Window.height - y)
        finger.touch_up()
        answer(touched=1)

    def press(codes: list[int]) -> None:
        for code in codes:
            Window.dispatch("on_key_down", code, 0, None, [])
        answer(pressed=len(codes))

    def count() -> None:
        gc.collect()
        pages = sum(issubclass(type(thing), Page) for thing in gc.get_objects())
        answer(frames=frames, turns=turns, pages=pages)

    def hang(until: str) -> None:
        answer(hanging=True)
        # A pipe blocks the loop exactly until the test opens it: no clock takes part.
        Path(until).read_bytes()

    def obey(line: str) -> None:
        order = json.loads(line)
        if "touch" in order:
            touch(order["touch"], order.get("times", 1))
        elif "swipe" in order:
            swipe(order["swipe"])
        elif "keys" in order:
            press(order["keys"])
        elif "hang" in order:
            hang(order["hang"])
        else:
            count()

    def listen() -> None:
        for line in sys.stdin:
            Clock.schedule_once(lambda _dt, line=line: obey(line))
        Clock.schedule_once(lambda _dt: app.stop())

    threading.Thread(target=listen, daemon=True).start()
    app.run()


if __name__ == "__main__":
    width, height = sys.argv[2].split("x")
    main(sys.argv[1], (int(width), int(height)))

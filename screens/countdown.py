"""The rule by which the time left is shown: often enough for a person, seldom enough to stay quiet."""

import math


def shown(seconds: float) -> tuple[str, int, float]:
    """What to show, and for how long it stays true.

    Args:
        seconds: left, 0 or more.

    Returns:
        ``minutes`` or ``seconds``; how many; seconds until the next change. Above a minute whole minutes, above
        twenty seconds whole tens, then every second.
    """
    unit, step = ("minutes", 60) if seconds > 60 else ("seconds", 10) if seconds > 20 else ("seconds", 1)
    steps = math.ceil(seconds / step)
    floor = {60: 60, 10: 20, 1: 0}[step]
    return unit, steps * (1 if step == 60 else step), seconds - max(floor, (steps - 1) * step)

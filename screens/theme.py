"""Colours, type scale and measures of every screen; all lengths in px of a 1080 x 1920 or 1920 x 1080 window.

Contrast of every text colour on the grounds it is used on is at least 4.5:1 (WCAG 2.1, 1.4.3), kept by a test.
"""

from dataclasses import dataclass
from pathlib import Path

Colour = tuple[float, float, float, float]

ROOT = Path(__file__).parent
FONT = str(ROOT / "fonts" / "AtkinsonHyperlegibleNext-Regular.ttf")
FONT_SEMI = str(ROOT / "fonts" / "AtkinsonHyperlegibleNext-SemiBold.ttf")
FONT_BOLD = str(ROOT / "fonts" / "AtkinsonHyperlegibleNext-Bold.ttf")
FONT_ICON = str(ROOT / "fonts" / "Phosphor-Bold.ttf")
FONT_ICON_FILL = str(ROOT / "fonts" / "Phosphor-Fill.ttf")


def rgba(code: str, alpha: float = 1.0) -> Colour:
    """Turns ``#rrggbb`` into Kivy's four floats."""
    return (int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255, alpha)


CLEAR = rgba("#ffffff", 0)
WHITE = rgba("#ffffff")
PAPER = rgba("#f4f6fa")
INK = rgba("#101b30")
INK_SOFT = rgba("#47546b")
LINE = rgba("#d3dae6")
LINE_STRONG = rgba("#8592a8")
MUTED = rgba("#e9edf3")

BRAND = rgba("#0d4ea6")
BRAND_DOWN = rgba("#083a80")
BRAND_DEEP = rgba("#0a2f66")
BRAND_TINT = rgba("#e4eefb")
BRAND_LINE = rgba("#b5cff1")
ON_DEEP = rgba("#d6e4f8")

GOOD = rgba("#17663f")
GOOD_TINT = rgba("#e1f3e8")
GOOD_LINE = rgba("#a5d6b9")
HEED = rgba("#7a4700")
HEED_TINT = rgba("#fff0d2")
HEED_LINE = rgba("#f0cd86")
HEED_BRIGHT = rgba("#f5b335")
BAD = rgba("#9c1c1c")
BAD_TINT = rgba("#fde8e6")
BAD_LINE = rgba("#f0b4ae")

#: Type roles, px at text scale 1. The smallest text is 28 px: 9 mm on a 27-inch panel.
TYPE = {"display": 92, "title": 70, "heading": 50, "strong": 44, "body": 42, "small": 34, "caption": 30}

MARGIN = 72
GAP = 24
HEADER = 152
PRIMARY = 168
SECONDARY = 132
RADIUS = 32
#: Smallest side of anything that can be touched, px: 30 mm on a 27-inch panel.
TARGET_MIN = 96


#: Text scale of the header's text size button.
LARGE = 1.25


@dataclass
class Settings:
    """What may differ from one resident to the next, and in tests.

    Attributes:
        wish: text scale asked for: 1, or LARGE.
        scale: text scale in force on the page being built: as wished, or as large as the page has room for.
        motion: whether anything may move.
    """

    wish: float = 1.0
    scale: float = 1.0
    motion: bool = True


settings = Settings()


def sp(role: str) -> int:
    """Font size of a type role, px, at the text scale in force."""
    return round(TYPE[role] * settings.scale)


def art(name: str) -> str:
    """Path of a drawing made by ``screens.tools.draw``."""
    return str(ROOT / "art" / f"{name}.png")

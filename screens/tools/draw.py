"""Draws every picture of the screens: ``python -m screens.tools.draw``, after changing a shape.

Typst turns the SVG into PNG; the pictures are committed, so a kiosk needs no typst.
"""

import tempfile
from pathlib import Path

import typst

from screens.tools import shapes as s

OUT = Path(__file__).parent.parent / "art"


def _welcome(width: int, height: int, scale: float, y: float) -> str:
    group = s.group(
        s.group(s.family_card("#00000038"), -400, -250, -7)
        + s.group(s.certificate("#00000038"), 60, -290, 8)
        + s.group(s.identity_card("#00000048"), -270, 40, -3),
        width / 2,
        y,
        0,
        scale,
    )
    return s.kawung(width, height, s.DEEP, "#0e3a7a") + group


def _phone() -> str:
    digits = "".join(s.box(300 + 52 * n, 300, 36, 56, 8, s.BRAND) for n in range(4))
    frame = "".join(
        s.stroke(d, s.SUN, 10)
        for d in ("M284 300 v-40 h40", "M516 300 v-40 h-40", "M284 356 v40 h40", "M516 356 v40 h-40")
    )
    return (
        s.box(248, 86, 304, 580, 48, "#0a2f6618")
        + s.box(244, 70, 304, 580, 48, s.INK)
        + s.box(260, 88, 272, 544, 34, s.WHITE)
        + s.box(350, 100, 92, 20, 10, s.INK)
        + s.group(digits + frame, -4, 0)
        + s.disc(396, 560, 40, s.TINT)
        + s.disc(396, 560, 28, s.BRAND)
        + s.bar(316, 440, 160, 14, s.SKY)
        + s.bar(346, 470, 100, 14, s.SKY)
    )


def _slip() -> str:
    teeth = "".join("l-20 22 l-20 -22 " for _ in range(7))
    slip = (
        f'<path d="M0 0 h280 v430 {teeth}z" fill="{s.WHITE}" stroke="{s.SKY}" stroke-width="4"/>'
        + s.seal(140, 96, 34)
        + s.bar(60, 156, 160, 16, s.BRAND)
        + "".join(s.bar(40, 206 + 32 * n, w, 11, s.SKY) for n, w in enumerate((200, 160, 200)))
        + s.box(40, 316, 200, 62, 12, s.TINT)
        + s.bar(64, 340, 152, 14, s.BRAND)
    )
    return (
        s.box(170, 96, 460, 190, 44, "#0a2f6618")
        + s.box(170, 80, 460, 190, 44, s.WHITE)
        + f'<path d="M214 80 H586 A44 44 0 0 1 630 124 V160 H170 V124 A44 44 0 0 1 214 80Z" fill="{s.BRAND}"/>'
        + s.disc(570, 122, 12, "#7ee0ab")
        + s.box(230, 196, 340, 40, 20, s.INK)
        + s.group(slip, 260, 218)
        + f'<path d="M230 196 h340 a20 20 0 0 1 0 24 h-340 a20 20 0 0 1 0 -24z" fill="{s.INK}"/>'
    )


def _goodbye() -> str:
    around = "".join(
        s.petals(x, y, r, colour)
        for x, y, r, colour in (
            (110, 150, 44, "#a5d6b9"),
            (690, 120, 56, s.SKY),
            (720, 520, 40, s.SUN),
            (90, 540, 36, s.SKY),
        )
    )
    return (
        around
        + s.group(s.certificate("#0a2f6622"), 190, 150, -8)
        + s.group(s.certificate("#0a2f6622"), 290, 110, 6)
        + s.badge(560, 560, 82, s.GOOD, "check")
    )


def _take_card() -> str:
    return (
        s.group(s.reader("M0 0"), 0, 310)
        + s.group(s.identity_card("#00000044"), 196, 160, -5)
        + s.badge(630, 170, 76, "#7a4700", "up")
    )


def _card_given() -> str:
    officer = (
        '<path d="M-150 330 C-150 180 -90 140 0 140 C90 140 150 180 150 330Z" fill="'
        + s.BRAND
        + '"/>'
        + '<path d="M-34 140 L0 190 L34 140 L20 120 H-20Z" fill="'
        + s.WHITE
        + '"/>'
        + s.box(-30, 88, 60, 66, 26, s.SKIN)
        + s.disc(0, 40, 78, s.SKIN)
        + f'<path d="M-82 36 C-92 -60 92 -60 82 36 C60 14 -60 14 -82 36Z" fill="{s.HAIR}"/>'
        + s.box(54, 214, 56, 34, 8, s.WHITE)
    )
    return (
        s.group(officer, 400, 110, 0, 1.15)
        + s.group(s.identity_card("#0a2f6630"), 196, 372, -4, 0.92)
        + s.badge(620, 600, 70, s.BRAND, "up")
    )


def _colours() -> str:
    tints = (s.WHITE, s.SUN, "#38b6c9", "#3aa655", "#c2468e", s.RED, "#2f4fc4", "#101010")
    bars = "".join(s.box(120 + 70 * n, 130, 71, 380, 0, tint) for n, tint in enumerate(tints))
    return (
        s.box(90, 90, 620, 460, 40, s.INK)
        + bars
        + s.box(330, 550, 140, 70, 0, s.INK)
        + s.box(240, 610, 320, 34, 17, s.INK)
    )


def drawings() -> dict[str, tuple[int, int, str]]:
    """Every picture: width and height, px, and its SVG."""
    bars = s.box(166, 150, 30, 110, 12, s.SUN) + s.box(224, 150, 30, 110, 12, s.SUN) + s.bar(140, 300, 140, 14, s.SKY)
    dots = "".join(s.disc(160 + 50 * n, 200, 16, c) for n, c in enumerate((s.BRAND, s.MID, s.SKY)))
    dots += s.bar(140, 300, 140, 14, s.SKY)
    mark = s.box(0, 0, 168, 168, 44, s.WHITE) + s.petals(84, 84, 56, s.BRAND) + s.disc(84, 84, 13, s.RED)
    return {
        "mark": (168, 168, mark),
        "welcome_tall": (1080, 800, _welcome(1080, 800, 0.9, 480)),
        "welcome_wide": (884, 1080, _welcome(884, 1080, 0.8, 590)),
        "card": (448, 294, s.identity_card()),
        "reader": (800, 400, s.reader()),
        "printing": (800, 720, s.group(s.printer(s.sheet_out(250)), 0, 70)),
        "take_paper": (800, 720, s.printer(s.sheet_out(440)) + s.badge(610, 600, 82, s.GOOD, "down")),
        "receipt": (800, 720, _slip() + s.badge(560, 590, 76, s.GOOD, "check")),
        "receipt_printing": (800, 720, _slip()),
        "receipt_none": (800, 720, _phone()),
        "goodbye": (800, 720, _goodbye()),
        "take_card": (800, 720, _take_card()),
        "card_printing": (800, 720, s.group(s.card_slot(s.card_out(150)), 0, 90)),
        "card_ready": (800, 720, s.group(s.card_slot(s.card_out(262)) + s.badge(620, 500, 78, s.GOOD, "down"), 0, 60)),
        "card_in": (800, 720, s.group(s.card_slot(s.card_out(190)) + s.badge(400, 530, 70, s.BRAND, "up"), 0, 60)),
        "card_given": (800, 720, _card_given()),
        "cabinet": (480, 720, s.cabinet()),
        "service_card": (
            800,
            720,
            s.group(s.reader("M0 0"), 0, 310)
            + s.group(s.service_card(), 180, 120, -4)
            + s.badge(620, 160, 70, s.BRAND, "down"),
        ),
        "colours": (800, 720, _colours()),
        "closed": (420, 710, s.machine(bars)),
        "starting": (420, 710, s.machine(dots)),
    }


def main() -> None:
    """Writes every picture."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, (width, height, body) in drawings().items():
            svg = Path(folder) / f"{name}.svg"
            svg.write_text(
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                f'width="{width}" height="{height}">{body}</svg>'
            )
            page = svg.with_suffix(".typ")
            page.write_text(
                f"#set page(width: {width}pt, height: {height}pt, margin: 0pt, fill: none)\n"
                f'#image("{name}.svg", width: {width}pt, height: {height}pt)'
            )
            (OUT / f"{name}.png").write_bytes(typst.compile(str(page), format="png", ppi=72))


if __name__ == "__main__":
    main()

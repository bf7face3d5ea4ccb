"""Shapes the drawings are made of, as SVG: documents, the identity card, the reader, the printer, the machine.

Nothing here copies a real document: bars stand for words.
"""

DEEP, BRAND, MID, SKY, TINT = "#0a2f66", "#0d4ea6", "#5b94dc", "#b5cff1", "#e4eefb"
INK, SLATE, GREY, PALE, WHITE = "#16294a", "#3a4f74", "#9fb0ca", "#dbe3ef", "#ffffff"
RED, SUN, GOOD, SKIN, HAIR = "#c9202f", "#f5b335", "#17663f", "#e8b08a", "#2b2230"


def group(body: str, x: float = 0, y: float = 0, turn: float = 0, scale: float = 1) -> str:
    """Moves, turns (degrees, clockwise) and scales what is inside."""
    return f'<g transform="translate({x} {y}) rotate({turn}) scale({scale})">{body}</g>'


def box(x: float, y: float, w: float, h: float, r: float, fill: str, more: str = "") -> str:
    """A rounded rectangle."""
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}" {more}/>'


def bar(x: float, y: float, w: float, h: float = 12, fill: str = SKY) -> str:
    """A bar that stands for words."""
    return box(x, y, w, h, h / 2, fill)


def disc(x: float, y: float, r: float, fill: str, more: str = "") -> str:
    """A circle."""
    return f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" {more}/>'


def stroke(d: str, colour: str, width: float) -> str:
    """A line with round ends."""
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def petals(x: float, y: float, r: float, fill: str) -> str:
    """Four petals of a kawung, the old Javanese batik motif, around a point."""
    near, half, far = r * 0.08, r * 0.5, r * 0.92
    petal = f"M0 0 C{near} {-half} {half} {-far} {r} {-r} C{far} {-half} {half} {-near} 0 0Z"
    gap = r * 0.08
    body = "".join(
        f'<g transform="rotate({turn}) translate({gap} {-gap})"><path d="{petal}" fill="{fill}"/></g>'
        for turn in (0, 90, 180, 270)
    )
    return group(body, x, y)


def kawung(width: float, height: float, ground: str, motif: str, tile: float = 120) -> str:
    """A ground covered with kawung."""
    half = tile / 2
    return (
        f'<defs><pattern id="kawung" width="{tile}" height="{tile}" patternUnits="userSpaceOnUse">'
        f"{petals(half, half, half * 0.86, motif)}{disc(half, half, tile * 0.035, ground)}"
        f"{''.join(disc(cx, cy, tile * 0.04, motif) for cx in (0, tile) for cy in (0, tile))}"
        f'</pattern></defs><rect width="{width}" height="{height}" fill="{ground}"/>'
        f'<rect width="{width}" height="{height}" fill="url(#kawung)"/>'
    )


def seal(x: float, y: float, r: float) -> str:
    """A seal on a document: not the state's arms."""
    return disc(x, y, r, BRAND) + petals(x, y, r * 0.62, WHITE) + disc(x, y, r * 0.14, SUN)


def code(x: float, y: float, size: float) -> str:
    """A square that stands for a QR code; it cannot be scanned."""
    cell = size / 7
    on = ["1110111", "1010101", "1110011", "0001100", "1110101", "1010010", "1110111"]
    return "".join(
        f'<rect x="{x + column * cell}" y="{y + row * cell}" width="{cell + 0.3}" height="{cell + 0.3}" fill="{INK}"/>'
        for row, line in enumerate(on)
        for column, bit in enumerate(line)
        if bit == "1"
    )


def certificate(shade: str = "#00000022") -> str:
    """A certificate, 340 x 460."""
    lines = "".join(bar(60, 196 + 34 * n, w) for n, w in enumerate((220, 190, 220, 150)))
    return (
        box(6, 14, 340, 460, 20, shade)
        + box(0, 0, 340, 460, 20, WHITE)
        + box(18, 18, 304, 424, 10, "none", f'stroke="{SKY}" stroke-width="4"')
        + seal(170, 84, 40)
        + bar(90, 144, 160, 18, BRAND)
        + lines
        + code(222, 346, 76)
        + stroke("M60 400 c18 -34 30 -34 36 -8 s22 22 34 -10 s18 12 30 4", MID, 6)
    )


def family_card(shade: str = "#00000022") -> str:
    """A family card, 540 x 380."""
    rows = "".join(
        bar(40, 168 + 40 * n, 40, 12, SKY)
        + bar(100, 168 + 40 * n, 150 - 24 * (n % 2), 12, MID)
        + bar(290, 168 + 40 * n, 90, 12, SKY)
        + bar(412, 168 + 40 * n, 84 - 16 * (n % 2), 12, SKY)
        for n in range(4)
    )
    return (
        box(6, 14, 540, 380, 20, shade)
        + box(0, 0, 540, 380, 20, WHITE)
        + seal(70, 66, 34)
        + bar(190, 42, 200, 20, BRAND)
        + bar(220, 78, 140, 12, SKY)
        + box(28, 120, 484, 30, 8, TINT)
        + rows
        + code(440, 314 - 4, 52)
        + bar(40, 334, 120, 12, SKY)
    )


def identity_card(shade: str = "#00000022") -> str:
    """An identity card, 440 x 278 (the ratio of ID-1)."""
    fields = "".join(
        bar(30, 112 + 30 * n, 62, 10, MID) + bar(108, 112 + 30 * n, w, 10, BRAND)
        for n, w in enumerate((150, 118, 140, 96, 128))
    )
    photo = (
        '<clipPath id="photo"><rect x="298" y="84" width="114" height="142" rx="10"/></clipPath>'
        f'<g clip-path="url(#photo)">{box(298, 84, 114, 142, 0, RED)}'
        f"{disc(355, 240, 52, WHITE)}{box(343, 176, 24, 30, 8, SKIN)}"
        f'<path d="M323 152 c-6 -46 70 -46 64 0 v22 h-64z" fill="{HAIR}"/>{disc(355, 156, 27, SKIN)}'
        f'<path d="M326 150 c4 -36 54 -36 58 0 c-14 -4 -24 -10 -30 -18 c-6 10 -16 16 -28 18z" fill="{HAIR}"/></g>'
    )
    return (
        box(4, 12, 440, 278, 24, shade)
        + box(0, 0, 440, 278, 24, "#cfe3fb")
        + '<path fill="#bcd8f8" d="M0 190 C110 130 190 250 440 150 V254 A24 24 0 0 1 416 278 H24 A24 24 0 0 1 0 254Z"/>'
        + bar(130, 26, 180, 14, BRAND)
        + bar(160, 50, 120, 10, BRAND)
        + bar(30, 80, 230, 16, DEEP)
        + fields
        + photo
        + bar(314, 240, 84, 10, MID)
    )


def waves(x: float, y: float, colour: str, width: float = 12) -> str:
    """The sign of a contactless reader."""
    arcs = (f"M{x + 30 * n} {y - 24 - 16 * n} q{18 + 9 * n} {24 + 16 * n} 0 {48 + 32 * n}" for n in range(3))
    return "".join(stroke(arc, colour, width) for arc in arcs)


def reader(sign: str = "M400 130 v118 M352 204 l48 48 l48 -48") -> str:
    """The card reader from above, 800 x 400; the card's place, with a sign in it, is 440 x 278 around its middle."""
    return (
        box(56, 26, 688, 368, 56, "#0a2f6622")
        + box(56, 10, 688, 368, 56, INK)
        + box(70, 22, 660, 338, 46, "#20375f")
        + box(176, 57, 448, 286, 28, "#2d4875", f'stroke="{SKY}" stroke-width="5" stroke-dasharray="22 16"')
        + stroke(sign, WHITE, 18)
        + group(waves(0, 0, SKY, 9), 654, 196, 0, 0.62)
        + disc(124, 196, 13, "#58c98b")
    )


def printer(paper: str) -> str:
    """The document slot of the machine, 800 x 720, with paper in front of it."""
    return (
        box(90, 96, 620, 250, 44, "#0a2f6618")
        + box(90, 80, 620, 250, 44, WHITE)
        + f'<path d="M134 80 H666 A44 44 0 0 1 710 124 V176 H90 V124 A44 44 0 0 1 134 80Z" fill="{BRAND}"/>'
        + bar(140, 120, 150, 16, SKY)
        + disc(640, 128, 13, "#7ee0ab")
        + box(150, 226, 500, 44, 22, INK)
        + paper
        + f'<path d="M150 226 h500 a22 22 0 0 1 0 26 h-500 a22 22 0 0 1 0 -26z" fill="{INK}"/>'
    )


def sheet_out(length: float) -> str:
    """A sheet hanging out of the printer's slot, its lower part printed first: 400 px wide."""
    full = 470
    y0 = 248 + length - full
    inner = (
        box(0, 0, 400, full, 14, WHITE, f'stroke="{SKY}" stroke-width="4"')
        + seal(200, 74, 36)
        + bar(110, 128, 180, 18, BRAND)
        + "".join(bar(56, 180 + 34 * n, w, 12, SKY) for n, w in enumerate((288, 250, 288, 200, 268)))
        + code(274, 360, 72)
        + bar(56, 392, 120, 12, MID)
    )
    return (
        f'<clipPath id="slot"><rect x="180" y="248" width="440" height="480"/></clipPath>'
        f'<g clip-path="url(#slot)">{box(208, y0 + 12, 400, full, 14, "#0a2f6622")}{group(inner, 200, y0)}</g>'
    )


def card_slot(card: str) -> str:
    """The card slot of the machine, 800 x 720, with a card in front of it."""
    return (
        box(90, 96, 620, 250, 44, "#0a2f6618")
        + box(90, 80, 620, 250, 44, WHITE)
        + f'<path d="M134 80 H666 A44 44 0 0 1 710 124 V176 H90 V124 A44 44 0 0 1 134 80Z" fill="{BRAND}"/>'
        + box(140, 120, 150, 16, 8, SKY)
        + disc(640, 128, 13, "#7ee0ab")
        + box(148, 228, 504, 40, 20, INK)
        + card
        + f'<path d="M148 228 h504 a20 20 0 0 1 0 22 h-504 a20 20 0 0 1 0 -22z" fill="{INK}"/>'
    )


def card_out(length: float) -> str:
    """An identity card hanging out of the slot by a length."""
    return (
        '<clipPath id="cardslot"><rect x="150" y="246" width="500" height="470"/></clipPath>'
        f'<g clip-path="url(#cardslot)">{group(identity_card("#0a2f6622"), 180, 246 + length - 278)}</g>'
    )


def badge(x: float, y: float, r: float, colour: str, sign: str) -> str:
    """A round badge with a sign: check, down, up or heed."""
    paths = {
        "check": f"M{-r * 0.42} {r * 0.02} l{r * 0.3} {r * 0.3} l{r * 0.54} {-r * 0.6}",
        "down": f"M0 {-r * 0.44} v{r * 0.86} M{-r * 0.38} {r * 0.06} l{r * 0.38} {r * 0.38} l{r * 0.38} {-r * 0.38}",
        "up": f"M0 {r * 0.44} v{-r * 0.86} M{-r * 0.38} {-r * 0.06} l{r * 0.38} {-r * 0.38} l{r * 0.38} {r * 0.38}",
        "heed": f"M0 {-r * 0.44} v{r * 0.5} M0 {r * 0.42} v0.1",
    }
    return disc(x, y, r + 10, WHITE) + disc(x, y, r, colour) + group(stroke(paths[sign], WHITE, r * 0.2), x, y)


def machine(screen: str) -> str:
    """The machine itself, 420 x 700, with something on its screen (210 x 300 around 210, 210)."""
    return (
        box(40, 660, 340, 40, 20, "#0a2f6618")
        + f'<path d="M84 400 H336 L356 668 H64Z" fill="{BRAND}"/>'
        + f'<path d="M84 400 H336 L340 450 H80Z" fill="{DEEP}"/>'
        + box(48, 650, 324, 30, 15, INK)
        + box(70, 14, 280, 410, 36, INK)
        + box(90, 34, 240, 340, 20, WHITE)
        + disc(210, 400, 8, MID)
        + screen
        + box(150, 500, 120, 18, 9, INK)
        + box(128, 556, 164, 60, 14, DEEP)
        + box(140, 566, 140, 12, 6, INK)
    )


def cabinet() -> str:
    """The machine from the front, 480 x 720, with every device a technician looks for."""
    slot = box(160, 572, 160, 16, 8, INK) + box(176, 586, 128, 26, 4, WHITE)
    return (
        box(50, 690, 380, 24, 12, "#0a2f6618")
        + box(44, 6, 392, 690, 40, BRAND)
        + box(44, 620, 392, 76, 30, DEEP)
        + disc(408, 640, 15, SKY)
        + box(404, 636, 8, 22, 4, INK)
        + box(66, 74, 348, 300, 20, INK)
        + box(80, 88, 320, 272, 10, WHITE)
        + petals(240, 190, 54, SKY)
        + bar(150, 280, 180, 16, SKY)
        + bar(180, 310, 120, 16, TINT)
        + disc(240, 42, 22, DEEP)
        + disc(240, 42, 11, MID)
        + "".join(disc(196 + 22 * n, 396, 5, SKY) for n in range(5))
        + box(66, 416, 108, 72, 14, DEEP)
        + box(78, 428, 84, 48, 8, "none", f'stroke="{SKY}" stroke-width="4" stroke-dasharray="9 7"')
        + box(302, 416, 108, 72, 14, DEEP)
        + box(318, 430, 76, 12, 6, INK)
        + box(330, 436, 52, 44, 3, WHITE)
        + box(160, 506, 160, 16, 8, INK)
        + slot
    )


def service_card() -> str:
    """A technician's card, 440 x 278."""
    return (
        box(4, 12, 440, 278, 24, "#0a2f6630")
        + box(0, 0, 440, 278, 24, INK)
        + box(0, 60, 440, 18, 0, SUN)
        + disc(92, 176, 54, SLATE)
        + disc(92, 160, 20, SKY)
        + f'<path d="M56 212 c0 -44 72 -44 72 0z" fill="{SKY}"/>'
        + bar(184, 138, 180, 18, WHITE)
        + bar(184, 176, 130, 12, GREY)
        + bar(184, 206, 150, 12, GREY)
    )

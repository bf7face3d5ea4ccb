"""A receipt as an eye sees it: warm paper, ink that is not quite black, cut edges."""

from PIL import Image, ImageChops, ImageDraw, ImageFilter

PAPER = (252, 250, 244)
INK = (38, 36, 44)
_MARGIN = 24
_SHADOW = (70, 66, 60)
_TABLE = (214, 212, 208)


def picture(dots: Image.Image, paper_dots: int) -> Image.Image:
    """The receipt on a table.

    Args:
        dots: What was printed, black on white, 8 bits grey.
        paper_dots: Width of the roll.
    """
    paper = Image.new("L", (paper_dots, dots.height + 2 * _MARGIN), 255)
    paper.paste(dots, ((paper_dots - dots.width) // 2, _MARGIN))
    # Heat spreads a little in the paper, and the head's elements are not all alike.
    soft = paper.filter(ImageFilter.GaussianBlur(0.6))
    ink = Image.composite(soft, paper, Image.new("L", paper.size, 150))
    uneven = Image.effect_noise((paper.width, 1), 18).resize(paper.size).point(lambda n: max(0, n - 118))
    ink = ImageChops.lighter(ink, uneven)
    sheet = Image.composite(Image.new("RGB", paper.size, PAPER), Image.new("RGB", paper.size, INK), ink)
    return _on_table(sheet)


def _on_table(sheet: Image.Image) -> Image.Image:
    margin = 2 * _MARGIN
    size = (sheet.width + 2 * margin, sheet.height + 2 * margin)
    shade = Image.new("L", size, 0)
    ImageDraw.Draw(shade).rectangle(
        (margin + 4, margin + 10, margin + sheet.width + 4, margin + sheet.height + 10), fill=120
    )
    shade = shade.filter(ImageFilter.GaussianBlur(12))
    table = Image.composite(Image.new("RGB", size, _SHADOW), Image.new("RGB", size, _TABLE), shade)
    table.paste(sheet, (margin, margin))
    return table

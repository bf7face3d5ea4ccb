"""The paper of a thermal printer: commands in, black dots out.

Dots are square, at the model's resolution (203 dpi); font A is 12 x 24 dots, font B 9 x 17, as on Epson's TM
series.
"""

import functools
from dataclasses import dataclass, field

import segno
from PIL import Image, ImageDraw, ImageFont

from simulator.receipt_printer.escpos import Command, Item, Text, Unknown

DOTS_PER_MM = 8
LINE_DOTS = 30
"""Default line spacing, 1/6 inch on a 203 dpi head rounded to Epson's 30."""
FONT_A, FONT_B = (12, 24), (9, 17)
MAX_HEIGHT_DOTS = 40_000
"""Five metres without a cut: whatever sends more is not printing a receipt."""

_CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866", 18: "cp852"}
_CODE_PAGES |= {19: "cp858", 13: "cp857", 34: "cp855", 45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254"}


@dataclass(slots=True)
class _Style:
    align: int = 0
    bold: bool = False
    underline: int = 0
    inverse: bool = False
    font: tuple[int, int] = FONT_A
    width: int = 1
    height: int = 1
    code_page: str = "cp437"
    line_dots: int = LINE_DOTS


@dataclass(slots=True)
class _Qr:
    module_dots: int = 3
    level: str = "l"
    text: bytes = b""


@dataclass(slots=True)
class Paper:
    """Paper that came out since the last cut, and the state of the printer's interpreter.

    Attributes:
        width_dots: Printable width.
        native_qr: Whether it draws QR codes itself.
        unknown: Commands it did not know, newest last, at most 20.
    """

    width_dots: int
    native_qr: bool = True
    unknown: list[str] = field(default_factory=list)
    _style: _Style = field(default_factory=_Style)
    _qr: _Qr = field(default_factory=_Qr)
    _line: list[Image.Image] = field(default_factory=list)
    _strips: list[Image.Image] = field(default_factory=list)
    _height: int = 0
    _stored: Image.Image | None = None

    @property
    def height_dots(self) -> int:
        """How much paper has come out."""
        return self._height

    def apply(self, item: Item) -> int:
        """Do one command; gives how many dots the paper moved."""
        before = self._height
        match item:
            case Text(raw):
                self._write(raw.decode(self._style.code_page, "replace"))
            case Unknown(raw):
                self._report(raw.hex(" "))
            case Command():
                self._command(item.name, item.args)
        return self._height - before

    def tear(self) -> Image.Image:
        """The paper so far, black on white, 8 bits grey; the paper begins anew."""
        image = Image.new("L", (self.width_dots, max(1, self._height)), 255)
        top = 0
        for strip in self._strips:
            image.paste(strip, (0, top))
            top += strip.height
        self._strips.clear()
        self._height = 0
        return image

    def reset(self) -> None:
        """As after power-up: the line under way is lost, paper that is out stays out."""
        self._style = _Style()
        self._qr = _Qr()
        self._line.clear()
        self._stored = None

    def _command(self, name: str, args: bytes) -> None:
        style = self._style
        n = args[0] if args else 0
        match name:
            case "LF":
                self._feed_line()
            case "ESC d":
                self._feed_line()
                self._feed(max(0, n - 1) * style.line_dots)
            case "ESC J":
                self._feed_line(n)
            case "ESC @":
                self.reset()
            case "ESC !":
                style.font = FONT_B if n & 0x01 else FONT_A
                style.bold, style.underline = bool(n & 0x08), 1 if n & 0x80 else 0
                style.height, style.width = 2 if n & 0x10 else 1, 2 if n & 0x20 else 1
            case "GS !":
                style.width, style.height = (n >> 4 & 7) + 1, (n & 7) + 1
            case "ESC E" | "ESC G":
                style.bold = bool(n & 1)
            case "ESC -":
                style.underline = n % 48
            case "ESC M":
                style.font = FONT_B if n % 48 else FONT_A
            case "ESC a":
                style.align = n % 48
            case "ESC 2":
                style.line_dots = LINE_DOTS
            case "ESC 3":
                style.line_dots = n
            case "GS B":
                style.inverse = bool(n & 1)
            case "ESC t":
                self._select_page(n)
            case "ESC *":
                self._column_image(args)
            case "GS v 0":
                self._raster(args[3] + args[4] * 256, args[1] + args[2] * 256, args[5:], args[0] & 3)
            case "GS ( k":
                self._two_dimensional(args)
            case "GS ( L":
                self._graphics(args)
            case "GS V":
                if n >= 65:
                    self._feed_line(args[1])
            case "GS k":
                self._report(f"barcode of type {n} not drawn")
            case _:
                pass  # Settings that change nothing one sees, and questions, which the printer answers.

    def _select_page(self, number: int) -> None:
        if number in _CODE_PAGES:
            self._style.code_page = _CODE_PAGES[number]
        else:
            self._report(f"code page {number}")

    def _write(self, text: str) -> None:
        for letter in text:
            glyph = self._glyph(letter)
            if sum(part.width for part in self._line) + glyph.width > self.width_dots:
                self._feed_line()
            self._line.append(glyph)

    def _glyph(self, letter: str) -> Image.Image:
        style = self._style
        glyph = _glyph(letter, style.font, style.bold)
        if style.width > 1 or style.height > 1:
            size = (glyph.width * style.width, glyph.height * style.height)
            glyph = glyph.resize(size, Image.Resampling.NEAREST)
        if style.underline:
            glyph = glyph.copy()
            top = glyph.height - style.underline
            glyph.paste(0, (0, top, glyph.width, glyph.height))
        return glyph.point(lambda dot: 255 - dot) if style.inverse else glyph

    def _feed_line(self, dots: int | None = None) -> None:
        """Print what stands in the line, on a common baseline, and move on."""
        height = max((part.height for part in self._line), default=0)
        spacing = self._style.line_dots if dots is None else dots
        strip = Image.new("L", (self.width_dots, max(height, spacing)), 255)
        left = self._left(sum(part.width for part in self._line))
        for part in self._line:
            strip.paste(part, (left, height - part.height))
            left += part.width
        self._line.clear()
        self._out(strip)

    def _feed(self, dots: int) -> None:
        if dots:
            self._out(Image.new("L", (self.width_dots, dots), 255))

    def _out(self, strip: Image.Image) -> None:
        if strip.height and self._height + strip.height <= MAX_HEIGHT_DOTS:
            self._strips.append(strip)
            self._height += strip.height

    def _left(self, width: int) -> int:
        return max(0, self.width_dots - width) * min(self._style.align, 2) // 2

    def _image(self, image: Image.Image) -> None:
        if self._line:
            self._feed_line()
        strip = Image.new("L", (self.width_dots, image.height), 255)
        strip.paste(image, (self._left(image.width), 0))
        self._out(strip)

    def _raster(self, height: int, width_bytes: int, data: bytes, scale: int = 0) -> None:
        if width_bytes and height:
            image = Image.frombytes("1", (width_bytes * 8, height), data, "raw", "1;I").convert("L")
            across, down = 1 + (scale & 1), 1 + (scale >> 1)
            self._image(image.resize((image.width * across, image.height * down), Image.Resampling.NEAREST))

    def _column_image(self, args: bytes) -> None:
        columns = args[1] + args[2] * 256
        tall = 3 if args[0] >= 32 else 1
        if columns:
            turned = Image.frombytes("1", (tall * 8, columns), args[3:], "raw", "1;I")
            image = turned.convert("L").transpose(Image.Transpose.TRANSPOSE)
            across = 2 if args[0] in (0, 32) else 1
            self._line.append(image.resize((columns * across, image.height * (3 if tall == 1 else 1))))

    def _graphics(self, args: bytes) -> None:
        """GS ( L: function 112 stores a raster, 50 (or 2) prints it."""
        function = args[1] if len(args) > 1 else 0
        if function == 112 and len(args) >= 10:
            width, height = args[6] + args[7] * 256, args[8] + args[9] * 256
            row_bytes = (width + 7) // 8
            if width and height and len(args) - 10 >= row_bytes * height:
                self._stored = Image.frombytes("1", (width, height), args[10:], "raw", "1;I").convert("L")
        elif function in (2, 50) and self._stored is not None:
            self._image(self._stored)
            self._stored = None

    def _two_dimensional(self, args: bytes) -> None:
        """GS ( k with cn 49: a QR code."""
        if len(args) < 2 or args[0] != 49 or not self.native_qr:
            self._report(f"GS ( k {args[:2].hex(' ')}")
            return
        value = args[2] if len(args) > 2 else 0
        match args[1]:
            case 65:
                pass
            case 67:
                self._qr.module_dots = max(1, min(16, value))
            case 69:
                self._qr.level = "lmqh"[value - 48] if 48 <= value <= 51 else "l"
            case 80:
                self._qr.text = args[3:]
            case 81 if self._qr.text:
                code = segno.make_qr(self._qr.text, error=self._qr.level, boost_error=False)
                rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix]
                image = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
                side = image.width * self._qr.module_dots
                self._image(image.resize((side, side), Image.Resampling.NEAREST))
            case _:
                self._report(f"GS ( k {args[:2].hex(' ')}")

    def _report(self, what: str) -> None:
        self.unknown.append(what)
        del self.unknown[:-20]


@functools.lru_cache(maxsize=1024)
def _glyph(letter: str, font: tuple[int, int], bold: bool) -> Image.Image:
    """One letter, black on white without greys."""
    cell = Image.new("L", font, 255)
    if letter != " ":
        draw = ImageDraw.Draw(cell)
        draw.text((font[0] / 2, font[1] * 0.77), letter, font=_font(font), fill=0, anchor="ms")
        if bold:
            draw.text((font[0] / 2 + 1, font[1] * 0.77), letter, font=_font(font), fill=0, anchor="ms")
    return cell.point(lambda grey: 0 if grey < 140 else 255)


@functools.cache
def _font(size: tuple[int, int]) -> ImageFont.FreeTypeFont:
    # DejaVu Sans Mono is 0.602 em wide: as large as the cell allows.
    return ImageFont.truetype("DejaVuSansMono.ttf", round(size[0] / 0.602))

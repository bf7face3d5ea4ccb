"""Pictures for the virtual camera: a drawn indoor place, and sample residents standing in it."""

import io
from pathlib import Path
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

WIDTH_PX = 640
HEIGHT_PX = 480
# The samples are 3:4 portraits. At this width the person is as large as somebody at arm's length (eyes 17 % of the
# frame's width apart), and the soft seam lies outside the 3:4 middle that the kiosk shows.
PERSON_WIDTH_PX = 396
PERSON_HEIGHT_PX = 528
HELD_PX = 380
_NOISE = 2.5
_GRAINS = 4
_JPEG_QUALITY = 85


def empty_place() -> Image.Image:
    """An indoor wall with a window and a notice board, out of focus."""
    picture = Image.new("RGB", (WIDTH_PX, HEIGHT_PX))
    draw = ImageDraw.Draw(picture)
    for y in range(HEIGHT_PX):
        shade = 206 - y * 40 // HEIGHT_PX
        draw.line((0, y, WIDTH_PX, y), fill=(shade, shade - 4, shade - 14))
    draw.rectangle((40, 60, 190, 250), fill=(236, 242, 246))
    draw.line((115, 60, 115, 250), fill=(170, 172, 170), width=6)
    draw.rectangle((400, 90, 560, 210), fill=(150, 164, 128))
    for left in (420, 470, 520):
        draw.rectangle((left, 110, left + 30, 150), fill=(232, 228, 214))
    draw.rectangle((0, 372, WIDTH_PX, 384), fill=(150, 132, 112))
    draw.rectangle((0, 384, WIDTH_PX, HEIGHT_PX), fill=(146, 142, 138))
    blurred: Image.Image = picture.filter(ImageFilter.GaussianBlur(5))
    return blurred


def standing(sample: Path) -> Image.Image:
    """The sample picture in the middle of the frame; its own background, blurred, goes on at both sides."""
    with Image.open(sample) as opened:
        whole = opened.convert("RGB").resize((PERSON_WIDTH_PX, PERSON_HEIGHT_PX), Image.Resampling.LANCZOS)
    person = whole.crop((0, 0, PERSON_WIDTH_PX, HEIGHT_PX))
    picture: Image.Image = person.resize((WIDTH_PX, HEIGHT_PX)).filter(ImageFilter.GaussianBlur(22))
    seam = Image.new("L", person.size, 0)
    ImageDraw.Draw(seam).rectangle((9, 0, PERSON_WIDTH_PX - 10, HEIGHT_PX), fill=255)
    picture.paste(person, ((WIDTH_PX - PERSON_WIDTH_PX) // 2, 0), seam.filter(ImageFilter.BoxBlur(8)))
    return picture


def photograph(sample: Path) -> Image.Image:
    """Somebody holds a printed photograph to the camera, slightly askew."""
    with Image.open(sample) as opened:
        print_ = opened.convert("RGB").resize((300, 400), Image.Resampling.LANCZOS)
    sheet = Image.new("RGBA", (330, 430), (246, 246, 242, 255))
    sheet.paste(print_, (15, 15))
    held = sheet.rotate(3, Image.Resampling.BICUBIC, expand=True)
    picture = empty_place()
    picture.paste(held, ((WIDTH_PX - held.width) // 2, (HEIGHT_PX - held.height) // 2), held)
    return picture


def held_up(thing: Image.Image) -> Image.Image:
    """Somebody holds a telephone or a sheet to the camera, slightly askew."""
    picture = empty_place()
    scale = HELD_PX / max(thing.size)
    size = (round(thing.width * scale), round(thing.height * scale))
    sized = ImageOps.expand(thing.convert("RGB").resize(size, Image.Resampling.LANCZOS), 16, fill=(250, 250, 250))
    framed = sized.rotate(3, Image.Resampling.BICUBIC, expand=True, fillcolor=(120, 116, 110))
    picture.paste(framed, ((WIDTH_PX - framed.width) // 2, (HEIGHT_PX - framed.height) // 2))
    return picture


def covered() -> Image.Image:
    """What is left of the light with a hand on the lens."""
    return Image.new("RGB", (WIDTH_PX, HEIGHT_PX), (9, 6, 5))


def darkened(picture: Image.Image) -> Image.Image:
    """The same place at night, lamps off."""
    dark: Image.Image = picture.point(lambda level: level * 0.13)
    return dark


class Sensor:
    """Turns what is before the camera into JPEG grabs, no two of them alike: noise, and a small sway.

    Args:
        random: Where the noise and the sway come from.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        grains = [Image.effect_noise((WIDTH_PX, HEIGHT_PX), _NOISE) for _ in range(_GRAINS)]
        self._grains = [Image.merge("RGB", (grain, grain, grain)) for grain in grains]

    def grab(self, picture: Image.Image) -> bytes:
        """One grab as JPEG."""
        moved = ImageChops.offset(picture, self._random.randint(-1, 1), self._random.randint(-1, 1))
        grain = self._random.choice(self._grains)
        at = self._random.randrange(WIDTH_PX), self._random.randrange(HEIGHT_PX)
        noisy = ImageChops.add(moved, ImageChops.offset(grain, *at), 1.0, -128)
        out = io.BytesIO()
        noisy.save(out, "JPEG", quality=_JPEG_QUALITY)
        return out.getvalue()


def corrupted(jpeg: bytes) -> bytes:
    """The same JPEG after a bad cable: its scan is full of holes and it ends too early."""
    broken = bytearray(jpeg[: len(jpeg) * 2 // 3])
    start = len(broken) // 4
    for at in range(start, len(broken), 97):
        broken[at] ^= 0xA5
    return bytes(broken)

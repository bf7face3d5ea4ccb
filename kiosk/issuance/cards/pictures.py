"""Photo and signature: opened with care, brought to size, put on the colour that the card wants behind a person."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from kiosk.issuance.cards.canvas import Colour
from kiosk.issuance.cards.errors import PictureUnusable

RED, BLUE = (200, 30, 38), (30, 80, 170)
"""Behind the photo: red for an odd year of birth, blue for an even one (Permendagri 74/2015)."""
MAX_BYTES = 8 << 20
MAX_PIXELS = 40_000_000
SMALLEST_PX = (90, 120)
_LEAST_CONTRAST = 6.0
_TOLERANCE = 30
_BACKGROUND_PART = (0.08, 0.75)
_INK_PART = (0.001, 0.6)


def behind(year_of_birth: int) -> Colour:
    """The colour behind a person born in that year."""
    return RED if year_of_birth % 2 else BLUE


def portrait(photo: bytes, size: tuple[int, int], background: Colour) -> Image.Image:
    """The photo in this size, with what is behind the person in the card's colour.

    A plain background is found from the photo's edges inwards; a photo whose background is not plain stays as it was
    taken. A photo that is transparent behind the person is simply laid on the colour.

    Raises:
        PictureUnusable: There is none, it is broken, too small, or shows nothing.
    """
    image = _opened("photo", photo)
    if min(image.width / SMALLEST_PX[0], image.height / SMALLEST_PX[1]) < 1:
        raise PictureUnusable("photo", f"smaller than {SMALLEST_PX[0]} x {SMALLEST_PX[1]} pixels")
    clear = "A" in image.getbands() or "transparency" in image.info
    image = ImageOps.fit(
        image.convert("RGBA" if clear else "RGB"), size, Image.Resampling.BILINEAR, centering=(0.5, 0.4)
    )
    pixels = np.asarray(image)
    if float(pixels[:, :, :3].std()) < _LEAST_CONTRAST:
        raise PictureUnusable("photo", "shows nothing")
    share = pixels[:, :, 3].astype(np.float32) / 255 if clear else _person(pixels)
    if share is None:
        return image
    colour = np.array(background, np.float32)
    mixed = pixels[:, :, :3] * share[:, :, None] + colour * (1 - share[:, :, None])
    return Image.fromarray(mixed.astype(np.uint8))


def signature(scan: bytes, size: tuple[int, int]) -> Image.Image:
    """The signature's ink, mode "1", fitted into this size.

    Raises:
        PictureUnusable: It is broken, or there is no ink or nothing but ink in it.
    """
    image = _opened("signature", scan)
    if "A" in image.getbands() or "transparency" in image.info:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        image = paper
    grey = ImageOps.contain(image.convert("L"), size, Image.Resampling.LANCZOS)
    dark: NDArray[np.bool_] = np.asarray(ImageOps.autocontrast(grey)) < 128
    part = float(dark.mean())
    if not _INK_PART[0] <= part <= _INK_PART[1]:
        raise PictureUnusable("signature", "shows no signature")
    return Image.fromarray(dark)


def _opened(field: str, raw: bytes) -> Image.Image:
    if not raw:
        raise PictureUnusable(field, "is missing")
    if len(raw) > MAX_BYTES:
        raise PictureUnusable(field, "is too large")
    image: Image.Image
    try:
        image = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG"))
        if image.width * image.height > MAX_PIXELS:
            raise PictureUnusable(field, "is too large")
        image.getpixel((0, 0))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as broken:
        raise PictureUnusable(field, "is broken") from broken
    return image


def _person(pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """How much of each pixel is the person, 0 to 1; None when the background is not plain."""
    height, width = pixels.shape[:2]
    found = np.zeros((height + 2, width + 2), np.uint8)
    smooth = cv2.GaussianBlur(pixels, (3, 3), 0)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (1 << 8)
    tolerance = (_TOLERANCE,) * 3
    top = [(x, 0) for x in range(0, width, max(1, width // 8))]
    sides = [(x, y) for x in (0, width - 1) for y in range(0, height // 2, max(1, height // 8))]
    for seed in top + sides:
        if not found[seed[1] + 1, seed[0] + 1]:
            cv2.floodFill(smooth, found, seed, 0, tolerance, tolerance, flags)
    mask = found[1:-1, 1:-1]
    low, high = _BACKGROUND_PART
    if not low <= float(mask.mean()) <= high or not mask[0].mean() > 0.8:
        return None
    # One pixel further in, and soft: the edge of hair carries the old colour.
    grown = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    soft: NDArray[np.float32] = cv2.GaussianBlur(1 - grown.astype(np.float32), (5, 5), 0)
    return soft

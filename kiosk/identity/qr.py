"""QR codes held to the camera: our own tokens, our documents' codes, and everything else.

What a code says is never shown, logged or opened: a stranger's code can say anything. Ours are recognised by their
form; whether they are valid is for the registry to say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import cv2
import zxingcpp

from biometrics.geometry import Image
from drivers.camera.port import Frame


class CodeKind(StrEnum):
    """What a code is for."""

    TOKEN = "token"
    DOCUMENT = "document"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Code:
    """One code. Its repr shows no token.

    Attributes:
        kind: What it is for.
        token: What the registry is asked about; empty for a foreign code.
        text: The whole text of a document's code; empty for others.
    """

    kind: CodeKind
    token: str = field(repr=False)
    text: str = field(default="", repr=False)


# Resident tokens: opaque, 128 bits or more, in the alphabet of RFC 4648 section 5.
TOKEN_PREFIX: Final = "ADM1:"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22,64}")
_DOCUMENT_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
# ISO/IEC 18004 holds up to 4,296 characters; ours are far shorter, and a longer one is not looked at.
LONGEST: Final = 300
FOREIGN: Final = Code(CodeKind.FOREIGN, "")


def classify(text: str, verify_urls: Sequence[str]) -> Code:
    """What a code's text is.

    Args:
        text: As decoded; anything at all.
        verify_urls: Where our documents' codes lead, without the token: "https://dinas.example/periksa".
    """
    if len(text) > LONGEST:
        return FOREIGN
    if text.startswith(TOKEN_PREFIX):
        token = text.removeprefix(TOKEN_PREFIX)
        return Code(CodeKind.TOKEN, token) if _TOKEN.fullmatch(token) else FOREIGN
    for url in verify_urls:
        start = url.rstrip("/") + "/"
        if text.startswith(start):
            token = text.removeprefix(start)
            return Code(CodeKind.DOCUMENT, token, text) if _DOCUMENT_TOKEN.fullmatch(token) else FOREIGN
    return FOREIGN


def read_texts(bgr: Image) -> tuple[str, ...]:
    """Texts of all QR codes in the picture; empty when there is none."""
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return tuple(barcode.text for barcode in found if barcode.valid)


class CodeReader:
    """Reads one code from a row of frames; it counts once two frames agree.

    Args:
        verify_urls: As for `classify`.
    """

    AGREE_WITHIN_S: Final = 1.0

    def __init__(self, verify_urls: Sequence[str]) -> None:
        self._verify_urls = tuple(verify_urls)
        self._last: tuple[float, Code] | None = None

    def step(self, frame: Frame) -> Code | None:
        """Look at one frame. With several codes in it, ours comes first; two different ones of ours are none."""
        codes = {classify(text, self._verify_urls) for text in read_texts(frame.bgr)}
        ours = codes - {FOREIGN}
        if len(ours) > 1 or not codes:
            return None
        code = ours.pop() if ours else FOREIGN
        before, self._last = self._last, (frame.at_s, code)
        agreed = before is not None and before[1] == code and frame.at_s - before[0] <= self.AGREE_WITHIN_S
        return code if agreed else None

    def close(self) -> None:
        """Forget what was read."""
        self._last = None

"""QR codes before the camera: ours are recognised, everything else is nothing but foreign."""

import io

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from biometrics.geometry import Image
from drivers.camera.port import Frame
from kiosk.identity.qr import FOREIGN, TOKEN_PREFIX, Code, CodeKind, CodeReader, classify, read_texts
from tests.support.faces import sample

VERIFY = ("https://dinas.example/periksa",)
TOKEN = "q83vEjRWeJCrze8SNFZ4kA"
RESIDENT = TOKEN_PREFIX + TOKEN
DOCUMENT = "https://dinas.example/periksa/Zm9vYmFyYmF6"


def held(text: str, size_px: int = 260, blur: float = 0.0, angle: float = 0.0) -> Image:
    """A code on a telephone or paper, held before the camera."""
    png = io.BytesIO()
    segno.make(text, error="m").save(png, kind="png", scale=8, border=4)
    code = cv2.imdecode(np.frombuffer(png.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    code = cv2.resize(code, (size_px, size_px), interpolation=cv2.INTER_AREA)
    picture = np.full((720, 1280, 3), 120, np.uint8)
    picture[200 : 200 + size_px, 500 : 500 + size_px] = code
    turned = cv2.warpAffine(picture, cv2.getRotationMatrix2D((640, 360), angle, 1.0), (1280, 720))
    return np.asarray(cv2.GaussianBlur(turned, (0, 0), blur) if blur else turned, np.uint8)


@pytest.mark.parametrize(
    ("picture", "text"),
    [
        (held(RESIDENT), RESIDENT),
        (held(RESIDENT, size_px=140), RESIDENT),
        (held(RESIDENT, angle=25), RESIDENT),
        (held(RESIDENT, blur=1.2), RESIDENT),
        ((held(RESIDENT) // 4), RESIDENT),
        (held(DOCUMENT), DOCUMENT),
    ],
    ids=["upright", "small", "turned", "blurred", "dark", "document"],
)
def test_code_is_read_as_people_hold_it(picture: Image, text: str) -> None:
    assert read_texts(picture) == (text,)


def test_face_is_no_code() -> None:
    assert read_texts(sample("mei")) == ()


def test_our_codes_are_recognised() -> None:
    assert classify(RESIDENT, VERIFY) == Code(CodeKind.TOKEN, TOKEN)
    assert classify(DOCUMENT, VERIFY) == Code(CodeKind.DOCUMENT, "Zm9vYmFyYmF6", DOCUMENT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://dinas.example.evil.test/periksa/Zm9vYmFyYmF6",
        "https://dinas.example/periksa/",
        "https://dinas.example/periksa/../../admin",
        "https://dinas.example/periksa/Zm9v?next=https://evil.test",
        "http://dinas.example/periksa/Zm9vYmFyYmF6",
        "https://evil.test/https://dinas.example/periksa/Zm9vYmFyYmF6",
        "javascript:alert(1)",
        TOKEN,
        TOKEN_PREFIX,
        TOKEN_PREFIX + "short",
        TOKEN_PREFIX + TOKEN + "\n",
        TOKEN_PREFIX + TOKEN + "\x00",
        TOKEN_PREFIX + TOKEN + " ",
        TOKEN_PREFIX + "x" * 65,
        "x" * 3000,
        "\x1b[2J\x07\x00",
        "3520061708780003",
    ],
)
def test_everything_else_is_foreign_and_leaves_no_text(text: str) -> None:
    assert classify(text, VERIFY) == FOREIGN
    assert FOREIGN.token == ""


@given(st.text(max_size=400))
def test_any_text_is_classified(text: str) -> None:
    code = classify(text, VERIFY)
    assert code == FOREIGN or text.endswith(code.token)


@pytest.mark.parametrize("text", ["x" * 2000, "\x1b[31mred\x07" + "\x01" * 40])
def test_long_and_controlling_codes_before_the_camera_are_foreign(text: str) -> None:
    picture = held(text, size_px=500)
    reader = CodeReader(VERIFY)
    steps = [reader.step(Frame(picture, i / 10, i + 1)) for i in range(3)]
    assert steps[-1] in (FOREIGN, None)


def test_code_counts_once_two_frames_agree() -> None:
    reader = CodeReader(VERIFY)
    assert reader.step(Frame(held(RESIDENT), 1.0, 1)) is None
    assert reader.step(Frame(held(RESIDENT), 1.1, 2)) == Code(CodeKind.TOKEN, TOKEN)


def test_old_reading_does_not_count() -> None:
    reader = CodeReader(VERIFY)
    reader.step(Frame(held(RESIDENT), 1.0, 1))
    assert reader.step(Frame(held(RESIDENT), 3.0, 2)) is None


def test_our_code_counts_beside_a_foreign_one_and_two_of_ours_do_not() -> None:
    foreign = held("https://shop.example")[:, 400:900]
    ours = held(RESIDENT)[:, 400:900]
    other = held(TOKEN_PREFIX + "x" * 22)[:, 400:900]
    reader = CodeReader(VERIFY)
    for number in (1, 2):
        seen = reader.step(Frame(np.hstack([foreign, ours]), number / 10, number))
    assert seen == Code(CodeKind.TOKEN, TOKEN)
    reader.close()
    for number in (3, 4):
        seen = reader.step(Frame(np.hstack([other, ours]), number / 10, number))
    assert seen is None


def test_token_does_not_show_in_logs() -> None:
    assert TOKEN not in repr(Code(CodeKind.TOKEN, TOKEN))

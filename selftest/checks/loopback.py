"""What is printed is read back with the camera: codes in the corners and in the middle of a page, one on a receipt."""

import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drivers.camera.port import Camera
from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter, JobState
from drivers.errors import DeadlineExceeded, DriverError
from drivers.paper_feeder.port import PaperFeeder
from drivers.paper_feeder.through import print_through
from drivers.receipt_printer.port import Heading, Paragraph, QrCode, ReceiptPrinter
from selftest import advice
from selftest.checks.paper_feeder import OCCUPIED, hindered, occupied
from selftest.model import (
    ALONE,
    Check,
    Finding,
    Level,
    Limits,
    Measurement,
    Needs,
    Subject,
    Words,
    failed,
    judged,
    passed,
    skipped,
)
from selftest.operator import Operator, Step

OPEN_S: Final = 8.0
PRINT_S: Final = 60.0
SHOW_S: Final = 90.0
FRAME_S: Final = 3.0
WATCH_S: Final = 20.0
FRAMES: Final = 15
PREFIX: Final = "ADMUJI"
CORNERS: Final = ("TL", "TR", "BL", "BR")
# The page is held by hand, so its sides may be seen a tenth shorter; the paper's own marks are nearer than this.
SKEW: Final = Limits(at_most=12.0)
ASPECT: Final = Limits(at_least=0.85, at_most=1.15)
# Above a quarter of a second people overshoot when they centre their face.
LATENCY: Final = Limits(at_most=400.0)
Point = tuple[float, float]
Codes = Mapping[str, Point]


@dataclass(frozen=True, slots=True)
class Ways:
    """How the loop is closed, besides the devices.

    Attributes:
        operator: Who holds the print to the camera; None: nobody.
        decode: Every QR code in a uint8 BGR picture: its text, and the middle of it in px.
        page: A page with codes PREFIX-nonce-TL, -TR, -BL, -BR, -MID; its argument is the nonce.
        page_aspect: Width over height of the rectangle that the corner codes make on paper.
        spend: Called with what is used up and how many before it is; None: nothing may be.
    """

    operator: Operator | None
    decode: Callable[[NDArray[np.uint8]], Codes]
    page: Callable[[str], bytes]
    page_aspect: float
    spend: Callable[[str, int], None] | None = None


def receipt(printer: ReceiptPrinter, camera: Camera, ways: Ways) -> Subject:
    """A code on a receipt."""

    def run() -> Finding:
        if ways.operator is None:
            return skipped(f"{ALONE} to hold it up")
        nonce = _nonce()
        blocks = (Heading("UJI / TEST"), Paragraph("Bukan struk. Not a receipt."), QrCode(_text(nonce, "MID")))
        try:
            printer.print(blocks, Deadline.after(PRINT_S))
        except DriverError as error:
            return failed(f"print:{type(error).__name__}", advice.NOT_PRINTED)
        seen = _seen(camera, ways, Step.SHOW_RECEIPT, nonce, ("MID",))
        return seen if isinstance(seen, Finding) else passed(Measurement("codes", len(seen), "", Limits(at_least=1)))

    title = Words("Cetak struk, baca dengan kamera", "Print a receipt, read it with the camera")
    return _subject("receipt_printer", title, run, camera, printer)


def page(printer: DocumentPrinter, feeder: PaperFeeder | None, camera: Camera, ways: Ways) -> Subject:
    """Codes on an A4 page; with a feeder it comes through that."""

    def run() -> Finding:
        if ways.operator is None or ways.spend is None:
            return skipped(f"{ALONE} to hold it up")
        if occupied(feeder):
            return skipped(OCCUPIED)
        nonce = _nonce()
        ways.spend("paper", 1)
        try:
            deadline = Deadline.after(PRINT_S)
            if feeder is None:
                job = printer.wait(printer.print(ways.page(nonce), "self-test", deadline), deadline, lambda _: None)
            else:
                job = print_through(printer, feeder, ways.page(nonce), "self-test", deadline)
        except DriverError as error:
            return hindered(feeder, error) or failed(f"print:{type(error).__name__}", advice.NOT_PRINTED)
        if job.state is not JobState.COMPLETED:
            return failed(f"print:{job.state}", advice.NOT_PRINTED)
        seen = _seen(camera, ways, Step.SHOW_PAGE, nonce, (*CORNERS, "MID"))
        return seen if isinstance(seen, Finding) else judged("marks", advice.SEEN, *_geometry(seen, ways.page_aspect))

    title = Words("Cetak halaman, baca dengan kamera", "Print a page, read it with the camera")
    return _subject("document_printer", title, run, camera, *((printer,) if feeder is None else (printer, feeder)))


def latency(camera: Camera, operator: Operator | None) -> Subject:
    """From the camera's grab to the display's flip, as the screens say."""

    def run() -> Finding:
        if operator is None:
            return skipped("only on the machine's screen")
        if not operator.begin(Step.WATCH_PREVIEW, WATCH_S):
            return skipped("only on the machine's screen")
        try:
            told = _latencies(camera, operator)
        finally:
            operator.end()
        if not told:
            return skipped("the screen did not say")
        median, worst = sorted(told)[len(told) // 2], max(told)
        return judged(
            "latency",
            advice.LATENCY,
            Measurement("median", 1000 * median, "ms", LATENCY),
            Measurement("worst", 1000 * worst, "ms"),
        )

    check = Check(
        "camera.latency",
        "camera",
        Words("Keterlambatan gambar di layar", "Delay of the picture on the display"),
        run,
        2 * WATCH_S,
        Needs.OPERATOR,
        Level.FULL,
    )
    return Subject((check,), lambda: camera.open(Deadline.after(OPEN_S)), camera.close, phase=1)


def _latencies(camera: Camera, operator: Operator) -> list[float]:
    told: list[float] = []
    number, until = 0, Deadline.after(WATCH_S)
    while len(told) < FRAMES and not until.expired:
        try:
            frame = camera.newest(number, until.sooner(FRAME_S))
        except DeadlineExceeded:
            break
        number = frame.number
        after = operator.shown_after_s(frame, until.sooner(FRAME_S).remaining_s)
        if after is not None:
            told.append(after)
    return told


def _subject(device: str, title: Words, run: Callable[[], Finding], *ports: Any) -> Subject:
    def opened() -> None:
        for port in ports:
            port.open(Deadline.after(OPEN_S))

    def closed() -> None:
        for port in ports:
            port.close()

    within_s = PRINT_S + SHOW_S + 15.0
    check = Check(f"{device}.loopback", device, title, run, within_s, Needs.PAPER, Level.FULL)
    return Subject((check,), opened, closed, phase=1)


def _nonce() -> str:
    return secrets.token_hex(3).upper()


def _text(nonce: str, place: str) -> str:
    return f"{PREFIX}-{nonce}-{place}"


def _seen(camera: Camera, ways: Ways, step: Step, nonce: str, places: Sequence[str]) -> dict[str, Point] | Finding:
    """Where each code of this print was seen, all of them in one picture."""
    operator = ways.operator
    assert operator is not None
    if not operator.begin(step, SHOW_S):
        return skipped(f"{ALONE} to hold it up")
    best: dict[str, Point] = {}
    number, until = 0, Deadline.after(SHOW_S)
    try:
        while not until.expired and not operator.gave_up():
            try:
                frame = camera.newest(number, until.sooner(FRAME_S))
            except DeadlineExceeded:
                return replace(failed("camera:silent", advice.RESTART), blames="camera")
            number = frame.number
            operator.frame(frame)
            found = ways.decode(frame.bgr)
            here = {place: found[_text(nonce, place)] for place in places if _text(nonce, place) in found}
            if len(here) == len(places):
                return here
            best = here if len(here) > len(best) else best
    finally:
        operator.end()
    if not best and operator.gave_up():
        return skipped("nobody held it up")
    missing = [place for place in places if place not in best]
    return failed(f"unread:{','.join(missing)}", advice.SEEN, Measurement("codes", len(best)))


def _geometry(seen: Mapping[str, Point], page_aspect: float) -> tuple[Measurement, ...]:
    """How the print lies: each corner's deviation from a right angle, and width over height against the paper's."""
    top = _vector(seen["TL"], seen["TR"])
    left = _vector(seen["TL"], seen["BL"])
    right = _vector(seen["TR"], seen["BR"])
    bottom = _vector(seen["BL"], seen["BR"])
    angle = math.degrees(math.acos(max(-1.0, min(1.0, _dot(top, left) / (_length(top) * _length(left))))))
    aspect = (_length(top) + _length(bottom)) / (_length(left) + _length(right)) / page_aspect
    return (
        Measurement("codes", len(seen)),
        Measurement("skew", abs(90.0 - angle), "°", SKEW),
        Measurement("aspect", aspect, "", ASPECT),
    )


def _vector(a: Point, b: Point) -> Point:
    return b[0] - a[0], b[1] - a[1]


def _dot(a: Point, b: Point) -> float:
    return a[0] * b[0] + a[1] * b[1]


def _length(a: Point) -> float:
    return math.hypot(*a) or 1e-9

"""The camera: frames arrive, at their rate, each another one; and the picture could show a face."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drivers.camera.port import Camera, Frame
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded
from drivers.status import DeviceState
from selftest import advice
from selftest.model import (
    Advice,
    Check,
    Finding,
    Limits,
    Measurement,
    Subject,
    Words,
    failed,
    judged,
    skipped,
)
from selftest.telling import telling

DEVICE: Final = "camera"
OPEN_S: Final = 5.0
FIRST_S: Final = 4.0
# The driver calls a picture frozen after three seconds.
LOOK_S: Final = 4.5
MORE_S: Final = 1.0

# Turns of the head are followed at six frames a second and more; cheap cameras give fifteen in poor light.
RATE: Final = Limits(at_least=6.0)
LUMA: Final = Limits(at_least=28.0, at_most=245.0)
# Variance of the Laplacian; a lens out of focus over a plain wall still shows the sensor's noise above this.
SHARPNESS: Final = Limits(at_least=2.0)
# Share of 8 x 8 blocks without any difference: a sensor's noise leaves hardly any, a damaged JPEG is full of them.
FLAT: Final = Limits(at_most=0.4)
BLOCK_PX: Final = 8

_PICTURES: Final[Mapping[str, Advice]] = {
    "covered": advice.COVERED,
    "dark": advice.DARK,
    "overexposed": advice.BRIGHT,
}


def subject(port: Camera, accepted_serial: str = "") -> Subject:
    """Frames first, then what is on the last of them.

    Args:
        accepted_serial: Of the camera that belongs here; empty when none was accepted.
    """
    look = _Look(port, accepted_serial)
    return Subject(
        (
            Check(
                f"{DEVICE}.frames",
                DEVICE,
                Words("Gambar kamera datang", "Frames arrive"),
                look.frames,
                FIRST_S + 2 * LOOK_S + 3.0,
            ),
            Check(f"{DEVICE}.picture", DEVICE, Words("Gambar terang dan tajam", "Light and sharp"), look.picture, 5.0),
        ),
        lambda: port.open(Deadline.after(OPEN_S)),
        port.close,
    )


class _Look:
    def __init__(self, port: Camera, accepted_serial: str) -> None:
        self._port = port
        self._accepted = accepted_serial
        self._last: Frame | None = None
        self._state = ""

    def frames(self) -> Finding:
        """Look for a while. Frames are dropped as they come; only the last is kept, until the next check."""
        try:
            first = self._port.newest(0, Deadline.after(FIRST_S))
        except DeadlineExceeded:
            return self._none()
        last = self._looked(first)
        rate = Measurement("rate", _rate(first, last), "1/s", RATE)
        if not rate.holds and self._port.status().device is DeviceState.ONLINE:
            # Perhaps it was us who were slow: once more, and the better one counts.
            again, first = self._looked(last), last
            rate, last = max(rate, Measurement("rate", _rate(first, again), "1/s", RATE), key=_value), again
        self._last = last
        status = self._port.status()
        if status.details.get("picture") == "frozen":
            return failed("picture:frozen", advice.FROZEN, rate)
        if status.device is not DeviceState.ONLINE:
            # Frames came, and then none: they arrive damaged, or the plug is loose.
            return failed(f"device:{status.device}", advice.DAMAGED, rate)
        return telling(judged("", advice.SLOW, rate), self._port, self._accepted)

    def _looked(self, last: Frame) -> Frame:
        """The last frame of a while; only one is ever kept."""
        until = Deadline.after(LOOK_S)
        while not until.expired:
            try:
                last = self._port.newest(last.number, until.sooner(MORE_S))
            except DeadlineExceeded:
                break
        return last

    def picture(self) -> Finding:
        """Judge the last frame."""
        if self._last is None:
            return skipped("no frame")
        frame, self._last = self._last, None
        luma = frame.bgr.mean(axis=2, dtype=np.float32)
        measured = (
            Measurement("luma", float(luma.mean()), "", LUMA),
            Measurement("sharpness", sharpness(luma), "", SHARPNESS),
            Measurement("flat", flatness(luma), "", FLAT),
        )
        fault = str(self._port.status().details.get("picture", ""))
        if fault in _PICTURES:
            return failed(f"picture:{fault}", _PICTURES[fault], *measured)
        if not measured[0].holds:
            dark = measured[0].value < (LUMA.at_least or 0)
            reason, mend = ("dark", advice.DARK) if dark else ("overexposed", advice.BRIGHT)
            return failed(f"picture:{reason}", mend, *measured)
        if not measured[2].holds:
            return failed("picture:damaged", advice.DAMAGED, *measured)
        return judged("picture", advice.BLURRED, *measured)

    def _none(self) -> Finding:
        state = self._port.status().device
        if state is DeviceState.ONLINE:
            return failed("frames:none", advice.RESTART)
        return failed(f"device:{state}", advice.of_state(state))


def sharpness(luma: NDArray[np.float32]) -> float:
    """Variance of the Laplacian; more is sharper."""
    middle = luma[1:-1, 1:-1]
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * middle
    return float(laplacian.var())


def flatness(luma: NDArray[np.float32]) -> float:
    """Share of blocks whose pixels are all alike; the rest at the right and lower edge is left out."""
    rows, columns = (side // BLOCK_PX for side in luma.shape)
    blocks = luma[: rows * BLOCK_PX, : columns * BLOCK_PX].reshape(rows, BLOCK_PX, columns, BLOCK_PX)
    return float((blocks.max(axis=(1, 3)) == blocks.min(axis=(1, 3))).mean())


def _value(one: Measurement) -> float:
    return one.value


def _rate(first: Frame, last: Frame) -> float:
    """Frames a second, counted by the driver: those that we were too slow to see count too."""
    return (last.number - first.number) / max(last.at_s - first.at_s, LOOK_S - MORE_S)

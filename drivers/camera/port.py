"""What the kiosk asks of a camera."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from drivers.deadline import Deadline
from drivers.status import DeviceState


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture.

    Attributes:
        bgr: uint8, shape (height, width, 3), not mirrored. Owned by the receiver.
        at_s: Monotonic seconds when it was grabbed.
        number: Counts from 1 since `open`.
    """

    bgr: NDArray[np.uint8] = field(repr=False)
    at_s: float
    number: int


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """How the camera is.

    Attributes:
        details: More words, as {"picture": "covered"}; empty when all is well.
    """

    device: DeviceState
    details: dict[str, Any]


class Camera(Protocol):
    """A camera that keeps only its newest frame. Reopens by itself when its device fails.

    One thread calls; `status` and `close` may come from any.
    """

    def open(self, deadline: Deadline) -> None:
        """Start grabbing. A camera that is not there is no error: status says noDevice."""

    def close(self) -> None:
        """Stop and drop every frame. May be called twice."""

    def status(self) -> CameraStatus:
        """Newest known state; never waits."""

    def probe(self, deadline: Deadline) -> CameraStatus:
        """Find out whether the camera is there without grabbing, so that a closed one has a status too."""

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """What it says of itself (`drivers.facts`); empty when it tells nothing or cannot be asked."""

    def newest(self, after: int, deadline: Deadline) -> Frame:
        """The newest frame whose number is above `after`; waits for one.

        Raises:
            DeadlineExceeded: None came in time.
        """

"""What a resident does before the camera: small drift and blinks by themselves, head turns when asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

FRAMES_PER_S = 15

Pose = str


def _hold(*parts: tuple[Pose, int]) -> tuple[Pose, ...]:
    return tuple(pose for pose, frames in parts for _ in range(frames))


def yaw_pose(degrees: int) -> Pose:
    """Name of the sample picture with this yaw: a multiple of 4 from -40 to 40, positive to the own left."""
    return f"yaw_{degrees:+03d}"


_BLINK = (("blink_half", 1), ("blink_closed", 2), ("blink_half", 1))
_DRIFT = ((0, 9), (4, 5), (8, 5), (4, 5), (0, 7)), ((0, 9), (-4, 5), (-8, 5), (-4, 5), (0, 4))

IDLE: tuple[Pose, ...] = (
    _hold(*((yaw_pose(yaw), frames) for yaw, frames in _DRIFT[0]))
    + _hold(*_BLINK)
    + _hold(*((yaw_pose(yaw), frames) for yaw, frames in _DRIFT[1]))
)


def turn(to_own_left: bool, random: Random) -> tuple[Pose, ...]:
    """A turn to one side and back, two to four seconds; no two are the same, as with people."""
    sign = 1 if to_own_left else -1
    out = [yaw_pose(sign * yaw) for yaw in range(0, random.choice((36, 40)) + 1, 4)]
    there = [(pose, random.choice((1, 2, 2, 3))) for pose in out]
    back = [(pose, random.choice((1, 2, 2, 3))) for pose in reversed(out)]
    return _hold(*there, (out[-1], random.randint(4, 18)), *back)


@dataclass(slots=True)
class Performance:
    """Poses against time.

    Attributes:
        began_s: When the idle movement began, on the caller's clock.
    """

    began_s: float
    _played: Sequence[Pose] = ()
    _played_from_s: float = 0.0

    def play(self, poses: Sequence[Pose], now_s: float) -> None:
        """Play these poses once from now on, then go on as before."""
        self._played, self._played_from_s = poses, now_s

    def pose(self, now_s: float) -> Pose:
        """The pose at this moment."""
        played = int((now_s - self._played_from_s) * FRAMES_PER_S)
        if 0 <= played < len(self._played):
            return self._played[played]
        return IDLE[int((now_s - self.began_s) * FRAMES_PER_S) % len(IDLE)]

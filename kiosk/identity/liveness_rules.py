"""What the liveness check asks, how it can end, and its times and bounds."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.identity.guidance import Hint


class Ask(StrEnum):
    """What the person is asked to do."""

    LOOK_STRAIGHT = "lookStraight"
    TURN_LEFT = "turnLeft"
    TURN_RIGHT = "turnRight"
    NOTHING = "nothing"


class End(StrEnum):
    """How the check ended."""

    PASSED = "passed"
    NO_TURN = "noTurn"
    WRONG_TURNS = "wrongTurns"
    OTHER_FACE = "otherFace"
    JUMP = "jump"
    FROZEN = "frozen"
    REPLAYED = "replayed"
    ATTACK = "attack"


@dataclass(frozen=True, slots=True)
class Rules:
    """Times and bounds of the check.

    Attributes:
        restarts: Times a turn to the wrong side is forgiven; each begins again.
        hold_s: Least and most time to look straight ahead before a turn is asked; drawn at random.
        turned_s: Least and most time between the head being turned and the request to look straight; drawn at random.
            Whoever comes back earlier loses nothing.
        turned_apart_s: How different these times are at least when one side is asked twice.
        reaction_s: A turn that begins sooner after it was asked was not begun because of it, and does not count.
        same_deg: Up to this far apart, two turns are one turn shown twice, see `kiosk.identity.turns`.
        repeats: Turns shown twice that are merely asked anew; one more ends the check.
        turn_s: Time for one turn.
        total_s: Time for all turns.
        lost_s: How long the face may be out of sight.
        straight_s: Time to get into position before the first turn.
        max_eye_share: Inter-eye distance over the frame's longer side; nearer, perspective bends flat sheets.
        max_jump: Farthest the face may move between two frames at most `jump_within_s` apart, in inter-eye distances.
        turned_slack: How much farther than the threshold a turned face may be from the frontal one.
        frozen_frames: Identical frames in a row that no camera gives.
        replayed_frames: Frames seen before, later on, that no camera gives.
    """

    restarts: int = 1
    hold_s: tuple[float, float] = (0.5, 1.2)
    turned_s: tuple[float, float] = (0.2, 1.8)
    turned_apart_s: float = 0.8
    reaction_s: float = 0.2
    same_deg: float = 2.6
    repeats: int = 2
    turn_s: float = 7.0
    total_s: float = 60.0
    lost_s: float = 0.8
    straight_s: float = 20.0
    max_eye_share: float = 0.18
    max_jump: float = 0.6
    jump_within_s: float = 0.15
    turned_slack: float = 0.12
    frozen_frames: int = 8
    replayed_frames: int = 6


DEFAULT_RULES = Rules()


@dataclass(frozen=True, slots=True)
class LivenessStep:
    """What one frame brought.

    Attributes:
        ask: What to ask of the person now.
        hint: What keeps the picture from being used, UNSPECIFIED when nothing.
        progress: 0 to 1.
        end: Set once the check is over.
    """

    ask: Ask
    hint: Hint
    progress: float
    end: End | None

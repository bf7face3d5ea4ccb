"""What to tell a person before the camera: at most one thing at a time, shown long enough to be read.

Quality guides people, it decides nothing: light and sharpness are asked for politely for a while and then taken
as they are. The registry's comparison is the judge, and dark skin, an old camera or shaking hands are no fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from biometrics.geometry import Face, Image
from biometrics.quality import Quality, measure


class Hint(IntEnum):
    """One thing to do; numbers and names are those of `adm.panel.v1.FaceHint`."""

    UNSPECIFIED = 0
    NO_FACE = 1
    ONE_PERSON = 2
    CLOSER = 3
    FURTHER = 4
    CENTER = 5
    LOOK_STRAIGHT = 6
    TOO_DARK = 7
    HOLD_STILL = 8
    TURN_LEFT = 9
    TURN_RIGHT = 10
    UNCOVER = 11
    TOO_BRIGHT = 12


@dataclass(frozen=True, slots=True)
class Limits:
    """When a picture is good enough. Shares are of the picture's height.

    Attributes:
        min_eye_share: Inter-eye distance below which to come closer; 0.085 is a metre off.
        max_eye_share: Above which to step back.
        max_off_center: Of the face's middle, in picture heights.
        max_yaw_deg: Turn that still counts as frontal.
        max_roll_deg: Tilt that still counts as upright.
        min_brightness: Mean luma of the face, 0 to 255.
        max_brightness: The same, for a lamp or the sun in the face.
        min_sharpness: See `Quality.sharpness`.
        min_mouth_contrast: Below, a mask or scarf covers the mouth.
        other_face_share: Another face this large against the main one is a second person, no poster.
        min_face_score: Detector certainty of a face that is talked to.
    """

    min_eye_share: float = 0.085
    max_eye_share: float = 0.30
    max_off_center: float = 0.20
    max_yaw_deg: float = 16.0
    max_roll_deg: float = 20.0
    min_brightness: float = 35.0
    max_brightness: float = 235.0
    min_sharpness: float = 22.0
    min_mouth_contrast: float = 0.06
    other_face_share: float = 0.4
    min_face_score: float = 0.45


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Appraisal:
    """One picture judged.

    Attributes:
        hint: The most important thing to mend; UNSPECIFIED when there is none.
        usable: The face is alone, near, and frontal: a template of it is worth something even if the hint is
            about light or sharpness.
        face: The main face, None when there is none.
        quality: Its measures, None when there is none.
    """

    hint: Hint
    usable: bool
    face: Face | None
    quality: Quality | None


def appraise(bgr: Image, faces: Sequence[Face], yaw_factor_deg: float, limits: Limits = DEFAULT_LIMITS) -> Appraisal:
    """Judge one picture by the faces found in it."""
    seen = [face for face in faces if face.score >= limits.min_face_score]
    if not seen:
        return Appraisal(Hint.NO_FACE, False, None, None)
    face = max(seen, key=lambda f: f.box.width * f.box.height)
    try:
        quality = measure(bgr, face, yaw_factor_deg)
    except ValueError:
        return Appraisal(Hint.NO_FACE, False, None, None)
    others = [f for f in seen if f is not face and f.box.height >= limits.other_face_share * face.box.height]
    hint = Hint.ONE_PERSON if others else _place_and_pose(quality, limits)
    if hint is not Hint.UNSPECIFIED:
        return Appraisal(hint, False, face, quality)
    return Appraisal(_light_and_sharpness(quality, limits), True, face, quality)


def _place_and_pose(quality: Quality, limits: Limits) -> Hint:
    if quality.inter_eye_share < limits.min_eye_share:
        return Hint.CLOSER
    if quality.inter_eye_share > limits.max_eye_share:
        return Hint.FURTHER
    if max(abs(quality.off_center_x), abs(quality.off_center_y)) > limits.max_off_center:
        return Hint.CENTER
    if abs(quality.yaw_deg) > limits.max_yaw_deg or abs(quality.roll_deg) > limits.max_roll_deg:
        return Hint.LOOK_STRAIGHT
    return Hint.UNSPECIFIED


def _light_and_sharpness(quality: Quality, limits: Limits) -> Hint:
    if quality.brightness < limits.min_brightness:
        return Hint.TOO_DARK
    if quality.brightness > limits.max_brightness:
        return Hint.TOO_BRIGHT
    if quality.sharpness < limits.min_sharpness:
        return Hint.HOLD_STILL
    if quality.mouth_contrast < limits.min_mouth_contrast:
        return Hint.UNCOVER
    return Hint.UNSPECIFIED


class HintKeeper:
    """Lets a hint through once it is meant, and keeps it until it was read.

    Attributes:
        shown: What to show now.
    """

    SETTLES_S = 0.35
    READ_S = 1.5

    def __init__(self) -> None:
        self.shown = Hint.UNSPECIFIED
        self._shown_since_s = float("-inf")
        self._candidate = Hint.UNSPECIFIED
        self._candidate_since_s = float("-inf")

    def update(self, wanted: Hint, at_s: float) -> Hint:
        """Take this moment's hint; returns the one to show.

        Args:
            wanted: What the newest picture asks for.
            at_s: The picture's moment, monotonic seconds.
        """
        if wanted is not self._candidate:
            self._candidate, self._candidate_since_s = wanted, at_s
        settled = at_s - self._candidate_since_s >= self.SETTLES_S
        read = self.shown is Hint.UNSPECIFIED or at_s - self._shown_since_s >= self.READ_S
        if wanted is not self.shown and settled and read:
            self.shown, self._shown_since_s = wanted, at_s
        return self.shown

"""The face check: camera frames in; one hint at a time, a preview and finally templates out.

Pure: no clock, no camera, no network. The journey feeds it frames and shows what it says. Templates live in this
object only and are gone after `close`; it keeps no frame.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from biometrics.engine import FaceEngine, Template
from biometrics.geometry import Box, Image
from drivers.camera.port import Frame
from kiosk.identity.guidance import DEFAULT_LIMITS, Appraisal, Hint, HintKeeper, Limits, appraise

PREVIEW_WIDTH_PX = 360
PREVIEW_HEIGHT_PX = 480


@dataclass(frozen=True, slots=True)
class Preview:
    """The picture for the screen: mirrored, cut to portrait format from the middle.

    Attributes:
        rgb: width_px * height_px * 3 bytes, rows top down.
        face: Around the main face, as shares (0 to 1) of the preview; None when there is none.
    """

    width_px: int
    height_px: int
    rgb: bytes = field(repr=False)
    face: Box | None


@dataclass(frozen=True, slots=True)
class FaceStep:
    """What one frame brought.

    Attributes:
        hint: What to ask of the person; UNSPECIFIED: nothing, hold still.
        progress: Templates gathered of those wanted, 0 to 1.
        template: Of this frame, when it was good enough.
        preview: For the screen.
    """

    hint: Hint
    progress: float
    template: Template | None = field(repr=False)
    preview: Preview


class FaceCheck:
    """Gathers templates of one person from frontal, usable frames.

    Attributes:
        WANTED: Templates to gather; the registry takes the best of them.
        APART_S: Least time between two of them, so that they are not the same picture.
        PATIENCE_S: How long better light or a sharper picture is asked for before what there is is taken.
    """

    WANTED = 5
    APART_S = 0.12
    PATIENCE_S = 4.0

    def __init__(self, engine: FaceEngine, limits: Limits = DEFAULT_LIMITS, wanted: int = WANTED) -> None:
        self._engine = engine
        self._limits = limits
        self._wanted = wanted
        self._keeper = HintKeeper()
        self._templates: list[Template] = []
        self._last_s = float("-inf")
        self._asked_since_s: float | None = None
        self._closed = False

    @property
    def model_id(self) -> str:
        """The model that makes the templates."""
        return self._engine.model_id

    @property
    def templates(self) -> tuple[Template, ...]:
        """Those gathered so far."""
        return tuple(self._templates)

    @property
    def progress(self) -> float:
        """Templates gathered of those wanted, 0 to 1."""
        return min(1.0, len(self._templates) / self._wanted)

    @property
    def complete(self) -> bool:
        """Whether enough templates are there to ask the registry."""
        return len(self._templates) >= self._wanted

    def step(self, frame: Frame) -> FaceStep:
        """Look at one frame.

        Raises:
            ValueError: After `close`.
        """
        if self._closed:
            raise ValueError("this face check is closed")
        picture = middle(frame.bgr)
        faces = self._engine.detect(picture)
        appraisal = appraise(picture, faces, self._engine.models.yaw_factor_deg, self._limits)
        template = self._gather(picture, frame.at_s, appraisal)
        wanted = Hint.UNSPECIFIED if template is not None else appraisal.hint
        hint = self._keeper.update(wanted, frame.at_s)
        box = appraisal.face.box if appraisal.face else None
        return FaceStep(hint, self.progress, template, preview(picture, box))

    def retry(self) -> None:
        """Forget what was gathered and look anew, after the registry said no."""
        self._forget()
        self._asked_since_s = None

    def close(self) -> None:
        """Drop every template, overwritten. May be called twice."""
        self._forget()
        self._closed = True

    def _gather(self, picture: Image, at_s: float, appraisal: Appraisal) -> Template | None:
        if not appraisal.usable or appraisal.face is None or self.complete:
            return None
        if at_s - self._last_s < self.APART_S:
            return None
        if appraisal.hint is not Hint.UNSPECIFIED and not self._patience_is_over(at_s):
            return None
        template = self._engine.descriptor(picture, appraisal.face, mirrored=False)
        if self._templates and not self._engine.same_person(self._templates[-1], template):
            # Somebody else stands there now: what was gathered of the one before must not help them.
            self._forget()
        self._templates.append(template)
        self._last_s = at_s
        return template

    def _patience_is_over(self, at_s: float) -> bool:
        if self._asked_since_s is None:
            self._asked_since_s = at_s
        return at_s - self._asked_since_s >= self.PATIENCE_S

    def _forget(self) -> None:
        for template in self._templates:
            template.fill(0.0)
        self._templates.clear()


def middle(bgr: Image) -> Image:
    """The 3:4 middle of the frame: what the person sees of themselves is what is judged, the queue beside is not."""
    height, width = bgr.shape[:2]
    cut_width = min(width, round(height * PREVIEW_WIDTH_PX / PREVIEW_HEIGHT_PX))
    cut_height = min(height, round(cut_width * PREVIEW_HEIGHT_PX / PREVIEW_WIDTH_PX))
    left, top = (width - cut_width) // 2, (height - cut_height) // 2
    return bgr[top : top + cut_height, left : left + cut_width]


def preview(picture: Image, box: Box | None) -> Preview:
    """The picture as in a mirror, with the face's box in the same terms.

    Args:
        picture: From `middle`.
        box: In the picture's pixels.
    """
    height, width = picture.shape[:2]
    smaller = width > PREVIEW_WIDTH_PX
    sized = cv2.resize(
        picture,
        (PREVIEW_WIDTH_PX, PREVIEW_HEIGHT_PX),
        interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR,
    )
    mirrored = cv2.cvtColor(cv2.flip(sized, 1), cv2.COLOR_BGR2RGB)
    face = None
    if box is not None:
        left, right = (float(np.clip(x / width, 0.0, 1.0)) for x in (box.left, box.right))
        top, bottom = (float(np.clip(y / height, 0.0, 1.0)) for y in (box.top, box.bottom))
        face = Box(1.0 - right, top, 1.0 - left, bottom)
    return Preview(PREVIEW_WIDTH_PX, PREVIEW_HEIGHT_PX, mirrored.tobytes(), face)

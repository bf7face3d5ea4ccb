"""The liveness check: turn your head to sides chosen at random, while one and the same face is followed.

Two turns where both went to one side, else a third, so that a recording in a loop has to show one of its turns again.
Pure like the face check: frames in; what to ask, and in the end a verdict. What it cannot see: a long recording of this
very person turning in many ways, a mask, a living person who only looks alike. That is for an attack detector, the
officer and the registry. Whoever cannot turn the head goes to an officer, so every end but `passed` names its reason.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from biometrics.engine import FaceEngine, Template, distance
from biometrics.geometry import Face, Image, Points
from biometrics.liveness import (
    DEFAULT_TURN_LIMITS,
    Turn,
    TurnLimits,
    frontal_points,
    is_front,
    is_turned,
    is_wrong_way,
    measure_turn,
)
from drivers.camera.port import Frame
from kiosk.identity.face import middle
from kiosk.identity.guidance import DEFAULT_LIMITS, Appraisal, Hint, Limits, appraise
from kiosk.identity.liveness_rules import DEFAULT_RULES, Ask, End, LivenessStep, Rules
from kiosk.identity.turns import Turns

__all__ = ["DEFAULT_RULES", "Ask", "End", "LivenessCheck", "LivenessStep", "Rules"]


@dataclass(slots=True)
class _Memory:
    """What is kept of the person; dropped with the check."""

    frontal: list[Points] = field(default_factory=list)
    base: Points | None = None
    template: Template | None = None


class LivenessCheck:
    """Follows one person through the asked turns.

    Args:
        engine: Finds and describes faces.
        draw: Uniform random numbers from 0 to below 1: `random.SystemRandom().random` on a machine.
        rules: Times and bounds.
        limits: When a picture is usable.
        turn_limits: What counts as a turn.
    """

    def __init__(
        self,
        engine: FaceEngine,
        draw: Callable[[], float],
        rules: Rules = DEFAULT_RULES,
        limits: Limits = DEFAULT_LIMITS,
        turn_limits: TurnLimits = DEFAULT_TURN_LIMITS,
    ) -> None:
        self._engine, self._draw = engine, draw
        self._rules, self._limits, self._turn_limits = rules, limits, turn_limits
        self._memory = _Memory()
        self._turns = Turns(
            draw,
            rules.turned_s,
            rules.turned_apart_s,
            turn_limits.front_deg,
            turn_limits.min_change_deg,
            rules.same_deg,
        )
        self._restarts_left, self._repeats_left = rules.restarts, rules.repeats
        self._seen: dict[int, int] = {}
        self._same_in_a_row = self._seen_again = 0
        self._last_checksum: int | None = None
        self._last: tuple[float, Face] | None = None
        self._margins: list[float] = []
        self._alive: list[float] = []
        self._asked: Ask = Ask.LOOK_STRAIGHT
        self._to_own_left = False
        self._known_s: float | None = None
        self._since_s: float | None = None
        self._straight_since_s: float | None = None
        self._turned_until_s: float | None = None
        self._end: End | None = None
        self._hold_s = self._drawn(rules.hold_s)

    @property
    def end(self) -> End | None:
        """How it ended; None while it goes on."""
        return self._end

    @property
    def known_template(self) -> Template | None:
        """The frontal face that the turns are held against, once it is known."""
        return self._memory.template

    @property
    def score(self) -> float:
        """0 unless passed; then 0.5 to 1, by how clearly the least clear turn exceeded what is asked."""
        if self._end is not End.PASSED or not self._margins:
            return 0.0
        return 0.5 + 0.5 * min(1.0, min(self._margins))

    def step(self, frame: Frame) -> LivenessStep:
        """Look at one frame; after the end it changes nothing."""
        if self._end is not None:
            return self._said(Hint.UNSPECIFIED)
        if self._since_s is None:
            self._since_s = frame.at_s
        self._watch_repeats(frame)
        picture = middle(frame.bgr)
        faces = self._engine.detect(picture)
        appraisal = appraise(picture, faces, self._engine.models.yaw_factor_deg, self._limits)
        hint = self._place_hint(appraisal, max(frame.bgr.shape[:2]))
        if self._end is None:
            self._follow(frame.at_s, picture, appraisal, hint)
        return self._said(hint)

    def close(self) -> None:
        """Drop everything that is known of the person. May be called twice."""
        if self._memory.template is not None:
            self._memory.template.fill(0.0)
        self._memory = _Memory()
        self._last = None
        self._seen.clear()
        self._turns.forget()

    def _said(self, hint: Hint) -> LivenessStep:
        asked = Ask.NOTHING if self._end is not None else self._asked
        done = 1.0 if self._end is End.PASSED else self._turns.progress
        return LivenessStep(asked, hint, done, self._end)

    def _watch_repeats(self, frame: Frame) -> None:
        """No sensor gives the same picture twice; a file that is played in a loop does."""
        checksum = zlib.crc32(np.ascontiguousarray(frame.bgr[::4, ::4]).data)
        if checksum == self._last_checksum:
            self._same_in_a_row += 1
            if self._same_in_a_row >= self._rules.frozen_frames:
                self._end = End.FROZEN
            return
        self._same_in_a_row = 0
        self._last_checksum = checksum
        if checksum in self._seen:
            self._seen_again += 1
            if self._seen_again >= self._rules.replayed_frames:
                self._end = End.REPLAYED
        self._seen[checksum] = frame.number

    def _place_hint(self, appraisal: Appraisal, longer_side_px: int) -> Hint:
        """Hints about where the person stands; turning is what is asked for, so LOOK_STRAIGHT is none here."""
        if appraisal.face is not None and appraisal.hint is not Hint.ONE_PERSON:
            if appraisal.face.inter_eye_px > self._rules.max_eye_share * longer_side_px:
                return Hint.FURTHER
            if appraisal.hint in (Hint.LOOK_STRAIGHT, Hint.HOLD_STILL, Hint.UNCOVER):
                return Hint.UNSPECIFIED
        return appraisal.hint

    def _follow(self, at_s: float, picture: Image, appraisal: Appraisal, hint: Hint) -> None:
        face = appraisal.face
        blocked = face is None or hint in (Hint.ONE_PERSON, Hint.CLOSER, Hint.FURTHER, Hint.CENTER)
        if blocked or face is None:
            self._lost(at_s)
            return
        if self._jumped(at_s, face):
            self._end = End.JUMP
            return
        self._last = (at_s, face)
        if self._memory.base is None or self._memory.template is None:
            self._get_to_know(at_s, picture, appraisal, face)
            return
        turn = measure_turn(self._memory.base, face.points, self._engine.models.yaw_factor_deg)
        if self._known_s is not None and at_s - self._known_s > self._rules.total_s:
            self._end = End.NO_TURN
            return
        if self._turns.see(at_s, turn.change_deg):
            self._seen_before(at_s)
        elif self._asked is Ask.LOOK_STRAIGHT:
            self._hold(at_s, picture, face, turn)
        else:
            self._turning(at_s, picture, face, turn)

    def _lost(self, at_s: float) -> None:
        last_s = self._last[0] if self._last else self._since_s
        self._turns.lose()
        if self._memory.base is not None and last_s is not None and at_s - last_s > self._rules.lost_s:
            # Whoever comes back may be somebody else: from the beginning, and it counts as a restart.
            self._restart(at_s, End.NO_TURN, forget=True)
        elif self._too_long(at_s, self._rules.straight_s):
            self._end = End.NO_TURN

    def _jumped(self, at_s: float, face: Face) -> bool:
        if self._last is None or at_s - self._last[0] > self._rules.jump_within_s:
            return False
        before = self._last[1]
        moved = np.hypot(*(np.array(face.box.center) - np.array(before.box.center)))
        return bool(moved > self._rules.max_jump * max(face.inter_eye_px, before.inter_eye_px))

    def _get_to_know(self, at_s: float, picture: Image, appraisal: Appraisal, face: Face) -> None:
        if appraisal.usable:
            self._ask_detector(picture, face)
            self._memory.frontal.append(face.points)
            if self._straight_since_s is None:
                self._straight_since_s = at_s
            if len(self._memory.frontal) >= 4 and at_s - self._straight_since_s >= self._hold_s:
                self._memory.base = frontal_points(self._memory.frontal)
                self._memory.template = self._engine.descriptor(picture, face)
                self._known_s = at_s
                self._ask_turn(at_s)
        else:
            self._memory.frontal.clear()
            self._straight_since_s = None
        if self._memory.base is None and self._too_long(at_s, self._rules.straight_s):
            self._end = End.NO_TURN

    def _hold(self, at_s: float, picture: Image, face: Face, turn: Turn) -> None:
        """Between turns: straight ahead for a while, and still the same face."""
        if not is_front(turn, self._turn_limits):
            self._straight_since_s = None
            if self._too_long(at_s, self._rules.turn_s):
                self._restart(at_s, End.NO_TURN)
            return
        self._ask_detector(picture, face)
        if self._straight_since_s is None:
            self._straight_since_s = at_s
        if at_s - self._straight_since_s < self._hold_s:
            return
        if not self._same_face(picture, face, 0.0):
            self._end = End.OTHER_FACE
        elif self._turns.complete:
            self._end = End.PASSED if self._looks_alive() else End.ATTACK
        else:
            self._ask_turn(at_s)

    def _turning(self, at_s: float, picture: Image, face: Face, turn: Turn) -> None:
        if self._turned_until_s is not None:
            if at_s >= self._turned_until_s or is_front(turn, self._turn_limits):
                self._look_straight(at_s)
        elif self._since_s is not None and at_s - self._since_s < self._rules.reaction_s:
            if not is_front(turn, self._turn_limits):
                # Nobody is so quick: this movement had begun before it was asked for.
                self._look_straight(at_s)
        elif is_turned(turn, self._to_own_left, self._turn_limits):
            self._turned(at_s, picture, face, turn)
        elif is_wrong_way(turn, self._to_own_left, self._turn_limits):
            self._restart(at_s, End.WRONG_TURNS)
        elif self._too_long(at_s, self._rules.turn_s):
            self._end = End.NO_TURN

    def _turned(self, at_s: float, picture: Image, face: Face, turn: Turn) -> None:
        """The asked turn was made; a moment later it is asked back, unless the head comes by itself."""
        if not self._same_face(picture, face, self._rules.turned_slack):
            self._end = End.OTHER_FACE
            return
        limits = self._turn_limits
        clear = min(abs(turn.change_deg) / limits.min_change_deg, turn.residual / limits.min_residual)
        self._margins.append(clear - 1.0)
        self._turns.count(self._to_own_left)
        self._turned_until_s = at_s + self._turns.hold(self._to_own_left)

    def _seen_before(self, at_s: float) -> None:
        """A turn was the very same as an earlier one: it may be chance once."""
        if self._repeats_left == 0:
            self._end = End.REPLAYED
            return
        self._repeats_left -= 1
        self._look_straight(at_s)

    def _ask_detector(self, picture: Image, face: Face) -> None:
        """Frontal views only: that is what attack detectors are made for."""
        alive = self._engine.alive(picture, face)
        if alive is not None:
            self._alive.append(alive)

    def _looks_alive(self) -> bool:
        """By the attack detector's middle opinion; without one, the turns alone decide."""
        threshold = self._engine.attack_threshold
        return threshold is None or (bool(self._alive) and median(self._alive) >= threshold)

    def _same_face(self, picture: Image, face: Face, slack: float) -> bool:
        if self._memory.template is None:
            return False
        now = self._engine.descriptor(picture, face, mirrored=False)
        return distance(self._memory.template, now) <= self._engine.threshold + slack

    def _too_long(self, at_s: float, limit_s: float) -> bool:
        return self._since_s is not None and at_s - self._since_s > limit_s

    def _ask_turn(self, at_s: float) -> None:
        self._to_own_left = self._turns.side()
        self._asked = Ask.TURN_LEFT if self._to_own_left else Ask.TURN_RIGHT
        self._since_s, self._turned_until_s = at_s, None

    def _look_straight(self, at_s: float) -> None:
        self._asked, self._since_s, self._straight_since_s = Ask.LOOK_STRAIGHT, at_s, None
        self._hold_s = self._drawn(self._rules.hold_s)

    def _restart(self, at_s: float, reason: End, forget: bool = False) -> None:
        if self._restarts_left == 0:
            self._end = reason
            return
        self._restarts_left -= 1
        self._turns.begin_again()
        self._margins.clear()
        if forget:
            # What was thought of somebody who went away says nothing of who comes back.
            self._alive.clear()
            self._memory = _Memory()
            self._last = None
        self._look_straight(at_s)

    def _drawn(self, between: tuple[float, float]) -> float:
        least, most = between
        return least + (most - least) * self._draw()

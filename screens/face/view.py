"""Guides the resident before the camera: one short sentence at a time, as a person would say it."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import ColorProperty, NumericProperty, StringProperty

from screens import theme
from screens.face.live import LivePage
from screens.words import count, say

_HINTS = {
    pb.FACE_HINT_UNSPECIFIED: ("good", "eye"),
    pb.FACE_HINT_NO_FACE: ("no_face", "face"),
    pb.FACE_HINT_ONE_PERSON: ("one_person", "users"),
    pb.FACE_HINT_CLOSER: ("closer", "closer"),
    pb.FACE_HINT_FURTHER: ("further", "further"),
    pb.FACE_HINT_CENTER: ("center", "target"),
    pb.FACE_HINT_LOOK_STRAIGHT: ("look_straight", "eye"),
    pb.FACE_HINT_TOO_DARK: ("too_dark", "sun"),
    pb.FACE_HINT_HOLD_STILL: ("hold_still", "palm"),
    pb.FACE_HINT_TURN_LEFT: ("turn_left", "arrow-left"),
    pb.FACE_HINT_TURN_RIGHT: ("turn_right", "arrow-right"),
    pb.FACE_HINT_UNCOVER: ("uncover", "face"),
    pb.FACE_HINT_TOO_BRIGHT: ("too_bright", "sun"),
}


class FacePage(LivePage):
    """The mirror, a ring that fills with good pictures, and the sentence."""

    largest_wide = 1.0
    sentence = StringProperty("")
    body = StringProperty("")
    icon = StringProperty("")
    badge = StringProperty("")
    progress = NumericProperty(0)
    ink = ColorProperty(theme.BRAND)
    ground = ColorProperty(theme.BRAND_TINT)

    def draw(self, screen: pb.FaceScreen) -> None:
        """Chooses the sentence, the ring and its colour."""
        self.look()
        self.ink, self.ground, self.badge = theme.BRAND, theme.BRAND_TINT, ""
        self.progress = screen.progress
        if screen.phase == pb.FACE_PHASE_CHECKING:
            self._say("checking", "hourglass")
            self.progress = 1
        elif screen.phase == pb.FACE_PHASE_MATCHED:
            self._say("matched", "check")
            self.progress, self.badge = 1, "check"
            self.ink, self.ground = theme.GOOD, theme.GOOD_TINT
        elif screen.phase == pb.FACE_PHASE_NOT_MATCHED:
            self._say("not_matched", "again")
            self.progress, self.badge = 1, "again"
            self.ink, self.ground = theme.HEED, theme.HEED_TINT
            self.body = count("face.attempts", screen.attempts_left)
        else:
            self._say(*_HINTS.get(screen.hint, ("good", "eye")))

    def _say(self, key: str, icon: str) -> None:
        self.sentence = say(f"face.{key}")
        self.body = say("face.body")
        self.icon = icon


PAGE = FacePage

"""What happened, what to do now, that nothing is lost, and the number to come back with."""

from typing import Any, NamedTuple

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, StringProperty

from screens.widgets.page import Optional, Page
from screens.words import count, say


class Kind(NamedTuple):
    """How one trouble looks: its word key, the drawing's icon and the badge on it."""

    key: str
    icon: str
    badge: str


KINDS = {
    pb.TROUBLE_KIND_UNKNOWN_RESIDENT: Kind("unknown_resident", "person", "question"),
    pb.TROUBLE_KIND_CARD_UNREADABLE: Kind("card_unreadable", "card", "x"),
    pb.TROUBLE_KIND_CARD_UNVERIFIED: Kind("card_unverified", "card", "question"),
    pb.TROUBLE_KIND_FACE_NOT_MATCHED: Kind("face_not_matched", "face", "x"),
    pb.TROUBLE_KIND_FACE_LOCKED: Kind("face_locked", "face", "lock"),
    pb.TROUBLE_KIND_CAMERA: Kind("camera", "camera-off", "wrench"),
    pb.TROUBLE_KIND_NO_NETWORK: Kind("no_network", "offline", "x"),
    pb.TROUBLE_KIND_DATA_CHANGED: Kind("data_changed", "file", "refresh"),
    pb.TROUBLE_KIND_ALREADY_ISSUED: Kind("already_issued", "file", "check"),
    pb.TROUBLE_KIND_NOT_PRINTED: Kind("not_printed", "printer", "x"),
    pb.TROUBLE_KIND_SPOILED: Kind("spoiled", "file-off", "printer"),
    pb.TROUBLE_KIND_OUTCOME_UNKNOWN: Kind("outcome_unknown", "printer", "question"),
    pb.TROUBLE_KIND_NOT_TAKEN: Kind("not_taken", "tray", "clock"),
    pb.TROUBLE_KIND_DATA_WRONG: Kind("data_wrong", "file", "pencil"),
    pb.TROUBLE_KIND_SESSION_EXPIRED: Kind("session_expired", "hourglass", "x"),
    pb.TROUBLE_KIND_MACHINE: Kind("machine", "wrench", "warning"),
    pb.TROUBLE_KIND_QR_UNKNOWN: Kind("qr_unknown", "qr", "question"),
    pb.TROUBLE_KIND_QR_EXPIRED: Kind("qr_expired", "qr", "clock"),
    pb.TROUBLE_KIND_QR_USED: Kind("qr_used", "qr", "check"),
    pb.TROUBLE_KIND_PIN_LOCKED: Kind("pin_locked", "qr", "lock"),
    pb.TROUBLE_KIND_NOT_LIVE: Kind("not_live", "face", "question"),
    pb.TROUBLE_KIND_BLANK_DEFECTIVE: Kind("blank_defective", "card", "warning"),
    pb.TROUBLE_KIND_CARD_NOT_TAKEN: Kind("card_not_taken", "card", "lock"),
    pb.TROUBLE_KIND_SERVICE_CLOSED: Kind("service_closed", "cards", "clock"),
    pb.TROUBLE_KIND_BUSY: Kind("busy", "offline", "hourglass"),
    pb.TROUBLE_KIND_PAPER_RETRACTED: Kind("paper_retracted", "tray", "refresh"),
    pb.TROUBLE_KIND_PAPER_RETAINED: Kind("paper_retained", "tray", "lock"),
}


class TroublePage(Page):
    """Each kind has its own words."""

    largest_wide = 1.0
    icon = StringProperty("")
    badge = StringProperty("")
    title = StringProperty("")
    what = StringProperty("")
    what_now = StringProperty("")
    safe = StringProperty("")
    reference = StringProperty("")
    caption = StringProperty("")
    can_retry = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._retry = Optional(self.ids.retry)

    def draw(self, screen: pb.TroubleScreen) -> None:
        """Chooses the words."""
        kind = KINDS.get(screen.kind, KINDS[pb.TROUBLE_KIND_MACHINE])
        self.icon, self.badge = kind.icon, kind.badge
        self.title = say(f"trouble.{kind.key}.title")
        self.what = say(f"trouble.{kind.key}.what")
        if screen.kind in (pb.TROUBLE_KIND_FACE_LOCKED, pb.TROUBLE_KIND_PIN_LOCKED):
            self.what_now = count(f"trouble.{kind.key}.now", max(1, screen.locked_minutes))
        else:
            self.what_now = say(f"trouble.{kind.key}.now")
        self.safe = say(f"trouble.{kind.key}.safe")
        self.reference = screen.reference
        self.caption = say("trouble.slip" if screen.slip else "trouble.reference")
        self.can_retry = screen.can_retry
        self.ids.done.primary = not screen.can_retry
        self._retry.offer(screen.can_retry)


PAGE = TroublePage

"""Says that nothing can be printed, why, and what to do instead; a small line is for the technician."""

from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, StringProperty

from screens.moment import clock
from screens.widgets.page import Optional, Page
from screens.words import say

_REASONS = {
    pb.OUT_OF_SERVICE_REASON_STARTING: "starting",
    pb.OUT_OF_SERVICE_REASON_NO_NETWORK: "no_network",
    pb.OUT_OF_SERVICE_REASON_DEVICE: "device",
    pb.OUT_OF_SERVICE_REASON_SUPPLIES: "supplies",
    pb.OUT_OF_SERVICE_REASON_JOURNAL: "journal",
    pb.OUT_OF_SERVICE_REASON_MAINTENANCE: "maintenance",
}


class OutOfServicePage(Page):
    """Also drawn by the screens themselves while the daemon is away."""

    largest_wide = 1.0
    starting = BooleanProperty(False)
    title = StringProperty("")
    why = StringProperty("")
    what_now = StringProperty("")
    detail = StringProperty("")
    opens = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._check = Optional(self.ids.check)

    def draw(self, screen: pb.OutOfServiceScreen) -> None:
        """Names the reason."""
        reason = _REASONS.get(screen.reason, "device")
        self.starting = reason == "starting"
        title = "title_but" if screen.check_document else "title"
        self.title = say("out_of_service.starting_title" if self.starting else f"out_of_service.{title}")
        self.why = say(f"out_of_service.{reason}")
        self.what_now = say("out_of_service.wait" if self.starting else "out_of_service.what_now")
        self.opens = say("out_of_service.opens", at=clock(screen.opens_at)) if screen.HasField("opens_at") else ""
        self.detail = screen.detail
        self._check.offer(screen.check_document)


PAGE = OutOfServicePage

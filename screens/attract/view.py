"""The invitation: what the machine prints, and the ways to begin that work now."""

from typing import Any

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from screens.kinds import kind_icon, kind_name, offered
from screens.moment import clock
from screens.widgets.page import Optional, Page
from screens.words import say

#: Kinds of documents that the large title leaves room for.
ROOMY = 4


class Offer(BoxLayout):
    """One kind of document the machine prints, or cannot print now."""

    icon = StringProperty("")
    text = StringProperty("")
    open = BooleanProperty(True)
    closed = StringProperty("")


class AttractPage(Page):
    """Shown until somebody touches it.

    Attributes:
        crowded: so many kinds are offered that other things have to be smaller.
        by_code: a QR code is the one way in.
    """

    largest_wide = 1.0
    site = StringProperty("")
    crowded = BooleanProperty(False)
    by_code = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._start, self._start_code = Optional(self.ids.start), Optional(self.ids.start_code)
        self._others = Optional(self.ids.others)
        self._code = Optional(self.ids.code)
        self._check = Optional(self.ids.check)

    def draw(self, screen: pb.AttractScreen) -> None:
        """Lists what is offered."""
        self.site = screen.site_name
        code = screen.use_qr != fleet.AVAILABILITY_UNAVAILABLE
        check = screen.check_document != fleet.AVAILABILITY_UNAVAILABLE
        self.by_code = screen.use_card == fleet.AVAILABILITY_UNAVAILABLE
        self._start.offer(not self.by_code)
        self._start_code.offer(self.by_code)
        self._code.offer(code and not self.by_code)
        self._check.offer(check)
        self._others.offer(check or (code and not self.by_code))
        self.crowded = len(screen.services) > ROOMY
        offers = self.ids.offers
        offers.clear_widgets()
        for service in screen.services:
            offers.add_widget(
                Offer(
                    icon=kind_icon(service.kind),
                    text=kind_name(service.kind),
                    open=offered(service.availability),
                    closed=_closed(service),
                )
            )


def _closed(service: pb.ServiceOffer) -> str:
    if offered(service.availability):
        return ""
    return say("attract.opens", at=clock(service.opens_at)) if service.HasField("opens_at") else say("attract.closed")


PAGE = AttractPage

"""The invitation: what the machine prints, and one button."""

from typing import Any

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from screens.kinds import kind_icon, kind_name, offered
from screens.widgets.page import Optional, Page

#: Kinds of documents that the large title leaves room for.
ROOMY = 4


class Offer(BoxLayout):
    """One kind of document the machine prints, or cannot print now."""

    icon = StringProperty("")
    text = StringProperty("")
    open = BooleanProperty(True)


class AttractPage(Page):
    """Shown until somebody touches it.

    Attributes:
        crowded: so many kinds are offered that other things have to be smaller.
    """

    largest_wide = 1.0
    site = StringProperty("")
    crowded = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._others = Optional(self.ids.others)
        self._code = Optional(self.ids.code)
        self._check = Optional(self.ids.check)

    def draw(self, screen: pb.AttractScreen) -> None:
        """Lists what is offered."""
        self.site = screen.site_name
        code = screen.use_qr != fleet.AVAILABILITY_UNAVAILABLE
        check = screen.check_document != fleet.AVAILABILITY_UNAVAILABLE
        self._code.offer(code)
        self._check.offer(check)
        self._others.offer(code or check)
        self.crowded = len(screen.services) > ROOMY
        offers = self.ids.offers
        offers.clear_widgets()
        for service in screen.services:
            offers.add_widget(
                Offer(
                    icon=kind_icon(service.kind),
                    text=kind_name(service.kind),
                    open=offered(service.availability),
                )
            )


PAGE = AttractPage

"""The invitation: what the machine prints, and one button."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from screens.kinds import kind_icon, kind_name, offered
from screens.widgets.page import Page


class Offer(BoxLayout):
    """One kind of document the machine prints, or cannot print now."""

    icon = StringProperty("")
    text = StringProperty("")
    open = BooleanProperty(True)


class AttractPage(Page):
    """Shown until somebody touches it."""

    largest_wide = 1.0
    site = StringProperty("")

    def draw(self, screen: pb.AttractScreen) -> None:
        """Lists what is offered."""
        self.site = screen.site_name
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

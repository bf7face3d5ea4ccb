"""Shows a case on the pilot's screens and takes what was touched there."""

from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from google.protobuf.json_format import MessageToDict

from screens.tools import views
from tests.screens.drive import DEADLINE_S, Pilot
from tests.screens.fake_panel import FakePanel

CASES = dict(views.cases())


def show(panel: FakePanel, pilot: Pilot, case: str) -> int:
    """Shows a case and waits until it is drawn."""
    view = CASES[case]
    view.language = pb.LANGUAGE_ID
    revision = panel.show(view)
    pilot.wait(view.WhichOneof("screen") or "", revision)
    return revision


def next_act(panel: FakePanel) -> dict[str, Any]:
    """What was touched, as JSON."""
    act: dict[str, Any] = MessageToDict(panel.acts.get(timeout=DEADLINE_S))
    return act

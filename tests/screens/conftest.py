"""The real screens in a process of their own, before a panel that the tests hold: once for all tests here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from screens.tools import views
from tests.screens.drive import Pilot
from tests.screens.fake_panel import FakePanel

SAMPLES = Path(__file__).parents[2] / "screens/tools/samples"
IMAGES = {name: (SAMPLES / f"{name}.png").read_bytes() for name in (views.KK, views.AKTA, "card-front", "card-back")}


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where socket and files are."""
    return tmp_path_factory.mktemp("screens")


@pytest.fixture(scope="package")
def panel(folder: Path) -> Iterator[FakePanel]:
    """The daemon's side."""
    with FakePanel(folder / "panel.sock", IMAGES) as panel:
        yield panel


@pytest.fixture(scope="package")
def pilot(folder: Path, panel: FakePanel) -> Iterator[Pilot]:
    """The screens."""
    with Pilot(panel.target, folder) as pilot:
        yield pilot

"""Settings of the camera driver: what is accepted and what is refused."""

import pytest
from pydantic import ValidationError

from drivers.camera.opencv import Settings
from drivers.catalog import create, settings_type


@pytest.mark.parametrize("source", [0, 3, "/dev/v4l/by-id/usb-cam-video-index0", "clip.avi", "http://127.0.0.1:1/x"])
def test_sources_are_accepted(source: int | str) -> None:
    assert Settings(source=source).source == source


def test_index_as_text_is_an_index() -> None:
    assert Settings(source="2").source == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": ""},
        {"source": -1},
        {"source": None},
        {"source": 0, "rotate_deg": 45},
        {"source": 0, "width_px": 10},
        {"source": 0, "colour": "yes"},
        {},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_catalog_makes_the_driver_without_touching_hardware() -> None:
    settings = settings_type("camera", "opencv").model_validate({"source": "/dev/v4l/by-id/not-there"})
    assert create("camera", "opencv", settings).status().device.value == "starting"

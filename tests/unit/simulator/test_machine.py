"""Devices as a whole: start and stop in order, actions checked against what the device offers."""

from pathlib import Path

import pytest

from simulator.device import ActionRefused
from simulator.server.machine import BadParameters, Machine, UnknownName
from tests.unit.simulator.lamp import Lamp


async def test_devices_start_in_order_and_stop_in_the_opposite_order() -> None:
    log: list[str] = []
    machine = Machine([Lamp("one", log), Lamp("two", log)])
    await machine.start()
    await machine.stop()
    assert log == ["one starts", "two starts", "two stops", "one stops"]


async def test_a_device_that_cannot_start_takes_the_started_ones_down_again() -> None:
    log: list[str] = []
    machine = Machine([Lamp("one", log), Lamp("two", log, starts=False), Lamp("three", log)])
    with pytest.raises(OSError, match="no bulb"):
        await machine.start()
    assert log == ["one starts", "two starts", "two stops", "one stops"]


async def test_an_action_is_done_with_its_parameters() -> None:
    lamp = Lamp()
    await Machine([lamp]).act("lamp", "light", {"colour": "green"})
    assert lamp.colour == "green"


@pytest.mark.parametrize(
    ("parameters", "problems"),
    [
        ({}, "'colour' is missing"),
        ({"colour": "blue"}, "'colour' must be one of red, green"),
        ({"colour": ["red"]}, "'colour' must be one of red, green"),
        ({"hue": "red"}, "'hue' is not a parameter; 'colour' is missing"),
    ],
)
async def test_wrong_parameters_are_refused_all_at_once(parameters: dict[str, object], problems: str) -> None:
    lamp = Lamp()
    with pytest.raises(BadParameters) as refused:
        await Machine([lamp]).act("lamp", "light", parameters)
    assert str(refused.value) == problems
    assert lamp.colour is None


async def test_an_action_that_is_not_offered_now_is_unknown() -> None:
    with pytest.raises(UnknownName, match="Lamp has no action 'darken' now"):
        await Machine([Lamp()]).act("lamp", "darken", {})


async def test_a_fault_is_shown_until_it_is_taken_away() -> None:
    machine = Machine([Lamp()])
    await machine.set_fault("lamp", "burnt_out")
    assert machine.describe()[0]["fault"] == "burnt_out"
    with pytest.raises(ActionRefused, match="burnt out"):
        await machine.act("lamp", "light", {"colour": "red"})
    await machine.set_fault("lamp", None)
    assert machine.describe()[0]["fault"] is None


async def test_unknown_names_are_told() -> None:
    machine = Machine([Lamp()])
    with pytest.raises(UnknownName, match="no device 'toaster'"):
        await machine.act("toaster", "light", {})
    with pytest.raises(UnknownName, match="no fault 'flooded'"):
        await machine.set_fault("lamp", "flooded")


def test_pictures_come_from_the_devices_own_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "page.png").write_bytes(b"page")
    (tmp_path / "secret.png").write_bytes(b"secret")
    machine = Machine([Lamp("lamp"), Lamp("dull")], {"lamp": folder})
    assert machine.picture("lamp", "page.png") == folder / "page.png"
    for device, picture in (
        ("lamp", "../secret.png"),
        ("lamp", "other.png"),
        ("dull", "page.png"),
        ("none", "page.png"),
    ):
        with pytest.raises(UnknownName):
            machine.picture(device, picture)


async def test_a_device_is_described_with_all_that_can_be_done_to_it() -> None:
    assert Machine([Lamp()]).describe() == [
        {
            "name": "lamp",
            "title": "Lamp",
            "state": {"colour": None},
            "actions": [{"name": "light", "label": "Light it", "choices": {"colour": ["red", "green"]}}],
            "faults": [{"name": "burnt_out", "effect": "It stays dark."}],
            "fault": None,
        }
    ]

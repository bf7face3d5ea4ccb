"""Menu by role, jams by sensors, settling with its notes: the rules, without a machine."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from drivers.deadline import Deadline
from drivers.paper_feeder.port import FeederStatus, Position
from drivers.status import DeviceState, MediaState, PaperState, PresentedState, RetractBinState
from kiosk.devices import Device
from kiosk.fleet.tested import LastTest
from kiosk.technician import jams
from kiosk.technician.menu import ALL, MAY
from kiosk.technician.settling import NOTES
from kiosk.technician.staff import Role
from kiosk.technician.tasks import TASKS
from kiosk.technician.words import _DEVICES, _WORDS, say


def test_every_task_of_the_contract_is_done_by_something() -> None:
    assert set(TASKS) == set(ALL) == {number for number in tech.TechnicianTask.values() if number}


def test_roles_may_what_they_should() -> None:
    assert MAY[Role.TECHNICIAN] == set(ALL)
    using_up = {tech.TECHNICIAN_TASK_SELF_TEST_FULL, tech.TECHNICIAN_TASK_ALIGN, tech.TECHNICIAN_TASK_LOAD_BLANKS}
    deciding = {tech.TECHNICIAN_TASK_SETTLE, tech.TECHNICIAN_TASK_REPLACE_DEVICE, tech.TECHNICIAN_TASK_SHUT_DOWN}
    for role in (Role.ATTENDANT, Role.AUDITOR):
        assert not MAY[role] & (using_up | deciding)
    assert tech.TECHNICIAN_TASK_CLEAR_JAM in MAY[Role.ATTENDANT]
    assert tech.TECHNICIAN_TASK_CLEAR_JAM not in MAY[Role.AUDITOR]


def test_each_finding_has_its_own_notes() -> None:
    assert not NOTES[tech.FINDING_TAKEN] & NOTES[tech.FINDING_DESTROYED]
    assert {note for notes in NOTES.values() for note in notes} == {note for note in tech.SettleNote.values() if note}


def test_words_are_in_both_languages_with_the_same_places() -> None:
    for pair in (*_WORDS.values(), *_DEVICES.values()):
        assert all(pair)
        assert [text.count("{") for text in pair] == [pair[0].count("{")] * 2
    assert say("sheets", pb.LANGUAGE_ID, count=3) == "3 lembar"
    assert say("sheets", pb.LANGUAGE_EN, count=3) == "3 sheets"


@dataclass
class Feeder:
    """A feeder whose path the test fills; clearing empties it."""

    # S1 and S2 see the paper in the hopper, S8 that in the bin; a sheet stands at the printer's exit.
    sensors_now: tuple[bool, ...] = (True, True, False, False, True, False, False, True)
    media: MediaState = MediaState.JAMMED
    cleared: list[bool] = field(default_factory=list)

    def open(self, deadline: Deadline) -> None:
        return

    def close(self) -> None:
        return

    def status(self, deadline: Deadline) -> FeederStatus:
        return FeederStatus(
            DeviceState.ONLINE,
            PaperState.FULL,
            self.media,
            Position.NONE,
            RetractBinState.FULL,
            PresentedState.NOT_PRESENTED,
        )

    def sensors(self, deadline: Deadline) -> tuple[bool, ...]:
        return self.sensors_now

    def initialise(self, clear: bool, deadline: Deadline) -> FeederStatus:
        self.cleared.append(clear)
        self.sensors_now = (True, True, False, False, False, False, False, True)
        self.media = MediaState.NOT_PRESENT
        return self.status(deadline)


async def test_a_jam_is_followed_by_its_sensors_until_they_are_clear() -> None:
    feeder = Feeder()
    device: Device[Any] = Device("paper_feeder", "test", lambda: feeder)
    await device.open()
    try:
        seen = await jams.look(device)
        screen = jams.drawn("paper_feeder", seen)(pb.LANGUAGE_EN)
        assert isinstance(screen, tech.ClearJamScreen)
        assert not screen.clear
        assert [sensor.state for sensor in screen.sensors[:5]].index(tech.SENSOR_STATE_BLOCKED) == 2
        assert next(step.words for step in screen.steps if step.now).startswith("Touch Try")
        await jams._try(device)
        assert feeder.cleared == [True]
        screen = jams.drawn("paper_feeder", await jams.look(device))(pb.LANGUAGE_ID)
        assert isinstance(screen, tech.ClearJamScreen)
        assert screen.clear
        # What was drawn into a full bin has to come out of it.
        assert next(step.words for step in screen.steps if step.now).startswith("Kosongkan")
    finally:
        await device.close()


async def test_a_device_that_does_not_answer_is_never_clear() -> None:
    device: Device[Any] = Device("paper_feeder", "test", Feeder)
    seen = await asyncio.wait_for(jams.look(device), 10)
    assert not seen.clear


def report(began_at: str, **outcomes: str) -> dict[str, Any]:
    checks = [
        {"id": name.replace("__", "."), "outcome": outcome, "reason": "why", "device": name.split("__")[0]}
        for name, outcome in outcomes.items()
    ]
    return {"began_at": began_at, "checks": checks, "well": False, "level": "quick"}


def test_what_only_a_self_test_sees_closes_or_mars_the_machine_until_it_passes() -> None:
    tested = LastTest()
    tested.take(report("2026-01-02", face__known="fail", machine__disk="fail", camera__picture="fail"))
    assert [tested.hinders] == ["selftest:face.known:why"]
    assert list(tested.mars) == ["selftest:machine.disk:why"]
    tested.take(report("2026-01-01", face__known="pass"))
    assert tested.hinders, "an older report says nothing new"
    tested.take(report("2026-01-03", machine__disk="pass"))
    assert [tested.hinders, *tested.mars] == ["selftest:face.known:why"]
    tested.take(report("2026-01-04", face__known="pass"))
    assert [tested.hinders, *tested.mars] == [""]


@pytest.mark.parametrize("outcome", ["error", "timeout", "skipped"])
def test_a_check_that_broke_closes_nothing(outcome: str) -> None:
    tested = LastTest()
    tested.take(report("2026-01-02", face__known=outcome))
    assert tested.hinders == ""

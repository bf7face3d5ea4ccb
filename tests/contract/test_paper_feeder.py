"""The paper feeder's port, over USB/IP to the virtual feeder: each fault at each step of feed, print,
present, take.
"""

import asyncio
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable

import pytest

from drivers.catalog import create, settings_type
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DeviceFault, NotFound, OutcomeUnknown
from drivers.paper_feeder.port import FeederStatus, PaperFeeder, Position
from drivers.status import DeviceState, MediaState, PaperState, PresentedState, RetractBinState
from simulator.paper_feeder.device import FAULTS, VirtualPaperFeeder
from simulator.paper_feeder.feeder import PRODUCT_ID, VENDOR_ID
from tests.support.feeder_faults import EXPECTED, STEPS

SECTION_S = 0.005


class Bench:
    """A virtual feeder and the production driver before it."""

    def __init__(self, device: VirtualPaperFeeder, driver: PaperFeeder) -> None:
        self.device = device
        self.driver = driver

    async def status(self, seconds: float = 5) -> FeederStatus:
        return await to_thread(self.driver.status, Deadline.after(seconds))

    async def do(self, step: str, seconds: float = 10) -> None:
        """One of the port's moves, by name."""
        move: Callable[[Deadline], None] = getattr(self.driver, step)
        await to_thread(move, Deadline.after(seconds))

    async def ready_for(self, step: str) -> None:
        """Bring a sheet to where this step begins."""
        await to_thread(self.driver.initialise, True, Deadline.after(10))
        if step == "feed":
            return
        await self.do("feed")
        self.device.path.printed()
        if step != "present":
            await self.do("present")


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    device = VirtualPaperFeeder(section_s=SECTION_S)
    await device.start()
    settings = settings_type("paper_feeder", "crt").model_validate(
        {"vendor_id": VENDOR_ID, "product_id": PRODUCT_ID, "serial": device.serial, "backend": f"usbip:{device.usbip}"}
    )
    driver: PaperFeeder = create("paper_feeder", "crt", settings)
    await to_thread(driver.open, Deadline.after(5))
    try:
        yield Bench(device, driver)
    finally:
        await to_thread(driver.close)
        await device.stop()


async def test_a_sheet_goes_from_the_hopper_to_the_hand(bench: Bench) -> None:
    status = await to_thread(bench.driver.initialise, False, Deadline.after(5))
    assert status == FeederStatus(
        DeviceState.ONLINE,
        PaperState.FULL,
        MediaState.NOT_PRESENT,
        Position.NONE,
        RetractBinState.OK,
        PresentedState.NOT_PRESENTED,
    )
    await bench.do("feed")
    assert (await bench.status()).position is Position.ENTRY
    bench.device.path.printed()
    await bench.do("present")
    assert (await bench.status()).presented is PresentedState.PRESENTED
    taking = asyncio.create_task(to_thread(bench.driver.wait_taken, Deadline.after(20)))
    await bench.device.take()
    await taking
    counters = await to_thread(bench.driver.counters, Deadline.after(5))
    assert (counters.fed, counters.presented, counters.taken, counters.retracted) == (1, 1, 1, 0)


async def test_a_sheet_nobody_takes_is_held_shown_again_and_retracted(bench: Bench) -> None:
    await bench.ready_for("retain")
    with pytest.raises(DeadlineExceeded):
        await to_thread(bench.driver.wait_taken, Deadline.after(0.2))
    await bench.do("retain")
    assert (await bench.status()).position is Position.HELD
    await bench.do("present")
    await bench.do("retract")
    assert (await bench.status()).position is Position.NONE
    counters = await to_thread(bench.driver.counters, Deadline.after(5))
    assert (counters.taken, counters.retracted, counters.in_bin) == (0, 1, 1)
    await to_thread(bench.driver.bin_emptied, Deadline.after(5))
    assert (await to_thread(bench.driver.counters, Deadline.after(5))).in_bin == 0


async def test_sensors_follow_the_sheet(bench: Bench) -> None:
    await bench.ready_for("present")
    hopper, low, throat, entry, leaving, transport, gate, bin_ = await to_thread(
        bench.driver.sensors, Deadline.after(5)
    )
    assert (hopper, low, throat, entry, leaving, transport, gate, bin_) == (
        True,
        True,
        *[False] * 2,
        True,
        *[False] * 3,
    )


async def test_a_feeder_that_was_not_initialised_moves_nothing(bench: Bench) -> None:
    with pytest.raises(DeviceFault) as refused:
        await bench.do("feed")
    assert refused.value.code == "B0"
    assert bench.device.path.moves == 0


@pytest.mark.parametrize("step", ["present", "retain", "retract"])
async def test_a_move_without_a_sheet_is_refused(bench: Bench, step: str) -> None:
    await bench.ready_for("feed")
    with pytest.raises(DeviceFault) as refused:
        await bench.do(step)
    assert refused.value.code == "04"


def test_every_fault_has_its_expectation() -> None:
    assert set(EXPECTED) == set(FAULTS)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", sorted(EXPECTED))
async def test_each_fault_at_each_step_ends_in_one_defined_outcome(bench: Bench, fault: str, step: str) -> None:
    await bench.ready_for(step)
    before = bench.device.path.moves
    await bench.device.set_fault(fault)
    assert await outcome(bench, step) == EXPECTED[fault].get(step, "done")
    moved = bench.device.path.moves - before
    assert moved <= 1, "paper was moved twice"
    if EXPECTED[fault].get(step) in ("silent", "gone"):
        assert moved == 0
    # A person helps, and the path is clear again.
    await bench.device.set_fault(None)
    await bench.device.remove()
    assert (await to_thread(bench.driver.initialise, True, Deadline.after(10))).device is DeviceState.ONLINE


async def test_a_command_sent_again_while_it_runs_moves_paper_once(bench: Bench) -> None:
    await bench.ready_for("feed")
    bench.device.path._section_s = 0.3
    before = bench.device.path.moves
    await bench.device.set_fault("lost_ack")
    await bench.do("feed")
    assert bench.device.path.moves == before + 1


async def test_a_command_sent_again_after_it_ran_is_answered_as_before(bench: Bench) -> None:
    """Its acknowledgement and its first answer were lost; without its number it would be refused as impossible now."""
    await bench.ready_for("feed")
    before = bench.device.path.moves
    bench.device.feeder.lose_ack = bench.device.feeder.lose_answer = True
    await bench.do("feed")
    assert bench.device.path.moves == before + 1
    assert (await bench.status()).position is Position.ENTRY


async def outcome(bench: Bench, step: str) -> str:
    try:
        await bench.do(step)
    except NotFound:
        return "gone"
    except OutcomeUnknown:
        return "unknown"
    except DeviceFault as fault:
        return fault.code or "silent"
    return "done"


@pytest.mark.parametrize("fault", ["mute", "unplugged"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_feeder_that_falls_silent_in_a_move_leaves_the_outcome_unknown(
    bench: Bench, fault: str, step: str
) -> None:
    await bench.ready_for(step)
    bench.device.path._section_s = 0.3
    before = bench.device.path.moves
    moving = asyncio.create_task(outcome_within(bench, step, 2.0))
    async with asyncio.timeout(10):
        while bench.device.path.moves == before:  # noqa: ASYNC110 - paper moves without telling anybody
            await asyncio.sleep(0.001)
    await bench.device.set_fault(fault)
    assert await moving == "unknown"
    assert bench.device.path.moves == before + 1, "paper was moved twice"


async def outcome_within(bench: Bench, step: str, seconds: float) -> str:
    try:
        await bench.do(step, seconds)
    except OutcomeUnknown:
        return "unknown"
    return "done"


@pytest.mark.parametrize(("fault", "state"), [("mute", DeviceState.OFFLINE), ("unplugged", DeviceState.NO_DEVICE)])
async def test_a_feeder_that_does_not_answer_has_a_status_too(bench: Bench, fault: str, state: DeviceState) -> None:
    await bench.device.set_fault(fault)
    assert (await bench.status(0.5)).device is state
    await bench.device.set_fault(None)
    assert (await bench.status()).device is DeviceState.ONLINE


async def test_a_jam_is_told_until_the_sheet_is_out(bench: Bench) -> None:
    await bench.ready_for("present")
    await bench.device.set_fault("jam_s6")
    with pytest.raises(DeviceFault, match="S6") as jammed:
        await bench.do("present")
    assert jammed.value.words["media"] == MediaState.JAMMED
    status = await bench.status()
    assert (status.device, status.media) == (DeviceState.HARDWARE_ERROR, MediaState.JAMMED)
    with pytest.raises(DeviceFault):
        await to_thread(bench.driver.initialise, False, Deadline.after(5))
    await bench.device.remove()
    assert (await to_thread(bench.driver.initialise, False, Deadline.after(5))).media is MediaState.NOT_PRESENT


async def test_an_empty_hopper_and_a_full_bin_are_told(bench: Bench) -> None:
    bench.device.path.hopper = 5
    assert (await bench.status()).paper is PaperState.LOW
    bench.device.path.hopper = 0
    bench.device.path.fill_bin()
    status = await bench.status()
    assert (status.paper, status.retract_bin) == (PaperState.OUT, RetractBinState.FULL)

"""A key switch as an input device: a stream of events through a pipe, as the kernel writes it."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.transport.evdev import Event, EventSwitch, Kind, Seen, decode, encode
from kiosk.config import TechnicianSettings
from kiosk.technician.door import Door
from kiosk.technician.locks import Locks

PROG1 = 148
# KEY_PROG1 down at 1700000000.250000 s and its EV_SYN, as x86-64 Linux has them.
DOWN = bytes.fromhex("00f1536500000000 90d0030000000000 0100 9400 01000000".replace(" ", ""))
SYN = bytes.fromhex("00f1536500000000 90d0030000000000 0000 0000 00000000".replace(" ", ""))
ON, OFF = Event(Kind.KEY, PROG1, 1), Event(Kind.KEY, PROG1, 0)
EVENTS = st.builds(Event, kind=st.integers(0, 0x1F), code=st.integers(0, 0x2FF), value=st.integers(-(2**31), 2**31 - 1))


def test_events_are_read_as_the_kernel_writes_them() -> None:
    assert decode(DOWN + SYN) == (48, [ON, Event(0, 0, 0)])
    assert decode(DOWN[:23]) == (0, [])


@given(st.lists(EVENTS), st.binary(max_size=23))
def test_what_is_written_is_read_and_a_cut_event_is_waited_for(events: list[Event], rest: bytes) -> None:
    whole = b"".join(map(encode, events))
    assert decode(whole + rest) == (len(whole), events)


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """Where the switch reads, and where the test writes."""
    path = tmp_path / "event0"
    os.mkfifo(path)
    file = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    yield path, file
    os.close(file)


def test_a_turn_is_seen_also_when_the_key_has_sprung_back(pipe: tuple[Path, int]) -> None:
    path, file = pipe
    switch = EventSwitch(path, Kind.KEY, PROG1)
    assert switch.look() == Seen(False, False)
    os.write(file, DOWN[:10])
    assert switch.look() == Seen(False, False)
    os.write(file, DOWN[10:] + SYN)
    assert switch.look() == Seen(True, True)
    assert switch.look() == Seen(True, False)
    os.write(file, encode(Event(Kind.KEY, PROG1, 2)) + encode(OFF) + encode(ON) + encode(OFF))
    assert switch.look() == Seen(False, True)
    os.write(file, encode(Event(Kind.KEY, PROG1 + 1, 1)) + encode(Event(Kind.SWITCH, PROG1, 1)))
    assert switch.look() == Seen(False, False)
    switch.close()


def test_when_events_were_lost_the_switch_is_looked_at_anew(pipe: tuple[Path, int]) -> None:
    path, file = pipe
    switch = EventSwitch(path, Kind.KEY, PROG1)
    switch.look()
    os.write(file, DOWN + SYN)
    assert switch.look() == Seen(True, True)
    # EV_SYN, SYN_DROPPED; a pipe cannot say how the key stands, so it counts as off.
    os.write(file, encode(Event(0, 3, 0)))
    assert switch.look() == Seen(False, False)
    switch.close()


def test_a_switch_that_is_away_is_off_until_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "event0"
    switch = EventSwitch(path, Kind.SWITCH, 14)
    assert switch.look() == Seen(False, False)
    os.mkfifo(path)
    file = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    assert switch.look() == Seen(False, False)
    os.write(file, encode(Event(Kind.SWITCH, 14, 1)))
    assert switch.look() == Seen(True, True)
    switch.close()
    os.close(file)


async def test_turning_it_opens_the_door(pipe: tuple[Path, int], tmp_path: Path) -> None:
    path, file = pipe
    settings = TechnicianSettings(key_switch=path, key_switch_event=f"key:{PROG1}", key_switch_role="technician")
    door = Door(settings, None, Locks(tmp_path / "locks"))
    turned = asyncio.create_task(door.key_turned())
    # Read once before anything is written: the pipe is open.
    await asyncio.sleep(0)
    os.write(file, DOWN + SYN + encode(OFF))
    assert (await asyncio.wait_for(turned, 20)).staff == "key-switch"


@pytest.mark.parametrize("event", ["key", "key:", "touch:1", "key:1000", "switch:-1"])
def test_a_key_switch_is_a_key_or_a_switch_with_its_number(event: str) -> None:
    with pytest.raises(ValueError, match="key_switch_event"):
        TechnicianSettings(key_switch_event=event)

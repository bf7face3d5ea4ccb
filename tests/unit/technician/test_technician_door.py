"""Who is let in: the card says who, the PIN proves it, wrong ones lock; the key of the cabinet counts when it turns."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import TechnicianSettings
from kiosk.technician.door import Door
from kiosk.technician.locks import TRIES, Locks
from kiosk.technician.staff import Role, Staff, StaffError, pin_hash, uid_hash
from tests.unit.technician.staff import FILE, PINS, staff_of_samples, uid_of

SALT = "ab" * 16


def card(staff: str = "T-1", uid: bytes = b"1234", **more: str) -> dict[str, str]:
    base = {"staff": staff, "name": "Sari", "role": "technician"}
    return {**base, "uid": uid_hash(SALT, uid), "pin": pin_hash(SALT, staff, "123456"), **more}


@pytest.mark.parametrize("name", PINS)
def test_each_sample_card_is_known_and_its_pin_proves_it(name: str) -> None:
    staff = staff_of_samples()
    holder = staff.holder(uid_of(name))
    assert holder is not None
    assert staff.proves(holder, PINS[name])
    assert not any(staff.proves(holder, pin) for pin in ("000000", *(p for n, p in PINS.items() if n != name)))


def test_another_card_is_nobodys() -> None:
    assert staff_of_samples().holder(b"0000") is None


def test_the_file_holds_neither_uids_nor_pins() -> None:
    kept = "".join(line for line in FILE.read_text().splitlines(True) if not line.startswith("#"))
    assert not any(pin in kept or uid_of(name).hex() in kept for name, pin in PINS.items())


def test_the_same_pin_of_two_people_looks_different() -> None:
    assert pin_hash(SALT, "T-1", "123456") != pin_hash(SALT, "T-2", "123456")


@pytest.mark.parametrize(
    "content",
    [
        {"card": []},
        {"salt": SALT, "card": [card(), card()]},
        {"salt": SALT, "card": [card(), card(staff="T-2")]},
        {"salt": SALT, "card": [card(role="master")]},
        {"salt": SALT, "card": [card(pin="123456")]},
        {"salt": SALT, "cards": []},
    ],
)
def test_a_file_with_a_mistake_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(StaffError):
        Staff(content)


def test_five_wrong_pins_lock_longer_each_time_and_over_a_restart(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    path = tmp_path / "locks.json"
    locks = Locks(path, lambda: now)
    for left in range(TRIES, 0, -1):
        assert (locks.tries_left("T-1"), locks.locked_minutes("T-1")) == (left, 0)
        locks.wrong("T-1")
    assert locks.locked_minutes("T-1") == 15
    assert Locks(path, lambda: now).locked_minutes("T-1") == 15
    assert locks.locked_minutes("T-2") == 0
    now += timedelta(minutes=15)
    assert locks.locked_minutes("T-1") == 0
    for _ in range(TRIES):
        locks.wrong("T-1")
    assert locks.locked_minutes("T-1") == 30
    locks.right("T-1")
    assert (locks.tries_left("T-1"), locks.locked_minutes("T-1")) == (TRIES, 0)


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"T-1": 5}), "\x00"])
def test_a_damaged_file_of_locks_is_begun_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "locks.json"
    path.write_text(text)
    locks = Locks(path)
    locks.wrong("T-1")
    assert Locks(path).tries_left("T-1") == TRIES - 1


async def test_the_key_counts_when_it_turns_not_when_it_was_left_turned(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("1\n")
    door = Door(TechnicianSettings(key_switch=key, key_switch_role="auditor"), None, Locks(tmp_path / "locks"))
    turned = asyncio.create_task(door.key_turned())
    done, _ = await asyncio.wait({turned}, timeout=1.2)
    assert not done
    key.write_text("0\n")
    done, _ = await asyncio.wait({turned}, timeout=1.2)
    assert not done
    key.write_text("1\n")
    holder = await asyncio.wait_for(turned, 10)
    assert (holder.staff, holder.role) == ("key-switch", Role.AUDITOR)

"""What stands around the devices: clock, disks' health, power supply, door and tamper contacts, sound card, display."""

import contextlib
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from selftest import advice
from selftest.model import Check, Finding, Limits, Measurement, Subject, Words, failed, judged, passed, skipped

CLOCK: Final = "clock"
DISK: Final = "machine"
UPS: Final = "ups"
DOOR: Final = "door"
SOON_S: Final = 3.0
# A grant is valid for minutes, a certificate for days: half a minute is early enough to notice, and not noise.
OFFSET: Final = Limits(at_least=-30.0, at_most=30.0)
HOT: Final = Limits(at_most=65.0)
WORN: Final = Limits(at_most=90.0)
CHARGE: Final = Limits(at_least=50.0)
# A document that is being printed, and a shut-down, take two minutes.
RUNTIME: Final = Limits(at_least=180.0)
SMART_AGE_S: Final = 3 * 86400.0


def clock(offset_s: Callable[[], float | None]) -> Subject:
    """The machine's clock against the registry's.

    Args:
        offset_s: How far ours is ahead, seconds; None when the registry was not heard since the start.
    """

    def look() -> Finding:
        ahead = offset_s()
        if ahead is None:
            return skipped("the registry was not heard")
        return judged("clock", advice.CLOCK, Measurement("ahead", ahead, "s", OFFSET))

    return Subject((Check(f"{CLOCK}.offset", CLOCK, Words("Jam mesin", "Machine's clock"), look, SOON_S),))


def disks(folder: Path, now_s: Callable[[], float] = time.time) -> Subject:
    """Disks as `smartctl --json --all` told a timer of root's.

    Args:
        folder: One JSON file a disk.
    """
    title = Words("Kesehatan disk", "Disk health")
    return Subject((Check("machine.disk_health", DISK, title, lambda: _disks(folder, now_s()), SOON_S),))


def _disks(folder: Path, now_s: float) -> Finding:
    reports = sorted(folder.glob("*.json")) if folder.is_dir() else []
    reports = [one for one in reports if now_s - one.stat().st_mtime < SMART_AGE_S]
    if not reports:
        return skipped("the machine does not tell")
    told: list[Measurement] = []
    for path in reports:
        try:
            told += (report := _Smart.read(path)).measurements
        except (ValueError, AttributeError, TypeError, OSError):
            return failed(f"disk:{path.stem}:unreadable", advice.DISK_HEALTH)
        if not report.passed:
            return failed(f"disk:{path.stem}:failing", advice.DISK_HEALTH, *told)
    return judged("disk", advice.DISK_HEALTH, *told)


@dataclass(frozen=True, slots=True)
class _Smart:
    """One report of smartctl (JSON output since smartmontools 7.0)."""

    passed: bool
    measurements: tuple[Measurement, ...]

    @classmethod
    def read(cls, path: Path) -> "_Smart":
        """Read one. Raises ValueError, AttributeError, TypeError, OSError when it is none."""
        told: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        verdict = told.get("smart_status", {}).get("passed", True)
        measured = []
        heat = told.get("temperature", {}).get("current")
        if heat is not None:
            measured.append(Measurement(f"{path.stem}_temperature", float(heat), "°C", HOT))
        worn = told.get("nvme_smart_health_information_log", {}).get("percentage_used")
        if worn is not None:
            measured.append(Measurement(f"{path.stem}_worn", float(worn), "%", WORN))
        return cls(bool(verdict), tuple(measured))


def ups(host: str, port: int, name: str) -> Subject:
    """The power supply, asked of NUT's upsd (its network protocol, version 1.3: docs/net-protocol.txt)."""
    title = Words("Catu daya cadangan", "Power supply")
    return Subject((Check(f"{UPS}.power", UPS, title, lambda: _ups(host, port, name), 2 * SOON_S),))


def _ups(host: str, port: int, name: str) -> Finding:
    try:
        told = asked_upsd(host, port, name)
    except (OSError, ValueError) as error:
        return failed(f"ups:{type(error).__name__}", advice.UPS_LOST)
    measured = []
    for variable, short, unit, limits in (
        ("battery.charge", "charge", "%", CHARGE),
        ("battery.runtime", "runtime", "s", RUNTIME),
    ):
        with contextlib.suppress(KeyError, ValueError):
            measured.append(Measurement(short, float(told[variable]), unit, limits))
    words = told.get("ups.status", "").split()
    if "RB" in words:
        return failed("ups:replaceBattery", advice.UPS_BATTERY, *measured)
    if "OB" in words:
        return failed("ups:onBattery", advice.UPS_MAINS, *measured)
    if "OL" not in words:
        return failed("ups:unknown", advice.UPS_LOST, *measured)
    return judged("ups", advice.UPS_BATTERY, *measured)


def asked_upsd(host: str, port: int, name: str) -> dict[str, str]:
    """Every variable of one UPS.

    Raises:
        OSError: upsd does not answer.
        ValueError: It does not know this UPS, or lost its driver.
    """
    told: dict[str, str] = {}
    with socket.create_connection((host, port), SOON_S) as link, link.makefile("rw", encoding="ascii") as lines:
        lines.write(f"LIST VAR {name}\n")
        lines.flush()
        while line := lines.readline(1024):
            if line.startswith("ERR"):
                raise ValueError(line.strip())
            if line.startswith("END LIST"):
                return told
            parts = line.rstrip("\n").split(" ", 3)
            if len(parts) == 4 and parts[0] == "VAR":
                told[parts[2]] = parts[3].strip('"')
    raise ValueError("upsd hung up")


def contacts(files: Mapping[str, Path]) -> Subject:
    """Door and tamper contacts.

    Args:
        files: By name; each holds a 1 while its contact is open.
    """
    checks = tuple(
        Check(
            f"{DOOR}.{name}",
            DOOR,
            Words(f"Kontak {name} tertutup", f"Contact {name} closed"),
            lambda path=path, name=name: _contact(name, path),  # type: ignore[misc]
            SOON_S,
        )
        for name, path in files.items()
    )
    return Subject(checks)


def _contact(name: str, path: Path) -> Finding:
    try:
        word = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return failed(f"{name}:unreadable", advice.CONTACT_LOST)
    if word == "0":
        return passed()
    if word == "1":
        return failed(f"{name}:open", advice.TAMPER if "tamper" in name else advice.DOOR)
    return failed(f"{name}:unreadable", advice.CONTACT_LOST)

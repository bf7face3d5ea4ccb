"""The machine itself: journal, disk, memory, temperature."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from selftest import advice
from selftest.model import Check, Finding, Limits, Measurement, Subject, Words, failed, judged, passed, skipped

DEVICE: Final = "machine"
JOURNAL: Final = "journal"
# A long-lived machine's journal has some hundred thousand entries; they are read at 50 000 a second.
VERIFY_S: Final = 12.0
SOON_S: Final = 3.0
MEGABYTE: Final = 1 << 20
DISK: Final = Limits(at_least=512.0)
MEMORY: Final = Limits(at_least=150.0)
# Small fanless computers slow themselves down at 90 to 100 degrees.
HOT: Final = Limits(at_most=85.0)
MEMINFO: Final = Path("/proc/meminfo")
THERMAL: Final = Path("/sys/class/thermal")


def subjects(
    state_dir: Path,
    verify_journal: Callable[[], Sequence[str] | None],
    meminfo: Path = MEMINFO,
    thermal: Path = THERMAL,
) -> tuple[Subject, ...]:
    """Checks of the machine.

    Args:
        state_dir: On the disk that counts.
        verify_journal: Gives a line for each thing wrong, None when there is no journal yet.
        meminfo: proc_meminfo(5).
        thermal: Zones of the kernel's thermal framework.
    """
    journal = Check(
        f"{JOURNAL}.verify",
        JOURNAL,
        Words("Jurnal utuh", "Journal whole"),
        lambda: _journal(verify_journal),
        VERIFY_S,
    )
    disk = Check(f"{DEVICE}.disk", DEVICE, Words("Ruang disk", "Disk space"), lambda: _disk(state_dir), SOON_S)
    memory = Check(f"{DEVICE}.memory", DEVICE, Words("Memori", "Memory"), lambda: _memory(meminfo), SOON_S)
    heat = Check(f"{DEVICE}.temperature", DEVICE, Words("Suhu", "Temperature"), lambda: _heat(thermal), SOON_S)
    return Subject((journal,)), Subject((disk, memory, heat))


def _journal(verify: Callable[[], Sequence[str] | None]) -> Finding:
    wrong = verify()
    if wrong is None:
        return skipped("nothing was ever issued")
    count = Measurement("wrong", len(wrong), "", Limits(at_most=0))
    return judged("journal", advice.JOURNAL, count) if wrong else passed(count)


def _disk(folder: Path) -> Finding:
    try:
        free = shutil.disk_usage(folder).free / MEGABYTE
    except OSError as error:
        return failed(f"disk:{type(error).__name__}", advice.DISK)
    return judged("disk", advice.DISK, Measurement("free", free, "MB", DISK))


def _memory(meminfo: Path) -> Finding:
    for line in meminfo.read_text("ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return judged("memory", advice.MEMORY, Measurement("available", int(line.split()[1]) / 1024, "MB", MEMORY))
    return skipped("the kernel does not tell")


def _heat(thermal: Path) -> Finding:
    """The hottest zone."""
    told = []
    for zone in sorted(thermal.glob("thermal_zone*/temp")):
        try:
            told.append(int(zone.read_text("ascii")) / 1000)
        except (OSError, ValueError):
            continue  # zones of parts that sleep cannot be read
    if not told:
        return skipped("the machine does not tell")
    return judged("temperature", advice.HOT, Measurement("hottest", max(told), "°C", HOT))

"""Logs onto a USB stick, sealed for the Dinas: what `adm diagnose` gathers, and the machine's own log."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adm.panel.v1 import technician_pb2 as tech
from google.protobuf.json_format import MessageToDict

from kiosk import bundle, logs
from kiosk.technician.sealing import CannotSeal, public_key, seal

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

WRITE_S: Final = 60.0


async def export_logs(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """The task."""
    settings, config = session.kiosk.config.technician, session.kiosk.config
    assert settings.export_key_file is not None
    while True:
        await session.task(task, tech.TASK_STATE_ASK, "export_ask")
        stick = await asyncio.to_thread(find_stick, settings.usb_folder, config.simulation)
        if stick is None:
            await session.task(task, tech.TASK_STATE_FAILED, "no_stick")
            continue
        await session.deed("export_logs")
        await session.task(task, tech.TASK_STATE_WORKING, "working")
        status = dict(MessageToDict(session.kiosk.status(), always_print_fields_with_no_presence=True))
        try:
            recipient = public_key(settings.export_key_file)
            async with asyncio.timeout(WRITE_S):
                plain = await asyncio.to_thread(bundle.made, config, status, logs.recent())
                target = await asyncio.to_thread(write, stick, _name(config.machine_id), seal(plain, recipient))
        except (CannotSeal, OSError, TimeoutError) as error:
            logs.event("export_failed", error=error)
            await session.task(task, tech.TASK_STATE_FAILED, "failed", reason=type(error).__name__)
            continue
        facts = (("file", target.name), ("bytes", f"{target.stat().st_size}"))
        await session.task(task, tech.TASK_STATE_DONE, "exported", facts=facts)


def find_stick(folder: Path, simulated: bool) -> Path | None:
    """The newest stick that can be written.

    Args:
        folder: Where sticks are mounted.
        simulated: A plain folder stands for a stick.
    """
    try:
        places = [one for one in folder.iterdir() if one.is_dir() and (simulated or os.path.ismount(one))]
    except OSError:
        return None
    writable = [one for one in places if os.access(one, os.W_OK)]
    return max(writable, key=lambda one: one.stat().st_mtime, default=None)


def write(stick: Path, name: str, content: bytes) -> Path:
    """On the stick for good when this returns: pulled out then, it is there.

    Raises:
        OSError: It could not be written, or reads back otherwise.
    """
    target = stick / name
    with target.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(stick, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    if target.read_bytes() != content:
        raise OSError(f"{target}: reads back otherwise")
    return target


def _name(machine_id: str) -> str:
    return f"adm-{machine_id.replace('/', '-')}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.sealed"

"""Clean, a new receipt roll, another device in the place of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from adm.panel.v1 import technician_pb2 as tech

from drivers.card_printer.port import Identity
from drivers.deadline import Deadline
from drivers.errors import DriverError
from drivers.status import PaperState
from kiosk.technician.identities import Identities
from kiosk.technician.picking import pick_device

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

CLEAN_S: Final = 180.0
STATUS_S: Final = 4.0
_CLEANED: Final = ("card_printer", "kia_printer", "card_reader", "camera", "document_printer", "receipt_printer")
_CYCLE: Final = frozenset({"card_printer", "kia_printer"})


async def clean(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """A card printer runs its cleaning cycle; the others are wiped by hand."""
    devices = [one for one in session.kiosk.devices if one.name in _CLEANED]
    device = await pick_device(session, task, devices, lambda one: one.details.get("cleaning_due") == "True")
    key = "clean_card_printer" if device.name in _CYCLE else f"clean_{device.name}"
    key = key if key in ("clean_card_printer", "clean_camera", "clean_card_reader") else "clean_other"
    while True:
        by_hand = device.name not in _CYCLE
        state = tech.TASK_STATE_BY_HAND if by_hand else tech.TASK_STATE_ASK
        await session.task(task, state, key, device=device.name)
        await session.deed("clean", device=device.name)
        if by_hand:
            break
        await session.task(task, tech.TASK_STATE_WORKING, "working", device=device.name)
        try:
            await device.call(lambda port: port.clean(Deadline.after(CLEAN_S)), CLEAN_S)
            break
        except DriverError as error:
            reason = type(error).__name__
            await session.task(task, tech.TASK_STATE_FAILED, "failed", device=device.name, reason=reason)
    await session.task(task, tech.TASK_STATE_DONE, "cleaned", device=device.name)


async def load_roll(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """The receipt printer itself says whether it has paper."""
    printer = session.kiosk.receipt_printer
    await session.task(task, tech.TASK_STATE_BY_HAND, "roll_ask", device=printer.name)
    while True:
        status = await printer.call(lambda port: port.status(Deadline.after(STATUS_S)), STATUS_S)
        if status.paper is not PaperState.OUT:
            break
        await session.task(task, tech.TASK_STATE_FAILED, "roll_missing", device=printer.name)
    await session.deed("load_roll", device=printer.name)
    await session.kiosk.look()
    await session.task(task, tech.TASK_STATE_DONE, "roll_loaded", device=printer.name)


async def replace_device(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """Show the old and the new serial number, and accept the new one deliberately."""
    kept = Identities(session.kiosk.config.state_dir)
    # The encoder is a part of its printer.
    devices = [one for one in session.kiosk.devices if one.name != "card_encoder"]
    device = await pick_device(session, task, devices)
    while True:
        told = await device.call(_told, STATUS_S)
        before, now = kept.serial(device.name), told.get("serial", "")
        facts = (
            ("old_serial", before or "-"),
            ("new_serial", now or "-"),
            *((name, told[name]) for name in ("model", "firmware") if name in told),
        )
        if now:
            break
        await session.task(task, tech.TASK_STATE_FAILED, "serial_unknown", device=device.name, facts=facts)
    if before == now:
        await session.task(task, tech.TASK_STATE_DONE, "replace_same", device=device.name, facts=facts)
    await session.task(task, tech.TASK_STATE_ASK, "replace_ask", device=device.name, facts=facts)
    await session.deed("replace_device", device=device.name, old=before, new=now)
    kept.accept(device.name, now)
    await session.task(task, tech.TASK_STATE_DONE, "replaced", device=device.name, facts=facts)


def _told(port: Any) -> Mapping[str, str]:
    """Model, serial number and firmware, as far as the device tells them."""
    deadline = Deadline.after(STATUS_S)
    if hasattr(port, "identify"):
        said: Identity = port.identify(deadline)
        return {"model": said.model, "serial": said.serial, "firmware": said.firmware}
    facts: Mapping[str, str] = port.facts(deadline)
    return facts

"""How somebody comes in: a service card and its PIN, or the key of the cabinet. Never a touch alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from drivers.card_reader.port import CardReader
from drivers.deadline import Deadline
from drivers.errors import DriverError
from drivers.transport.evdev import EventSwitch, Kind, Seen
from kiosk import logs
from kiosk.config import TechnicianSettings
from kiosk.devices import Device
from kiosk.issuance.errors import JournalError
from kiosk.technician.locks import Locks
from kiosk.technician.notebook import note
from kiosk.technician.staff import PIN_MAX, PIN_MIN, Holder, Role, Staff

if TYPE_CHECKING:
    from kiosk.kiosk import Kiosk

UID_S: Final = 2.0
KEY_POLL_S: Final = 0.5
KEY: Final = "key-switch"


class Door:
    """Recognises who comes.

    Attributes:
        staff: None: no service cards are known here.
        comer: Who has just been recognised.
    """

    def __init__(self, settings: TechnicianSettings, staff: Staff | None, locks: Locks) -> None:
        self.staff = staff
        self.locks = locks
        self.comer: Holder | None = None
        self._key_file, self._key_event = settings.key_switch, _switch(settings)
        self._key_holder = Holder(KEY, "", Role(settings.key_switch_role))
        # A key that was left turned, as over a restart, opens nothing until it has been turned back.
        self._key_was_on = True

    async def holder_of_card(self, reader: Device[CardReader]) -> Holder | None:
        """Whose service card lies there; None for every other card."""
        staff = self.staff
        if staff is None:
            return None
        try:
            uid = await reader.call(lambda port: port.uid(Deadline.after(UID_S)), UID_S)
        except DriverError:
            return None
        return await asyncio.to_thread(staff.holder, uid)

    async def key_turned(self) -> Holder:
        """Return when the key of the cabinet is turned on."""
        while True:
            seen = await asyncio.to_thread(self._key)
            came, self._key_was_on = seen.turned_on or (seen.on and not self._key_was_on), seen.on
            if came:
                return self._key_holder
            await asyncio.sleep(KEY_POLL_S)

    def _key(self) -> Seen:
        if self._key_event is not None:
            return self._key_event.look()
        if self._key_file is None:
            return Seen(False, False)
        try:
            return Seen(self._key_file.read_text("ascii").strip() == "1", False)
        except (OSError, UnicodeDecodeError):
            return Seen(False, False)


def _switch(settings: TechnicianSettings) -> EventSwitch | None:
    if settings.key_switch is None or settings.key_switch_event is None:
        return None
    kind, _, code = settings.key_switch_event.partition(":")
    return EventSwitch(settings.key_switch, Kind[kind.upper()], int(code))


async def admitted(
    kiosk: Kiosk,
    door: Door,
    holder: Holder,
    purpose: tech.TechnicianPinPurpose.ValueType = tech.TECHNICIAN_PIN_PURPOSE_ENTER,
) -> bool:
    """Ask for the holder's PIN; False when they go away or the card is locked. The key of the cabinet has no PIN.

    Raises:
        Abandoned: Nobody answers.
        OSError: A wrong PIN cannot be counted.
    """
    if holder.staff == KEY:
        return True
    assert door.staff is not None
    screen = tech.TechnicianPinScreen(
        purpose=purpose,
        holder=holder.name,
        min_length=PIN_MIN,
        max_length=PIN_MAX,
    )
    while True:
        screen.attempts_left = door.locks.tries_left(holder.staff)
        screen.locked_minutes = door.locks.locked_minutes(holder.staff)
        acts = () if screen.locked_minutes else ("enter_service_pin",)
        shown = tech.TechnicianPinScreen()
        shown.CopyFrom(screen)
        waits = kiosk.config
        answer = await kiosk.panel.ask(
            shown, *acts, "cancel", idle_s=waits.session.idle_s, still_there_s=waits.session.still_there_s
        )
        if answer.WhichOneof("act") == "cancel":
            return False
        if await asyncio.to_thread(door.staff.proves, holder, _pin(answer)):
            door.locks.right(holder.staff)
            return True
        door.locks.wrong(holder.staff)
        try:
            await kiosk.ledger.record_technician(holder.staff, holder.role.value, "pin_wrong", {})
        except JournalError:
            await note(kiosk, holder, "pin_wrong", {})
        logs.event("technician", reason="pin_wrong")
        screen.wrong = True


def _pin(answer: pb.ActRequest) -> str:
    return answer.enter_service_pin.pin

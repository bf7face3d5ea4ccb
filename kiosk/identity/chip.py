"""The e-KTP as evidence: wait for it, read it, and help whoever placed it badly."""

import asyncio
from typing import Final

from adm.panel.v1 import panel_pb2 as pb

from drivers.card_reader.port import (
    Assurance,
    CardNotAuthentic,
    CardReader,
    CardRemoved,
    CardUnreadable,
    ChipReading,
    NotAnEktp,
    SamFault,
)
from drivers.deadline import Deadline
from drivers.errors import DriverError
from kiosk import logs
from kiosk.devices import Device
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import Trouble

SLICE_S: Final = 1.0
READ_S: Final = 20.0
TRIES: Final = 4

_HINTS: Final = {
    CardRemoved: pb.CARD_HINT_REMOVED,
    CardUnreadable: pb.CARD_HINT_UNREADABLE,
    NotAnEktp: pb.CARD_HINT_NOT_EKTP,
}


async def read_card(session: ResidentSession) -> ChipReading:
    """A reading whose data the SAM verified.

    Raises:
        Chose: The resident has a QR code instead.
        Trouble: The card cannot be read or verified here.
        Abandoned: The resident left.
    """
    hint = pb.CARD_HINT_UNSPECIFIED
    for _ in range(TRIES):
        await session.during(pb.PlaceCardScreen(hint=hint), _placed(session.kiosk.card_reader, bool(hint)), "use_qr")
        try:
            reading = await session.during(pb.ReadingScreen(), _read(session), idle=False)
        except (CardRemoved, CardUnreadable, NotAnEktp) as error:
            hint = _HINTS[type(error)]
            logs.event("card_again", reason=type(error).__name__)
            continue
        except (CardNotAuthentic, SamFault) as error:
            raise Trouble(pb.TROUBLE_KIND_CARD_UNVERIFIED) from error
        except DriverError as error:
            raise Trouble(pb.TROUBLE_KIND_MACHINE) from error
        if reading.assurance is not Assurance.SAM_VERIFIED or reading.biodata is None:
            logs.event("card_unverified", reason=reading.reason)
            raise Trouble(pb.TROUBLE_KIND_CARD_UNVERIFIED)
        return reading
    raise Trouble(pb.TROUBLE_KIND_CARD_UNREADABLE)


async def card_present(reader: Device[CardReader]) -> bool:
    """Whether a card lies on the reader now."""
    try:
        return await reader.call(lambda port: port.wait_for_card(Deadline.after(0)), SLICE_S)
    except DriverError:
        return False


async def wait_until_placed(reader: Device[CardReader]) -> None:
    """Return when a card lies on the reader; a reader that is away is waited for."""
    while not await _ask(reader, present=True):
        pass


async def wait_until_removed(reader: Device[CardReader]) -> None:
    """Return when no card lies on the reader."""
    while not await _ask(reader, present=False):
        pass


async def _placed(reader: Device[CardReader], again: bool) -> None:
    if again:
        await wait_until_removed(reader)
    await wait_until_placed(reader)


async def _ask(reader: Device[CardReader], present: bool) -> bool:
    def wait(port: CardReader) -> bool:
        deadline = Deadline.after(SLICE_S)
        return port.wait_for_card(deadline) if present else port.wait_for_removal(deadline)

    try:
        return await reader.call(wait, SLICE_S)
    except DriverError:
        await asyncio.sleep(SLICE_S)  # no event comes from a reader that is away
        return False


async def _read(session: ResidentSession) -> ChipReading:
    loop = asyncio.get_running_loop()

    def progress(done: float) -> None:
        asyncio.run_coroutine_threadsafe(session.panel.show(pb.ReadingScreen(progress=done)), loop)

    return await session.kiosk.card_reader.call(lambda port: port.read(Deadline.after(READ_S), progress), READ_S)

"""Between residents: invite while the machine works, say why while it does not, begin when somebody comes."""

import asyncio
from typing import Final

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb

from kiosk import logs
from kiosk.fleet.health import A4_KINDS
from kiosk.identity.chip import wait_until_placed, wait_until_removed
from kiosk.issuance.journal import JournalError
from kiosk.issuance.recovery import recover
from kiosk.kiosk import Kiosk
from kiosk.session.panel import Screen
from kiosk.session.resident import resident_journey

RETRY_RECOVERY_S: Final = 5.0
TECHNICIAN: Final = "technician"


async def serve(kiosk: Kiosk) -> None:
    """Serve one resident after the other until cancelled."""
    while True:
        if not await _settled(kiosk):
            continue
        begin = await _somebody_comes(kiosk)
        if begin == TECHNICIAN:
            await _lend_devices(kiosk)
        else:
            await resident_journey(kiosk, begin)


async def _settled(kiosk: Kiosk) -> bool:
    """End what an earlier journey left open before anybody else is served."""
    try:
        await recover(kiosk.ledger, kiosk.issuer)
    except JournalError as error:
        logs.event("recovery_failed", error=error)
        await kiosk.panel.show(pb.OutOfServiceScreen(reason=pb.OUT_OF_SERVICE_REASON_JOURNAL))
        await asyncio.sleep(RETRY_RECOVERY_S)
        return False
    await kiosk.look_at_journal()
    return True


async def _somebody_comes(kiosk: Kiosk) -> str:
    """How they begin."""
    while True:
        kiosk.changed.clear()
        ready = kiosk.services.verdict.availability != fleet.AVAILABILITY_UNAVAILABLE
        await kiosk.panel.show(_screen(kiosk))
        waits = [asyncio.create_task(_changed(kiosk)), asyncio.create_task(_technician_comes(kiosk))]
        if ready:
            waits += [asyncio.create_task(_touched(kiosk)), asyncio.create_task(_card_placed(kiosk))]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for begin in filter(None, (task.result() for task in done)):
                return begin
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


async def _lend_devices(kiosk: Kiosk) -> None:
    """Let go of every device until the technician gives them back."""
    await kiosk.panel.show(pb.OutOfServiceScreen(reason=pb.OUT_OF_SERVICE_REASON_MAINTENANCE))
    await asyncio.gather(*(device.close() for device in kiosk.devices))
    try:
        await kiosk.maintenance.give()
    finally:
        await asyncio.gather(*(device.open() for device in kiosk.devices))
    await kiosk.look()


async def _technician_comes(kiosk: Kiosk) -> str:
    await kiosk.maintenance.wanted.wait()
    return TECHNICIAN


async def _changed(kiosk: Kiosk) -> str:
    await kiosk.changed.wait()
    return ""


async def _touched(kiosk: Kiosk) -> str:
    act = await kiosk.panel.wait_act("start", "use_qr", "check_document")
    return act.WhichOneof("act") or ""


async def _card_placed(kiosk: Kiosk) -> str:
    """A card that the last resident left lying begins nothing."""
    await wait_until_removed(kiosk.card_reader)
    await wait_until_placed(kiosk.card_reader)
    return "start"


def _screen(kiosk: Kiosk) -> Screen:
    verdict = kiosk.services.verdict
    if verdict.availability == fleet.AVAILABILITY_UNAVAILABLE:
        return pb.OutOfServiceScreen(reason=verdict.screen, detail=verdict.reason)
    offers = [pb.ServiceOffer(kind=kind, availability=verdict.availability) for kind in A4_KINDS]
    return pb.AttractScreen(site_name=kiosk.config.site_name, services=offers)

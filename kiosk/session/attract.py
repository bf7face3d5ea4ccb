"""Between residents: invite while the machine works, say why while it does not, begin when somebody comes."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb

from kiosk import logs
from kiosk.fleet.capabilities import BY_CARD, BY_QR, VERIFY
from kiosk.identity.chip import card_present, wait_until_placed, wait_until_removed
from kiosk.issuance.journal import JournalError
from kiosk.issuance.recovery import recover
from kiosk.kiosk import Kiosk
from kiosk.session.panel import Screen
from kiosk.session.resident import resident_journey
from kiosk.technician.mode import technician_mode
from kiosk.technician.unattended import unattended

RETRY_RECOVERY_S: Final = 5.0
TECHNICIAN: Final = "technician"
STAFF: Final = "staff"
SELF_TEST: Final = "self_test"
_TO_PRINT: Final = {"start": BY_CARD, "use_qr": BY_QR}
"""Ways in, each offered only while it works and there is anything to print."""


async def serve(kiosk: Kiosk) -> None:
    """Serve one resident after the other until cancelled."""
    while True:
        begin = await (_somebody_comes(kiosk) if await _settled(kiosk) else _somebody_mends(kiosk))
        if begin == TECHNICIAN:
            await _lend_devices(kiosk)
        elif begin == STAFF:
            await technician_mode(kiosk, kiosk.door)
        elif begin == SELF_TEST:
            await unattended(kiosk)
        elif begin:
            await resident_journey(kiosk, begin)


async def _settled(kiosk: Kiosk) -> bool:
    """End what an earlier journey left open before anybody else is served."""
    try:
        await recover(kiosk.ledger, kiosk.issuer, kiosk.cards_by_name, kiosk.answered)
    except JournalError as error:
        logs.event("recovery_failed", error=error)
        return False
    await kiosk.look_at_journal()
    return True


async def _somebody_mends(kiosk: Kiosk) -> str:
    """Nobody can be served: let those in who mend the machine, and try again meanwhile. Empty: it works again."""
    await kiosk.panel.show(pb.OutOfServiceScreen(reason=pb.OUT_OF_SERVICE_REASON_JOURNAL, detail="journal"))
    card = asyncio.create_task(_card_placed(kiosk, await card_present(kiosk.card_reader), frozenset))
    begin = ""
    try:
        while not begin:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_RECOVERY_S):
                    begin = await _first(kiosk, card, frozenset())
            if not begin and await _settled(kiosk):
                break
    finally:
        await _ended(card)
    return begin


async def _somebody_comes(kiosk: Kiosk) -> str:
    """How they begin."""
    card: asyncio.Task[str] | None = None
    try:
        while True:
            kiosk.changed.clear()
            offered = _offered(kiosk)
            if card is None:
                # Before anybody is invited: a card that comes while the invitation is drawn has come.
                lies = await card_present(kiosk.card_reader)
                card = asyncio.create_task(_card_placed(kiosk, lies, lambda: _offered(kiosk)))
            await kiosk.panel.show(_screen(kiosk, offered))
            if begin := await _first(kiosk, card, offered):
                return begin
    finally:
        await _ended(card)


async def _first(kiosk: Kiosk, card: asyncio.Task[str], offered: frozenset[str]) -> str:
    """What comes first: somebody, or (empty) news about the services. `card` goes on waiting in that case."""
    comes = [_changed(kiosk), _technician_comes(kiosk), _key_turned(kiosk), _self_test_wanted(kiosk)]
    waits = [asyncio.create_task(one) for one in comes]
    if offered:
        waits.append(asyncio.create_task(_touched(kiosk, offered)))
    try:
        done, _ = await asyncio.wait({*waits, card}, return_when=asyncio.FIRST_COMPLETED)
        return next(filter(None, (task.result() for task in done)), "")
    finally:
        for task in waits:
            await _ended(task)


async def _ended(task: asyncio.Task[str] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _lend_devices(kiosk: Kiosk) -> None:
    """Let go of every device until the technician gives them back."""
    await kiosk.panel.show(pb.OutOfServiceScreen(reason=pb.OUT_OF_SERVICE_REASON_MAINTENANCE))
    await asyncio.gather(*(device.close() for device in kiosk.devices))
    try:
        await kiosk.maintenance.give()
    finally:
        await asyncio.gather(*(device.open() for device in kiosk.devices))
    # What a command's self-test has found counts from now on.
    await asyncio.to_thread(kiosk.read_last_test)
    await kiosk.look()


async def _technician_comes(kiosk: Kiosk) -> str:
    await kiosk.maintenance.wanted.wait()
    return TECHNICIAN


async def _changed(kiosk: Kiosk) -> str:
    await kiosk.changed.wait()
    return ""


async def _touched(kiosk: Kiosk, offered: frozenset[str]) -> str:
    act = await kiosk.panel.wait_act(*offered)
    return act.WhichOneof("act") or ""


async def _key_turned(kiosk: Kiosk) -> str:
    kiosk.door.comer = await kiosk.door.key_turned()
    return STAFF


async def _self_test_wanted(kiosk: Kiosk) -> str:
    await kiosk.self_test_wanted.wait()
    return SELF_TEST


async def _card_placed(kiosk: Kiosk, lies: bool, offered: Callable[[], frozenset[str]]) -> str:
    """A service card, always; another one while that is offered.

    A card that lies there already, as the last resident left it, begins nothing.
    """
    while True:
        if lies:
            await wait_until_removed(kiosk.card_reader)
        await wait_until_placed(kiosk.card_reader)
        serves = "start" in offered()
        kiosk.door.comer = await kiosk.door.holder_of_card(kiosk.card_reader)
        if kiosk.door.comer is not None:
            return STAFF
        if serves:
            return "start"
        lies = True


def _offered(kiosk: Kiosk) -> frozenset[str]:
    """What may be begun now; looked at anew whenever something changes."""
    works = {line.name for line in kiosk.capabilities.report() if line.availability != fleet.AVAILABILITY_UNAVAILABLE}
    prints = kiosk.services.verdict.availability != fleet.AVAILABILITY_UNAVAILABLE
    to_print = {act for act, name in _TO_PRINT.items() if prints and name in works}
    return frozenset(to_print | ({"check_document"} if VERIFY in works else set()))


def _screen(kiosk: Kiosk, offered: frozenset[str]) -> Screen:
    if offered.isdisjoint(_TO_PRINT):
        return _closed(kiosk, "check_document" in offered)
    return pb.AttractScreen(
        site_name=kiosk.config.site_name,
        services=[_offer(kiosk, line) for line in kiosk.services.report()],
        check_document=_availability("check_document" in offered),
        use_qr=_availability("use_qr" in offered),
        use_card=_availability("start" in offered),
    )


def _closed(kiosk: Kiosk, check_document: bool) -> pb.OutOfServiceScreen:
    verdict = kiosk.services.verdict
    return pb.OutOfServiceScreen(
        reason=verdict.screen, detail=verdict.reason, check_document=check_document, opens_at=verdict.opens
    )


def _offer(kiosk: Kiosk, line: fleet.ServiceHealth) -> pb.ServiceOffer:
    opens_at = kiosk.services.of(line.kind).opens
    return pb.ServiceOffer(kind=line.kind, availability=line.availability, opens_at=opens_at)


def _availability(works: bool) -> fleet.Availability.ValueType:
    return fleet.AVAILABILITY_AVAILABLE if works else fleet.AVAILABILITY_UNAVAILABLE

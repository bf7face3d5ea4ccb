"""Delivers what the registry must hear, in order per issuance, until it is acknowledged, however long that takes."""

import asyncio
import random
from typing import Final

from adm.registry.v1 import registry_pb2 as pb

from kiosk import logs
from kiosk.issuance.ledger import Ledger
from kiosk.registry.client import Refused, Registry, RegistryError

# Answers that time does not change: the registry's books say something else, and a person has to compare.
FINAL: Final = frozenset({pb.ERROR_REASON_GRANT_ENDED, pb.ERROR_REASON_KEY_REUSED, pb.ERROR_REASON_INVALID_REQUEST})
RETRY_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


async def deliver(ledger: Ledger, registry: Registry) -> None:
    """Run until cancelled."""
    failures = 0
    while True:
        await ledger.waiting.wait()
        ledger.waiting.clear()
        if await deliver_once(ledger, registry):
            failures = 0
            continue
        pause = RETRY_S[min(failures, len(RETRY_S) - 1)]
        failures += 1
        ledger.waiting.set()
        await asyncio.sleep(pause * random.uniform(0.7, 1.3))


async def deliver_once(ledger: Ledger, registry: Registry) -> bool:
    """Try every message once; a failure holds back only later messages of the same issuance, or of the books.

    What the registry's books lack may be told by a later message about them: that refusal holds nothing back.

    Returns:
        Whether nothing is left to send.
    """
    held: set[str] = set()
    early = 0
    for message in await ledger.outbox():
        if message.key in held:
            continue
        try:
            await registry.tell(message)
        except Refused as error:
            if error.reason in FINAL:
                await ledger.refused(message.seq, str(error))
                logs.event("outbox_refused", issuance=message.key, method=message.method, reason=str(error))
            else:
                if error.reason == pb.ERROR_REASON_OUT_OF_STOCK:
                    early += 1
                else:
                    held.add(message.key)
                logs.event("outbox_waits", issuance=message.key, method=message.method, reason=str(error))
        except RegistryError as error:
            held.add(message.key)
            logs.event("outbox_waits", issuance=message.key, method=message.method, reason=type(error).__name__)
        else:
            await ledger.acknowledged(message.seq)
            logs.event("outbox_delivered", issuance=message.key, method=message.method)
    return not held and not early

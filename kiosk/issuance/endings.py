"""The ends that need no hand-over, each journaled with what the registry must hear of it."""

from __future__ import annotations

from adm.registry.v1 import registry_pb2 as pb

from kiosk import logs
from kiosk.issuance import messages
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.outcome import End, IssueFailed, word
from kiosk.issuance.states import Event


class Endings:
    """Writes them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def cancel(self, key: str, grant_id: str, why: Exception | str) -> None:
        """Proven: nothing was printed, and nothing used up."""
        tell = messages.void(grant_id, pb.VOID_REASON_NOT_PRINTED)
        await self._ledger.append(key, Event.CANCEL, {"reason": word(why)}, tell)
        logs.event("not_printed", issuance=key, reason=word(why))

    async def spoil(self, key: str, claims: pb.GrantClaims, why: Exception | str, sheets: int, where: str = "") -> None:
        """So many sheets are used up, and stay in the machine.

        Args:
            where: Where the feeder says they are; empty where there is none.
        """
        detail = {"reason": word(why), "sheets": sheets} | ({"where": where} if where else {})
        tell = messages.void(claims.grant_id, pb.VOID_REASON_SPOILED, sheets)
        await self._ledger.append(key, Event.SPOIL, detail, tell)
        logs.event("spoiled", issuance=key, reason=word(why))

    async def unknown(
        self, key: str, claims: pb.GrantClaims, evidence: pb.Evidence.ValueType, why: Exception | str
    ) -> IssueFailed:
        """The machine cannot tell; gives what to raise."""
        tell = messages.complete(claims.grant_id, pb.OUTCOME_UNKNOWN, evidence)
        await self._ledger.append(key, Event.LOSE, {"reason": word(why)}, tell)
        logs.event("outcome_unknown", issuance=key, reason=word(why))
        return IssueFailed(End.UNKNOWN, claims.receipt_number)

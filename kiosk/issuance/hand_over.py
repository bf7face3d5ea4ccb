"""The hand-over of an A4 document with sensors: presented, taken or drawn back in, each journaled with its evidence."""

from __future__ import annotations

from typing import Final

from adm.registry.v1 import registry_pb2 as pb

from kiosk import logs
from kiosk.issuance import messages
from kiosk.issuance.journal import Issuance
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.outcome import End, IssueFailed, Printed
from kiosk.issuance.paper import PaperPath, PathFailed, Where
from kiosk.issuance.states import Event, State

_ENDS: Final = {Where.BIN: End.RETRACTED, Where.HELD: End.RETAINED, Where.INSIDE: End.RETAINED}


class PaperHandOver:
    """From the printer's exit to the hand, or back."""

    def __init__(self, ledger: Ledger, path: PaperPath) -> None:
        self._ledger = ledger
        self._path = path

    async def present(self, key: str, claims: pb.GrantClaims) -> bool:
        """Bring the printed document to the gate.

        Returns:
            Whether somebody took it already.

        Raises:
            IssueFailed: It did not get there.
        """
        where = await self._path.present()
        match where:
            case Where.GATE:
                await self._ledger.append(key, Event.PRESENT, {"evidence": "presented"})
                return False
            case Where.HAND:
                # Pulled out while it moved: it was in reach, and it is gone.
                await self._ledger.append(key, Event.PRESENT, {"evidence": "presented", "reason": "pulled"})
                await self._taken(key, claims.grant_id)
                return True
            case Where.UNKNOWN:
                await self._lost(key, claims.grant_id, pb.EVIDENCE_ACKNOWLEDGED)
                raise IssueFailed(End.UNKNOWN, claims.receipt_number)
            case Where.HELD:
                await self._retained(key, claims.grant_id, claims.page_count, where, "acknowledged", "not_presented")
                raise IssueFailed(End.RETAINED, claims.receipt_number)
            case _:
                detail = {"reason": "not_presented", "where": where.value, "sheets": claims.page_count}
                tell = messages.void(claims.grant_id, pb.VOID_REASON_SPOILED, claims.page_count)
                await self._ledger.append(key, Event.SPOIL, detail, tell)
                logs.event("issued", issuance=key, outcome="spoiled", reason=where.value)
                raise IssueFailed(End.SPOILED, claims.receipt_number)

    async def wait_taken(self, printed: Printed, seconds: float) -> bool:
        """Whether it is taken within `seconds`, seen by the sensor.

        Raises:
            IssueFailed: The feeder cannot tell any more.
        """
        try:
            taken = await self._path.taken(seconds)
        except PathFailed as failed:
            await self._lost(printed.key, printed.grant_id, pb.EVIDENCE_PRESENTED, failed.why)
            raise IssueFailed(End.UNKNOWN, printed.receipt_number) from failed
        if taken:
            await self._taken(printed.key, printed.grant_id)
        return taken

    async def draw_back(self, printed: Printed) -> None:
        """Nobody took it: back into the machine. Returns when a hand was faster.

        Raises:
            IssueFailed: It is in the machine, or nobody can tell where.
        """
        where = await self._path.take_back()
        await self._ended(State.PRESENTED, where, printed.key, printed.grant_id, printed.page_count)
        if where is not Where.HAND:
            raise IssueFailed(_ENDS.get(where, End.UNKNOWN), printed.receipt_number)

    async def end_left_open(self, issuance: Issuance) -> None:
        """After a restart: whose document it is stands there no more; what is still in the path is drawn back.

        Args:
            issuance: Printed or presented.
        """
        detail = issuance.detail
        where = await self._path.abandon()
        await self._ended(issuance.state, where, issuance.key, detail["grant_id"], detail["page_count"])

    async def _ended(self, state: State, where: Where, key: str, grant_id: str, page_count: int) -> None:
        evidence = "presented" if state is State.PRESENTED else "acknowledged"
        match where:
            case Where.HAND:
                if state is State.PRINTED:
                    await self._ledger.append(key, Event.PRESENT, {"evidence": "presented"})
                await self._taken(key, grant_id)
            case Where.BIN:
                detail = {"evidence": evidence, "reason": "not_taken", "where": where.value}
                tell = messages.void(grant_id, pb.VOID_REASON_RETRACTED, page_count)
                await self._ledger.append(key, Event.RETRACT, detail, tell)
                logs.event("issued", issuance=key, outcome="retracted", reason=where.value)
            case Where.HELD | Where.INSIDE:
                await self._retained(key, grant_id, page_count, where, evidence, "not_taken")
            case _:
                presented = state is State.PRESENTED
                await self._lost(key, grant_id, pb.EVIDENCE_PRESENTED if presented else pb.EVIDENCE_ACKNOWLEDGED)

    async def _retained(
        self, key: str, grant_id: str, page_count: int, where: Where, evidence: str, reason: str
    ) -> None:
        detail = {"evidence": evidence, "reason": reason, "where": where.value}
        await self._ledger.append(
            key, Event.RETAIN, detail, messages.void(grant_id, pb.VOID_REASON_RETAINED, page_count)
        )
        logs.event("issued", issuance=key, outcome="retained", reason=where.value)

    async def _taken(self, key: str, grant_id: str) -> None:
        tell = messages.complete(grant_id, pb.OUTCOME_TAKEN, pb.EVIDENCE_TAKEN)
        await self._ledger.append(key, Event.TAKE, {"evidence": "taken", "by": "sensor"}, tell)
        logs.event("issued", issuance=key, outcome="taken", evidence="taken")

    async def _lost(
        self, key: str, grant_id: str, evidence: pb.Evidence.ValueType, reason: str = "feeder_cannot_tell"
    ) -> None:
        tell = messages.complete(grant_id, pb.OUTCOME_UNKNOWN, evidence)
        await self._ledger.append(key, Event.LOSE, {"reason": reason}, tell)
        logs.event("outcome_unknown", issuance=key, reason=reason)

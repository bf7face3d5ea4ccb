"""A printed card and the ends of its issuance, each journaled with what the registry must hear of it and of blanks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adm.registry.v1 import registry_pb2 as pb

from kiosk import logs
from kiosk.issuance import messages
from kiosk.issuance.card_outcome import Card
from kiosk.issuance.journal import Issuance
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import Event

_EVIDENCE = {
    "": pb.EVIDENCE_SENT,
    "sent": pb.EVIDENCE_SENT,
    "acknowledged": pb.EVIDENCE_ACKNOWLEDGED,
    "presented": pb.EVIDENCE_PRESENTED,
    "taken": pb.EVIDENCE_TAKEN,
}


class CardEndings:
    """Writes them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def printed(self, card: Card, acknowledged: bool) -> None:
        """It was printed whole.

        Args:
            acknowledged: Whether the printer itself says so.
        """
        card.evidence = "acknowledged" if acknowledged else "sent"
        await self._ledger.append(card.key, Event.COMPLETE, {"evidence": card.evidence})

    async def presented(self, card: Card) -> None:
        """It lies in the exit, or has lain there."""
        card.evidence = "presented"
        await self._ledger.append(card.key, Event.PRESENT, {"evidence": card.evidence})

    async def cancel(self, card: Card, why: Exception | str) -> None:
        """Nothing was printed, and the blank in hand, if any, never left the hopper."""
        tell = messages.void(card.grant_id, pb.VOID_REASON_NOT_PRINTED, card.rejected)
        await self._write(card, Event.CANCEL, why, tell)

    async def spoil(self, card: Card, why: Exception | str) -> None:
        """The blank in hand is used up and stays in the machine."""
        tell = messages.void(card.grant_id, pb.VOID_REASON_SPOILED, card.rejected + 1)
        await self._write(card, Event.SPOIL, why, tell)

    async def retract(self, card: Card, why: str) -> None:
        """The card was printed, not taken, and is in the machine again."""
        tell = messages.void(card.grant_id, pb.VOID_REASON_RETRACTED, card.rejected + 1)
        await self._write(card, Event.RETRACT, why, tell)

    async def lose(self, card: Card, why: Exception | str, in_hopper: bool = False) -> None:
        """Where the card is cannot be told.

        Args:
            in_hopper: It may be there still.
        """
        evidence = _EVIDENCE[card.evidence]
        tell = messages.complete(card.grant_id, pb.OUTCOME_UNKNOWN, evidence, **_of(card))
        await self._write(card, Event.LOSE, why, tell, {"fed": "unknown"} if in_hopper else None)

    async def take(self, card: Card, by: str) -> None:
        """The resident has it.

        Args:
            by: sensor or touch.
        """
        card.evidence = "taken"
        tell = messages.complete(card.grant_id, pb.OUTCOME_TAKEN, pb.EVIDENCE_TAKEN, **_of(card))
        await self._write(card, Event.TAKE, "taken", tell, {"by": by})

    async def assume_taken(self, card: Card) -> None:
        """Nobody said so; an attendant sees the slot."""
        tell = messages.complete(card.grant_id, pb.OUTCOME_TAKEN, _EVIDENCE[card.evidence], **_of(card))
        await self._write(card, Event.ASSUME_TAKEN, "not_confirmed", tell)

    async def surrender(self, card: Card, old_card: pb.OldCard.ValueType, officer: str = "") -> None:
        """What became of the card that the new one replaces.

        Args:
            officer: Staff number of who confirmed it, empty when nobody did.
        """
        word = pb.OldCard.Name(old_card).removeprefix("OLD_CARD_").lower()
        tell = messages.complete(
            card.grant_id,
            pb.OUTCOME_TAKEN,
            _EVIDENCE[card.evidence],
            **_of(card),
            old_card=old_card,
            old_card_by=officer,
        )
        by = {"by": officer} if officer else {}
        await self._ledger.append(card.key, Event.SURRENDER, {"old_card": word, **by}, tell)
        logs.event("old_card", issuance=card.key, outcome=word)

    async def settle(self, issuance: Issuance, taken: bool) -> None:
        """A technician has looked and says what became of a card of unknown outcome.

        Args:
            taken: Nothing of it is in the machine. A blank that may never have moved is in its hopper then.
        """
        card = card_of(issuance)
        outcome = "taken" if taken else "spoiled"
        if taken and issuance.detail.get("fed") == "unknown":
            outcome = "cancelled"
            tell = messages.void(card.grant_id, pb.VOID_REASON_NOT_PRINTED, card.rejected)
            await self._ledger.append(card.key, Event.SETTLE_UNUSED, {"by": "technician"}, tell)
        elif taken:
            tell = messages.complete(card.grant_id, pb.OUTCOME_TAKEN, pb.EVIDENCE_PRESENTED, **_of(card))
            await self._ledger.append(card.key, Event.SETTLE_TAKEN, {"by": "technician"}, tell)
        else:
            tell = messages.void(card.grant_id, pb.VOID_REASON_SPOILED, card.rejected + 1)
            await self._ledger.append(card.key, Event.SETTLE_DESTROYED, {"by": "technician"}, tell)
        logs.event("settled", issuance=card.key, outcome=outcome)

    async def _write(
        self,
        card: Card,
        event: Event,
        why: Exception | str,
        tell: messages.Tell,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        reason = why if isinstance(why, str) else type(why).__name__
        known = {"evidence": card.evidence} if card.evidence else {}
        await self._ledger.append(card.key, event, {"reason": reason, **known, **(more or {})}, tell)
        logs.event("card", issuance=card.key, outcome=event.value, reason=reason)


def card_of(issuance: Issuance) -> Card:
    """The card of an issuance that an earlier run began."""
    detail = issuance.detail
    return Card(
        key=issuance.key,
        grant_id=detail.get("grant_id", ""),
        receipt_number=detail.get("receipt_number", ""),
        batch=detail.get("batch", ""),
        rejected=int(detail.get("rejected", 0)),
        chip_uid=detail.get("chip_uid", ""),
        evidence=detail.get("evidence", ""),
    )


def _of(card: Card) -> dict[str, str | int]:
    return {"chip_uid": card.chip_uid, "batch": card.batch, "blanks_spoiled": card.rejected}

"""What the registry is told at the end of an issuance, as the outbox keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance.stock import Handling, StockEvent

_STOCK: Final = {
    StockEvent.LOAD: pb.STOCK_EVENT_LOADED,
    StockEvent.UNLOAD: pb.STOCK_EVENT_UNLOADED,
    StockEvent.SPOIL_LOOSE: pb.STOCK_EVENT_SPOILED,
    StockEvent.DESTROY: pb.STOCK_EVENT_DESTROYED,
    StockEvent.COUNT: pb.STOCK_EVENT_COUNTED,
}
Tell = tuple[str, Mapping[str, Any]]


def complete(
    grant_id: str, outcome: pb.Outcome.ValueType, evidence: pb.Evidence.ValueType, **of_a_card: str | int
) -> Tell:
    """The document was printed.

    Args:
        of_a_card: More fields of CompleteRequest: chip_uid (hex), batch, blanks_spoiled, old_card,
                old_card_by.
    """
    fields: dict[str, Any] = {"grant_id": grant_id, "outcome": outcome, "evidence": evidence}
    return "complete", fields | {name: value for name, value in of_a_card.items() if value} | {"occurred_at": _now()}


def void(grant_id: str, reason: pb.VoidReason.ValueType, blanks_spoiled: int = 0) -> Tell:
    """The document did not reach the resident. `grant_id` is empty when the grant's answer never came."""
    return "void", {
        "grant_id": grant_id,
        "reason": reason,
        "blanks_spoiled": blanks_spoiled,
        "occurred_at": _now(),
    }


def stock(done: Handling, staff: Sequence[str]) -> Tell:
    """People did something with blanks."""
    return "stock", {
        "blank": pb.Blank.Value(done.item),
        "batch": done.batch,
        "event": _STOCK[done.event],
        "count": done.count,
        "staff": list(staff),
        "occurred_at": _now(),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

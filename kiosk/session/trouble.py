"""What ends a journey early, in the resident's terms; each boundary's errors become one of these, once."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance.outcome import End, IssueFailed
from kiosk.registry.client import Refused, RegistryError, Unreachable

_OF_REFUSAL: Final = {
    registry.ERROR_REASON_UNKNOWN_RESIDENT: pb.TROUBLE_KIND_UNKNOWN_RESIDENT,
    registry.ERROR_REASON_FACE_LOCKED: pb.TROUBLE_KIND_FACE_LOCKED,
    registry.ERROR_REASON_SESSION_EXPIRED: pb.TROUBLE_KIND_SESSION_EXPIRED,
    registry.ERROR_REASON_ALREADY_ISSUED: pb.TROUBLE_KIND_ALREADY_ISSUED,
    registry.ERROR_REASON_NOT_ENTITLED: pb.TROUBLE_KIND_ALREADY_ISSUED,
    registry.ERROR_REASON_DATA_CHANGED: pb.TROUBLE_KIND_DATA_CHANGED,
    registry.ERROR_REASON_EVIDENCE_INSUFFICIENT: pb.TROUBLE_KIND_CARD_UNVERIFIED,
    registry.ERROR_REASON_QR_UNKNOWN: pb.TROUBLE_KIND_QR_UNKNOWN,
    registry.ERROR_REASON_QR_EXPIRED: pb.TROUBLE_KIND_QR_EXPIRED,
    registry.ERROR_REASON_QR_USED: pb.TROUBLE_KIND_QR_USED,
    registry.ERROR_REASON_PIN_LOCKED: pb.TROUBLE_KIND_PIN_LOCKED,
    registry.ERROR_REASON_NOT_LIVE: pb.TROUBLE_KIND_NOT_LIVE,
    registry.ERROR_REASON_OUT_OF_STOCK: pb.TROUBLE_KIND_SERVICE_CLOSED,
    registry.ERROR_REASON_TOO_MANY_REQUESTS: pb.TROUBLE_KIND_BUSY,
}
_OF_END: Final = {
    End.NOT_PRINTED: pb.TROUBLE_KIND_NOT_PRINTED,
    End.SPOILED: pb.TROUBLE_KIND_SPOILED,
    End.RETRACTED: pb.TROUBLE_KIND_PAPER_RETRACTED,
    End.RETAINED: pb.TROUBLE_KIND_PAPER_RETAINED,
    End.UNKNOWN: pb.TROUBLE_KIND_OUTCOME_UNKNOWN,
}


# Trouble with one document leaves the others to be had.
ABOUT_ONE_DOCUMENT: Final = frozenset(
    {
        pb.TROUBLE_KIND_DATA_WRONG,
        pb.TROUBLE_KIND_DATA_CHANGED,
        pb.TROUBLE_KIND_ALREADY_ISSUED,
        pb.TROUBLE_KIND_SERVICE_CLOSED,
    }
)


class Trouble(Exception):
    """The journey cannot go on.

    Attributes:
        kind: What happened.
        reference: Number to come back with.
        locked_minutes: FACE_LOCKED only.
        slip: A slip with the number is being printed.
    """

    def __init__(self, kind: pb.TroubleKind.ValueType, reference: str = "", locked_minutes: int = 0) -> None:
        super().__init__(pb.TroubleKind.Name(kind))
        self.kind = kind
        self.reference = reference
        self.locked_minutes = locked_minutes
        self.slip = False


def of_registry(error: RegistryError) -> Trouble:
    """What a registry's error means to the resident."""
    if isinstance(error, Unreachable):
        return Trouble(pb.TROUBLE_KIND_NO_NETWORK)
    if not isinstance(error, Refused):
        return Trouble(pb.TROUBLE_KIND_MACHINE)
    kind = _OF_REFUSAL.get(error.reason, pb.TROUBLE_KIND_MACHINE)
    minutes = _minutes_until(error.metadata["locked_until"]) if "locked_until" in error.metadata else 0
    return Trouble(kind, locked_minutes=minutes)


def of_issue(error: IssueFailed) -> Trouble:
    """What a failed issuance means to the resident."""
    return Trouble(_OF_END[error.end], error.number)


def _minutes_until(moment: str) -> int:
    try:
        left = datetime.fromisoformat(moment) - datetime.now(UTC)
    except (ValueError, TypeError):
        return 0
    return max(1, math.ceil(left.total_seconds() / 60))

"""Whether a kind of card can be made now, why not, and when again. Pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as panel

from kiosk.fleet.health import ONLINE, Facts, Verdict

_SUPPLIES: Final = frozenset({"blanks", "ribbon"})
_LOW: Final = {"ribbon": "low", "hopper": "low", "reject_bin": "high", "cleaning_due": "True"}


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What is known of one card printer beyond its words.

    Attributes:
        printer, encoder: Their names; `encoder` is empty for cards without a chip.
        closed: Why no card may be begun, as `limits.Reason`; empty when one may.
        opens_at: When it opens by itself, aware.
        stock: What the books of blanks say against it, as stock:out; empty when nothing.
        unsettled: Cards of unknown outcome.
        sees_exit: Whether it would see one of them lying where people take cards.
    """

    printer: str
    encoder: str
    closed: tuple[str, ...] = ()
    opens_at: datetime | None = None
    stock: str = ""
    unsettled: int = 0
    sees_exit: bool = True


def judge_card(facts: Facts, card: CardFacts) -> Verdict:
    """The first reason that forbids it, else those that mar it."""
    for role in filter(None, ("card_reader", "camera", card.printer, card.encoder)):
        device = facts.devices[role]
        if device.state == "starting":
            return _no(f"{role}:starting", panel.OUT_OF_SERVICE_REASON_STARTING)
        if device.state not in ONLINE and not (role == card.printer and "cover" in card.closed):
            return _no(f"{role}:{device.state}")
    sam = facts.devices["card_reader"].details.get("sam", "online")
    if sam not in ONLINE:
        return _no(f"sam:{sam}")
    if card.closed:
        until = f" until {card.opens_at.isoformat(timespec='minutes')}" if card.opens_at else ""
        supplies = _SUPPLIES.issuperset(card.closed)
        screen = panel.OUT_OF_SERVICE_REASON_SUPPLIES if supplies else panel.OUT_OF_SERVICE_REASON_DEVICE
        return _no(f"{card.printer}:{','.join(card.closed)}{until}", screen, card.opens_at)
    if card.stock:
        return _no(card.stock, panel.OUT_OF_SERVICE_REASON_SUPPLIES)
    if card.unsettled and not card.sees_exit:
        return _no(f"{card.printer}:unsettled")
    if not facts.room:
        return _no("journal:full", panel.OUT_OF_SERVICE_REASON_JOURNAL)
    if not facts.central:
        return _no("registry:offline", panel.OUT_OF_SERVICE_REASON_NO_NETWORK)
    return _marred(facts, card)


def _marred(facts: Facts, card: CardFacts) -> Verdict:
    words = facts.devices[card.printer].details
    reasons = [f"{card.printer}:{name}={word}" for name, word in _LOW.items() if words.get(name) == word]
    if card.unsettled:
        reasons.append(f"{card.printer}:unsettled={card.unsettled}")
    receipts = facts.devices["receipt_printer"]
    if receipts.state not in ONLINE:
        reasons.append(f"receipt_printer:{receipts.state}")
    if facts.refused:
        reasons.append(f"registry:refused={facts.refused}")
    reasons.extend(facts.supplies)
    if reasons:
        return Verdict(fleet.AVAILABILITY_DEGRADED, ",".join(reasons))
    return Verdict(fleet.AVAILABILITY_AVAILABLE)


def _no(
    reason: str,
    screen: panel.OutOfServiceReason.ValueType = panel.OUT_OF_SERVICE_REASON_DEVICE,
    opens_at: datetime | None = None,
) -> Verdict:
    return Verdict(fleet.AVAILABILITY_UNAVAILABLE, reason, screen, opens_at)

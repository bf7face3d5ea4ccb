"""What a machine does besides issuing: checking printed documents, and letting people in by card or by QR code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from adm.fleet.v1 import fleet_pb2 as fleet

from kiosk.fleet.health import ONLINE, Facts

VERIFY: Final = "verify_document"
BY_CARD: Final = "sign_in_card"
BY_QR: Final = "sign_in_qr"


def _camera(facts: Facts) -> str:
    state = facts.devices["camera"].state
    return "" if state in ONLINE else f"camera:{state}"


def _card(facts: Facts) -> str:
    reader = facts.devices["card_reader"]
    if reader.state not in ONLINE:
        return f"card_reader:{reader.state}"
    sam = reader.details.get("sam", "online")
    return "" if sam in ONLINE else f"sam:{sam}"


def _central(facts: Facts) -> str:
    return "" if facts.central else "registry:offline"


def _forced(facts: Facts) -> str:
    # What says of a document that it is genuine must not have been opened by strangers.
    return facts.hinders if facts.hinders.startswith("selftest:door.") else ""


def _tested(facts: Facts) -> str:
    return facts.hinders


_NEEDS: Final[Mapping[str, tuple[Callable[[Facts], str], ...]]] = {
    VERIFY: (_forced, _camera, _central),
    BY_CARD: (_tested, _card, _camera, _central),
    BY_QR: (_tested, _camera, _central),
}


class Capabilities:
    """Each of them: the first reason that forbids it, and since when."""

    def __init__(self) -> None:
        self._lines = dict.fromkeys(_NEEDS, ("machine:starting", datetime.now(UTC)))

    def update(self, facts: Facts) -> bool:
        """Judge again; returns whether anything changed."""
        changed = False
        for name, needs in _NEEDS.items():
            reason = next(filter(None, (need(facts) for need in needs)), "")
            if reason != self._lines[name][0]:
                self._lines[name], changed = (reason, datetime.now(UTC)), True
        return changed

    def of(self, name: str) -> fleet.Availability.ValueType:
        """Whether one works."""
        return fleet.AVAILABILITY_UNAVAILABLE if self._lines[name][0] else fleet.AVAILABILITY_AVAILABLE

    def report(self) -> Sequence[fleet.CapabilityHealth]:
        """One line for each."""
        lines = []
        for name, (reason, since) in self._lines.items():
            line = fleet.CapabilityHealth(name=name, availability=self.of(name), reason=reason[:256])
            line.since.FromDatetime(since)
            lines.append(line)
        return lines

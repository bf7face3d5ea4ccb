"""From devices, link and journal to services: what can be issued now, why not, and since when. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as panel
from adm.registry.v1 import registry_pb2 as registry
from google.protobuf.timestamp_pb2 import Timestamp

A4_KINDS: Final = (
    registry.DOCUMENT_KIND_KK,
    registry.DOCUMENT_KIND_BIODATA,
    registry.DOCUMENT_KIND_AKTA_KELAHIRAN,
    registry.DOCUMENT_KIND_AKTA_KEMATIAN,
    registry.DOCUMENT_KIND_SKPWNI,
)
ONLINE: Final = frozenset({"online", "deviceBusy"})


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """One device as last seen: driver, XFS word, more words."""

    driver: str
    state: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rules look at.

    Attributes:
        unsettled: A4 issuances of unknown outcome: a sheet may lie in the tray.
        room: Whether the journal takes new work.
        refused: Reports that the registry will never take: its books differ from ours.
        hinders: Why nobody may be served, by the last self-test; empty when nothing forbids it.
        mars: What somebody should come for, by the last self-test.
        supplies: What differs between the machine's books and its printers, as ribbon:mismatch=-40.
    """

    devices: Mapping[str, DeviceFacts]
    central: bool
    unsettled: int
    room: bool
    refused: int = 0
    hinders: str = ""
    mars: tuple[str, ...] = ()
    supplies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a kind of document can be issued.

    Attributes:
        reason: As key words; empty when nothing is amiss.
        opens_at: When it can be again by itself, aware; None when that is not known.
    """

    availability: fleet.Availability.ValueType
    reason: str = ""
    screen: panel.OutOfServiceReason.ValueType = panel.OUT_OF_SERVICE_REASON_UNSPECIFIED
    opens_at: datetime | None = None

    @property
    def opens(self) -> Timestamp | None:
        """`opens_at` as messages have it."""
        if self.opens_at is None:
            return None
        message = Timestamp()
        message.FromDatetime(self.opens_at)
        return message


def judge_a4(facts: Facts) -> Verdict:
    """Whether this machine can issue A4 documents; the first reason that forbids it, else the first that mars it."""
    for role in ("card_reader", "camera", "document_printer"):
        device = facts.devices[role]
        if device.state == "starting":
            return _no(f"{role}:starting", panel.OUT_OF_SERVICE_REASON_STARTING)
        if device.state not in ONLINE and role != "card_reader":
            return _no(f"{role}:{device.state}", panel.OUT_OF_SERVICE_REASON_DEVICE)
    printer = facts.devices["document_printer"].details
    if printer.get("paper") == "jammed" or printer.get("media") == "jammed":
        return _no("document_printer:jammed", panel.OUT_OF_SERVICE_REASON_DEVICE)
    if printer.get("paper") == "out" or printer.get("toner") == "out":
        return _no("document_printer:out", panel.OUT_OF_SERVICE_REASON_SUPPLIES)
    if "paper_feeder" in facts.devices and (trouble := _feeder(facts.devices["paper_feeder"])):
        return trouble
    if facts.unsettled:
        return _no("document_printer:unsettled", panel.OUT_OF_SERVICE_REASON_DEVICE)
    if facts.hinders:
        return _no(facts.hinders, panel.OUT_OF_SERVICE_REASON_DEVICE)
    if not facts.room:
        return _no("journal:full", panel.OUT_OF_SERVICE_REASON_JOURNAL)
    if not facts.central:
        return _no("registry:offline", panel.OUT_OF_SERVICE_REASON_NO_NETWORK)
    return _marred(facts)


def _feeder(feeder: DeviceFacts) -> Verdict | None:
    """What forbids feeding: a sheet nobody takes must also find room in the bin."""
    if feeder.state == "starting":
        return _no("paper_feeder:starting", panel.OUT_OF_SERVICE_REASON_STARTING)
    if feeder.details.get("media") == "jammed":
        return _no("paper_feeder:jammed", panel.OUT_OF_SERVICE_REASON_DEVICE)
    if feeder.state not in ONLINE:
        return _no(f"paper_feeder:{feeder.state}", panel.OUT_OF_SERVICE_REASON_DEVICE)
    if feeder.details.get("retract_bin") == "full":
        return _no("paper_feeder:bin=full", panel.OUT_OF_SERVICE_REASON_DEVICE)
    if feeder.details.get("paper") == "out":
        return _no("paper_feeder:out", panel.OUT_OF_SERVICE_REASON_SUPPLIES)
    return None


def _without_card(reader: DeviceFacts) -> list[str]:
    """Where no card can be read a QR code and its PIN still let people in."""
    if reader.state not in ONLINE:
        return [f"card_reader:{reader.state}"]
    sam = reader.details.get("sam", "online")
    return [] if sam in ONLINE else [f"sam:{sam}"]


def _marred(facts: Facts) -> Verdict:
    printer, receipts = facts.devices["document_printer"].details, facts.devices["receipt_printer"]
    reasons = _without_card(facts.devices["card_reader"])
    reasons += [f"document_printer:{name}=low" for name in ("paper", "toner") if printer.get(name) == "low"]
    feeder = facts.devices["paper_feeder"].details if "paper_feeder" in facts.devices else {}
    if feeder.get("paper") == "low":
        reasons.append("paper_feeder:paper=low")
    if feeder.get("retract_bin") == "high":
        reasons.append("paper_feeder:bin=high")
    if receipts.state not in ONLINE:
        reasons.append(f"receipt_printer:{receipts.state}")
    elif receipts.details.get("paper") in ("out", "low"):
        reasons.append(f"receipt_printer:paper={receipts.details['paper']}")
    if facts.refused:
        reasons.append(f"registry:refused={facts.refused}")
    reasons.extend(facts.mars)
    reasons.extend(facts.supplies)
    if reasons:
        return Verdict(fleet.AVAILABILITY_DEGRADED, ",".join(reasons))
    return Verdict(fleet.AVAILABILITY_AVAILABLE)


def _no(reason: str, screen: panel.OutOfServiceReason.ValueType) -> Verdict:
    return Verdict(fleet.AVAILABILITY_UNAVAILABLE, reason, screen)


class Services:
    """The verdicts over time, by kind of document: remembers since when each stands."""

    def __init__(self) -> None:
        starting = _no("machine:starting", panel.OUT_OF_SERVICE_REASON_STARTING)
        now = datetime.now(UTC)
        self._lines: dict[registry.DocumentKind.ValueType, tuple[Verdict, datetime]] = dict.fromkeys(
            A4_KINDS, (starting, now)
        )

    @property
    def verdict(self) -> Verdict:
        """Of the machine as a whole, which is that of what works best: it serves as long as anything can be had."""
        return min((verdict for verdict, _ in self._lines.values()), key=lambda verdict: verdict.availability)

    @property
    def well(self) -> bool:
        """Whether everything works."""
        return all(verdict.availability == fleet.AVAILABILITY_AVAILABLE for verdict, _ in self._lines.values())

    def of(self, kind: registry.DocumentKind.ValueType) -> Verdict:
        """Whether one kind can be issued; a kind that this machine is not made for cannot."""
        line = self._lines.get(kind)
        return _no("machine:notOffered", panel.OUT_OF_SERVICE_REASON_DEVICE) if line is None else line[0]

    def update(
        self, facts: Facts, cards: Mapping[registry.DocumentKind.ValueType, Verdict] = MappingProxyType({})
    ) -> bool:
        """Judge again; returns whether any verdict changed.

        Args:
            cards: Verdicts of the cards that the machine is made for.
        """
        now, changed = datetime.now(UTC), False
        for kind, verdict in {**dict.fromkeys(A4_KINDS, judge_a4(facts)), **cards}.items():
            if kind not in self._lines or self._lines[kind][0] != verdict:
                self._lines[kind], changed = (verdict, now), True
        return changed

    def report(self) -> Sequence[fleet.ServiceHealth]:
        """One line per document kind of this machine."""
        lines = []
        for kind, (verdict, since) in self._lines.items():
            line = fleet.ServiceHealth(kind=kind, availability=verdict.availability, reason=verdict.reason[:256])
            line.since.FromDatetime(since)
            lines.append(line)
        return lines

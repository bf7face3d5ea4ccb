"""When the card service is open: not past what the printer stands, not with too little to end a card.

Card printers scorch blanks past about 100 cards a day (what offices report). Pure rules: what was printed, how the
printer is, and what time it is come in; whether to open, why not, and when again come out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from drivers.card_printer.port import CardPrinterStatus
from drivers.status import DeviceState, InkState, MediaState, PaperState, RetractBinState


class Reason(StrEnum):
    """Why the service is closed."""

    PRINTER = "printer"
    COVER = "cover"
    CARD_INSIDE = "cardInside"
    BLANKS = "blanks"
    RIBBON = "ribbon"
    REJECT_BIN = "rejectBin"
    CLEANING = "cleaning"
    HEAD_HOT = "headHot"
    DAILY_LIMIT = "dailyLimit"
    BURST_LIMIT = "burstLimit"


@dataclass(frozen=True, slots=True)
class Limits:
    """What this printer is trusted with.

    Attributes:
        cards_a_day: Per calendar day where the machine stands.
        cards_a_burst: Within any `burst`.
        cool_down: After a print that failed on a hot head.
        hottest_c: Print head temperature to close at, where a model tells it.
        cards_past_cleaning: Printed cards after the printer first asked for cleaning until it has to be done.
    """

    cards_a_day: int = 100
    cards_a_burst: int = 50
    burst: timedelta = timedelta(hours=4)
    cool_down: timedelta = timedelta(minutes=15)
    hottest_c: float = 65.0
    cards_past_cleaning: int = 0

    def __post_init__(self) -> None:
        if self.cards_a_day < 1 or self.cards_a_burst < 1 or self.cards_past_cleaning < 0:
            raise ValueError("a limit below one card is no service")
        if self.burst <= timedelta(0) or self.cool_down < timedelta(0):
            raise ValueError("a span of time is not negative")


@dataclass(frozen=True, slots=True)
class History:
    """What the machine remembers of its cards.

    Attributes:
        printed: When prints were begun, aware, in order; what is older than two days does not matter.
        head_hot_at: When a print last failed on a hot head.
        since_cleaning_due: Cards printed since the printer first asked for cleaning.
    """

    printed: Sequence[datetime] = ()
    head_hot_at: datetime | None = None
    since_cleaning_due: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a card may be begun now.

    Attributes:
        reasons: Why not, all of them; empty when open.
        opens_at: When it opens by itself; None when a person has to do something, or it is open.
    """

    reasons: tuple[Reason, ...]
    opens_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether a card may be begun."""
        return not self.reasons


def judge(limits: Limits, history: History, status: CardPrinterStatus, now: datetime, zone: tzinfo) -> Verdict:
    """Whether the next card may be begun.

    Args:
        now: Aware.
        zone: Where the machine stands: when its day begins.
    """
    waits = _waits(limits, history, now, zone)
    needs = _needs(limits, history, status)
    reasons = (*needs, *waits)
    opens_at = max(waits.values()) if waits and not needs else None
    return Verdict(reasons, opens_at)


def _waits(limits: Limits, history: History, now: datetime, zone: tzinfo) -> dict[Reason, datetime]:
    """What passes by itself, and when."""
    found: dict[Reason, datetime] = {}
    today = now.astimezone(zone).date()
    # A clock that was set back must not hide what was printed: what lies ahead counts as today's.
    of_today = sum(at.astimezone(zone).date() >= today for at in history.printed)
    if of_today >= limits.cards_a_day:
        midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), zone)
        found[Reason.DAILY_LIMIT] = midnight.astimezone(now.tzinfo)
    recent = sorted(min(at, now) for at in history.printed if at > now - limits.burst)
    if len(recent) >= limits.cards_a_burst:
        found[Reason.BURST_LIMIT] = recent[-limits.cards_a_burst] + limits.burst
    if history.head_hot_at is not None and now < (cool := min(history.head_hot_at, now) + limits.cool_down):
        found[Reason.HEAD_HOT] = cool
    return found


def _needs(limits: Limits, history: History, status: CardPrinterStatus) -> list[Reason]:
    """What a person has to see to."""
    cleaning = status.cleaning_due is True and history.since_cleaning_due >= limits.cards_past_cleaning
    hot = status.temperature_c is not None and status.temperature_c >= limits.hottest_c
    rules = {
        Reason.COVER: status.cover_open is True,
        Reason.PRINTER: status.device is not DeviceState.ONLINE and status.cover_open is not True,
        Reason.CARD_INSIDE: status.media in (MediaState.PRESENT, MediaState.JAMMED),
        Reason.BLANKS: status.hopper in (PaperState.OUT, PaperState.JAMMED),
        Reason.RIBBON: status.ribbon is InkState.OUT or (status.ribbon_cards is not None and status.ribbon_cards < 1),
        Reason.REJECT_BIN: status.reject_bin is RetractBinState.FULL,
        Reason.CLEANING: cleaning,
        Reason.HEAD_HOT: hot,
    }
    return [reason for reason, holds in rules.items() if holds]

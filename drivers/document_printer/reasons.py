"""IPP printer-state-reasons to status words, as a table.

Reasons are keywords of RFC 8011 section 5.4.12, PWG 5100.9 and the IANA IPP registry. Printers add a severity
(`-report`, `-warning`, `-error`) and do not agree on it, so only the reason itself counts: the longest
prefix wins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drivers.document_printer.port import DocumentPrinterStatus
from drivers.status import DeviceState, InkState, MediaState, PaperState


@dataclass(frozen=True, slots=True)
class Words:
    """What one reason says. `blocks`: nothing prints until it is gone."""

    device: DeviceState | None = None
    paper: PaperState | None = None
    toner: InkState | None = None
    media: MediaState | None = None
    blocks: bool = True


_HARDWARE = Words(device=DeviceState.HARDWARE_ERROR)
_PERSON = Words(device=DeviceState.USER_ERROR)
_OFFLINE = Words(device=DeviceState.OFFLINE)
_PAPER_OUT = Words(paper=PaperState.OUT)
_HARMLESS = Words(blocks=False)

REASONS: Mapping[str, Words] = {
    "media-jam": Words(DeviceState.HARDWARE_ERROR, PaperState.JAMMED, None, MediaState.JAMMED),
    "media-empty": _PAPER_OUT,
    "media-needed": _PAPER_OUT,
    "input-tray-missing": _PAPER_OUT,
    "input-media-supply-empty": _PAPER_OUT,
    "media-low": Words(paper=PaperState.LOW, blocks=False),
    "input-media-supply-low": Words(paper=PaperState.LOW, blocks=False),
    "toner-empty": Words(toner=InkState.OUT),
    "marker-supply-empty": Words(toner=InkState.OUT),
    "toner-low": Words(toner=InkState.LOW, blocks=False),
    "marker-supply-low": Words(toner=InkState.LOW, blocks=False),
    "marker-supply-missing": Words(DeviceState.USER_ERROR, toner=InkState.OUT),
    "marker-waste-full": _PERSON,
    "marker-waste-almost-full": _HARMLESS,
    "cover-open": _PERSON,
    "door-open": _PERSON,
    "interlock-open": _PERSON,
    "output-area-full": _PERSON,
    "output-tray-missing": _PERSON,
    "output-area-almost-full": _HARMLESS,
    "offline": _OFFLINE,
    "shutdown": _OFFLINE,
    "paused": _OFFLINE,
    "moving-to-paused": _OFFLINE,
    "timed-out": _OFFLINE,
    "connecting-to-device": _OFFLINE,
    "spool-area-full": Words(device=DeviceState.DEVICE_BUSY),
    "fuser": _HARDWARE,
    "developer-empty": _HARDWARE,
    "developer-low": _HARMLESS,
    "opc-life-over": _HARDWARE,
    "opc-near-eol": _HARMLESS,
}

# The worst word wins when several reasons speak of the same thing.
_DEVICE_ORDER = (
    DeviceState.OFFLINE,
    DeviceState.HARDWARE_ERROR,
    DeviceState.USER_ERROR,
    DeviceState.DEVICE_BUSY,
)
_PAPER_ORDER = (PaperState.JAMMED, PaperState.OUT, PaperState.LOW)
_INK_ORDER = (InkState.OUT, InkState.LOW)

STATE_STOPPED = 5
"""printer-state `stopped` (RFC 8011 section 5.4.11)."""


def words(reason: str) -> Words:
    """What a reason says; one that is not known says nothing and blocks nothing."""
    known = [prefix for prefix in REASONS if reason == prefix or reason.startswith(prefix + "-")]
    return REASONS[max(known, key=len)] if known else _HARMLESS


def blocks(reasons: Iterable[str]) -> bool:
    """Whether a sheet sent now would not be printed."""
    return any(words(reason).blocks for reason in reasons)


def status(state: int, accepting: bool, reasons: tuple[str, ...], toner_percent: int | None) -> DocumentPrinterStatus:
    """Status words of a printer that answered.

    A printer that is printing is online: IPP printers queue.

    Args:
        state: printer-state.
        accepting: printer-is-accepting-jobs.
        toner_percent: Lowest of the supplies that are used up; None when not told.
    """
    said = [words(reason) for reason in reasons]
    device = next((word for word in _DEVICE_ORDER if any(one.device is word for one in said)), None)
    paper = next((word for word in _PAPER_ORDER if any(one.paper is word for one in said)), PaperState.FULL)
    toner = next((word for word in _INK_ORDER if any(one.toner is word for one in said)), None)
    if device is None and not accepting:
        device = DeviceState.OFFLINE
    if device is None and state == STATE_STOPPED and not any(one.blocks for one in said):
        # Stopped for a reason this table does not know.
        device = DeviceState.HARDWARE_ERROR
    return DocumentPrinterStatus(
        device=device or DeviceState.ONLINE,
        paper=paper,
        toner=toner or _toner(toner_percent),
        media=MediaState.JAMMED if paper is PaperState.JAMMED else None,
        reasons=reasons,
    )


LOW_TONER_PERCENT = 10


def _toner(percent: int | None) -> InkState | None:
    if percent is None:
        return None
    if percent == 0:
        return InkState.OUT
    return InkState.LOW if percent <= LOW_TONER_PERCENT else InkState.FULL

"""The berita acara of blanks that were spoiled, taken back or destroyed in one machine, set as documents are.

SE Mendagri 470.13/11176/SJ (2018) asks for a berita acara whenever invalid cards are destroyed. No form of it is
public: this one is ours.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from central.documents import words
from central.documents.contents import WIB
from central.documents.typesetter import Typesetter
from central.registry.spoilage import BLANKS, Period, Spoilage

TEMPLATE: Final = "berita_acara"
_REASONS: Final = {"spoiled": "rusak", "retained": "ditarik kembali"}
_FIGURES: Final = ("loaded", "unloaded", "issued", "spoiled", "retained", "destroyed", "reserved", "remaining")


def values(machine_id: str, site: str, period: Period, found: Spoilage) -> dict[str, Any]:
    """What the template shows, as text."""
    return {
        "machine": machine_id,
        "site": site,
        "from": words.long(period.begins.astimezone(WIB).date()),
        "to": words.long((period.ends - timedelta(microseconds=1)).astimezone(WIB).date()),
        "made": _moment(datetime.now(UTC)),
        "used": [
            [
                _moment(one.at),
                BLANKS[one.blank],
                one.batch or "-",
                str(one.count),
                _REASONS[one.reason],
                "di luar penerbitan" if one.outside else one.number or "-",
            ]
            for one in found.used
        ],
        "destroyed": [
            [_told(one.at), BLANKS[one.blank], one.batch or "-", str(one.count), ", ".join(one.staff)]
            for one in found.destroyed
        ],
        "books": [
            [BLANKS[book["blank"]], book["batch"] or "-", *(str(book[figure]) for figure in _FIGURES), _counted(book)]
            for book in found.books
        ],
        "questions": list(found.open_questions),
        "sums": {
            name: str(sum(one.count for one in found.used if one.reason == name)) for name in ("spoiled", "retained")
        }
        | {"destroyed": str(sum(one.count for one in found.destroyed))},
    }


async def pdf(typesetter: Typesetter, shown: Mapping[str, Any], day: datetime) -> bytes:
    """The pages, not yet signed. Raises TypesetError."""
    return (await typesetter.report(TEMPLATE, shown, day.astimezone(WIB).date())).pdf


def _moment(at: datetime) -> str:
    return f"{at.astimezone(WIB):%d-%m-%Y %H:%M} WIB"


def _told(text: str) -> str:
    """A time that a machine told: shown as it is when it is none."""
    try:
        return _moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def _counted(book: Mapping[str, Any]) -> str:
    if book["counted"] is None:
        return "-"
    off = f" ({book['counted_difference']:+d})" if book["counted_difference"] else ""
    return f"{book['counted']}{off}"

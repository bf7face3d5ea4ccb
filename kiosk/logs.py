"""Log lines that cannot carry personal data: an event name and an allow-list of fields."""

import logging
from typing import Final

_log = logging.getLogger("adm.kiosk")

FIELDS: Final = frozenset(
    {
        "device",
        "driver",
        "error",
        "evidence",
        "issuance",
        "journal_seq",
        "kind",
        "method",
        "outbox",
        "outcome",
        "path",
        "reason",
        "receipt_number",
        "resident_step",
        "seconds",
        "service",
        "state",
        "version",
    }
)


def event(name: str, /, level: int = logging.INFO, **fields: object) -> None:
    """Log one event.

    Args:
        name: What happened, as device_lost.
        level: Of the logging module.
        **fields: Only those in `FIELDS`; an exception is logged as its type, since its message may be anything.

    Raises:
        ValueError: A field is not on the list.
    """
    if unknown := fields.keys() - FIELDS:
        raise ValueError(f"not on the log's allow-list: {', '.join(sorted(unknown))}")
    shown = (f"{key}={_plain(value)}" for key, value in fields.items())
    _log.log(level, " ".join([name, *shown]))


def configure() -> None:
    """Log to stderr, one line an event; systemd adds the time."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", force=True)


def _plain(value: object) -> str:
    if isinstance(value, BaseException):
        return type(value).__name__
    text = str(value)
    return text if text and all(c.isprintable() and not c.isspace() for c in text) else repr(text)

"""Log lines that cannot carry personal data: an event name and an allow-list of fields."""

import logging
from collections import deque
from typing import Final

_log = logging.getLogger("adm.kiosk")
KEPT: Final = 5000

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
    _recent.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(_recent)


class _Recent(logging.Handler):
    """Keeps the last lines for somebody who exports them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


_recent: Final = _Recent()


def recent() -> list[str]:
    """The last lines of this process, oldest first; not redacted."""
    return list(_recent.lines)


def _plain(value: object) -> str:
    if isinstance(value, BaseException):
        return type(value).__name__
    text = str(value)
    return text if text and all(c.isprintable() and not c.isspace() for c in text) else repr(text)

"""One line per event, with an allow-list of fields: what is not on the list cannot be logged."""

import json
import logging
from enum import StrEnum
from typing import Any

_logger = logging.getLogger("central")

# No names, no full NIK, no templates, no session tokens, no document contents.
FIELDS = frozenset(
    {
        "machine", "method", "code", "reason", "duration_ms", "document_id", "kind", "grant_id", "receipt",
        "idempotency_key", "outcome", "evidence", "resident", "attempts_left", "match", "version", "address",
        "error", "count", "pages", "bytes", "state", "trust_domain", "file", "by", "validity",
    }
)  # fmt: skip


class Level(StrEnum):
    """How loud."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def log(event: str, level: Level = Level.INFO, **fields: Any) -> None:
    """Write one line: the event, then its fields as JSON.

    Raises:
        ValueError: A field is not on the allow-list.
    """
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"not allowed in a log: {', '.join(sorted(unknown))}")
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), default=str) if fields else ""
    _logger.log(logging.getLevelName(level.upper()), "%s%s", event, f" {text}" if text else "")


def mask_nik(nik: str) -> str:
    """A NIK as people may see it in logs and on screens: 3520********0001."""
    return f"{nik[:4]}********{nik[12:]}"

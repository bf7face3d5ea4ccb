"""Times as the store keeps them: UTC, ISO 8601, microseconds always written, so that text order is time order."""

from datetime import UTC, datetime


def to_text(at: datetime) -> str:
    """A moment as the store keeps it.

    Raises:
        ValueError: It has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """A moment from the store, UTC-aware."""
    return datetime.fromisoformat(text)


def rfc3339(at: datetime) -> str:
    """A UTC time as RFC 3339 text with seconds: 2026-01-31T08:00:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""How a moment is written: at the machine's own clock."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def written(at: Timestamp) -> str:
    """Day and time, local, as ``23-11-2026 14:05``."""
    return at.ToDatetime(tzinfo=UTC).astimezone().strftime("%d-%m-%Y %H:%M")


def clock(at: Timestamp) -> str:
    """For residents: the hour of today, as ``14:05``; of another day with its date, as ``24-11 08:00``."""
    then = at.ToDatetime(tzinfo=UTC).astimezone()
    return then.strftime("%H:%M" if then.date() == datetime.now(UTC).astimezone().date() else "%d-%m %H:%M")

"""How a moment is written for technicians: at the machine's own clock."""

from datetime import UTC

from google.protobuf.timestamp_pb2 import Timestamp


def written(at: Timestamp) -> str:
    """Day and time, local, as ``23-11-2026 14:05``."""
    return at.ToDatetime(tzinfo=UTC).astimezone().strftime("%d-%m-%Y %H:%M")

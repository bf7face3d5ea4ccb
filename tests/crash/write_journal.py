"""Writes a whole journal, as some issuances would: `write_journal FILE FULL|NORMAL|OFF`.

Says on standard output, after each return of `append`, which entry that was: `3 <hash>`. NORMAL and OFF are negative
controls: the production journal is told after opening to wait for the disk less, or not at all.
"""

import os
import sys
import uuid
from pathlib import Path

from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance import messages
from kiosk.issuance.journal import Journal
from kiosk.issuance.states import Event
from tests.crash.endings import ENDINGS

ROUNDS = 3
MAX_BYTES = 1 << 30


def main(path: Path, synchronous: str) -> None:
    """Write it."""
    journal = Journal(path, MAX_BYTES)
    if synchronous != "FULL":
        journal._db.execute(f"PRAGMA synchronous = {synchronous}")
    for number in range(ROUNDS):
        for events in ENDINGS:
            _issuance(journal, str(uuid.uuid5(uuid.UUID(int=number), ",".join(events))), events)
    # An orderly end, which also moves everything from the log into the one file.
    journal.close()


def _issuance(journal: Journal, key: str, events: tuple[Event, ...]) -> None:
    for event in events:
        last = event is events[-1]
        tell = messages.void(key, pb.VOID_REASON_SPOILED, 1) if last else None
        seq = journal.append(key, event, {"grant_id": key, "word": event.value * 20}, tell)
        # One write(2), whatever Python buffers.
        os.write(sys.stdout.fileno(), f"{seq} {journal.head[1].hex()}\n".encode())
    for message in journal.outbox():
        journal.acknowledged(message.seq)
    journal.kept(*journal.head)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

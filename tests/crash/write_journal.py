"""Writes a whole journal, as some issuances would: `write_journal FILE FULL|NORMAL|OFF`.

With `read-only` after them, the disk is read-only when the journal is opened again. A journal that refuses says
"refused: " and why on standard error, and the status is 3.

Says on standard output, after each return of `append`, which entry that was: `3 <hash>`. NORMAL and OFF are negative
controls: the production journal is told after opening to wait for the disk less, or not at all.
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path

from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance import messages
from kiosk.issuance.journal import Journal, JournalError
from kiosk.issuance.states import Event
from kiosk.issuance.stock import Handling, Item, StockEvent
from tests.crash.endings import CARD_ENDINGS, ENDINGS

ROUNDS = 3
MAX_BYTES = 1 << 30


def main(path: Path, synchronous: str, read_only: bool) -> None:
    """Write it."""
    journal = Journal(path, MAX_BYTES)
    if synchronous != "FULL":
        journal._db.execute(f"PRAGMA synchronous = {synchronous}")
    for number in range(ROUNDS):
        if read_only and number == 1:
            # A disk with an open writer cannot be made so: the daemon finds it when it starts.
            journal.close()
            subprocess.run(["mount", "-o", "remount,ro", str(path.parent)], check=True)
            journal = Journal(path, MAX_BYTES)
        load = Handling(StockEvent.LOAD, Item.CARD_KTP_EL, f"B-{number}", 4)
        _say(journal, journal.record_stock([load, Handling(StockEvent.COUNT, load.item, load.batch, 4)], ("1", "2")))
        for events in (*ENDINGS, *CARD_ENDINGS):
            _issuance(journal, str(uuid.uuid5(uuid.UUID(int=number), ",".join(events))), events, number < ROUNDS - 1)
    # An orderly end, which also moves everything from the log into the one file.
    journal.close()


def _issuance(journal: Journal, key: str, events: tuple[Event, ...], heard: bool) -> None:
    for event in events:
        last = event is events[-1]
        tell = messages.void(key, pb.VOID_REASON_SPOILED, 1) if last else None
        blank = {"blank": Item.CARD_KTP_EL} if event is Event.FEED else {}
        _say(journal, journal.append(key, event, {"grant_id": key, "word": event.value * 20} | blank, tell))
    if not heard:
        # Its messages stay in the outbox.
        return
    for message in journal.outbox():
        journal.acknowledged(message.seq)
    journal.kept(*journal.head)


def _say(journal: Journal, seq: int) -> None:
    # One write(2), whatever Python buffers.
    os.write(sys.stdout.fileno(), f"{seq} {journal.head[1].hex()}\n".encode())


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2], "read-only" in sys.argv[3:])
    except JournalError as error:
        print(f"refused: {error}", file=sys.stderr)
        sys.exit(3)

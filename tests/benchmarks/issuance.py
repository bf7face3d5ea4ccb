"""Issuing: what the journal costs beyond the disk's fsync, and how soon a machine with a long past is ready again."""

import asyncio
import tempfile
import time
import uuid
from pathlib import Path

from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance import messages, soundness
from kiosk.issuance.endings import Endings
from kiosk.issuance.journal import Issuance, Journal
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.recovery import OPEN, recover
from kiosk.issuance.states import Event
from kiosk.issuance.stock import Handling, Item, StockEvent
from tests.benchmarks.harness import Options, Row, measured

ENTRIES = 100_000
JOURNEYS = 200
STARTS = 5
LEFT_OPEN = 3
"""Issuances that a power cut left: more than one machine ever has."""
KEPT_EVERY = 500
MEMORY = Path("/dev/shm")
CARD = (
    (Event.ASK, {"document_id": "0" * 36, "kind": "DOCUMENT_KIND_KTP_EL"}),
    (
        Event.GRANT,
        {
            "grant_id": "0" * 36,
            "grant_signature": "ab" * 64,
            "receipt_number": "ADM-3520-000001",
            "page_count": 1,
            "artefact_sha256": "cd" * 32,
        },
    ),
    (Event.FEED, {"blank": "BLANK_CARD_KTP_EL"}),
    (Event.ENCODE, {"chip_uid": "04a1b2c3d4e5f6"}),
    (Event.PRINT, {"panels_before": 1200}),
    (Event.ACCEPT, {"job_id": 17}),
    (Event.COMPLETE, {"evidence": "acknowledged"}),
    (Event.PRESENT, {"evidence": "presented"}),
)
TAKEN = messages.complete("0" * 36, pb.OUTCOME_TAKEN, pb.EVIDENCE_TAKEN)


def rows(options: Options) -> list[Row]:
    """Both figures."""
    return [asyncio.run(_journal()), asyncio.run(_recovery())]


async def _journal() -> Row:
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="adm-issuance-") as folder:
        ledger = _loaded(Path(folder) / "journal.db")
        samples = []
        for _ in range(JOURNEYS + 1):
            began = time.perf_counter()
            await _issue(ledger)
            samples.append((time.perf_counter() - began) * 1000)
        ledger.close()
    note = "nine entries of a KTP-el and its message, in memory, where an fsync costs nothing"
    return measured("issuance.journal_ms", "ms", samples[1:], target=60, note=note)


async def _recovery() -> Row:
    with tempfile.TemporaryDirectory(prefix="adm-issuance-") as folder:
        path = Path(folder) / "journal.db"
        with tempfile.TemporaryDirectory(dir=MEMORY, prefix="adm-issuance-") as memory:
            grown = Path(memory) / "journal.db"
            await _grow(grown)
            path.write_bytes(grown.read_bytes())
        samples = []
        for _ in range(STARTS):
            ledger = Ledger(Journal(path, 1 << 40))
            for _ in range(LEFT_OPEN):
                await _begin(ledger)
            ledger.close()
            began = time.perf_counter()
            journal = Journal(path, 1 << 40)
            soundness.check(journal, path)
            ledger = Ledger(journal)
            ended = await recover(ledger, _Cancels(ledger))
            samples.append(time.perf_counter() - began)
            assert ended == LEFT_OPEN, f"{ended} were open"
            assert await ledger.in_states(*OPEN) == []
            ledger.close()
    note = (
        f"open, look at {ENTRIES} entries, end {LEFT_OPEN} that were granted; no device is asked, their time is theirs"
    )
    return measured("issuance.recovery_s", "s", samples, target=2, note=note)


class _Cancels:
    """Ends what was granted and not begun, which needs no device."""

    def __init__(self, ledger: Ledger) -> None:
        self._endings = Endings(ledger)

    async def end_left_open(self, issuance: Issuance) -> None:
        """See `EndsLeftOpen`."""
        await self._endings.cancel(issuance.key, issuance.detail["grant_id"], "restart")


def _loaded(path: Path) -> Ledger:
    journal = Journal(path, 1 << 40)
    journal.record_stock([Handling(StockEvent.LOAD, Item.CARD_KTP_EL, "B-1", ENTRIES)], ("1", "2"))
    return Ledger(journal)


async def _begin(ledger: Ledger) -> str:
    key = str(uuid.uuid4())
    for event, detail in CARD[:2]:
        await ledger.append(key, event, detail)
    return key


async def _issue(ledger: Ledger) -> None:
    key = await _begin(ledger)
    for event, detail in CARD[2:]:
        await ledger.append(key, event, detail)
    await ledger.append(key, Event.TAKE, {"evidence": "taken"}, TAKEN)
    await ledger.acknowledged(ledger.head[0])


async def _grow(path: Path) -> None:
    """A journal with a long past, which central knows but for the newest part."""
    ledger = _loaded(path)
    kept = 0
    while ledger.head[0] < ENTRIES:
        await _issue(ledger)
        if ledger.head[0] - kept > KEPT_EVERY:
            kept, digest = ledger.head
            await ledger.kept(kept, digest)
    ledger.close()

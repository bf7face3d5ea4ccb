"""Replays a recorded journal to every step, cuts the power there, and opens what is left with production code."""

from __future__ import annotations

import hashlib
import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.issuance import soundness
from kiosk.issuance.journal import Journal, JournalError, read, verify
from tests.crash.disk_model import Disk, Files
from tests.crash.recorder import Kind, Step, record

SEED = 20260701
MAX_BYTES = 1 << 30
# A disk in memory: thousands of journals are opened, and none of them has to outlive anything.
MEMORY = Path("/dev/shm")
SHOWN = 10


@dataclass
class Replay:
    """What came of one recording.

    Attributes:
        steps: Changes and fsyncs in the recording.
        entries: Entries it acknowledged in all.
        tried: Different disks that were opened.
        lost: Disks on which an acknowledged entry was missing.
        corrupt: Disks whose journal did not open or did not verify.
        wrong: The first of them, a line each.
    """

    steps: int
    entries: int
    tried: int = 0
    lost: int = 0
    corrupt: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Disks on which something was amiss."""
        return self.lost + self.corrupt


def replay(synchronous: str, torn: int, every: int = 1) -> Replay:
    """Record a journal with this PRAGMA synchronous, and cut the power at every `every`-th step of it."""
    with tempfile.TemporaryDirectory(prefix="adm-record-") as folder:
        steps = record(Path(folder), synchronous)
    with tempfile.TemporaryDirectory(prefix="adm-power-", dir=MEMORY) as folder:
        return _replay(steps, Path(folder), torn, every)


def _replay(steps: Sequence[Step], folder: Path, torn: int, every: int) -> Replay:
    said = [step.data.decode().split() for step in steps if step.kind is Kind.SAID]
    came_of_it = Replay(len(steps) - len(said), len(said))
    disk, draw = Disk(), random.Random(SEED)
    acknowledged: dict[int, bytes] = {}
    seen: set[bytes] = set()
    for number, step in enumerate(steps):
        disk.apply(step)
        if step.kind is Kind.SAID:
            seq, digest = step.data.decode().split()
            acknowledged[int(seq)] = bytes.fromhex(digest)
        if number % every and step is not steps[-1]:
            continue
        for files in disk.states(draw, torn):
            known = _fingerprint(files, len(acknowledged))
            if known not in seen:
                seen.add(known)
                came_of_it.tried += 1
                _judge(came_of_it, f"step {number}", folder / "disk", files, acknowledged)
    return came_of_it


def _judge(replay: Replay, name: str, folder: Path, files: Files, acknowledged: dict[int, bytes]) -> None:
    folder.mkdir()
    try:
        for file, content in files.items():
            (folder / file).write_bytes(content)
        journal = folder / "journal.db"
        try:
            opened = Journal(journal, MAX_BYTES)
            try:
                # As the daemon does when it starts: entries, where issuances stand, messages, and the books of blanks.
                soundness.check(opened, journal)
            finally:
                opened.close()
            entries = list(read(journal))
        except JournalError as error:
            replay.corrupt += 1
            _tell(replay, f"{name}: {error}")
            return
        if broken := verify(iter(entries)):
            replay.corrupt += 1
            _tell(replay, f"{name}: {broken[0]}")
        found = {entry.seq: entry.hash for entry in entries}
        missing = [seq for seq, digest in acknowledged.items() if found.get(seq) != digest]
        if missing:
            replay.lost += 1
            _tell(replay, f"{name}: acknowledged entries {missing} are lost")
    finally:
        shutil.rmtree(folder)


def _tell(replay: Replay, line: str) -> None:
    if len(replay.wrong) < SHOWN:
        replay.wrong.append(line)


def _fingerprint(files: Files, acknowledged: int) -> bytes:
    digest = hashlib.blake2b(str(acknowledged).encode())
    for name in sorted(files):
        digest.update(f"{name} {len(files[name])}".encode())
        digest.update(files[name])
    return digest.digest()

"""Bad disks: full, read-only, with changed bits; and a clock that jumps. The journal refuses or survives.

Full and read-only disks are real ones: a tmpfs in a mount namespace of its own, which needs no rights.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from unittest import mock

from kiosk.issuance import journal as journal_module
from kiosk.issuance import soundness
from kiosk.issuance.journal import Journal, JournalError, read, verify
from kiosk.issuance.states import State
from tests.crash.endings import PRINTED
from tests.crash.killing import environment

RUN_S = 60.0
MAX_BYTES = 1 << 30
SEED = 20260702
REFUSED = "refused: "
# $0 the mount point, $1 the tmpfs's size, $2 where to copy what is left, then the command.
_ON_A_DISK = """
mount -t tmpfs -o size="$1" tmpfs "$0" || exit 90
disk=$0 to=$2; shift 2
"$@"; status=$?
cp "$disk"/* "$to"/ || exit 91
exit $status
"""


@dataclass
class Finds:
    """What came of it.

    Attributes:
        ends: How cases ended, by kind and word.
        wrong: Cases in which the journal lied, lost something acknowledged, or ended in an error of the program.
    """

    tried: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    wrong: list[str] = field(default_factory=list)


def on_a_disk(folder: Path, size_bytes: int, words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `tests.crash.write_journal` on a disk of this size; afterwards its files lie in `folder`."""
    mount = folder.with_name(f"{folder.name}-mount")
    for path in (folder, mount):
        path.mkdir()
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _ON_A_DISK, str(mount), str(size_bytes)]
    command += [str(folder), sys.executable, "-m", "tests.crash.write_journal", str(mount / "journal.db"), *words]
    return subprocess.run(command, check=False, timeout=RUN_S, capture_output=True, text=True, env=environment())


def full(finds: Finds, folder: Path, size_bytes: int) -> bool:
    """A disk of this size fills up while a journal is written; whether it did."""
    name = f"full at {size_bytes >> 10} KiB"
    finds.tried += 1
    ended = on_a_disk(folder, size_bytes, ["FULL"])
    if ended.returncode == 0:
        finds.ends["full: it had room enough"] += 1
        return False
    if REFUSED not in ended.stderr:
        finds.wrong.append(f"{name}: {ended.stderr.strip()[-300:]}")
        return True
    finds.ends["full: refused"] += 1
    _nothing_lost(finds, name, folder, ended.stdout)
    return True


def read_only(finds: Finds, folder: Path) -> None:
    """The disk is read-only when the daemon starts again, as Linux makes it after an error."""
    finds.tried += 1
    ended = on_a_disk(folder, 16 << 20, ["FULL", "read-only"])
    if REFUSED not in ended.stderr or ended.returncode == 0:
        finds.wrong.append(f"read-only: {ended.stderr.strip()[-300:]}")
        return
    finds.ends["read-only: refused, and not opened again"] += 1
    _nothing_lost(finds, "read-only", folder, ended.stdout)


def _nothing_lost(finds: Finds, name: str, folder: Path, said: str) -> None:
    """With room again: it opens, verifies, holds what was acknowledged, and goes on."""
    path = folder / "journal.db"
    acknowledged = dict(line.split() for line in said.splitlines())
    try:
        journal = Journal(path, MAX_BYTES)
        try:
            soundness.check(journal, path)
        finally:
            journal.close()
        found = {str(entry.seq): entry.hash.hex() for entry in read(path)}
    except JournalError as error:
        finds.wrong.append(f"{name}: afterwards {error}")
        return
    lost = [seq for seq, digest in acknowledged.items() if found.get(seq) != digest]
    finds.lost += len(lost)
    finds.wrong += [f"{name}: entry {seq} is lost" for seq in lost]


def damages(size_bytes: int, page_bytes: int, bits: int) -> Iterator[tuple[str, int, bytes | int]]:
    """Every page zeroed and filled with noise, and so many single bits: name, offset, bytes or a mask."""
    draw = random.Random(SEED)
    for at in range(0, size_bytes, page_bytes):
        yield f"page at {at} zeroed", at, bytes(page_bytes)
        yield f"page at {at} noise", at, draw.randbytes(page_bytes)
    for _ in range(bits):
        at, bit = draw.randrange(size_bytes), draw.randrange(8)
        yield f"bit {bit} of byte {at}", at, 1 << bit


def damaged(finds: Finds, whole: Path, folder: Path, name: str, at: int, change: bytes | int) -> None:
    """Open a copy of `whole` with one change, as the daemon does at start."""
    finds.tried += 1
    folder.mkdir()
    try:
        copy = folder / "journal.db"
        content = bytearray(whole.read_bytes())
        if isinstance(change, int):
            content[at] ^= change
        else:
            content[at : at + len(change)] = change
        copy.write_bytes(content)
        try:
            seen = known(copy)
        except JournalError:
            finds.ends["damaged: refused"] += 1
            return
        except Exception as error:  # noqa: BLE001 - any other error is a defect, and is what is looked for
            finds.wrong.append(f"{name}: {type(error).__name__}: {error}")
            return
        if seen == known(whole):
            finds.ends["damaged: no difference"] += 1
        else:
            finds.wrong.append(f"{name}: believed")
    finally:
        shutil.rmtree(folder)


def known(path: Path) -> tuple[Any, ...]:
    """All that the daemon believes after it has opened a journal."""
    journal = Journal(path, MAX_BYTES)
    try:
        soundness.check(journal, path)
        # What the registry refused for good is only counted.
        return list(read(path)), journal.in_states(*State), journal.outbox(), journal.count_refused(), journal.head
    finally:
        journal.close()


def clock(finds: Finds, folder: Path) -> None:
    """A day back between two entries: the chain goes by numbers, and holds."""
    finds.tried += 1
    path = folder / "journal.db"
    for shift_days in (0, -1, 1):
        journal = Journal(path, MAX_BYTES)
        with mock.patch.object(journal_module, "datetime", _shifted(timedelta(days=shift_days))):
            for event in PRINTED:
                journal.append(f"key{shift_days}", event, {})
        soundness.check(journal, path)
        journal.close()
    times = [entry.at for entry in read(path)]
    if times == sorted(times):
        finds.wrong.append("the clock did not jump")
    if verify(read(path)) or len(times) != 3 * len(PRINTED):
        finds.wrong.append("a jumping clock breaks the chain")
    finds.ends["clock a day back: survived"] += 1


def _shifted(by: timedelta) -> type[datetime]:
    """A clock that is wrong by so much."""

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Shifted:
            return super().now(tz) + by

    return Shifted


def page_bytes(path: Path) -> int:
    """SQLite's page size of a file."""
    db = sqlite3.connect(path)
    try:
        (size,) = db.execute("PRAGMA page_size").fetchone()
    finally:
        db.close()
    return int(size)

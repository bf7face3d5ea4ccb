"""What technicians do while the journal takes nothing: lines in a file beside it, which the next entry vouches for."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk import logs

if TYPE_CHECKING:
    from kiosk.kiosk import Kiosk
    from kiosk.technician.staff import Holder

FILE: Final = "while-no-journal.jsonl"


async def note(kiosk: Kiosk, holder: Holder, act: str, detail: Mapping[str, str | int]) -> None:
    """Write one deed down; where the disk takes nothing either, the daemon's log alone has it."""
    line = {"at": datetime.now(UTC).isoformat(), "who": holder.staff, "role": holder.role.value, "act": act, **detail}
    try:
        await asyncio.to_thread(_append, _path(kiosk.config.state_dir), json.dumps(line, sort_keys=True) + "\n")
    except OSError as error:
        logs.event("technician_not_noted", reason=act, error=error)


async def vouch(kiosk: Kiosk, holder: Holder) -> None:
    """The journal works again: it keeps how many lines there are and their hash. Raises JournalError, OSError."""
    path = _path(kiosk.config.state_dir)
    text = await asyncio.to_thread(read, kiosk.config.state_dir)
    if not text:
        return
    digest = hashlib.sha256(text.encode()).hexdigest()
    detail: dict[str, str | int] = {"lines": text.count("\n"), "sha256": digest}
    await kiosk.ledger.record_technician(holder.staff, holder.role.value, "noted_without_journal", detail)
    await asyncio.to_thread(path.rename, path.with_name(f"noted-{digest[:16]}.jsonl"))


def read(state_dir: Path) -> str:
    """Every line that no entry of the journal vouches for yet."""
    try:
        return _path(state_dir).read_text("utf-8")
    except OSError:
        return ""


def _path(state_dir: Path) -> Path:
    return state_dir / "technician" / FILE


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode())
        os.fsync(file)
    finally:
        os.close(file)

"""Settling issuances of unknown outcome: one after the other, a question, two choices, a note, and no way back."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance.chain import read
from kiosk.issuance.journal import Issuance
from kiosk.issuance.outcome import SettleRefused
from kiosk.issuance.states import State
from kiosk.session.panel import Worded
from kiosk.technician.words import say

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

NOTES: Final = {
    tech.FINDING_TAKEN: frozenset({tech.SETTLE_NOTE_RESIDENT_HAS_IT, tech.SETTLE_NOTE_NOTHING_IN_THE_MACHINE}),
    tech.FINDING_DESTROYED: frozenset(
        {tech.SETTLE_NOTE_FOUND_IN_TRAY, tech.SETTLE_NOTE_FOUND_INSIDE, tech.SETTLE_NOTE_FOUND_SPOILED}
    ),
}
_CARDS: Final = frozenset({"DOCUMENT_KIND_KTP_EL", "DOCUMENT_KIND_KIA"})


async def settle(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """The task: until none is left, or it is left."""
    while issuances := await session.kiosk.ledger.in_states(State.UNKNOWN):
        await _one(session, issuances[0], len(issuances))


async def _one(session: TechnicianSession, issuance: Issuance, remaining: int) -> None:
    at = await asyncio.to_thread(_when, session.kiosk.config.state_dir / "journal.db", issuance)
    while True:
        answer = await session.ask(_screen(issuance, remaining, at, tech.SETTLE_STEP_QUESTION), "settle")
        found = answer.settle
        if found.note not in NOTES[found.finding]:
            continue
        screen = _screen(issuance, remaining, at, tech.SETTLE_STEP_CONFIRM, found)
        if (await session.ask(screen, "confirm", "reject")).WhichOneof("act") == "confirm":
            break
    finding, note = tech.Finding.Name(found.finding), tech.SettleNote.Name(found.note)
    await session.deed("settle", issuance=issuance.key, finding=finding, note=note)
    step = tech.SETTLE_STEP_RECORDED
    try:
        await session.kiosk.settle(issuance.key, found.finding == tech.FINDING_TAKEN)
    except SettleRefused:
        step = tech.SETTLE_STEP_REFUSED
    await session.ask(_screen(issuance, remaining, at, step, found), "done")


def _screen(
    issuance: Issuance,
    remaining: int,
    at: datetime | None,
    step: tech.SettleStep.ValueType,
    found: tech.SettleAct | None = None,
) -> Worded:
    def worded(language: pb.Language.ValueType) -> tech.SettleScreen:
        detail = issuance.detail
        screen = tech.SettleScreen(
            step=step,
            receipt_number=str(detail.get("receipt_number", "")),
            kind=_kind(detail.get("kind")),
            what_is_known=say(_known(issuance), language),
            remaining=remaining,
        )
        if at is not None:
            screen.at.FromDatetime(at)
        if found is not None:
            screen.finding, screen.note = found.finding, found.note
        return screen

    return worded


def _when(journal: Path, issuance: Issuance) -> datetime | None:
    """When it was last heard of."""
    entry = next(read(journal, after=issuance.seq - 1), None)
    return None if entry is None else datetime.fromisoformat(entry.at)


def _kind(name: object) -> registry.DocumentKind.ValueType:
    try:
        return registry.DocumentKind.Value(str(name))
    except ValueError:
        return registry.DOCUMENT_KIND_UNSPECIFIED


def _known(issuance: Issuance) -> str:
    detail = issuance.detail
    if detail.get("where") in ("inside", "bin", "reject"):
        return "known_inside"
    evidence = detail.get("evidence")
    return {"acknowledged": "known_printed", "presented": "known_presented"}.get(str(evidence), "known_printing")

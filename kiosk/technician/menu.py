"""The technician's menu: what a role may do, what is due, and what this machine does not have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from kiosk.checkup import archive, last_full
from kiosk.issuance.states import State
from kiosk.issuance.stock import Figure, Item
from kiosk.session.panel import Worded
from kiosk.technician.picking import jammed
from kiosk.technician.session import ROLES
from kiosk.technician.staff import Role
from kiosk.technician.words import device, say, why

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

T = tech.TechnicianTask
ALL: Final = tuple(number for number in T.values() if number)
MAY: Final = {
    Role.TECHNICIAN: frozenset(ALL),
    Role.ATTENDANT: frozenset(
        {
            tech.TECHNICIAN_TASK_SELF_TEST_QUICK,
            tech.TECHNICIAN_TASK_LOAD_PAPER,
            tech.TECHNICIAN_TASK_LOAD_RECEIPT_PAPER,
            tech.TECHNICIAN_TASK_CLEAR_JAM,
        }
    ),
    Role.AUDITOR: frozenset({tech.TECHNICIAN_TASK_SELF_TEST_QUICK, tech.TECHNICIAN_TASK_REPORTS}),
}
READ_ONLY: Final = frozenset(
    {
        tech.TECHNICIAN_TASK_SELF_TEST_QUICK,
        tech.TECHNICIAN_TASK_TOUCH_TEST,
        tech.TECHNICIAN_TASK_DISPLAY_TEST,
        tech.TECHNICIAN_TASK_REPORTS,
        tech.TECHNICIAN_TASK_EXPORT_LOGS,
        tech.TECHNICIAN_TASK_RESTART,
        tech.TECHNICIAN_TASK_SHUT_DOWN,
    }
)
"""What needs no journal."""
STOCK: Final = {
    tech.TECHNICIAN_TASK_LOAD_PAPER: Item.PAPER_A4,
    tech.TECHNICIAN_TASK_LOAD_BLANKS: Item.CARD_KTP_EL,
    tech.TECHNICIAN_TASK_LOAD_KIA_BLANKS: Item.CARD_KIA,
    tech.TECHNICIAN_TASK_LOAD_RIBBON: Item.RIBBON,
}
_NEEDS: Final = {
    tech.TECHNICIAN_TASK_LOAD_BLANKS: ("card_printer",),
    tech.TECHNICIAN_TASK_LOAD_KIA_BLANKS: ("kia_printer",),
    tech.TECHNICIAN_TASK_LOAD_RIBBON: ("card_printer", "kia_printer"),
}
"""Any of these devices."""
_LOW: Final = {Item.PAPER_A4: 20, Item.CARD_KTP_EL: 10, Item.CARD_KIA: 10, Item.RIBBON: 20}


@dataclass(frozen=True, slots=True)
class _Line:
    task: tech.TechnicianTask.ValueType
    due: bool = False
    enabled: bool = True
    key: str = ""
    values: tuple[tuple[str, object], ...] = ()

    def drawn(self, language: pb.Language.ValueType) -> tech.TaskChoice:
        values = {
            name: device(value, language) if name == "device" else value  # type: ignore[arg-type]
            for name, value in self.values
        }
        detail = say(self.key, language, **values) if self.key else ""
        return tech.TaskChoice(task=self.task, needs_doing=self.due, enabled=self.enabled, detail=detail)


async def menu(session: TechnicianSession) -> Worded:
    """The menu as things stand now."""
    may = MAY[session.holder.role] & (READ_ONLY if session.read_only else frozenset(ALL))
    lines = [await _line(session, task) for task in ALL if task in may]
    closed = [line for line in session.kiosk.services.report() if line.availability == fleet.AVAILABILITY_UNAVAILABLE]

    def worded(language: pb.Language.ValueType) -> tech.TechnicianMenuScreen:
        summary = ""
        if session.read_only:
            summary = say("no_journal", language)
        elif closed:
            summary = say("ill", language, count=len(closed), reason=why(closed[0].reason, language))
        return tech.TechnicianMenuScreen(
            holder=session.holder.name,
            role=ROLES[session.holder.role],
            tasks=[line.drawn(language) for line in lines],
            summary=summary,
        )

    return worded


async def _line(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> _Line:
    config = session.kiosk.config
    there = {one.name for one in session.kiosk.devices}
    if task in _NEEDS and there.isdisjoint(_NEEDS[task]):
        return _Line(task, enabled=False, key="not_here")
    if task in STOCK:
        return await _stock(session, task)
    if task == tech.TECHNICIAN_TASK_SETTLE:
        count = len(await session.kiosk.ledger.in_states(State.UNKNOWN))
        return _Line(task, bool(count), bool(count), "open" if count else "none_open", (("count", count),))
    if task == tech.TECHNICIAN_TASK_CLEAR_JAM:
        return _Line(task, due=any(map(jammed, session.kiosk.devices)))
    if task == tech.TECHNICIAN_TASK_SELF_TEST_FULL:
        return _full_test(session, task)
    if task == tech.TECHNICIAN_TASK_EXPORT_LOGS and config.technician.export_key_file is None:
        return _Line(task, enabled=False, key="not_set_up")
    if task in (tech.TECHNICIAN_TASK_RESTART, tech.TECHNICIAN_TASK_SHUT_DOWN) and config.technician.power == "off":
        return _Line(task, enabled=False, key="not_set_up")
    return _Line(task)


async def _stock(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> _Line:
    item = STOCK[task]
    books = await session.kiosk.stock_keeper.books(item)
    if not books:
        return _Line(task)
    count = sum(book[Figure.REMAINING] for book in books)
    unit = "cards" if item.is_card or item is Item.RIBBON else "sheets"
    return _Line(task, count < _LOW[item], True, unit, (("count", count),))


def _full_test(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> _Line:
    """A full test that is older than the rules allow is due."""
    began = last_full(archive(session.kiosk.config).reports())
    if began is None:
        return _Line(task, due=True, key="no_full_test")
    days = (datetime.now(UTC) - began).days
    due = days > session.kiosk.config.selftest.full_days
    return _Line(task, due, True, "old_full_test", (("days", days),))

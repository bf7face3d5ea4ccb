"""The journal as the event loop uses it: one thread of its own writes, so a slow disk never stops the screens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance.errors import OutOfBlanks
from kiosk.issuance.journal import Issuance, Journal, Message
from kiosk.issuance.states import Event, State
from kiosk.issuance.stock import Book, Figure, Handling, Item

T = TypeVar("T")


class Ledger:
    """The journal's only user in the daemon."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self.waiting = asyncio.Event()
        self.waiting.set()

    async def check_room(self) -> None:
        """Raise JournalFull when no new issuance may be begun."""
        await self._do(self._journal.check_room)

    async def append(
        self,
        key: str,
        event: Event,
        detail: Mapping[str, Any],
        tell: tuple[str, Mapping[str, Any]] | None = None,
    ) -> int:
        """As `Journal.append`. Not undone by cancellation: what was begun is written."""
        seq = await asyncio.shield(asyncio.ensure_future(self._do(self._journal.append, key, event, detail, tell)))
        if tell is not None:
            self.waiting.set()
        return seq

    async def issuance(self, key: str) -> Issuance | None:
        """Where one issuance stands."""
        return await self._do(self._journal.issuance, key)

    async def in_states(self, *states: State) -> list[Issuance]:
        """Issuances that stand in one of these states, oldest first."""
        return await self._do(self._journal.in_states, *states)

    async def outbox(self) -> list[Message]:
        """What the registry has not acknowledged, oldest first."""
        return await self._do(self._journal.outbox)

    async def acknowledged(self, seq: int) -> None:
        """The registry has heard this message."""
        await self._do(self._journal.acknowledged, seq)

    async def kept(self, seq: int, digest: bytes) -> int:
        """Central keeps this head; see `Journal.kept`."""
        return await self._do(self._journal.kept, seq, digest)

    async def refused(self, seq: int, reason: str) -> None:
        """The registry will never take this message."""
        await self._do(self._journal.refused, seq, reason)

    async def count_refused(self) -> int:
        """Messages that the registry will never take."""
        return await self._do(self._journal.count_refused)

    async def next_blank(self, blank: pb.Blank.ValueType) -> str:
        """The batch that the next blank comes from. Raises OutOfBlanks."""
        return await self._do(self._journal.next_batch, Item(pb.Blank.Name(blank)))

    async def remaining(self, blank: pb.Blank.ValueType) -> int | None:
        """How many are left, by the books; None when none were ever loaded or counted."""
        books = [book for book in await self.books() if book.item == pb.Blank.Name(blank)]
        return sum(book[Figure.REMAINING] for book in books) if books else None

    async def last_loading(self, item: Item) -> int | None:
        """How many were loaded the last time; None when none ever were."""
        return await self._do(self._journal.last_loading, item)

    async def books(self) -> list[Book]:
        """Every book of blanks and supplies."""
        return await self._do(self._journal.books)

    async def record_stock(self, done: Sequence[Handling], staff: Sequence[str], reason: str = "") -> int:
        """As `Journal.record_stock`. Not undone by cancellation."""
        work = self._do(self._journal.record_stock, done, staff, reason)
        seq = await asyncio.shield(asyncio.ensure_future(work))
        self.waiting.set()
        return seq

    async def stock_reason(self, blank: pb.Blank.ValueType) -> str:
        """Why nothing can be issued on this kind of blank, in a key word for the health report; empty when it can."""
        try:
            await self.next_blank(blank)
        except OutOfBlanks:
            differs = any(book.difference for book in await self.books() if book.item == pb.Blank.Name(blank))
            return "stock:mismatch" if differs else "stock:out"
        return ""

    async def record_technician(self, who: str, role: str, act: str, detail: Mapping[str, str | int]) -> int:
        """What a technician did that no issuance and no book knows; `detail` names nobody else."""
        entry = {"who": who, "role": role, "act": act, **detail}
        return await asyncio.shield(asyncio.ensure_future(self._do(self._journal.record_technician, entry)))

    @property
    def head(self) -> tuple[int, bytes]:
        """Number and hash of the newest entry."""
        return self._journal.head

    def close(self) -> None:
        """Wait for what is being written, then let go of the file."""
        self._thread.shutdown(wait=True)
        self._journal.close()

    async def _do(self, work: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *values)

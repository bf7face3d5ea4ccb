"""A registry as its contract describes it, behind a network that loses, repeats and delays what it carries.

The rules are those of `central/registry/issuing.py` and `outcomes.py`, written again in memory: one holder a document,
one grant a key, `taken` and `void` final, a void may overtake its own Begin.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn, TypeVar

from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance.journal import Message
from kiosk.registry.client import Refused, Unreachable

T = TypeVar("T")

PDF = b"%PDF-1.7 read by nobody here"
MOVES = {
    "open": {"taken", "unknown", "void"},
    "unknown": {"taken", "void"},
    "taken": set[str](),
    "void": set[str](),
}


class Net(StrEnum):
    """What becomes of one call."""

    OK = "ok"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    LATE = "late"
    """The machine gives up waiting; the request arrives some time afterwards."""
    TWICE = "twice"
    """It arrives, and once more some time afterwards."""


@dataclass
class Row:
    """One issuance at the registry.

    Attributes:
        spoiled: Blanks that are used up and were not issued, as the newest message about it says.
    """

    document: str
    state: str
    grant_id: str = ""
    seq: int = 0
    spoiled: int = 0


@dataclass
class ModelRegistry:
    """Implements what `Issuer` and the outbox use of `Registry`.

    Attributes:
        net: What becomes of the next calls, first first; OK when there is none left.
        flying: Requests that arrive later, or once more.
        pages: Page count of each document.
        tick: Called wherever the machine may die.
        contradicted: Messages that were refused for good: the books disagree.
    """

    tick: Callable[[], None]
    pages: dict[str, int]
    net: list[Net] = field(default_factory=list)
    flying: list[Callable[[], object]] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    contradicted: int = 0

    async def begin(self, key: str, token: str, document_id: str, data_version: str) -> tuple[pb.GrantClaims, str]:
        """See `Registry.begin`."""
        return self._carry(lambda: self._begin(key, document_id)), "00"

    async def get_artefact(self, claims: pb.GrantClaims) -> bytes:
        """See `Registry.get_artefact`."""
        return self._carry(lambda: PDF)

    async def tell(self, message: Message) -> None:
        """See `Registry.tell`."""
        self._carry(lambda: self._tell(message))

    def arrives(self, index: int) -> None:
        """Something that flew arrives; nobody waits for its answer any more."""
        request = self.flying.pop(index % len(self.flying))
        before = self.contradicted
        try:
            request()
        except Refused:
            # A late request may be refused: the machine has heard its answer another way.
            self.contradicted = before

    def holder(self, document: str) -> Row | None:
        """Who keeps a document from being issued."""
        held = [row for row in self.rows.values() if row.document == document and row.state != "void"]
        assert len(held) <= 1
        return held[0] if held else None

    def _carry(self, request: Callable[[], T]) -> T:
        self.tick()
        net = self.net.pop(0) if self.net else Net.OK
        if net is Net.REQUEST_LOST:
            raise Unreachable("UNAVAILABLE")
        if net is Net.LATE:
            self.flying.append(request)
            raise Unreachable("DEADLINE_EXCEEDED")
        if net is Net.TWICE:
            self.flying.append(request)
        answer = request()
        self.tick()
        if net is Net.ANSWER_LOST:
            raise Unreachable("UNAVAILABLE")
        return answer

    def _begin(self, key: str, document: str) -> pb.GrantClaims:
        row = self.rows.get(key)
        if row is None:
            if self.holder(document) is not None:
                raise Refused(pb.ERROR_REASON_ALREADY_ISSUED, {})
            row = self.rows[key] = Row(document, "open", f"grant-{len(self.rows)}")
        if row.state != "open":
            raise Refused(pb.ERROR_REASON_GRANT_ENDED, {})
        return pb.GrantClaims(
            grant_id=row.grant_id,
            receipt_number=f"ADM-3520-{key[:8]}",
            page_count=self.pages[document],
            artefact_sha256=hashlib.sha256(PDF).digest(),
        )

    def _tell(self, message: Message) -> None:
        if message.method == "stock":
            return  # what people did with blanks
        fields, row = message.fields, self.rows.get(message.key)
        state = "void"
        if message.method == "complete":
            state = "taken" if fields["outcome"] == pb.OUTCOME_TAKEN else "unknown"
        if row is None:
            if state != "void" or fields["grant_id"]:
                self._contradict()
            # A void that overtook its own Begin.
            self.rows[message.key] = Row("", "void", seq=message.seq)
            return
        if fields["grant_id"] not in ("", row.grant_id):
            self._contradict()
        if state == row.state:
            return
        if state not in MOVES[row.state]:
            if state == "unknown" and message.seq < row.seq:
                return
            self._contradict()
        row.state, row.seq, row.spoiled = state, message.seq, fields.get("blanks_spoiled", 0)

    def _contradict(self) -> NoReturn:
        self.contradicted += 1
        raise Refused(pb.ERROR_REASON_GRANT_ENDED, {})

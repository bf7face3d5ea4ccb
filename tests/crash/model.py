"""The model test: the production issuer, recovery, outbox and journal against everything that may go wrong.

A state machine of hypothesis chooses documents, faults, deaths of the daemon, late and repeated messages, power cuts
of the printer and a technician's findings. After every step the books are compared: the journal on disk, the registry,
and the paper that really came out.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from adm.registry.v1 import registry_pb2 as pb
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.devices import Device
from kiosk.issuance import stock
from kiosk.issuance.issue import IssueFailed, Issuer, Step
from kiosk.issuance.journal import Journal, read, verify
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.outbox import deliver_once
from kiosk.issuance.recovery import EndsLeftOpen, recover
from kiosk.issuance.states import Event, State
from kiosk.registry.client import RegistryError
from tests.crash.invariants import FREE
from tests.crash.model_printer import Fate, HandOver, ModelPrinter
from tests.crash.model_registry import ModelRegistry, Net

DOCUMENTS = {"kk": 1, "akta": 1, "biodata": 2}
PAGE_S = 0.01
MAX_BYTES = 1 << 30
# A death comes at the n-th place where one may come; most steps have fewer than this.
DEATH = st.one_of(st.none(), st.integers(1, 25))
NETS = st.lists(st.sampled_from(Net), max_size=4)
IN_MEMORY = "/dev/shm"

T = TypeVar("T")


class Death(BaseException):
    """The daemon is gone, here and now; nothing of it runs any more."""


class MortalLedger(Ledger):
    """The production ledger in the caller's thread, with places to die before and after every write."""

    def __init__(
        self,
        journal: Journal,
        tick: Callable[[], None],
        late: Event | None,
        asked: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        super().__init__(journal)
        self._tick = tick
        self._asked = asked
        self._late = late
        self._held: tuple[str, Mapping[str, Any]] | None = None
        self.acknowledged_entries: dict[int, bytes] = {}

    async def append(
        self,
        key: str,
        event: Event,
        detail: Mapping[str, Any],
        tell: tuple[str, Mapping[str, Any]] | None = None,
    ) -> int:
        """See `Ledger.append`."""
        if event is Event.ASK:
            self._asked(key, detail)
        if event is self._late:
            # The negative control's defect: written only after it has happened.
            self._held = (key, detail)
            return 0
        if self._held is not None:
            held, self._held = self._held, None
            assert self._late is not None, "something was held back"
            await super().append(held[0], self._late, held[1])
        seq = await super().append(key, event, detail, tell)
        self.acknowledged_entries[seq] = self.head[1]
        return seq

    async def _do(self, work: Callable[..., T], *values: Any) -> T:
        self._tick()
        result = work(*values)
        self._tick()
        return result


class IssuingMachine(RuleBasedStateMachine):
    """See the module.

    Attributes:
        late: Negative control: what the machine journals too late.
        steps: Rules carried out, by name, over all runs.
        ends: How issuances ended, over all runs.
    """

    late: ClassVar[Event | None] = None
    steps: ClassVar[Counter[str]] = Counter()
    ends: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="adm-model-", dir=IN_MEMORY)
        self.path = Path(self._folder.name) / "journal.db"
        self._runner = asyncio.Runner()
        self._ticks_left: int | None = None
        self.registry = ModelRegistry(self.tick, dict(DOCUMENTS))
        self.printer = ModelPrinter(self.tick)
        self.acknowledged: dict[int, bytes] = {}
        self.destroyed: Counter[str] = Counter()
        self.more_devices: list[Device[Any]] = []
        self._run(self._start())

    def tick(self) -> None:
        """A place where the daemon may die."""
        if self._ticks_left is not None:
            self._ticks_left -= 1
            if self._ticks_left <= 0:
                raise Death

    @rule(
        document=st.sampled_from(sorted(DOCUMENTS)),
        nets=NETS,
        hand_over=st.sampled_from([HandOver.OK, *HandOver]),
        fate=st.sampled_from([Fate.COMPLETES, *Fate]),
        confirmed=st.sampled_from(["taken", "not confirmed"]),
        death=DEATH,
    )
    def a_resident_prints(
        self, document: str, nets: list[Net], hand_over: HandOver, fate: Fate, confirmed: str, death: int | None
    ) -> None:
        """From the yes to the hand-over, whatever happens."""
        self.printer.hand_over, self.printer.fate, self.printer.pages = hand_over, fate, DOCUMENTS[document]
        self._live("print", self._issue(document, confirmed), nets, death)

    @rule(nets=NETS, death=DEATH)
    def the_outbox_is_delivered(self, nets: list[Net], death: int | None) -> None:
        """One round."""
        self._live("deliver", deliver_once(self.ledger, self.registry), nets, death)  # type: ignore[arg-type]

    @precondition(lambda self: self.registry.flying)
    @rule(index=st.integers(0, 9))
    def something_late_arrives(self, index: int) -> None:
        """In any order."""
        self.steps["late"] += 1
        self.registry.arrives(index)

    @rule(death=DEATH)
    def the_daemon_starts_anew(self, death: int | None) -> None:
        """Power lost and back; it may die again while it recovers."""
        self._live("restart", self._restart(), [], death)

    @rule()
    def the_printer_is_switched_off_and_on(self) -> None:
        """It forgets its jobs."""
        self.steps["printer off and on"] += 1
        self.printer.switch_off_and_on()

    @rule()
    def paper_is_loaded(self) -> None:
        """Jobs that waited for it are printed."""
        self.steps["paper"] += 1
        self.printer.paper_is_loaded()

    @precondition(lambda self: self._in_state(State.UNKNOWN))
    @rule(index=st.integers(0, 9), taken=st.booleans(), death=DEATH)
    def a_technician_settles(self, index: int, taken: bool, death: int | None) -> None:
        """Clears the printer's queue, looks, and says what is true."""
        unknown = self._in_state(State.UNKNOWN)
        self._live("settle", self._settle(unknown[index % len(unknown)], taken), [], death)

    @rule(document=st.sampled_from(sorted(DOCUMENTS)), fate=st.sampled_from(Fate), death=DEATH)
    def a_resident_prints_on_a_good_network(self, document: str, fate: Fate, death: int | None) -> None:
        """Faults of the printer alone, so that they are often reached."""
        self.a_resident_prints(document, [], HandOver.OK, fate, "taken", death)

    @rule()
    def central_keeps_the_head(self) -> None:
        """Details that nobody needs any more go."""
        self._live("kept", self._keep(), [], None)

    @invariant()
    def the_books_agree(self) -> None:
        """Journal, registry and paper, as far as each can know by now."""
        entries = list(read(self.path))
        assert verify(iter(entries)) == []
        found = {entry.seq: entry.hash for entry in entries}
        assert {seq: found.get(seq) for seq in self.acknowledged} == self.acknowledged, "an acknowledged entry is lost"
        last = {entry.key: entry.state for entry in entries if entry.key != stock.KEY}
        waiting = {message.key for message in self.journal.outbox()}
        for key, state in last.items():
            self._agrees(key, State(state), key in waiting)
        for key, row in self.registry.rows.items():
            assert key in last, "the registry knows what no journal does"
            assert row.state != "taken" or last[key] == State.TAKEN
            assert row.state != "void" or last[key] in FREE
        for document in DOCUMENTS:
            keys = [key for key, row in self.registry.rows.items() if row.document == document]
            numbers = [f"ADM-3520-{key[:8]}" for key in keys]
            assert sum(self.printer.out[n] - self.destroyed[n] for n in numbers) <= 1, "two originals"
        assert self.registry.contradicted == 0
        assert self.journal.count_refused() == 0

    def _agrees(self, key: str, state: State, waiting: bool) -> None:
        number = f"ADM-3520-{key[:8]}"
        out = self.printer.out[number]
        assert out <= 1, "printed twice"
        if state is State.CANCELLED:
            assert out == 0, "cancelled, and printed"
        if state is State.TAKEN:
            assert out == 1, "taken, and never printed"
        if state is State.SPOILED:
            assert out == self.destroyed[number], "spoiled, and an original is about"
        self._agrees_with_registry(key, state, waiting)

    def _agrees_with_registry(self, key: str, state: State, waiting: bool) -> None:
        if state.open or waiting:
            return
        row = self.registry.rows.get(key)
        at_registry = row.state if row else "nothing"
        told = {State.TAKEN: "taken", State.UNKNOWN: "unknown"}.get(state, "void")
        assert at_registry == told, f"{state} here, {at_registry} at the registry"

    def teardown(self) -> None:
        """At last the network is well and everything late arrives: then both books say the same."""
        try:
            self._live("restart", self._restart(), [], None)
            for _ in range(2):
                assert self._run(deliver_once(self.ledger, self.registry))  # type: ignore[arg-type]
                while self.registry.flying:
                    self.registry.arrives(0)
            assert not [key for state in State if state.open for key in self._in_state(state)]
            self.the_books_agree()
            self._at_last()
            self.ends.update({e.key: e.state for e in read(self.path) if e.key != stock.KEY}.values())
        finally:
            self._run(self._close())
            self.ledger.close()
            self._runner.close()
            self._folder.cleanup()

    def _live(self, name: str, life: Coroutine[Any, Any, Any], nets: list[Net], death: int | None) -> None:
        self.steps[name] += 1
        self.registry.net = list(nets)
        self._ticks_left = death
        try:
            self._run(life)
        except Death:
            self.steps["deaths"] += 1
            self._ticks_left = None
            self._run(self._restart())
        finally:
            self._ticks_left = None
            self.registry.net = []
            self.acknowledged |= self.ledger.acknowledged_entries

    async def _issue(self, document: str, confirmed: str) -> None:
        kind = pb.Document(document_id=document, kind=pb.DOCUMENT_KIND_KK, page_count=DOCUMENTS[document])
        try:
            printed = await self.issuer.print("token", kind, "v1", _nobody_watches)
        except (IssueFailed, RegistryError):
            return
        self.tick()
        if confirmed == "taken":
            await self.issuer.taken(printed)
        else:
            await self.issuer.not_confirmed(printed.key, printed.grant_id)

    async def _settle(self, key: str, taken: bool) -> None:
        self.printer.switch_off_and_on()
        number = f"ADM-3520-{key[:8]}"
        handed_over = taken and self.printer.out[number] == 1
        if not handed_over:
            self.destroyed[number] = self.printer.out[number]
        await self.issuer.settle(key, handed_over)

    def _asked(self, key: str, detail: Mapping[str, Any]) -> None:
        """An issuance begins."""

    def _at_last(self) -> None:
        """Everything late has arrived: what else must be equal now."""

    def _card_issuers(self) -> Mapping[str, EndsLeftOpen]:
        return {}

    async def _close(self) -> None:
        for device in (self.device, *self.more_devices):
            await device.close()

    async def _start(self) -> None:
        self.journal = Journal(self.path, MAX_BYTES)
        self.ledger = MortalLedger(self.journal, self.tick, self.late, self._asked)
        self.device: Device[Any] = Device("document_printer", "model", lambda: self.printer)
        await self.device.open()
        registry: Any = self.registry
        self.issuer = Issuer(self.ledger, registry, self.device, PAGE_S, assume_taken=False)

    async def _restart(self) -> None:
        self.acknowledged |= self.ledger.acknowledged_entries
        await self._close()
        self.ledger.close()
        await self._start()
        await recover(self.ledger, self.issuer, self._card_issuers())

    async def _keep(self) -> None:
        seq, digest = self.ledger.head
        if seq:
            await self.ledger.kept(seq, digest)

    def _in_state(self, state: State) -> list[str]:
        return [issuance.key for issuance in self.journal.in_states(state)]

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)


async def _nobody_watches(_step: Step, _progress: float) -> None:
    return

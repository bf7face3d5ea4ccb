"""The machine as its journeys see it: devices, ledger, registry, panel, and whether all of it works."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as panel_pb
from adm.registry.v1.registry_pb2 import DocumentKind

from biometrics.engine import FaceEngine
from drivers.camera.port import Camera
from drivers.card_reader.port import CardReader
from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter
from drivers.paper_feeder.port import PaperFeeder
from drivers.receipt_printer.port import ReceiptPrinter
from kiosk import logs
from kiosk.checkup import archive
from kiosk.config import KioskConfig
from kiosk.devices import Device
from kiosk.fleet.agent import FleetAgent
from kiosk.fleet.capabilities import Capabilities
from kiosk.fleet.card_health import CardFacts, judge_card
from kiosk.fleet.health import DeviceFacts, Facts, Services
from kiosk.fleet.tested import LastTest, as_message
from kiosk.fleet.witness import Witness
from kiosk.issuance.card import CardIssuer
from kiosk.issuance.issue import Issuer
from kiosk.issuance.journal import JournalError
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.paper import PaperPath, status_and_mend
from kiosk.issuance.recovery import OPEN, wait_for
from kiosk.issuance.states import State
from kiosk.issuance.stock import Book
from kiosk.issuance.stock_keeping import StockKeeper
from kiosk.issuance.supplies import SupplyWatch
from kiosk.maintenance import Busy, Maintenance
from kiosk.registry.client import Registry
from kiosk.session.panel import Panel
from kiosk.session.panel_service import InSession
from kiosk.technician.door import Door
from kiosk.technician.locks import Locks
from kiosk.technician.using import used_up

POLL_WELL_S: Final = 10.0
POLL_ILL_S: Final = 2.0
STATUS_S: Final = 4.0


class Kiosk:
    """One machine.

    Attributes:
        cards: Who makes cards, by kind; empty on a machine without card printers.
        in_session: A resident is being served.
        attended: Somebody with a service card works at the machine.
        door: Who lets them in.
        tested: What the last self-test found.
        stop_wanted: Set when a technician has the daemon end.
        changed: Set whenever the verdict on the services changed.
    """

    def __init__(
        self,
        config: KioskConfig,
        panel: Panel,
        ledger: Ledger,
        registry: Registry,
        faces: FaceEngine,
        witness: Witness,
        card_reader: Device[CardReader],
        camera: Device[Camera],
        document_printer: Device[DocumentPrinter],
        receipt_printer: Device[ReceiptPrinter],
        paper_feeder: Device[PaperFeeder] | None = None,
        cards: Sequence[CardIssuer] = (),
    ) -> None:
        self.config = config
        self.panel = panel
        self.ledger = ledger
        self.registry = registry
        self.faces = faces
        self.witness = witness
        self.card_reader = card_reader
        self.camera = camera
        self.document_printer = document_printer
        self.receipt_printer = receipt_printer
        self.paper_feeder = paper_feeder
        self.issuer = Issuer(
            ledger,
            registry,
            document_printer,
            config.printing.page_s,
            config.printing.when_not_confirmed == "assume_taken",
            PaperPath(paper_feeder) if paper_feeder else None,
        )
        self.cards = {issuer.station.kind: issuer for issuer in cards}
        self.stock_keeper = StockKeeper(ledger)
        self.services = Services()
        self.changed = asyncio.Event()
        self.in_session = False
        self.maintenance = Maintenance()
        self.attended = False
        self.door = Door(config.technician, None, Locks(config.state_dir / "technician" / "locks.json"))
        self.tested = LastTest()
        self.capabilities = Capabilities()
        self.stop_wanted = asyncio.Event()
        self._self_test_wanted = asyncio.Event()
        self.central: FleetAgent | None = None
        self.started_at = datetime.now(UTC)
        self.software_version = ""
        self._unsettled: Counter[str] = Counter()
        self._card_stock: dict[DocumentKind.ValueType, str] = {}
        self._open = 0
        self._room = True
        self._outbox = 0
        self._refused = 0
        self._supply_watch = SupplyWatch(ledger, document_printer)
        self._supplies: tuple[str, ...] = ()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def devices(self) -> tuple[Device[Any], ...]:
        """Every device."""
        feeder = (self.paper_feeder,) if self.paper_feeder else ()
        stations = [issuer.station for issuer in self.cards.values()]
        of_cards = [device for one in stations for device in (one.printer, one.encoder) if device is not None]
        return (self.card_reader, self.camera, self.document_printer, *feeder, self.receipt_printer, *of_cards)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that nobody waits for, and that the daemon's end cancels."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def watch(self) -> None:
        """Poll devices and journal until cancelled: seldom when all is well, often when something is amiss."""
        while True:
            await self.look()
            await asyncio.sleep(POLL_WELL_S if self.services.well else POLL_ILL_S)

    async def look(self) -> None:
        """Ask every device and the journal once, and judge; a technician's devices are let be."""
        if self.maintenance.wanted.is_set():
            return
        self.card_reader.glance(lambda port: port.status())
        feeder = [self.paper_feeder] if self.paper_feeder else []
        await asyncio.gather(
            *(one.poll(lambda port: status_and_mend(port, Deadline.after(STATUS_S)), STATUS_S) for one in feeder),
            self.camera.poll(lambda port: port.probe(Deadline.after(STATUS_S)), STATUS_S),
            self.document_printer.poll(lambda port: port.status(Deadline.after(STATUS_S)), STATUS_S),
            self.receipt_printer.poll(lambda port: port.status(Deadline.after(STATUS_S)), STATUS_S),
            *(issuer.station.look() for issuer in self.cards.values()),
        )
        await self.look_at_journal()

    async def look_at_journal(self) -> None:
        """Count what is open, unsettled and unsent, and judge."""
        try:
            unknown = await self.ledger.in_states(State.UNKNOWN)
            self._unsettled = Counter(issuance.detail.get("kind", "") for issuance in unknown)
            for kind, issuer in self.cards.items():
                self._card_stock[kind] = await self.ledger.stock_reason(issuer.station.blank)
            statuses = [issuer.station.status for issuer in self.cards.values()]
            self._supplies = await self._supply_watch.look(statuses, self.in_session or self.attended)
            self._open = len(await self.ledger.in_states(*OPEN))
            self._outbox = len(await self.ledger.outbox())
            self._refused = await self.ledger.count_refused()
            await self.ledger.check_room()
            self._room = True
        except JournalError as error:
            if self._room:
                logs.event("journal_refuses", error=error)
            self._room = False
        self.judge()

    def judge(self) -> None:
        """Bring the services up to date with what is known."""
        facts = self._facts()
        cards = {kind: judge_card(facts, self._card_facts(kind, issuer)) for kind, issuer in self.cards.items()}
        other = self.capabilities.update(facts)
        if self.services.update(facts, cards) or other:
            logs.event(
                "service",
                state=fleet.Availability.Name(self.services.verdict.availability),
                reason=self.services.verdict.reason,
            )
            self.changed.set()
            if self.central is not None:
                self.central.report_now()

    def health(self) -> fleet.HealthReport:
        """How the machine is, without personal data."""
        report = fleet.HealthReport(
            devices=[
                fleet.DeviceHealth(
                    name=device.name, driver=device.driver, state=device.state.value, details=device.details
                )
                for device in self.devices
            ],
            services=self.services.report(),
            capabilities=self.capabilities.report(),
            in_session=self.in_session,
        )
        report.reported_at.GetCurrentTime()
        seq, digest = self.ledger.head
        report.journal.seq, report.journal.hash = seq, digest
        report.journal.signature = self.witness.sign(seq, digest)
        report.journal.open_issuances, report.journal.outbox = self._open, self._outbox
        return report

    def status(self) -> panel_pb.GetStatusResponse:
        """For technicians and scripts."""
        status = panel_pb.GetStatusResponse(
            machine_id=self.config.machine_id,
            software_version=self.software_version,
            health=self.health(),
            screen=self.panel.screen_name,
            central_connected=self.central is not None and self.central.connected,
        )
        status.started_at.FromDatetime(self.started_at)
        if (offset_s := self.clock_offset_s) is not None:
            status.clock_offset_s = offset_s
        return status

    @property
    def clock_offset_s(self) -> float | None:
        """How far the machine's clock is ahead of central's; None before central was heard."""
        return None if self.central is None else self.central.clock_offset_s

    @property
    def self_test_wanted(self) -> asyncio.Event:
        """Somebody far away, or the start, wants one as soon as nobody is served."""
        return self._self_test_wanted if self.central is None else self.central.self_test_wanted

    def ask_self_test(self) -> None:
        """One is wanted as soon as nobody is being served."""
        self.self_test_wanted.set()

    def tested_now(self, report: Mapping[str, Any], signature: bytes) -> None:
        """A self-test has ended: it counts for the services, and central hears of it when it was a whole one."""
        self.tested.take(report)
        self.judge()
        logs.event("self_test", state="well" if report["well"] else "notWell", seconds=report["seconds"])
        if self.central is not None and report.get("whole", True):
            self.central.send(as_message(report, signature))

    def read_last_test(self) -> None:
        """Take over what a command or the timer has found meanwhile."""
        kept = archive(self.config).lines()
        if kept and kept[-1]["report"]["began_at"] > self.tested.began_at:
            self.tested_now(kept[-1]["report"], bytes.fromhex(kept[-1]["signature"]))

    async def journal_kept(self, seq: int, digest: bytes) -> None:
        """Central keeps this head: what it proves need not be kept here in full."""
        try:
            dropped = await self.ledger.kept(seq, digest)
        except JournalError as error:
            logs.event("journal_contradicted", journal_seq=seq, error=error)
            return
        if dropped:
            logs.event("journal_kept", journal_seq=seq)

    @asynccontextmanager
    async def maintained(self, purpose: str) -> AsyncIterator[None]:
        """Every device is free inside the block.

        Raises:
            InSession: Somebody is being served, or another technician has them.
        """
        if self.in_session or self.attended:
            raise InSession
        try:
            async with self.maintenance.taken():
                logs.event("maintenance_begins", reason=purpose)
                yield
        except Busy as error:
            raise InSession from error
        finally:
            logs.event("maintenance_ends", reason=purpose)

    @asynccontextmanager
    async def devices_put_down(self) -> AsyncIterator[None]:
        """Every device is closed inside the block, for the daemon's own self-test."""
        with self.maintenance.held():
            await asyncio.gather(*(device.close() for device in self.devices))
            try:
                yield
            finally:
                await asyncio.gather(*(device.open() for device in self.devices))

    async def stock(self) -> list[Book]:
        """The books of blanks and supplies."""
        return await self.stock_keeper.books()

    async def record_stock(self, request: panel_pb.RecordStockRequest) -> list[Book]:
        """Write down what two people did with blanks or supplies.

        Raises:
            InSession: Somebody is being served.
            JournalError: The books do not allow it, or the journal takes nothing.
        """
        if self.in_session:
            raise InSession
        books = await self.stock_keeper.record(request)
        logs.event("stock", reason=panel_pb.StockAct.Name(request.act), kind=panel_pb.StockItem.Name(request.item))
        await self.look_at_journal()
        return books

    async def record_use(self, request: panel_pb.RecordUseRequest) -> None:
        """Write down what a self-test at the command line is about to use up. Raises JournalError."""
        await used_up(self, request.staff, "command", request.what, request.count)

    async def settle(self, key: str, taken: bool) -> None:
        """Record a technician's finding.

        Raises:
            InSession: Somebody is being served.
            KeyError: No issuance of unknown outcome has this key.
        """
        if self.in_session:
            raise InSession
        issuance = await self.ledger.issuance(key)
        card = self.cards_by_name.get(issuance.detail.get("kind", "")) if issuance else None
        await (card or self.issuer).settle(key, taken)
        await self.look_at_journal()

    async def answered(self, kind: str) -> None:
        """Wait for a while until who makes such documents answers: after a power cut that is later than we do."""
        card = self.cards_by_name.get(kind)
        feeder = (self.paper_feeder,) if self.paper_feeder else ()
        makers = (card.station.printer,) if card else (self.document_printer, *feeder)
        await wait_for(makers, self.look, self.config.printing.recovery_wait_s)

    @property
    def cards_by_name(self) -> Mapping[str, CardIssuer]:
        """As `cards`, by the kind's name in the journal."""
        return {DocumentKind.Name(kind): issuer for kind, issuer in self.cards.items()}

    def _facts(self) -> Facts:
        return Facts(
            devices={d.name: DeviceFacts(d.driver, d.state.value, d.details) for d in self.devices},
            central=self.central is not None and self.central.connected,
            unsettled=self._unsettled.total() - sum(self._unsettled[name] for name in self.cards_by_name),
            room=self._room,
            refused=self._refused,
            hinders=self.tested.hinders,
            mars=self.tested.mars,
            supplies=self._supplies,
        )

    def _card_facts(self, kind: DocumentKind.ValueType, issuer: CardIssuer) -> CardFacts:
        station = issuer.station
        verdict = station.verdict()
        return CardFacts(
            station.printer.name,
            station.encoder.name if station.encoder else "",
            tuple(reason.value for reason in verdict.reasons),
            verdict.opens_at,
            self._card_stock.get(kind, ""),
            self._unsettled[DocumentKind.Name(kind)],
            station.sees_exit,
        )

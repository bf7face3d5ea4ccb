"""Prints one document at most once: the journal before every irreversible move, and every end told to the registry."""

from __future__ import annotations

import asyncio
import uuid
from typing import Final

from adm.registry.v1 import registry_pb2 as pb

from drivers.deadline import Deadline
from drivers.document_printer.document import check_document
from drivers.document_printer.port import DocumentPrinter, JobState, PrintJob
from drivers.errors import DeviceFault, DriverError, NotFound, Unsupported
from drivers.status import DeviceState, PaperState
from kiosk import logs
from kiosk.devices import Device
from kiosk.issuance import messages
from kiosk.issuance.endings import Endings
from kiosk.issuance.following import CANCEL_S, Jobs
from kiosk.issuance.hand_over import PaperHandOver
from kiosk.issuance.journal import Issuance
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.outcome import End, IssueFailed, OnStep, Printed, SettleRefused, Step, nobody_watches
from kiosk.issuance.paper import PaperPath, PathFailed, Where
from kiosk.issuance.states import Event, State
from kiosk.registry.client import Refused, Registry, RegistryError

__all__ = ["End", "IssueFailed", "Issuer", "OnStep", "Printed", "SettleRefused", "Step"]

HAND_OVER_S: Final = 15.0
STATUS_S: Final = 5.0

# Errors of DocumentPrinter.print that promise that nothing was sent; any other leaves the outcome open.
NOTHING_SENT: Final = (NotFound, DeviceFault, Unsupported, ValueError)


class Issuer:
    """Spends blanks. The only caller of the document printer's `print`."""

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        printer: Device[DocumentPrinter],
        page_s: float,
        assume_taken: bool,
        path: PaperPath | None = None,
    ) -> None:
        """Wire up.

        Args:
            page_s: Longest time one page may take.
            assume_taken: An unconfirmed hand-over counts as taken (see `PrintingSettings`).
            path: The paper feeder around the printer; None: the printer has trays, and nothing sees them.
        """
        self._ledger = ledger
        self._registry = registry
        self._printer = printer
        self._assume_taken = assume_taken
        self._path = path
        self._endings = Endings(ledger)
        self._jobs = Jobs(printer, self._endings, page_s, path)
        self._out = PaperHandOver(ledger, path) if path else None

    async def print(self, token: str, document: pb.Document, data_version: str, on_step: OnStep) -> Printed:
        """From the resident's yes to the document in the tray, or at the gate.

        Raises:
            Refused, RegistryError: The registry gave no grant; nothing was printed.
            JournalError: The journal takes no entry; nothing was printed.
            IssueFailed: It ended otherwise.
        """
        await self._check_ready()
        await on_step(Step.SIGNING, 0.0)
        key = str(uuid.uuid4())
        claims = await self._granted(key, token, document, data_version)
        pdf = await self._artefact(key, claims)
        if self._path is not None:
            await self._feed(self._path, key, claims, pdf, on_step)
        await on_step(Step.SENDING, 0.0)
        job = await self._hand_over(key, claims, pdf)
        del pdf
        await on_step(Step.PRINTING, 0.0)
        await self._follow(key, claims, job, on_step)
        logs.event("printed", issuance=key, receipt_number=claims.receipt_number)
        taken = await self._out.present(key, claims) if self._out else False
        return Printed(
            key,
            claims.grant_id,
            claims.receipt_number,
            claims.tracking_url,
            claims.page_count,
            noticed=self._out is not None,
            taken=taken,
        )

    async def wait_taken(self, printed: Printed, seconds: float) -> bool:
        """Whether a noticed document is taken within `seconds`. Raises IssueFailed."""
        assert self._out is not None, "without a feeder nothing notices"
        return await self._out.wait_taken(printed, seconds)

    async def draw_back(self, printed: Printed) -> None:
        """A noticed document was not taken: back into the machine.

        Raises:
            IssueFailed: It is there, or nobody can tell where. Returns when a hand was faster.
        """
        assert self._out is not None, "without a feeder nothing notices"
        await self._out.draw_back(printed)

    async def taken(self, printed: Printed) -> None:
        """The resident says, by touch, that the document was taken."""
        tell = messages.complete(printed.grant_id, pb.OUTCOME_TAKEN, pb.EVIDENCE_TAKEN)
        await self._ledger.append(printed.key, Event.TAKE, {"evidence": "taken", "by": "touch"}, tell)
        logs.event("issued", issuance=printed.key, outcome="taken", evidence="taken")

    async def not_confirmed(self, key: str, grant_id: str) -> None:
        """Nobody said that the document was taken: it may still lie in the tray."""
        outcome = pb.OUTCOME_TAKEN if self._assume_taken else pb.OUTCOME_UNKNOWN
        event = Event.ASSUME_TAKEN if self._assume_taken else Event.LOSE
        tell = messages.complete(grant_id, outcome, pb.EVIDENCE_ACKNOWLEDGED)
        await self._ledger.append(key, event, {"evidence": "acknowledged", "reason": "not_confirmed"}, tell)
        logs.event("issued", issuance=key, outcome=event.value, evidence="acknowledged")

    async def settle(self, key: str, taken: bool) -> None:
        """A technician has looked and says what became of an `unknown` issuance.

        Raises:
            KeyError: There is no such issuance, or it is not unknown.
            SettleRefused: It shall count as destroyed, and it has come out of the printer just now.
        """
        issuance = await self._ledger.issuance(key)
        if issuance is None or issuance.state is not State.UNKNOWN:
            raise KeyError(key)
        if not taken:
            await self._stop_waiting_job(issuance.detail["receipt_number"])
        grant_id = issuance.detail["grant_id"]
        if taken:
            tell = messages.complete(grant_id, pb.OUTCOME_TAKEN, pb.EVIDENCE_PRESENTED)
            await self._ledger.append(key, Event.SETTLE_TAKEN, {"by": "technician"}, tell)
        else:
            tell = messages.void(grant_id, pb.VOID_REASON_SPOILED, issuance.detail["page_count"])
            await self._ledger.append(key, Event.SETTLE_DESTROYED, {"by": "technician"}, tell)
        logs.event("settled", issuance=key, outcome="taken" if taken else "spoiled")

    async def end_left_open(self, issuance: Issuance) -> None:
        """After a restart: bring an open issuance of an A4 document to its one end; nothing is printed anew."""
        key, detail = issuance.key, issuance.detail
        grant_id = detail.get("grant_id", "")
        if self._path is not None:
            self._path.remember(detail.get("feeder"))
        claims = pb.GrantClaims(
            grant_id=grant_id,
            receipt_number=detail.get("receipt_number", ""),
            page_count=detail.get("page_count", 0),
        )
        try:
            match issuance.state:
                case State.ASKED | State.GRANTED:
                    await self._endings.cancel(key, grant_id, "restart")
                case State.FEEDING:
                    await self._nothing_printed(key, claims, "restart", 1)
                case State.PRINTING:
                    await self._find_job(key, claims)
                case State.ACCEPTED:
                    await self._follow_again(key, claims, detail["job_id"])
            left = await self._ledger.issuance(key)
            if left is not None and left.state in (State.PRINTED, State.PRESENTED):
                await self._nobody_took(left)
        except IssueFailed:
            return  # ended, and journaled as what it is

    async def _nobody_took(self, issuance: Issuance) -> None:
        if self._out is not None:
            await self._out.end_left_open(issuance)
        else:
            await self.not_confirmed(issuance.key, issuance.detail["grant_id"])

    async def _find_job(self, key: str, claims: pb.GrantClaims) -> None:
        """The printer may have a job whose number was never heard: its name tells."""
        name = claims.receipt_number
        try:
            job = await self._printer.call(lambda port: port.find(name, Deadline.after(STATUS_S)), STATUS_S)
        except DriverError as error:
            raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, error) from error
        if job is None:
            # Never sent, or forgotten: the printer cannot say which.
            raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, "no_such_job")
        await self._ledger.append(key, Event.ACCEPT, {"job_id": job.job_id})
        if job.lacks_document:
            job = await self._jobs.cancelled(key, claims, job)
        await self._follow(key, claims, job, nobody_watches)

    async def _follow_again(self, key: str, claims: pb.GrantClaims, job_id: int) -> None:
        """Bring a job that the printer had taken to its end."""
        try:
            job = await self._printer.call(lambda port: port.job(job_id, Deadline.after(STATUS_S)), STATUS_S)
        except DriverError as error:
            raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, error) from error
        if job.name != claims.receipt_number:
            raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, "job_number_reused")
        await self._follow(key, claims, job, nobody_watches)

    async def _stop_waiting_job(self, number: str) -> None:
        """What is to count as destroyed must not be printed later. Raises SettleRefused."""
        try:
            job = await self._printer.call(lambda port: port.find(number, Deadline.after(STATUS_S)), STATUS_S)
            if job is None or job.state.ended:
                return
            ended = await self._printer.call(lambda port: port.cancel(job, Deadline.after(CANCEL_S)), CANCEL_S)
        except DriverError as error:
            # Before anything else is printed here, the printer is asked again.
            logs.event("job_not_asked_after", receipt_number=number, error=error)
            return
        if ended.state is JobState.COMPLETED:
            raise SettleRefused(number)

    async def _check_ready(self) -> None:
        await self._ledger.check_room()
        try:
            status = await self._printer.call(lambda port: port.status(Deadline.after(STATUS_S)), STATUS_S)
            if status.device is not DeviceState.ONLINE or status.paper in (PaperState.OUT, PaperState.JAMMED):
                raise IssueFailed(End.NOT_PRINTED)
            await self._printer.call(lambda port: port.cancel_left_over(Deadline.after(CANCEL_S)), CANCEL_S)
            if self._path is not None:
                await self._path.prepare()
        except (DriverError, PathFailed) as error:
            raise IssueFailed(End.NOT_PRINTED) from error

    async def _granted(self, key: str, token: str, document: pb.Document, data_version: str) -> pb.GrantClaims:
        kind = pb.DocumentKind.Name(document.kind)
        await self._ledger.append(key, Event.ASK, {"document_id": document.document_id, "kind": kind})
        try:
            claims, signature = await self._registry.begin(key, token, document.document_id, data_version)
        except Refused as error:
            # A copy of the request may still be under way: once the key is void, it comes to nothing.
            await self._endings.cancel(key, "", str(error))
            raise
        except RegistryError as error:
            # The grant may exist: the registry hears by the key alone that it was not used.
            await self._endings.cancel(key, "", error)
            raise
        detail = {
            "grant_id": claims.grant_id,
            "grant_signature": signature,
            "receipt_number": claims.receipt_number,
            "page_count": claims.page_count,
            "artefact_sha256": claims.artefact_sha256.hex(),
        }
        await self._ledger.append(key, Event.GRANT, detail)
        return claims

    async def _artefact(self, key: str, claims: pb.GrantClaims) -> bytes:
        try:
            return await self._registry.get_artefact(claims)
        except RegistryError as error:
            await self._endings.cancel(key, claims.grant_id, error)
            raise

    async def _feed(self, path: PaperPath, key: str, claims: pb.GrantClaims, pdf: bytes, on_step: OnStep) -> None:
        """The first blank sheet to the printer, once the document is known to be printable."""
        number = claims.receipt_number
        try:
            pages = await asyncio.to_thread(check_document, pdf)
        except ValueError as error:
            await self._endings.cancel(key, claims.grant_id, error)
            raise IssueFailed(End.NOT_PRINTED, number) from error
        if pages != claims.page_count or pages > path.abilities.collects:
            await self._endings.cancel(key, claims.grant_id, "page_count")
            raise IssueFailed(End.NOT_PRINTED, number)
        if not path.abilities.feeds:
            return
        await on_step(Step.FEEDING, 0.0)
        await self._ledger.append(key, Event.FEED, {"feeder": path.counted()})
        try:
            await path.feed()
        except PathFailed as failed:
            await self._nothing_printed(key, claims, failed.why, path.fed)
            raise IssueFailed(End.NOT_PRINTED, number) from failed

    async def _hand_over(self, key: str, claims: pb.GrantClaims, pdf: bytes) -> PrintJob:
        number = claims.receipt_number
        await self._ledger.append(key, Event.PRINT, {})
        try:
            job = await self._printer.call(
                lambda port: port.print(pdf, number, Deadline.after(HAND_OVER_S)), HAND_OVER_S
            )
        except NOTHING_SENT as error:
            await self._nothing_printed(key, claims, error, self._path.fed if self._path else 0)
            raise IssueFailed(End.NOT_PRINTED, number) from error
        except DriverError as error:
            raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, error) from error
        await self._ledger.append(key, Event.ACCEPT, {"job_id": job.job_id})
        return job

    async def _follow(self, key: str, claims: pb.GrantClaims, job: PrintJob, on_step: OnStep) -> None:
        await self._ended(key, claims, await self._jobs.follow(key, claims, job, on_step))

    async def _ended(self, key: str, claims: pb.GrantClaims, job: PrintJob) -> None:
        number, pages, sheets = claims.receipt_number, claims.page_count, job.sheets_completed
        if job.state is JobState.COMPLETED:
            await self._ledger.append(key, Event.COMPLETE, {"evidence": "acknowledged", "sheets": sheets})
            return
        if self._path is not None and self._path.fed:
            await self._kept_inside(self._path, key, claims, job)
        if sheets is None or sheets >= pages:
            # It was stopped, and every sheet may be out all the same.
            raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, job.state.value)
        spoiled = sheets + (1 if _jammed(job) or job.state is JobState.ABORTED else 0)
        if spoiled == 0:
            await self._endings.cancel(key, claims.grant_id, job.state.value)
            raise IssueFailed(End.NOT_PRINTED, number)
        await self._endings.spoil(key, claims, job.state.value, spoiled)
        raise IssueFailed(End.SPOILED, number)

    async def _kept_inside(self, path: PaperPath, key: str, claims: pb.GrantClaims, job: PrintJob) -> None:
        """A job that did not complete, and a path that no sheet left: all of them stay in the machine."""
        where = await path.abandon()
        if where not in (Where.BIN, Where.HELD, Where.INSIDE):
            raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, job.state.value)
        await self._endings.spoil(key, claims, job.state.value, path.fed, where.value)
        blank = job.sheets_completed == 0 and not _jammed(job) and job.state is JobState.CANCELED
        raise IssueFailed(End.NOT_PRINTED if blank else End.SPOILED, claims.receipt_number)

    async def _nothing_printed(self, key: str, claims: pb.GrantClaims, why: Exception | str, fed: int) -> None:
        """Proven that nothing was printed; blank sheets that were fed for it are used up all the same."""
        if fed == 0 or self._path is None:
            await self._endings.cancel(key, claims.grant_id, why)
            return
        where = await self._path.abandon()
        await self._endings.spoil(key, claims, why, fed, where.value)


def _jammed(job: PrintJob) -> bool:
    return any(reason.startswith("media-jam") for reason in job.reasons)

"""Prints one document at most once: the journal before every irreversible move, and every end told to the registry."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from adm.registry.v1 import registry_pb2 as pb

from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter, JobState, PrintJob
from drivers.errors import (
    DeadlineExceeded,
    DeviceFault,
    Disconnected,
    DriverError,
    NotFound,
    Unsupported,
)
from drivers.status import DeviceState, PaperState
from kiosk import logs
from kiosk.devices import Device
from kiosk.issuance import messages
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import Event, State
from kiosk.registry.client import Refused, Registry, RegistryError

HAND_OVER_S: Final = 15.0
STATUS_S: Final = 5.0
CANCEL_S: Final = 20.0
POLL_S: Final = 5.0

# Errors of DocumentPrinter.print that promise that nothing was sent; any other leaves the outcome open.
NOTHING_SENT: Final = (NotFound, DeviceFault, Unsupported, ValueError)


class Step(StrEnum):
    """What the resident is shown while waiting."""

    SIGNING = "signing"
    SENDING = "sending"
    PRINTING = "printing"


class End(StrEnum):
    """How an issuance failed, for the resident."""

    NOT_PRINTED = "notPrinted"
    SPOILED = "spoiled"
    UNKNOWN = "unknown"


class IssueFailed(Exception):
    """The document was not handed over; the journal says how it ended.

    Attributes:
        number: To come back with; empty when no grant was given.
    """

    def __init__(self, end: End, number: str = "") -> None:
        super().__init__(end.value)
        self.end = end
        self.number = number


@dataclass(frozen=True, slots=True)
class Printed:
    """A document that lies in the tray."""

    key: str
    grant_id: str
    receipt_number: str
    tracking_url: str
    page_count: int


OnStep = Callable[[Step, float], Awaitable[None]]


class Issuer:
    """Spends blanks. The only caller of the document printer's `print`."""

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        printer: Device[DocumentPrinter],
        page_s: float,
        assume_taken: bool,
    ) -> None:
        """Wire up.

        Args:
            page_s: Longest time one page may take.
            assume_taken: An unconfirmed hand-over counts as taken (see `PrintingSettings`).
        """
        self._ledger = ledger
        self._registry = registry
        self._printer = printer
        self._page_s = page_s
        self._assume_taken = assume_taken

    async def print(self, token: str, document: pb.Document, data_version: str, on_step: OnStep) -> Printed:
        """From the resident's yes to the document in the tray.

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
        await on_step(Step.SENDING, 0.0)
        job = await self._hand_over(key, claims, pdf)
        del pdf
        await on_step(Step.PRINTING, 0.0)
        await self._follow(key, claims, job, on_step)
        logs.event("printed", issuance=key, receipt_number=claims.receipt_number)
        return Printed(key, claims.grant_id, claims.receipt_number, claims.tracking_url, claims.page_count)

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
        """
        issuance = await self._ledger.issuance(key)
        if issuance is None or issuance.state is not State.UNKNOWN:
            raise KeyError(key)
        grant_id = issuance.detail["grant_id"]
        if taken:
            tell = messages.complete(grant_id, pb.OUTCOME_TAKEN, pb.EVIDENCE_PRESENTED)
            await self._ledger.append(key, Event.SETTLE_TAKEN, {"by": "technician"}, tell)
        else:
            tell = messages.void(grant_id, pb.VOID_REASON_SPOILED, issuance.detail["page_count"])
            await self._ledger.append(key, Event.SETTLE_DESTROYED, {"by": "technician"}, tell)
        logs.event("settled", issuance=key, outcome="taken" if taken else "spoiled")

    async def follow_again(self, key: str, grant_id: str, number: str, page_count: int, job_id: int) -> None:
        """After a restart: bring a job that the printer had taken to its end. Raises IssueFailed as `print`."""
        claims = pb.GrantClaims(grant_id=grant_id, receipt_number=number, page_count=page_count)
        try:
            job = await self._printer.call(lambda port: port.job(job_id, Deadline.after(STATUS_S)), STATUS_S)
        except DriverError as error:
            raise await self._unknown(key, claims, pb.EVIDENCE_SENT, error) from error
        if job.name != number:
            raise await self._unknown(key, claims, pb.EVIDENCE_SENT, "job_number_reused")
        await self._follow(key, claims, job, _nobody_watches)

    async def _check_ready(self) -> None:
        await self._ledger.check_room()
        try:
            status = await self._printer.call(lambda port: port.status(Deadline.after(STATUS_S)), STATUS_S)
        except DriverError as error:
            raise IssueFailed(End.NOT_PRINTED) from error
        if status.device is not DeviceState.ONLINE or status.paper in (PaperState.OUT, PaperState.JAMMED):
            raise IssueFailed(End.NOT_PRINTED)

    async def _granted(self, key: str, token: str, document: pb.Document, data_version: str) -> pb.GrantClaims:
        kind = pb.DocumentKind.Name(document.kind)
        await self._ledger.append(key, Event.ASK, {"document_id": document.document_id, "kind": kind})
        try:
            claims, signature = await self._registry.begin(key, token, document.document_id, data_version)
        except Refused as error:
            # A copy of the request may still be under way: once the key is void, it comes to nothing.
            await self._cancel(key, "", str(error))
            raise
        except RegistryError as error:
            # The grant may exist: the registry hears by the key alone that it was not used.
            await self._cancel(key, "", error)
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
            await self._cancel(key, claims.grant_id, error)
            raise

    async def _hand_over(self, key: str, claims: pb.GrantClaims, pdf: bytes) -> PrintJob:
        number = claims.receipt_number
        await self._ledger.append(key, Event.PRINT, {})
        try:
            job = await self._printer.call(
                lambda port: port.print(pdf, number, Deadline.after(HAND_OVER_S)), HAND_OVER_S
            )
        except NOTHING_SENT as error:
            await self._cancel(key, claims.grant_id, error)
            raise IssueFailed(End.NOT_PRINTED, number) from error
        except DriverError as error:
            raise await self._unknown(key, claims, pb.EVIDENCE_SENT, error) from error
        await self._ledger.append(key, Event.ACCEPT, {"job_id": job.job_id})
        return job

    async def _follow(self, key: str, claims: pb.GrantClaims, job: PrintJob, on_step: OnStep) -> None:
        deadline = Deadline.after(self._page_s * claims.page_count)
        while not job.state.ended:
            before = job
            try:
                job = await self._wait_a_while(job, deadline)
            except DeadlineExceeded:
                if deadline.expired:
                    job = await self._cancelled_job(key, claims, before)
                elif self._printer.state is DeviceState.HARDWARE_ERROR:
                    raise await self._unknown(key, claims, pb.EVIDENCE_SENT, "device_hangs") from None
            except (Disconnected, NotFound) as error:
                if deadline.expired:
                    raise await self._unknown(key, claims, pb.EVIDENCE_SENT, error) from error
                await self._wait_for_printer(deadline)
            except DriverError as error:
                raise await self._unknown(key, claims, pb.EVIDENCE_SENT, error) from error
            done = 0 if job.sheets_completed is None else job.sheets_completed / max(1, claims.page_count)
            await on_step(Step.PRINTING, min(1.0, done))
        await self._ended(key, claims, job)

    async def _wait_a_while(self, job: PrintJob, deadline: Deadline) -> PrintJob:
        seconds = min(POLL_S, max(0.1, deadline.remaining_s))
        return await self._printer.call(lambda port: port.wait(job, Deadline.after(seconds), _ignore), seconds)

    async def _wait_for_printer(self, deadline: Deadline) -> None:
        """A printer that went away may come back and still know the job."""
        seconds = deadline.sooner(POLL_S).remaining_s
        try:
            await self._printer.call(lambda port: port.status(Deadline.after(seconds)), seconds)
        except DriverError as error:
            logs.event("printer_away", device=self._printer.name, error=error)

    async def _cancelled_job(self, key: str, claims: pb.GrantClaims, job: PrintJob) -> PrintJob:
        try:
            return await self._printer.call(lambda port: port.cancel(job, Deadline.after(CANCEL_S)), CANCEL_S)
        except DriverError as error:
            raise await self._unknown(key, claims, pb.EVIDENCE_SENT, error) from error

    async def _ended(self, key: str, claims: pb.GrantClaims, job: PrintJob) -> None:
        number, pages, sheets = claims.receipt_number, claims.page_count, job.sheets_completed
        if job.state is JobState.COMPLETED:
            await self._ledger.append(key, Event.COMPLETE, {"evidence": "acknowledged", "sheets": sheets})
            return
        if sheets is None or sheets >= pages:
            # It was stopped, and every sheet may be out all the same.
            raise await self._unknown(key, claims, pb.EVIDENCE_SENT, job.state.value)
        jammed = any(reason.startswith("media-jam") for reason in job.reasons)
        spoiled = sheets + (1 if jammed or job.state is JobState.ABORTED else 0)
        if spoiled == 0:
            await self._cancel(key, claims.grant_id, job.state.value)
            raise IssueFailed(End.NOT_PRINTED, number)
        tell = messages.void(claims.grant_id, pb.VOID_REASON_SPOILED, spoiled)
        await self._ledger.append(key, Event.SPOIL, {"reason": job.state.value, "sheets": spoiled}, tell)
        raise IssueFailed(End.SPOILED, number)

    async def _cancel(self, key: str, grant_id: str, why: Exception | str) -> None:
        tell = messages.void(grant_id, pb.VOID_REASON_NOT_PRINTED)
        await self._ledger.append(key, Event.CANCEL, {"reason": _word(why)}, tell)
        logs.event("not_printed", issuance=key, reason=_word(why))

    async def _unknown(
        self, key: str, claims: pb.GrantClaims, evidence: pb.Evidence.ValueType, why: Exception | str
    ) -> IssueFailed:
        tell = messages.complete(claims.grant_id, pb.OUTCOME_UNKNOWN, evidence)
        await self._ledger.append(key, Event.LOSE, {"reason": _word(why)}, tell)
        logs.event("outcome_unknown", issuance=key, reason=_word(why))
        return IssueFailed(End.UNKNOWN, claims.receipt_number)


def _word(why: Exception | str) -> str:
    return why if isinstance(why, str) else type(why).__name__


def _ignore(_job: PrintJob) -> None:
    return


async def _nobody_watches(_step: Step, _progress: float) -> None:
    return

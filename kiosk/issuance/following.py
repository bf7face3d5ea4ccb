"""Follows one job at the printer to its end, and feeds its sheets meanwhile."""

from __future__ import annotations

import asyncio
from typing import Final

from adm.registry.v1 import registry_pb2 as pb

from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter, PrintJob
from drivers.errors import DeadlineExceeded, Disconnected, DriverError, NotFound
from drivers.status import DeviceState
from kiosk import logs
from kiosk.devices import Device
from kiosk.issuance.endings import Endings
from kiosk.issuance.outcome import OnStep, Step
from kiosk.issuance.paper import PaperPath

CANCEL_S: Final = 20.0
POLL_S: Final = 5.0


class Jobs:
    """The printer's jobs, one at a time."""

    def __init__(
        self, printer: Device[DocumentPrinter], endings: Endings, page_s: float, path: PaperPath | None
    ) -> None:
        """Wire up.

        Args:
            page_s: Longest time one page may take.
        """
        self._printer = printer
        self._endings = endings
        self._page_s = page_s
        self._path = path

    async def follow(self, key: str, claims: pb.GrantClaims, job: PrintJob, on_step: OnStep) -> PrintJob:
        """Bring a job to its end, and to each of its pages the sheet it is printed on.

        Raises:
            IssueFailed: How it ended cannot be told; it is journaled so.
        """
        if self._path is None or self._path.fed == 0:
            return await self._followed(key, claims, job, on_step, None)
        collecting = asyncio.create_task(self._path.collect(claims.page_count - 1))
        try:
            return await self._followed(key, claims, job, on_step, collecting)
        finally:
            collecting.cancel()
            await asyncio.gather(collecting, return_exceptions=True)

    async def _followed(
        self,
        key: str,
        claims: pb.GrantClaims,
        job: PrintJob,
        on_step: OnStep,
        collecting: asyncio.Task[None] | None,
    ) -> PrintJob:
        deadline = Deadline.after(self._page_s * claims.page_count)
        while not job.state.ended:
            before = job
            if collecting is not None and collecting.done() and collecting.exception() is not None:
                logs.event("paper_not_fed", issuance=key, error=collecting.exception())
                return await self.cancelled(key, claims, job)
            try:
                job = await self._wait_a_while(job, deadline)
            except DeadlineExceeded:
                if deadline.expired:
                    job = await self.cancelled(key, claims, before)
                elif self._printer.state is DeviceState.HARDWARE_ERROR:
                    raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, "device_hangs") from None
            except (Disconnected, NotFound) as error:
                if deadline.expired:
                    raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, error) from error
                await self._wait_for_printer(deadline)
            except DriverError as error:
                raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, error) from error
            done = 0 if job.sheets_completed is None else job.sheets_completed / max(1, claims.page_count)
            await on_step(Step.PRINTING, min(1.0, done))
        return job

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

    async def cancelled(self, key: str, claims: pb.GrantClaims, job: PrintJob) -> PrintJob:
        """Where a job ended that was cancelled; it may have completed meanwhile. Raises IssueFailed."""
        try:
            return await self._printer.call(lambda port: port.cancel(job, Deadline.after(CANCEL_S)), CANCEL_S)
        except DriverError as error:
            raise await self._endings.unknown(key, claims, pb.EVIDENCE_SENT, error) from error


def _ignore(_job: PrintJob) -> None:
    return

"""A printer and a registry that do what a test's script says, for answers that real ones give once in a year."""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from typing import Any

from adm.registry.v1 import registry_pb2 as pb

from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinterStatus, JobState, PrintJob
from drivers.errors import DeadlineExceeded, DriverError
from drivers.status import DeviceState, InkState, PaperState
from kiosk.issuance.journal import Message
from kiosk.registry.client import Unreachable

PDF = b"%PDF-1.7 not read by anybody here"
DOCUMENT = pb.Document(document_id="doc-1", kind=pb.DOCUMENT_KIND_KK, page_count=1, blank=pb.BLANK_PAPER_A4)


class Printer:
    """Counts what would really have been printed.

    Attributes:
        printed: Times a document was handed over and taken by the printer.
        on_print: What happens before it counted.
        states: What `wait` gives, one after the other.
        found: What is known of a job by its name.
        cancelled: How a job ends that is cancelled; `cancels` counts.
    """

    def __init__(self) -> None:
        self.printed = 0
        self.device = DeviceState.ONLINE
        self.paper = PaperState.FULL
        self.on_print: Callable[[], None] = lambda: None
        self.states: list[PrintJob | DriverError] = [PrintJob(7, JobState.COMPLETED, (), 1, "ADM-3520-000001")]
        self.found: PrintJob | DriverError | None = None
        self.cancels = 0
        self.cancelled = PrintJob(7, JobState.CANCELED, (), 0, "ADM-3520-000001")

    def open(self, deadline: Deadline) -> None:
        return

    def close(self) -> None:
        return

    def status(self, deadline: Deadline) -> DocumentPrinterStatus:
        return DocumentPrinterStatus(self.device, self.paper, InkState.FULL, None, ())

    def print(self, pdf: bytes, name: str, deadline: Deadline) -> PrintJob:
        self.on_print()
        self.printed += 1
        return PrintJob(7, JobState.PENDING, (), None, name)

    def job(self, job_id: int, deadline: Deadline) -> PrintJob:
        state = self.states[0]
        if isinstance(state, DriverError):
            raise state
        return state

    def wait(self, job: PrintJob, deadline: Deadline, on_progress: Callable[[PrintJob], None]) -> PrintJob:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, DriverError):
            raise state
        if not state.state.ended:
            threading.Event().wait(min(0.02, deadline.remaining_s))
            raise DeadlineExceeded("no end of the job in time")
        return state

    def find(self, name: str, deadline: Deadline) -> PrintJob | None:
        if isinstance(self.found, DriverError):
            raise self.found
        return self.found

    def cancel_left_over(self, deadline: Deadline) -> None:
        return

    def cancel(self, job: PrintJob, deadline: Deadline) -> PrintJob:
        self.cancels += 1
        return self.cancelled


class FakeRegistry:
    """Grants one document; remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, dict[str, Any]]] = []
        self.on_begin: Exception | None = None
        self.on_artefact: Exception | None = None
        self.on_tell: Exception | None = None
        self.asked: list[str] = []

    async def begin(self, key: str, token: str, document_id: str, data_version: str) -> tuple[pb.GrantClaims, str]:
        await asyncio.sleep(0)
        self.asked.append(key)
        if self.on_begin:
            raise self.on_begin
        claims = pb.GrantClaims(
            grant_id="grant-1",
            receipt_number="ADM-3520-000001",
            page_count=1,
            artefact_sha256=hashlib.sha256(PDF).digest(),
            tracking_url="http://127.0.0.1/t",
        )
        return claims, "00"

    async def get_artefact(self, claims: pb.GrantClaims) -> bytes:
        if self.on_artefact:
            raise self.on_artefact
        return PDF

    async def tell(self, message: Message) -> None:
        if self.on_tell:
            raise self.on_tell
        self.told.append((message.key, message.method, dict(message.fields)))

    def lose_answers(self) -> None:
        """From now on nothing comes back."""
        self.on_begin = self.on_artefact = self.on_tell = Unreachable("UNAVAILABLE")

"""One document, at most once: every way a printing can go, and what journal and registry know of it afterwards."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from adm.registry.v1 import registry_pb2 as pb

from drivers.document_printer.port import DocumentPrinterStatus, JobState, PrintJob
from drivers.errors import DeviceFault, Disconnected, DriverError, NotFound, OutcomeUnknown
from drivers.status import DeviceState, PaperState
from kiosk.devices import Device
from kiosk.issuance import recovery
from kiosk.issuance.issue import End, IssueFailed, Issuer, Printed, SettleRefused, Step
from kiosk.issuance.journal import Issuance, Journal, JournalFull, read, verify
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.outbox import deliver_once
from kiosk.issuance.recovery import recover
from kiosk.issuance.states import Event, State
from kiosk.registry.client import Refused, Unreachable
from tests.unit.kiosk.scripted import DOCUMENT, FakeRegistry, Printer

NUMBER = "ADM-3520-000001"


class Bench:
    """An issuer on a real journal with a scripted printer and registry."""

    def __init__(self, path: Path, page_s: float = 30, assume_taken: bool = False) -> None:
        self.path = path / "journal.db"
        self.printer = Printer()
        self.registry = FakeRegistry()
        self.device: Device[Any] = Device("document_printer", "scripted", lambda: self.printer)
        self.page_s, self.assume_taken = page_s, assume_taken
        self.steps: list[Step] = []

    async def start(self) -> None:
        self.ledger = Ledger(Journal(self.path, 1 << 30))
        await self.device.open()
        registry: Any = self.registry
        self.issuer = Issuer(self.ledger, registry, self.device, self.page_s, self.assume_taken)

    async def stop(self) -> None:
        await self.device.close()
        self.ledger.close()

    async def restart(self) -> None:
        """Power lost and back: only the journal and the printer's own memory are left."""
        await self.stop()
        await self.start()

    async def print(self) -> Printed:
        async def on_step(step: Step, _: float) -> None:
            self.steps.append(step)

        return await self.issuer.print("token", DOCUMENT, "v1", on_step)

    async def only(self) -> Issuance:
        (issuance,) = await self.ledger.in_states(*State)
        return issuance

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        assert await deliver_once(self.ledger, self.registry)  # type: ignore[arg-type]
        assert verify(read(self.path)) == []
        return [(method, fields) for _, method, fields in self.registry.told]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_a_document_printed_and_taken_is_completed_once(bench: Bench) -> None:
    printed = await bench.print()
    assert (printed.receipt_number, printed.page_count) == (NUMBER, 1)
    await bench.issuer.taken(printed)
    assert [entry.state for entry in read(bench.path)] == [
        "asked",
        "granted",
        "printing",
        "accepted",
        "printed",
        "taken",
    ]
    ((method, fields),) = await bench.told()
    assert (method, fields["outcome"], fields["evidence"]) == ("complete", pb.OUTCOME_TAKEN, pb.EVIDENCE_TAKEN)
    assert bench.printer.printed == 1
    assert bench.steps[:3] == [Step.SIGNING, Step.SENDING, Step.PRINTING]


@pytest.mark.parametrize(("device", "paper"), [("offline", "full"), ("online", "out"), ("online", "jammed")])
async def test_a_printer_that_cannot_print_is_found_before_a_grant_is_asked(
    bench: Bench, device: str, paper: str
) -> None:
    bench.printer.device, bench.printer.paper = DeviceState(device), PaperState(paper)
    with pytest.raises(IssueFailed) as caught:
        await bench.print()
    assert caught.value.end is End.NOT_PRINTED
    assert bench.registry.asked == []
    assert list(read(bench.path)) == []


async def test_a_full_journal_stops_before_anything_is_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.issuance.journal.MIN_FREE_BYTES", 1 << 62)
    with pytest.raises(JournalFull):
        await bench.print()
    assert bench.registry.asked == []


async def test_a_refused_grant_ends_cancelled_and_its_key_is_void_for_a_copy_that_comes_late(bench: Bench) -> None:
    bench.registry.on_begin = Refused(pb.ERROR_REASON_ALREADY_ISSUED, {})
    with pytest.raises(Refused):
        await bench.print()
    assert (await bench.only()).state is State.CANCELLED
    ((method, fields),) = await bench.told()
    assert (method, fields["grant_id"], fields["reason"]) == ("void", "", pb.VOID_REASON_NOT_PRINTED)


async def test_a_lost_grant_is_voided_by_its_key_alone(bench: Bench) -> None:
    bench.registry.on_begin = Unreachable("UNAVAILABLE")
    with pytest.raises(Unreachable):
        await bench.print()
    assert (await bench.only()).state is State.CANCELLED
    ((method, fields),) = await bench.told()
    assert (method, fields["grant_id"], fields["reason"]) == ("void", "", pb.VOID_REASON_NOT_PRINTED)


async def test_a_registry_lost_after_the_grant_is_told_when_it_is_back(bench: Bench) -> None:
    bench.registry.on_artefact = bench.registry.on_tell = Unreachable("UNAVAILABLE")
    with pytest.raises(Unreachable):
        await bench.print()
    assert not await deliver_once(bench.ledger, bench.registry)  # type: ignore[arg-type]
    assert len(await bench.ledger.outbox()) == 1
    bench.registry.on_tell = None
    ((method, fields),) = await bench.told()
    assert (method, fields["grant_id"]) == ("void", "grant-1")
    assert await bench.ledger.outbox() == []


@pytest.mark.parametrize(
    "error", [NotFound("gone"), DeviceFault("jam", {"media": "jammed"}), ValueError("not A4")], ids=type
)
async def test_an_error_that_promises_nothing_was_sent_frees_the_document(bench: Bench, error: Exception) -> None:
    bench.printer.on_print = _raising(error)
    with pytest.raises(IssueFailed) as caught:
        await bench.print()
    assert (caught.value.end, caught.value.number) == (End.NOT_PRINTED, NUMBER)
    ((method, fields),) = await bench.told()
    assert (method, fields["reason"], fields["blanks_spoiled"]) == ("void", pb.VOID_REASON_NOT_PRINTED, 0)


@pytest.mark.parametrize("error", [OutcomeUnknown("no answer"), Disconnected("gone"), DriverError("odd")], ids=type)
async def test_a_lost_answer_to_the_hand_over_is_unknown_and_never_sent_again(bench: Bench, error: Exception) -> None:
    bench.printer.on_print = _raising(error)
    with pytest.raises(IssueFailed) as caught:
        await bench.print()
    assert caught.value.end is End.UNKNOWN
    await bench.restart()
    assert await recover(bench.ledger, bench.issuer) == 0
    assert (await bench.only()).state is State.UNKNOWN
    ((method, fields),) = await bench.told()
    assert (method, fields["outcome"], fields["evidence"]) == ("complete", pb.OUTCOME_UNKNOWN, pb.EVIDENCE_SENT)
    assert bench.printer.printed == 0


@pytest.mark.parametrize(
    ("state", "sheets", "reasons", "end", "told"),
    [
        (JobState.ABORTED, 0, ("media-jam-error",), End.SPOILED, ("void", 1)),
        (JobState.ABORTED, 0, (), End.SPOILED, ("void", 1)),
        (JobState.CANCELED, 0, (), End.NOT_PRINTED, ("void", 0)),
        (JobState.CANCELED, 0, ("media-jam",), End.SPOILED, ("void", 1)),
        (JobState.ABORTED, None, (), End.UNKNOWN, ("complete", None)),
        (JobState.ABORTED, 1, (), End.UNKNOWN, ("complete", None)),
        (JobState.CANCELED, None, (), End.UNKNOWN, ("complete", None)),
    ],
)
async def test_a_job_that_did_not_complete_ends_as_its_evidence_allows(
    bench: Bench,
    state: JobState,
    sheets: int | None,
    reasons: tuple[str, ...],
    end: End,
    told: tuple[str, int | None],
) -> None:
    bench.printer.states = [PrintJob(7, state, reasons, sheets, NUMBER)]
    with pytest.raises(IssueFailed) as caught:
        await bench.print()
    assert caught.value.end is end
    ((method, fields),) = await bench.told()
    assert (method, fields.get("blanks_spoiled")) == told


async def test_a_job_that_never_ends_is_cancelled_and_what_the_printer_says_counts(tmp_path: Path) -> None:
    bench = Bench(tmp_path, page_s=0.1)
    await bench.start()
    bench.printer.states = [PrintJob(7, JobState.STOPPED, ("media-empty",), 0, NUMBER)]
    with pytest.raises(IssueFailed) as caught:
        await bench.print()
    assert caught.value.end is End.NOT_PRINTED
    bench.printer.cancelled = PrintJob(7, JobState.COMPLETED, (), 1, NUMBER)
    printed = await bench.print()
    assert printed.receipt_number == NUMBER
    await bench.stop()


async def test_an_unconfirmed_hand_over_is_unknown_until_a_technician_has_looked(bench: Bench) -> None:
    printed = await bench.print()
    await bench.issuer.not_confirmed(printed.key, printed.grant_id)
    assert (await bench.only()).state is State.UNKNOWN
    await bench.issuer.settle(printed.key, taken=False)
    assert (await bench.only()).state is State.SPOILED
    (complete, void) = await bench.told()
    assert (complete[1]["outcome"], void[0], void[1]["blanks_spoiled"]) == (pb.OUTCOME_UNKNOWN, "void", 1)
    with pytest.raises(KeyError):
        await bench.issuer.settle(printed.key, taken=True)


@pytest.mark.parametrize(
    ("ended", "refused", "after"),
    [(JobState.CANCELED, False, State.SPOILED), (JobState.COMPLETED, True, State.UNKNOWN)],
)
async def test_what_counts_as_destroyed_is_not_printed_later(
    bench: Bench, ended: JobState, refused: bool, after: State
) -> None:
    bench.printer.on_print = _raising(OutcomeUnknown("no answer"))
    with pytest.raises(IssueFailed):
        await bench.print()
    key = (await bench.only()).key
    bench.printer.found = PrintJob(7, JobState.STOPPED, ("media-empty",), 0, NUMBER)
    bench.printer.cancelled = PrintJob(7, ended, (), None, NUMBER)
    if refused:
        with pytest.raises(SettleRefused):
            await bench.issuer.settle(key, taken=False)
    else:
        await bench.issuer.settle(key, taken=False)
    assert bench.printer.cancels == 1
    assert (await bench.only()).state is after


async def test_a_printer_that_is_gone_does_not_keep_a_technician_from_settling(bench: Bench) -> None:
    printed = await bench.print()
    await bench.issuer.not_confirmed(printed.key, printed.grant_id)
    bench.printer.found = NotFound("gone")
    await bench.issuer.settle(printed.key, taken=False)
    assert (await bench.only()).state is State.SPOILED


@pytest.mark.parametrize(
    ("found", "after", "told"),
    [
        (PrintJob(7, JobState.HELD, ("job-incoming",), 0, NUMBER), State.CANCELLED, "void"),
        (PrintJob(7, JobState.COMPLETED, (), 1, NUMBER), State.UNKNOWN, "complete"),
        (PrintJob(7, JobState.ABORTED, ("media-jam",), 0, NUMBER), State.SPOILED, "void"),
        (NotFound("gone"), State.UNKNOWN, "complete"),
    ],
    ids=["empty", "printed", "jammed", "no printer"],
)
async def test_a_daemon_killed_while_it_sent_finds_its_job_by_name(
    bench: Bench, found: PrintJob | DriverError, after: State, told: str
) -> None:
    detail = {"grant_id": "grant-1", "receipt_number": NUMBER, "page_count": 1}
    for event in (Event.ASK, Event.GRANT, Event.PRINT):
        await bench.ledger.append("0b4f4f43-5ac4-4f11-9d30-4c2f8b8f0001", event, detail)
    await bench.restart()
    bench.printer.found = found
    assert await recover(bench.ledger, bench.issuer) == 1
    assert (await bench.only()).state is after
    assert [method for method, _ in await bench.told()] == [told]
    assert bench.printer.printed == 0


async def test_where_an_attendant_sees_the_tray_an_unconfirmed_hand_over_is_taken_on_weaker_evidence(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, assume_taken=True)
    await bench.start()
    printed = await bench.print()
    await bench.issuer.not_confirmed(printed.key, printed.grant_id)
    ((_, fields),) = await bench.told()
    assert (fields["outcome"], fields["evidence"]) == (pb.OUTCOME_TAKEN, pb.EVIDENCE_ACKNOWLEDGED)
    await bench.stop()


async def test_a_report_that_the_registry_will_never_take_is_kept_and_counted_and_not_sent_for_ever(
    bench: Bench,
) -> None:
    await bench.issuer.taken(await bench.print())
    bench.registry.on_tell = Refused(pb.ERROR_REASON_GRANT_ENDED, {})
    assert await deliver_once(bench.ledger, bench.registry)  # type: ignore[arg-type]
    assert await bench.ledger.outbox() == []
    assert await bench.ledger.count_refused() == 1


async def test_messages_of_one_issuance_arrive_in_order_and_hold_back_no_other(bench: Bench) -> None:
    printed = await bench.print()
    await bench.issuer.not_confirmed(printed.key, printed.grant_id)
    await bench.issuer.settle(printed.key, taken=True)
    bench.registry.on_tell = Unreachable("UNAVAILABLE")
    assert not await deliver_once(bench.ledger, bench.registry)  # type: ignore[arg-type]
    bench.registry.on_tell = None
    outcomes = [fields["outcome"] for _, fields in await bench.told()]
    assert outcomes == [pb.OUTCOME_UNKNOWN, pb.OUTCOME_TAKEN]


@pytest.mark.parametrize(
    ("events", "printer_says", "after", "told"),
    [
        ([Event.ASK], None, State.CANCELLED, "void"),
        ([Event.ASK, Event.GRANT], None, State.CANCELLED, "void"),
        ([Event.ASK, Event.GRANT, Event.PRINT], None, State.UNKNOWN, "complete"),
        (
            [Event.ASK, Event.GRANT, Event.PRINT, Event.ACCEPT],
            PrintJob(7, JobState.COMPLETED, (), 1, NUMBER),
            State.UNKNOWN,
            "complete",
        ),
        (
            [Event.ASK, Event.GRANT, Event.PRINT, Event.ACCEPT],
            PrintJob(7, JobState.ABORTED, ("media-jam",), 0, NUMBER),
            State.SPOILED,
            "void",
        ),
        (
            [Event.ASK, Event.GRANT, Event.PRINT, Event.ACCEPT],
            PrintJob(7, JobState.COMPLETED, (), 1, "ADM-3520-000009"),
            State.UNKNOWN,
            "complete",
        ),
        (
            [Event.ASK, Event.GRANT, Event.PRINT, Event.ACCEPT, Event.COMPLETE],
            None,
            State.UNKNOWN,
            "complete",
        ),
    ],
)
async def test_recovery_ends_every_open_state_without_printing(
    bench: Bench, events: list[Event], printer_says: PrintJob | None, after: State, told: str
) -> None:
    detail = {"grant_id": "grant-1", "receipt_number": NUMBER, "page_count": 1, "job_id": 7}
    for event in events:
        await bench.ledger.append("0b4f4f43-5ac4-4f11-9d30-4c2f8b8f0001", event, detail)
    if printer_says is not None:
        bench.printer.states = [printer_says]
    await bench.restart()
    assert await recover(bench.ledger, bench.issuer) == 1
    assert (await bench.only()).state is after
    assert [method for method, _ in await bench.told()] == [told]
    assert await recover(bench.ledger, bench.issuer) == 0
    assert bench.printer.printed == 0


def _raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize(("silent", "patience_s", "after"), [(2, 30.0, State.SPOILED), (10**9, 0.05, State.UNKNOWN)])
async def test_a_printer_that_comes_back_later_than_the_daemon_is_waited_for_and_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, silent: int, patience_s: float, after: State
) -> None:
    monkeypatch.setattr(recovery, "_AGAIN_S", 0.01)
    detail = {"grant_id": "grant-1", "receipt_number": NUMBER, "page_count": 1, "job_id": 7}
    for event in (Event.ASK, Event.GRANT, Event.PRINT, Event.ACCEPT):
        await bench.ledger.append("0b4f4f43-5ac4-4f11-9d30-4c2f8b8f0001", event, detail)
    await bench.restart()
    asked = 0

    async def look() -> None:
        nonlocal asked
        asked += 1
        state = DeviceState.ONLINE if asked > silent else DeviceState.OFFLINE
        if state is DeviceState.ONLINE:
            bench.printer.states = [PrintJob(7, JobState.ABORTED, ("media-jam",), 0, NUMBER)]
        await bench.device.poll(lambda _: DocumentPrinterStatus(state, None, None, None, ()), 5)

    async def answered(_kind: str) -> None:
        await recovery.wait_for([bench.device], look, patience_s)

    assert await recover(bench.ledger, bench.issuer, answered=answered) == 1
    assert (await bench.only()).state is after
    assert asked >= min(silent, 2)

"""A print is read back: codes found, their places judged; somebody who cannot, and a bad print, are told apart."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray

from drivers.camera.port import CameraStatus, Frame
from drivers.deadline import Deadline
from drivers.document_printer.port import JobState, PrintJob
from drivers.errors import DeadlineExceeded, NotFound
from drivers.status import DeviceState
from kiosk.checkup_subjects import decoded
from kiosk.testpage import MARK_ASPECT, a4_test_page
from selftest.checks import loopback
from selftest.model import Finding, Level, Machine, Outcome, Subject
from selftest.operator import Absent, Step
from selftest.pdf import as_pdf
from selftest.report import as_json
from selftest.runner import run

MACHINE = Machine("kiosk/3520/x", {"adm": "1"}, {}, simulation=True)
Picture = NDArray[np.uint8]


class Printer:
    """Keeps what it is sent, as a picture."""

    def __init__(self, state: JobState = JobState.COMPLETED, spoil: Any = None) -> None:
        self.state, self.spoil = state, spoil
        self.picture: Picture | None = None

    def open(self, deadline: Deadline) -> None:
        return

    def close(self) -> None:
        return

    def print(self, pdf: bytes, name: str, deadline: Deadline) -> PrintJob:
        page = np.asarray(pypdfium2.PdfDocument(pdf)[0].render(scale=1.2).to_pil().convert("RGB"), np.uint8)
        self.picture = page if self.spoil is None else self.spoil(page.copy())
        return PrintJob(1, JobState.PENDING, (), None, name)

    def wait(self, job: PrintJob, deadline: Deadline, on_progress: Any) -> PrintJob:
        return PrintJob(1, self.state, (), 1, job.name)


class Camera:
    """Sees what the printer printed."""

    def __init__(self, printer: Printer) -> None:
        self.printer, self.number = printer, 0

    def open(self, deadline: Deadline) -> None:
        return

    def close(self) -> None:
        return

    def status(self) -> CameraStatus:
        return CameraStatus(DeviceState.ONLINE, {})

    def facts(self, deadline: Deadline) -> dict[str, str]:
        return {}

    def probe(self, deadline: Deadline) -> CameraStatus:
        return self.status()

    def newest(self, after: int, deadline: Deadline) -> Frame:
        if self.printer.picture is None:
            raise DeadlineExceeded("nothing is printed")
        self.number += 1
        return Frame(np.ascontiguousarray(self.printer.picture[:, :, ::-1]), 0.0, self.number)


class Person(Absent):
    """Holds everything up, for so many frames."""

    def __init__(self, patience: int = 3) -> None:
        self.left, self.steps, self.ended = patience, [], 0  # type: ignore[var-annotated]

    def begin(self, step: Step, within_s: float) -> bool:
        self.steps.append(step)
        return True

    def gave_up(self) -> bool:
        self.left -= 1
        return self.left < 0

    def end(self) -> None:
        self.ended += 1

    def shown_after_s(self, frame: Frame, within_s: float) -> float | None:
        return 0.05 if frame.number < 100 else None


def ways(person: Person | None, spent: list[tuple[str, int]]) -> loopback.Ways:
    return loopback.Ways(
        person, decoded, a4_test_page, MARK_ASPECT, None if person is None else lambda *used: spent.append(used)
    )


def found(subject: Subject) -> Finding:
    (result,) = run([subject], MACHINE, Level.FULL).results
    return result.finding


def figures(finding: Finding) -> Mapping[str, float]:
    return {one.name: one.value for one in finding.measurements}


def test_a_good_page_passes_and_its_sheet_is_written_down_first() -> None:
    printer, person, spent = Printer(), Person(), []  # type: ignore[var-annotated]
    finding = found(loopback.page(printer, None, Camera(printer), ways(person, spent)))  # type: ignore[arg-type]
    assert finding.outcome is Outcome.PASS, finding.reason
    assert figures(finding)["codes"] == 5
    assert abs(figures(finding)["aspect"] - 1) < 0.02
    assert (spent, person.steps, person.ended) == ([("paper", 1)], [Step.SHOW_PAGE], 1)


def _without_a_corner(page: Picture) -> Picture:
    page[: page.shape[0] // 3, : page.shape[1] // 2] = 255
    return page


def _stretched(page: Picture) -> Picture:
    return np.repeat(page, 2, axis=1)


@pytest.mark.parametrize(
    ("spoil", "reason"), [(_without_a_corner, r"unread:TL"), (_stretched, r"marks:aspect|unread:.*")]
)
def test_a_bad_print_fails_and_says_where(spoil: Any, reason: str) -> None:
    printer = Printer(spoil=spoil)
    finding = found(loopback.page(printer, None, Camera(printer), ways(Person(), [])))  # type: ignore[arg-type]
    assert finding.outcome is Outcome.FAIL
    assert re.fullmatch(reason, finding.reason)


def test_nobody_who_holds_it_up_is_no_fault_of_the_printer() -> None:
    printer = Printer(spoil=lambda page: np.full_like(page, 255))
    finding = found(loopback.page(printer, None, Camera(printer), ways(Person(1), [])))  # type: ignore[arg-type]
    assert finding.outcome is Outcome.SKIPPED
    assert found(loopback.page(Printer(), None, Camera(printer), ways(None, []))).outcome is Outcome.SKIPPED  # type: ignore[arg-type]


def test_a_page_that_did_not_come_out_fails() -> None:
    printer = Printer(JobState.ABORTED)
    finding = found(loopback.page(printer, None, Camera(printer), ways(Person(), [])))  # type: ignore[arg-type]
    assert (finding.outcome, finding.reason) == (Outcome.FAIL, "print:aborted")


def test_the_delay_on_the_display_is_measured_over_several_frames() -> None:
    printer = Printer()
    printer.picture = np.zeros((480, 640, 3), np.uint8)
    finding = found(loopback.latency(Camera(printer), Person()))
    assert finding.outcome is Outcome.PASS
    assert figures(finding) == {"median": 50.0, "worst": 50.0}
    assert found(loopback.latency(Camera(printer), None)).outcome is Outcome.SKIPPED


def test_a_report_is_a_page_that_says_what_is_wrong() -> None:
    printer = Printer(JobState.ABORTED)
    report = run(
        [loopback.page(printer, None, Camera(printer), ways(Person(), []))],  # type: ignore[arg-type]
        MACHINE,
        Level.FULL,
    )
    pdf = as_pdf(as_json(report), b"\x01\x02", "en")
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    for word in ("SELF-TEST REPORT - SIMULASI", "kiosk/3520/x", "NOT WELL", "print:aborted", "0102", "[maintenance]"):
        assert word in text


def test_cancelled_checks_are_left_out_and_said_so() -> None:
    printer = Printer()
    subject = loopback.page(printer, None, Camera(printer), ways(Person(), []))  # type: ignore[arg-type]
    (result,) = run([subject], MACHINE, Level.FULL, cancelled=lambda: True).results
    assert (result.finding.outcome, result.finding.reason, printer.picture) == (Outcome.SKIPPED, "cancelled", None)


def test_a_missing_device_is_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    printer = Printer()

    def gone(pdf: bytes, name: str, deadline: Deadline) -> PrintJob:
        raise NotFound("unplugged")

    monkeypatch.setattr(printer, "print", gone)
    finding = found(loopback.page(printer, None, Camera(printer), ways(Person(), [])))  # type: ignore[arg-type]
    assert finding.reason == "print:NotFound"

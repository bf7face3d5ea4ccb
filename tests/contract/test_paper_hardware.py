"""The paper ports on real devices: `./adm test -m hardware`, with ADM_CONFIG naming the machine's kiosk.toml.

What is used up: a sheet, and a receipt. Somebody stands there and takes the sheet.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from drivers import catalog
from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter, JobState
from drivers.errors import Unsupported
from drivers.paper_feeder.port import PaperFeeder, Position
from drivers.paper_feeder.through import print_through
from drivers.receipt_printer.port import Heading, Paragraph, ReceiptEvidence, ReceiptPrinter
from drivers.status import DeviceState, PresentedState
from kiosk.config import load
from kiosk.testpage import a4_test_page

pytestmark = pytest.mark.hardware
LONG_S = 90.0


@pytest.fixture
def device(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Any]]:
    """Opens a configured device by its role; skips where the machine has none."""
    if request.config.getoption("-m") != "hardware" or "ADM_CONFIG" not in os.environ:
        pytest.skip("needs the real device; run with -m hardware and ADM_CONFIG")
    config = load(Path(os.environ["ADM_CONFIG"]))
    with ExitStack() as opened:

        def open_(role: str) -> Any:
            if role not in config.devices:
                pytest.skip(f"this machine has no {role}")
            driver = config.devices[role].driver
            port = catalog.create(role, driver, config.driver_settings(role))
            port.open(Deadline.after(LONG_S))
            opened.callback(port.close)
            return port

        yield open_


def test_a_receipt_is_acknowledged_after_its_cut(device: Callable[[str], Any]) -> None:
    printer: ReceiptPrinter = device("receipt_printer")
    assert printer.status(Deadline.after(LONG_S)).device is DeviceState.ONLINE
    evidence = printer.print((Heading("UJI / TEST"), Paragraph("hardware")), Deadline.after(LONG_S))
    assert evidence is ReceiptEvidence.ACKNOWLEDGED


def test_a_page_from_the_printers_own_tray_is_followed_to_its_end(device: Callable[[str], Any]) -> None:
    printer: DocumentPrinter = device("document_printer")
    assert printer.status(Deadline.after(LONG_S)).device is DeviceState.ONLINE
    try:
        device("paper_feeder")
    except pytest.skip.Exception:
        job = printer.print(a4_test_page(), "hardware-test", Deadline.after(LONG_S))
        found = printer.find("hardware-test", Deadline.after(LONG_S))
        assert found is not None
        assert found.job_id == job.job_id
        assert printer.wait(job, Deadline.after(LONG_S), lambda _: None).state is JobState.COMPLETED
    else:
        pytest.skip("the feeder's test prints the page")


def test_a_sheet_goes_through_the_whole_path_and_is_seen_to_be_taken(device: Callable[[str], Any]) -> None:
    printer: DocumentPrinter = device("document_printer")
    feeder: PaperFeeder = device("paper_feeder")
    until = Deadline.after(LONG_S)
    assert feeder.initialise(True, until).position is Position.NONE
    before = _taken(feeder)
    assert print_through(printer, feeder, a4_test_page(), "hardware-test", until).state is JobState.COMPLETED
    assert feeder.status(until).presented is PresentedState.PRESENTED
    feeder.wait_taken(until)
    after = _taken(feeder)
    assert after is None or before is None or after == before + 1


def _taken(feeder: PaperFeeder) -> int | None:
    try:
        return feeder.counters(Deadline.after(LONG_S)).taken
    except Unsupported:
        return None

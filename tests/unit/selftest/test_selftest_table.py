"""The table of faults in the document names every fault of the simulators that the self-test looks at."""

import re

import pytest

from drivers.status import ErrorAction
from simulator.cabinet.device import FAULTS as CABINET
from simulator.camera.device import FAULTS as CAMERA
from simulator.card_printer.faults import DESCRIPTIONS as CARD_PRINTER
from simulator.chip.faults import DESCRIPTIONS
from simulator.document_printer.device import FAULTS as DOCUMENT_PRINTER
from simulator.paper_feeder.device import FAULTS as PAPER_FEEDER
from simulator.receipt_printer.device import FAULTS as RECEIPT_PRINTER
from tests.proofs._selftest_faults import EXPECTED, Found, Silent
from tests.proofs.selftest import BEGIN, DOCUMENT, END

NAMES = {
    "card_reader": {fault.value for fault in DESCRIPTIONS},
    "camera": set(CAMERA),
    "document_printer": set(DOCUMENT_PRINTER),
    "paper_feeder": set(PAPER_FEEDER),
    "receipt_printer": set(RECEIPT_PRINTER),
    "card_printer": {fault.value for fault in CARD_PRINTER},
    "kia_printer": {fault.value for fault in CARD_PRINTER},
    "cabinet": set(CABINET),
}


def rows() -> dict[tuple[str, str], list[str]]:
    table = DOCUMENT.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]
    return {(line[0], line[1]): line for line in cells}


@pytest.mark.parametrize("device", NAMES)
def test_every_named_fault_has_its_row(device: str) -> None:
    assert {fault for role, fault in rows() if role == device} == NAMES[device]


def test_the_rows_say_what_the_proof_demands() -> None:
    for key, line in rows().items():
        expected = EXPECTED.get(key)
        if isinstance(expected, Found):
            assert (line[4], line[6]) == (expected.device, expected.action)
        if isinstance(expected, Silent):
            assert (line[3], line[5]) == ("not findable", expected.why)


def test_nothing_is_demanded_of_faults_that_are_gone() -> None:
    assert {key for key in EXPECTED if key[1] not in NAMES[key[0]]} == set()


def test_each_row_says_who_is_blamed_or_why_nobody_is() -> None:
    for key, line in rows().items():
        if line[3] == "not findable":
            assert line[5], key
        else:
            assert line[3] in ("quick", "full"), key
            assert line[4], key
            assert "," not in line[4], key
            assert line[6] in {action.value for action in ErrorAction}, key

"""What devices say of themselves, on its way into a report."""

from pathlib import Path

import pytest

from drivers import facts
from drivers.deadline import Deadline
from drivers.document_printer.ipp_codec import Group, Message, Tag, attribute
from drivers.document_printer.ipp_operations import read_facts
from drivers.receipt_printer.escpos_replies import About, Noise, decode
from drivers.transport import video
from selftest import advice
from selftest.model import Measurement, failed, passed
from selftest.telling import telling


def test_facts_are_short_plain_text_and_empty_ones_are_left_out() -> None:
    assert facts.tidy(maker=" Evolis\x00 ", model=b"KC\xff200", serial="", firmware=None) == {
        "maker": "Evolis",
        "model": "KC 200",
    }
    assert len(facts.tidy(model="x" * 500)["model"]) == facts.LONGEST
    with pytest.raises(ValueError, match="owner"):
        facts.tidy(owner="somebody")


@pytest.mark.parametrize(
    ("buffer", "expected"),
    [
        (b"\x5fSIM 1.0\x00\x12", (9, About(b"SIM 1.0"))),
        (b"\x5fSIM", (0, None)),
        (b"\x5f\x00", (2, About(b""))),
        (b"\x5f" + b"x" * 81, (1, Noise(0x5F))),
    ],
)
def test_a_receipt_printers_answer_about_itself_is_whole_or_waited_for(buffer: bytes, expected: object) -> None:
    assert decode(buffer) == expected


def printer(**said: str) -> Message:
    attributes = [attribute(name.replace("_", "-"), Tag.TEXT, value) for name, value in said.items()]
    return Message(0, 1, ((Group.PRINTER, tuple(attributes)),))


def test_an_ipp_printer_is_known_by_its_device_id() -> None:
    told = read_facts(
        printer(
            printer_make_and_model="HP LaserJet M404",
            printer_firmware_string_version="2024.1",
            printer_device_id="MFG:HP;CMD:PCL;MDL:LaserJet M404; SN:VNB123;",
            printer_uuid="urn:uuid:1",
        )
    )
    assert told == {"maker": "HP", "model": "HP LaserJet M404", "serial": "VNB123", "firmware": "2024.1"}
    assert facts.tidy(**read_facts(printer(printer_uuid="urn:uuid:1"))) == {"serial": "urn:uuid:1"}


def test_a_camera_is_known_by_the_usb_device_behind_it(tmp_path: Path) -> None:
    usb, node = tmp_path / "1-2", tmp_path / "class" / "video0"
    (usb / "1-2:1.0").mkdir(parents=True)
    node.mkdir(parents=True)
    (node / "name").write_text("HD Webcam\n")
    (node / "device").symlink_to(usb / "1-2:1.0")
    for name, text in (("manufacturer", "Logi"), ("serial", "A1B2"), ("bcdDevice", "0213")):
        (usb / name).write_text(text + "\n")
    assert video.facts_in(node) == {"maker": "Logi", "model": "HD Webcam", "serial": "A1B2", "firmware": "2.13"}
    assert video.facts_in(tmp_path / "gone") == {}


class Device:
    """Tells what it is told to."""

    def __init__(self, **told: str) -> None:
        self._told = told

    def facts(self, deadline: Deadline) -> dict[str, str]:
        return self._told


@pytest.mark.parametrize(
    ("device", "accepted", "reason"),
    [
        (Device(serial="A1"), "", ""),
        (Device(serial="A1"), "A1", ""),
        (Device(), "A1", ""),
        (Device(serial="B2"), "A1", "serial:changed"),
    ],
)
def test_a_device_that_was_not_accepted_is_told(device: Device, accepted: str, reason: str) -> None:
    finding = telling(passed(Measurement("answer", 0.1)), device, accepted)
    assert finding.reason == reason
    assert finding.measurements
    assert dict(finding.facts) == device.facts(Deadline.after(1.0))
    ill = telling(failed("device:offline", advice.RESTART), device, accepted)
    assert ill.reason == "device:offline"

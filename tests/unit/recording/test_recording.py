"""What went over a wire once is played back before the production driver; nothing personal is in a recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.deadline import Deadline
from drivers.document_printer.ipp import IppPrinter
from drivers.document_printer.ipp import Settings as IppSettings
from drivers.document_printer.ipp_codec import encode
from drivers.document_printer.ipp_operations import Capabilities, Requests
from drivers.document_printer.port import JobState
from drivers.document_printer.recording import NAME, ReplayTransport
from drivers.document_printer.recording import redact as redact_ipp
from drivers.errors import DeadlineExceeded, DeviceFault, Disconnected, DriverError, OutcomeUnknown
from drivers.paper_feeder.crt_usb import CrtFeeder
from drivers.paper_feeder.crt_usb import Settings as FeederSettings
from drivers.paper_feeder.port import MoveFailed, SheetAt
from drivers.receipt_printer import escpos_usb
from drivers.receipt_printer.compose import compose
from drivers.receipt_printer.port import Heading, Paragraph, QrCode, Row
from drivers.receipt_printer.profiles import PROFILES
from drivers.receipt_printer.redact import redact as redact_receipt
from drivers.status import DeviceState
from drivers.transport.record import (
    Event,
    RecordedChannel,
    Recorder,
    RecordingWrong,
    ReplayChannel,
    Way,
    events,
    everything,
)
from drivers.transport.usb import UsbAddress
from tests.pdf_samples import blank_pdf

RECORDINGS = Path(__file__).parents[2] / "recordings"
LONG_S = 20.0


def _played(name: str) -> ReplayChannel:
    return ReplayChannel(list(events((RECORDINGS / name).read_text())))


def _opening(channel: ReplayChannel) -> Callable[[UsbAddress], ReplayChannel]:
    return lambda _: channel


def test_a_jam_recorded_at_a_feeder_is_the_same_jam_when_it_is_played_back() -> None:
    channel = _played("feeder_jam_s6.txt")
    feeder = CrtFeeder(FeederSettings(vendor_id=1, product_id=2), _opening(channel))
    until = Deadline.after(LONG_S)
    feeder.initialise(True, until)
    feeder.feed(until)
    with pytest.raises(MoveFailed) as jam:
        feeder.present(until)
    assert (jam.value.code, jam.value.sheet) == ("10", SheetAt.INSIDE)
    assert feeder.initialise(True, until).device is DeviceState.ONLINE
    assert channel.left == []


def test_a_blade_that_stuck_in_a_receipt_is_found_again_in_its_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "0000")
    channel = _played("receipt_cutter.txt")
    settings = escpos_usb.Settings(vendor_id=1, product_id=2)
    printer = escpos_usb.EscposUsbPrinter(settings, _opening(channel))
    # Of what was printed its length is kept, so something of that length is printed again.
    blocks = (Heading("Anjungan"), Row("Nomor", "ADM-3520-000099"), Paragraph("SUSI SUSANTI"))
    with pytest.raises(OutcomeUnknown) as unknown:
        printer.print(blocks, Deadline.after(LONG_S))
    assert isinstance(unknown.value.__cause__, DeviceFault)
    status = printer.status(Deadline.after(LONG_S))
    assert (status.device, status.cutter_fault) == (DeviceState.HARDWARE_ERROR, True)
    assert channel.left == []


def test_a_lost_answer_to_a_document_is_asked_for_as_it_was_then() -> None:
    recorded = list(events((RECORDINGS / "ipp_answer_lost.txt").read_text()))
    wire = ReplayTransport(recorded, "ipp://127.0.0.1:36787/ipp/print")
    printer = IppPrinter(IppSettings(uri="ipp://127.0.0.1:36787/ipp/print", poll_s=0.05), wire)
    # A recording holds no job's name but this.
    job = printer.print(blank_pdf(1), NAME, Deadline.after(LONG_S))
    assert (job.job_id, job.name) == (2, NAME)
    assert printer.wait(job, Deadline.after(LONG_S), lambda _: None).state is JobState.COMPLETED
    assert wire.left == []


def test_what_was_printed_is_in_no_recording(tmp_path: Path) -> None:
    receipt = compose(
        (Row("Nama", "HAMID SUROSO"), QrCode("https://x.example/ADM-3520-000017")), PROFILES["KR-306"], 48
    )
    recorder = Recorder(tmp_path / "wire.txt", "escpos", redact_receipt)
    recorder.note(Way.WRITE, receipt + b"\x1dr\x01", 0.0)
    recorder.close()
    text = (tmp_path / "wire.txt").read_text()
    (event,) = events(text)
    assert event.pieces == (len(receipt), b"\x1dr\x01")
    for word in (b"HAMID", b"SUROSO", b"000017"):
        assert word.hex().upper() not in text


def test_no_name_and_no_document_is_in_a_recording_of_ipp() -> None:
    can = Capabilities(*[frozenset[str]()] * 7)  # type: ignore[arg-type]
    message = encode(Requests("ipp://127.0.0.1/ipp/print", "adm").create_job("ADM-3520-000017", can))
    kept, length = redact_ipp(Way.WRITE, message + b"%PDF-1.7 HAMID SUROSO")
    assert isinstance(kept, bytes)
    assert b"000017" not in kept
    assert length == len(b"%PDF-1.7 HAMID SUROSO")
    assert redact_ipp(Way.READ, b"nonsense HAMID") == (len(b"nonsense HAMID"),)


@given(
    st.sampled_from(Way),
    st.lists(st.one_of(st.binary(min_size=1, max_size=40), st.integers(1, 9000)), max_size=6),
    st.sampled_from(["", "DeadlineExceeded"]),
)
def test_an_event_reads_back_as_it_was_written(way: Way, pieces: list[bytes | int], error: str) -> None:
    event = Event(way, tuple(pieces), error, 1.5)
    assert Event.parse(event.line()) == event
    assert event.matches(event.data)


def test_a_driver_that_says_something_else_than_then_is_noticed() -> None:
    channel = ReplayChannel([Event(Way.WRITE, (b"\x04",), "", 0.1), Event(Way.READ, (), "Disconnected", 0.1)])
    with pytest.raises(RecordingWrong):
        channel.read(Deadline.after(1))
    with pytest.raises(Disconnected):
        ReplayChannel(channel.left).read(Deadline.after(1))
    with pytest.raises(RecordingWrong):
        ReplayChannel([Event(Way.WRITE, (b"\x04",), "", 0.1)]).write(b"\x06", Deadline.after(1))
    with pytest.raises(RecordingWrong):
        ReplayChannel([Event(Way.WRITE, (3, b"\x04"), "", 0.1)]).write(b"\x04", Deadline.after(1))


@pytest.mark.parametrize(
    "text", ["", "# something else\nread 0.1 06", "# adm wire 1 crt\nlisten 0.1 06", "# adm wire 1\nread x"]
)
def test_what_is_no_recording_is_refused(text: str) -> None:
    with pytest.raises(RecordingWrong):
        list(events(text))


class _Silent:
    def write(self, data: bytes, deadline: Deadline, chunk_bytes: int = 0) -> None:
        raise Disconnected("gone")

    def read(self, deadline: Deadline, at_most: int = 0) -> bytes:
        raise DeadlineExceeded("no word")

    def close(self) -> None:
        return


def test_what_failed_is_recorded_as_it_failed_and_fails_so_again(tmp_path: Path) -> None:
    channel = RecordedChannel(_Silent(), Recorder(tmp_path / "wire.txt", "crt", everything))
    for step in (lambda: channel.write(b"\x04", Deadline.after(1)), lambda: channel.read(Deadline.after(1))):
        with pytest.raises(DriverError):
            step()
    channel.close()
    again = ReplayChannel(list(events((tmp_path / "wire.txt").read_text())))
    with pytest.raises(Disconnected):
        again.write(b"\x04", Deadline.after(1))
    with pytest.raises(DeadlineExceeded):
        again.read(Deadline.after(1))
    with pytest.raises(Disconnected, match="ends here"):
        again.read(Deadline.after(1))

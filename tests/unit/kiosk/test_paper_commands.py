"""`adm feeder`, `adm receipt` and their words, on devices that no daemon has: as a technician finds a bare machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drivers.transport.record import events
from kiosk.cli.__main__ import main
from simulator.paper_feeder.device import VirtualPaperFeeder
from simulator.paper_feeder.feeder import PRODUCT_ID, VENDOR_ID
from simulator.receipt_printer.device import VirtualReceiptPrinter
from tests.support.paper_bench import Loop
from tests.unit.kiosk.test_config import GOOD

Command = Callable[..., tuple[int, str]]


class Bench:
    """Both devices, and the machine's configuration."""

    def __init__(self, loop: Loop, directory: Path) -> None:
        self.loop = loop
        self.feeder = VirtualPaperFeeder(section_s=0.005)
        self.receipts = VirtualReceiptPrinter(directory, speed_mm_s=1e6)
        loop.run(self.feeder.start())
        loop.run(self.receipts.start())
        (directory / "file").write_bytes(b"x")
        self.config = directory / "kiosk.toml"
        text = GOOD.format(dir=directory).replace("usbip:127.0.0.1:3240", f"usbip:{self.receipts.usbip}")
        ids = f"vendor_id = {VENDOR_ID}, product_id = {PRODUCT_ID}"
        feeder = (
            f'[devices.paper_feeder]\ndriver = "crt"\nsettings = {{ {ids}, backend = "usbip:{self.feeder.usbip}" }}\n'
        )
        self.config.write_text(f"{text}\n{feeder}")

    def close(self) -> None:
        self.loop.run(self.feeder.stop())
        self.loop.run(self.receipts.stop())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with closing(Loop()) as loop, closing(Bench(loop, tmp_path)) as made:
        yield made


@pytest.fixture
def adm(bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["adm", "--config", str(bench.config), *words])
        code = main()
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_a_feeder_tells_how_it_is_and_what_its_sensors_see(adm: Command) -> None:
    code, text = adm("feeder", "status", "--json")
    assert (code, json.loads(text)["device"], json.loads(text)["position"]) == (0, "online", "none")
    code, text = adm("feeder", "sensors", "--json")
    seen = json.loads(text)
    assert [name for name, word in seen.items() if word == "paper"] == ["S1 hopper", "S2 hopper low"]
    assert len(seen) == 8


def test_what_moves_paper_is_asked_first(bench: Bench, adm: Command) -> None:
    for words in (("feeder", "test"), ("feeder", "clear"), ("feeder", "bin-emptied"), ("receipt", "clear")):
        code, text = adm(*words)
        assert (code, "--yes" in text) == (2, True), words
        assert "used" not in text
    assert bench.feeder.path.moves == 0


def test_a_blank_sheet_is_fed_and_put_into_the_bin_and_the_bin_is_counted(bench: Bench, adm: Command) -> None:
    code, text = adm("feeder", "test", "--yes")
    assert (code, text.splitlines()[:2]) == (0, ["fed: at the printer's entry", "retracted: in the bin"])
    assert "not booked (The daemon does not answer" in text
    assert "adm stock spoil paper 1" in text
    code, text = adm("feeder", "counters", "--json")
    assert json.loads(text) == {"fed": 1, "presented": 0, "taken": 0, "retracted": 1, "in_bin": 1}
    code, text = adm("feeder", "bin-emptied", "--yes")
    assert (code, "1 sheets were in the bin" in text) == (0, True)
    assert bench.feeder.path.counters.in_bin == 0


def test_a_sheet_in_the_path_is_not_moved_by_a_test_but_cleared_on_demand(bench: Bench, adm: Command) -> None:
    path = bench.feeder.path
    bench.loop.run(path.initialise(True))
    bench.loop.run(path.feed())
    code, text = adm("feeder", "test", "--yes")
    assert (code, "A sheet lies in the path (entry)" in text) == (2, True)
    code, text = adm("feeder", "clear", "--yes")
    assert code == 0, text
    assert path.counters.in_bin == 1


def test_who_uses_a_sheet_up_is_known_before_one_moves(bench: Bench, adm: Command) -> None:
    for words in (("feeder", "test", "--yes"), ("printer", "test-page")):
        code, text = adm(*words, "--by", "no such number!")
        assert (code, "Say who does it" in text) == (2, True), words
    assert bench.feeder.path.moves == 0


def test_a_jam_is_told_with_the_place_of_the_sheet(bench: Bench, adm: Command) -> None:
    bench.loop.run(bench.feeder.set_fault("jam_s4"))
    code, text = adm("feeder", "test", "--yes")
    assert (code, "sheet jammed at S4 (code 10); the sheet: inside" in text) == (2, True)
    assert "1 sheet(s) used" in text


def test_a_command_records_the_wire_on_demand(bench: Bench, adm: Command, tmp_path: Path) -> None:
    wire = tmp_path / "wire.txt"
    code, _ = adm("feeder", "--record", str(wire), "counters")
    assert (code, len(list(events(wire.read_text()))) > 2) == (0, True)


def test_a_queue_ticket_is_printed_and_a_printer_cleared(bench: Bench, adm: Command) -> None:
    code, text = adm("receipt", "ticket", "A-017", "--service", "KTP-el", "--waiting", "4", "--language", "en")
    assert (code, text.strip()) == (0, "printed, acknowledged")
    assert bench.receipts.state()["receipts_printed"] == 1
    code, text = adm("receipt", "counters", "--json")
    counted = json.loads(text)
    assert (code, counted["cuts"], counted["lines_fed"] > 5) == (0, 1, True)
    code, text = adm("receipt", "clear", "--yes")
    assert (code, text.strip()) == (0, "Cleared.")

"""A technician's commands on a running machine: it lends its devices, and nothing personal is shown."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from adm.panel.v1 import panel_pb2 as pb

from drivers.card_reader.trace import parse
from tests.journeys.conftest import Visitor, environment

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_technician")]
COMMAND_S = 60.0


async def _adm(visitor: Visitor, *words: str) -> tuple[int, str]:
    config = str(visitor.demo.directory / "kiosk.toml")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiosk.cli", "--config", config, *words),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), COMMAND_S)
    return process.returncode or 0, output.decode()


async def test_status_tells_every_device_and_service(visitor: Visitor) -> None:
    code, text = await _adm(visitor, "status")
    assert code == 0
    for word in ("kiosk/3520/mpp-01", "card_reader", "document_printer", "akta_kelahiran", "connected"):
        assert word in text


async def test_a_card_is_read_masked_and_in_full_only_on_demand(visitor: Visitor) -> None:
    reading = asyncio.create_task(_adm(visitor, "card", "read", "--json"))
    await visitor.sees("out_of_service", where=_maintained)
    await visitor.puts_card("karto")
    code, text = await reading
    assert code == 0, text
    shown = json.loads(text.splitlines()[-1])
    assert shown["assurance"] == "samVerified"
    assert shown["nik"] == "3520********0001"
    assert "KARTO" not in text
    await visitor.sees("attract")
    code, text = await _adm(visitor, "card", "read", "--full")
    assert code == 0
    assert "KARTO DIKROMO" in text
    await visitor.takes_card()


async def test_a_recording_of_a_read_holds_nothing_personal(visitor: Visitor, tmp_path: Path) -> None:
    recording = asyncio.create_task(_adm(visitor, "card", "trace", str(tmp_path / "trace.txt")))
    await visitor.sees("out_of_service", where=_maintained)
    await visitor.puts_card("hamid")
    code, text = await recording
    assert code == 0, text
    trace = (tmp_path / "trace.txt").read_text()
    assert len(parse(trace)) > 20
    for word in (b"HAMID", b"3520061708780003"):
        assert word.hex().upper() not in trace
    await visitor.sees("attract")
    await visitor.takes_card()


@pytest.mark.parametrize("command", ["printer", "receipt"])
async def test_a_printer_tells_how_it_is_and_prints_a_page_that_is_no_document(visitor: Visitor, command: str) -> None:
    code, text = await _adm(visitor, command, "status", "--json")
    assert (code, json.loads(text)["device"]) == (0, "online")
    before = len(visitor.journal()) if visitor.demo.journal.exists() else 0
    code, text = await _adm(visitor, command, "test-page")
    assert code == 0, text
    assert len(visitor.journal()) == before
    await visitor.sees("attract", where=lambda view: view.revision > 0)


async def test_a_command_is_refused_while_somebody_is_served(visitor: Visitor) -> None:
    await visitor.touches(start=pb.StartAct())
    await visitor.sees("place_card")
    code, text = await _adm(visitor, "card", "read")
    assert code == 2
    assert "in use" in text
    await visitor.leaves()


async def test_without_a_daemon_a_command_says_so_in_one_line(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiosk.cli", "--config", str(tmp_path / "none.toml"), "status"),
        env=environment(),
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await asyncio.wait_for(process.communicate(), COMMAND_S)
    assert process.returncode == 2
    assert complaint.decode().count("\n") == 1


def _maintained(view: pb.View) -> bool:
    return view.out_of_service.reason == pb.OUT_OF_SERVICE_REASON_MAINTENANCE

"""`adm selftest` and `adm diagnose` on a running machine: borrowed devices, a signed report, nothing personal."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from adm.panel.v1 import panel_pb2 as pb
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from selftest.report import Archive, verify
from simulator.demo.configuration import MACHINE_ID
from simulator.demo.demo import ROOT
from tests.journeys.conftest import Visitor, environment

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_selftest")]
COMMAND_S = 90.0
CENTRAL = ["-m", "central"]


async def _adm(visitor: Visitor, *words: str) -> tuple[int, str]:
    config = str(visitor.demo.directory / "kiosk.toml")
    return await _python(["-m", "kiosk.cli", "--config", config, *words])


async def _python(words: list[str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *words),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await asyncio.wait_for(process.communicate(), COMMAND_S)
    return process.returncode or 0, (output or complaint).decode()


def _checks(report: dict[str, Any]) -> dict[str, str]:
    return {check["id"]: check["outcome"] for check in report["checks"]}


async def test_a_healthy_machine_is_well_and_its_report_is_signed_with_its_key(visitor: Visitor) -> None:
    code, text = await _adm(visitor, "selftest", "--json")
    assert code == 0, text
    answer = json.loads(text)
    report = answer["report"]
    assert report["machine_id"] == MACHINE_ID
    assert set(_checks(report).values()) <= {"pass", "skipped"}
    for check in ("card_reader.ready", "sam.ready", "camera.picture", "registry.tls", "journal.verify"):
        assert check in _checks(report)
    told = {check["device"]: check["facts"] for check in report["checks"] if check["id"].endswith(".ready")}
    printer = {"maker": "EPSON", "model": "TM-T20II", "serial": "ADM-SIM-0001", "firmware": "SIM 1.0"}
    assert told["receipt_printer"] == printer
    assert told["document_printer"]["model"]
    assert told["document_printer"]["serial"]
    assert "Simulated" in told["card_reader"]["model"]
    credentials = visitor.demo.directory / "central" / "kiosk-credentials"
    key = x509.load_pem_x509_certificate((credentials / "cert.pem").read_bytes()).public_key()
    assert isinstance(key, EllipticCurvePublicKey)
    assert verify(report, bytes.fromhex(answer["signature"]), key)
    await visitor.sees("attract")


async def test_a_planted_fault_is_named_with_advice_and_ends_with_1(visitor: Visitor, tmp_path: Path) -> None:
    await visitor.simulator.fault("receipt_printer", "cover_open")
    code, text = await _adm(visitor, "selftest", "--junit", str(tmp_path / "junit.xml"), "receipt_printer")
    assert code == 1
    assert re.search(r"FAIL +receipt_printer.cover .*cover:open", text)
    assert "[clear]" in text
    assert "<failure" in (tmp_path / "junit.xml").read_text()
    assert "camera" not in text


async def test_the_link_alone_is_tested_while_somebody_is_served_and_devices_are_not(visitor: Visitor) -> None:
    await visitor.touches(start=pb.StartAct())
    await visitor.sees("place_card")
    assert (await _adm(visitor, "selftest", "registry", "journal", "machine"))[0] == 0
    code, text = await _adm(visitor, "selftest", "camera")
    assert code == 2
    assert "in use" in text
    await visitor.leaves()


async def test_a_device_that_does_not_exist_is_refused(visitor: Visitor) -> None:
    code, text = await _adm(visitor, "selftest", "toaster")
    assert code == 2
    assert text.count("\n") == 1
    assert "toaster" in text


async def test_the_full_level_prints_test_pages_and_reads_a_card_and_issues_nothing(visitor: Visitor) -> None:
    before = len(visitor.journal()) if visitor.demo.journal.exists() else 0
    testing = asyncio.create_task(
        _adm(visitor, "selftest", "--level", "full", "--json", "card_reader", "sam", "document_printer")
    )
    await visitor.sees("out_of_service", where=_maintained)
    await visitor.puts_card("karto")
    code, text = await testing
    assert code == 0, text
    checks = _checks(json.loads(text)["report"])
    assert (checks["card_reader.read"], checks["sam.opens"], checks["document_printer.page"]) == ("pass",) * 3
    assert "KARTO" not in text
    assert len(visitor.journal()) == before
    await visitor.takes_card()
    await visitor.sees("attract")


async def test_central_asks_and_hears_and_so_does_the_timer_of_every_night(visitor: Visitor) -> None:
    """Central's word and the timer's unit, each from its command to what central shows of the machine's report."""
    await visitor.sees("attract")
    await _tested(visitor, [*CENTRAL, "selftest", MACHINE_ID, "--by", "D-0001", *_central_config(visitor)])
    unit = (ROOT / "systemd" / "adm-selftest.service").read_text()
    (command,) = re.findall(r"^ExecStart=/opt/adm/venv/bin/python (.*)$", unit, re.MULTILINE)
    config = str(visitor.demo.directory / "kiosk.toml")
    module = ["-m", "kiosk.cli"]
    assert command.split()[:2] == module
    await _tested(visitor, [*module, "--config", config, *command.split()[2:]])
    await visitor.sees("attract")


async def _tested(visitor: Visitor, command: list[str]) -> None:
    """Have the machine test itself, and wait until central shows that very report."""
    kept = Archive(visitor.demo.journal.parent / "selftest")
    before = len(kept.lines())
    code, text = await _python(command)
    assert code == 0, text
    async with asyncio.timeout(COMMAND_S):
        while len(kept.lines()) == before:  # noqa: ASYNC110 - a file tells nobody that it was written
            await asyncio.sleep(0.2)
        report = kept.reports()[-1]
        assert (report["level"], report["well"]) == ("quick", True)
        while (await _at_central(visitor)) != datetime.fromisoformat(report["began_at"]):
            pass  # the command itself takes its time


async def _at_central(visitor: Visitor) -> datetime | None:
    """When the newest self-test began, as central shows it."""
    code, text = await _python([*CENTRAL, "machines", "--json", *_central_config(visitor)])
    assert code == 0, text
    (machine,) = json.loads(text)
    (began_at,) = [one["began_at"] for one in machine["self_tests"] if one["level"] == "quick"] or [None]
    return datetime.fromisoformat(began_at) if began_at else None


def _central_config(visitor: Visitor) -> list[str]:
    return ["--config", str(visitor.demo.directory / "central" / "central.toml")]


async def test_a_diagnostics_file_tells_the_machine_and_nothing_of_the_residents(
    visitor: Visitor, tmp_path: Path
) -> None:
    await visitor.comes("hamid")
    await visitor.finishes()
    assert (await _adm(visitor, "selftest", "registry"))[0] == 0
    log = tmp_path / "kiosk.log"
    log.write_text(
        (visitor.demo.logs / "kiosk.log").read_text()
        + "INFO adm.kiosk planted reason=3520061708780003 state=HAMID\nERROR other HAMID ALI 3520061708780003\n"
    )
    out = tmp_path / "out.tar.gz"
    code, text = await _adm(visitor, "diagnose", str(out), "--log", str(log))
    assert code == 0, text
    with tarfile.open(out) as bundle:
        parts = {name: bundle.extractfile(name).read().decode() for name in bundle.getnames()}  # type: ignore[union-attr]
    assert {name.removeprefix("adm-diagnose/") for name in parts} == {
        "versions.json",
        "status.json",
        "journal.json",
        "selftest.jsonl",
        "logs/1-kiosk.log",
    }
    assert "ready" in parts["adm-diagnose/logs/1-kiosk.log"]
    assert "card_reader" in parts["adm-diagnose/status.json"]
    assert json.loads(parts["adm-diagnose/selftest.jsonl"].splitlines()[-1])["signature"]
    everything = "\n".join(parts.values())
    for word in ("hamid", "ALI", "KARTO"):
        assert not re.search(rf"\b{word}\b", everything, re.IGNORECASE)
    # Hashes and signatures are hexadecimal, measurements have a point before such digits; a NIK stands alone.
    assert not re.search(r"(?<![0-9a-fA-F])(?<!\d\.)\d{16}(?![0-9a-fA-F])", everything)


def _maintained(view: pb.View) -> bool:
    return view.out_of_service.reason == pb.OUT_OF_SERVICE_REASON_MAINTENANCE

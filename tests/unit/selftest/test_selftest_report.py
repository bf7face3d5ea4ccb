"""A report says everything, is signed, keeps its trend, and survives a file that was cut off."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from drivers.status import ErrorAction
from kiosk.checkup import last_full
from selftest.model import (
    ALONE,
    CANCELLED,
    Advice,
    Check,
    Finding,
    Level,
    Limits,
    Machine,
    Measurement,
    Outcome,
    Report,
    Result,
    Words,
    failed,
    passed,
    skipped,
)
from selftest.pdf import _lines
from selftest.report import KEPT, Archive, CannotSign, as_json, as_junit, sign, verify

KEY = ec.generate_private_key(ec.SECP256R1())
ADVICE = Advice(ErrorAction.MAINTENANCE, Words("Isi kertas.", "Load paper."))


def report(rate: float, *more: Finding) -> Report:
    findings = (passed(Measurement("rate", rate, "1/s", Limits(at_least=6))), *more)
    results = tuple(
        Result(Check(f"camera.{number}", "camera", Words("a", "b"), passed, 1.0), finding, 0.25)
        for number, finding in enumerate(findings)
    )
    return Report(Machine("kiosk/3520/test", {"adm": "1"}, {"camera": "opencv"}, True), Level.QUICK, "t", 1.5, results)


def key_file(folder: Path) -> Path:
    path = folder / "key.pem"
    path.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def test_a_report_tells_outcome_reason_advice_measurement_and_limit() -> None:
    written = as_json(report(14.9, failed("paper:out", ADVICE)))
    assert (written["machine_id"], written["well"], written["counts"]["fail"]) == ("kiosk/3520/test", False, 1)
    assert written["checks"][0]["measurements"] == [
        {"name": "rate", "value": 14.9, "unit": "1/s", "at_least": 6, "at_most": None, "trend": None}
    ]
    assert written["checks"][1]["advice"] == {"action": "maintenance", "id": "Isi kertas.", "en": "Load paper."}


def test_the_trend_is_against_the_median_of_the_last_ten_runs() -> None:
    before = [as_json(report(rate)) for rate in (999.0, 10, 10, 10, 10, 10, 12, 12, 12, 12, 12)]
    (measured,) = as_json(report(14.0), before)["checks"][0]["measurements"]
    assert measured["trend"] == {"runs": 10, "median": 11.0, "change": 3.0}


def test_runs_of_another_device_take_nothing_from_the_trend() -> None:
    other = {**as_json(report(1.0)), "checks": []}
    before = [*(as_json(report(rate)) for rate in (10, 12)), *([other] * 20)]
    (measured,) = as_json(report(14.0), before)["checks"][0]["measurements"]
    assert measured["trend"] == {"runs": 2, "median": 11.0, "change": 3.0}


@pytest.mark.parametrize(
    ("more", "devices", "whole"),
    [
        ((), (), True),
        ((skipped("the printer does not tell"),), (), True),
        ((), ("camera",), False),
        ((skipped(CANCELLED),), (), False),
        ((skipped(f"{ALONE} to hold it up"),), (), False),
    ],
)
def test_a_test_counts_when_every_device_was_meant_and_who_was_needed_was_there(
    more: tuple[Finding, ...], devices: tuple[str, ...], whole: bool
) -> None:
    written = as_json(replace(report(14.9, *more), level=Level.FULL, devices=devices))
    assert (written["whole"], written["well"]) == (whole, True)
    counted = last_full([{**written, "began_at": "2026-01-01T00:00:00+00:00"}])
    assert (counted is not None) is whole


def test_what_is_no_number_is_written_as_none() -> None:
    (measured,) = as_json(report(float("nan")))["checks"][0]["measurements"]
    assert measured["value"] is None


def test_a_signature_holds_for_this_very_report_and_key_only(tmp_path: Path) -> None:
    written = as_json(report(14.9))
    signature = sign(written, key_file(tmp_path))
    assert verify(json.loads(json.dumps(written)), signature, KEY.public_key())
    assert not verify({**written, "well": False}, signature, KEY.public_key())
    assert not verify(written, signature, ec.generate_private_key(ec.SECP256R1()).public_key())


def test_a_key_that_cannot_sign_is_said(tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(
        ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no key")
    for path, words in ((tmp_path / "none.pem", "No such file"), (garbage, "not an unencrypted"), (other, "not an EC")):
        with pytest.raises(CannotSign, match=words):
            sign({}, path)


def test_reports_are_kept_and_the_oldest_go(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "selftest")
    assert archive.reports() == []
    for number in range(KEPT + 3):
        archive.keep({"number": number, "checks": []}, b"\x01")
    kept = [line["number"] for line in archive.reports()]
    assert kept == list(range(3, KEPT + 3))
    assert json.loads((tmp_path / "selftest" / "latest.json").read_text())["number"] == KEPT + 2
    assert (tmp_path / "selftest" / "latest.json.sig").read_bytes() == b"\x01"


def test_lines_that_are_cut_off_or_foreign_are_left_out(tmp_path: Path) -> None:
    Archive(tmp_path).keep(as_json(report(14.9)), b"\x01")
    file = tmp_path / "reports.jsonl"
    whole = file.read_text()
    file.write_text(f'{whole}[1]\n{{"report": 5}}\n{whole[:40]}')
    assert len(Archive(tmp_path).reports()) == 1


def test_junit_names_what_failed_broke_and_was_skipped() -> None:
    findings = failed("paper:out", ADVICE), Finding(Outcome.ERROR, "OSError"), Finding(Outcome.TIMEOUT), skipped("none")
    suite = ET.fromstring(as_junit(report(14.9, *findings)))
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "1",
        "errors": "2",
        "skipped": "1",
    }
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert (failure.get("message"), failure.text) == ("paper:out", "Load paper.")


def test_the_pages_for_the_file_say_what_a_device_is() -> None:
    told = Finding(Outcome.PASS, facts=(("serial", "KC-17"), ("firmware", "2.4")))
    written = as_json(report(14.9, told))
    assert written["checks"][1]["facts"] == {"serial": "KC-17", "firmware": "2.4"}
    lines = [text.strip() for _, text in _lines(written, b"", "en")]
    assert lines.index("firmware: 2.4") + 1 == lines.index("serial: KC-17")
    # A report of an older version has none.
    del written["checks"][1]["facts"]
    assert "serial: KC-17" not in [text.strip() for _, text in _lines(written, b"", "en")]

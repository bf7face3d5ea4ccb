"""A report as JSON and as JUnit XML, its trend, its signature, and where the last ones are kept.

Signed bytes: the report as JSON in ASCII, keys sorted, without blanks; ECDSA with SHA-256, DER, by the machine's own
key. `openssl dgst -sha256 -verify KEY -signature latest.json.sig latest.json` says whether it holds.
"""

import json
import math
import os
import statistics
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from selftest.model import Finding, Measurement, Outcome, Report, Result

TREND_RUNS: Final = 10
KEPT: Final = 100
REPORTS: Final = "reports.jsonl"
LATEST: Final = "latest.json"


class CannotSign(Exception):
    """The machine's key cannot be used; the message says why."""


def as_json(report: Report, before: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The report, JSON-able.

    Args:
        report: To write.
        before: Earlier reports, oldest first; the last ten runs of each check make its trend.
    """
    counts = {outcome.value: 0 for outcome in Outcome}
    for result in report.results:
        counts[result.finding.outcome.value] += 1
    history = _history(before)
    return {
        "machine_id": report.machine.machine_id,
        "simulation": report.machine.simulation,
        "versions": report.machine.versions,
        "drivers": report.machine.drivers,
        "level": report.level.value,
        "began_at": report.began_at,
        "seconds": round(report.seconds, 3),
        "well": report.well,
        "whole": report.whole,
        "devices": list(report.devices),
        "counts": counts,
        "checks": [_check(result, history) for result in report.results],
    }


def _check(result: Result, history: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    check, finding = result.check, result.finding
    return {
        "id": check.id,
        "device": result.device,
        "title": {"id": check.title.id, "en": check.title.en},
        "needs": check.needs.value,
        "level": check.level.value,
        "outcome": finding.outcome.value,
        "reason": finding.reason,
        "advice": _advice(finding),
        "seconds": round(result.seconds, 3),
        "measurements": [_measurement(check.id, one, history) for one in finding.measurements],
        "facts": dict(finding.facts),
    }


def _advice(finding: Finding) -> dict[str, str] | None:
    if finding.advice is None:
        return None
    words = finding.advice.words
    return {"action": finding.advice.action.value, "id": words.id, "en": words.en}


def _measurement(check: str, one: Measurement, history: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    value = _figure(one.value)
    earlier = history.get(f"{check}/{one.name}", ())
    trend = None
    if earlier and value is not None:
        median = statistics.median(earlier)
        trend = {"runs": len(earlier), "median": _figure(median), "change": _figure(value - median)}
    return {
        "name": one.name,
        "value": value,
        "unit": one.unit,
        "at_least": one.limits.at_least,
        "at_most": one.limits.at_most,
        "trend": trend,
    }


def _figure(value: float) -> float | None:
    """JSON has no word for what is no number."""
    return round(value, 4) if math.isfinite(value) else None


def _history(before: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for report in before:
        for check in report["checks"]:
            for one in check["measurements"]:
                if one["value"] is not None:
                    values.setdefault(f"{check['id']}/{one['name']}", []).append(float(one["value"]))
    # Runs of a single device in between take nothing from the others.
    return {name: figures[-TREND_RUNS:] for name, figures in values.items()}


def canonical(report: Mapping[str, Any]) -> bytes:
    """The bytes that are signed."""
    return json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def sign(report: Mapping[str, Any], key_file: Path) -> bytes:
    """Detached signature by the machine's key.

    Raises:
        CannotSign: Not an unencrypted EC key in PEM, or not ours to read.
    """
    try:
        key = load_pem_private_key(key_file.read_bytes(), None)
    except OSError as error:
        raise CannotSign(f"{key_file}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise CannotSign(f"{key_file} is not an unencrypted PEM key") from error
    if not isinstance(key, EllipticCurvePrivateKey):
        raise CannotSign(f"{key_file} is not an EC key")
    return key.sign(canonical(report), ECDSA(hashes.SHA256()))


def verify(report: Mapping[str, Any], signature: bytes, key: EllipticCurvePublicKey) -> bool:
    """Whether this very report was signed with the key."""
    try:
        key.verify(signature, canonical(report), ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


class Archive:
    """The last reports of a machine, one JSON object a line: {"report": ..., "signature": hex}."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lines(self) -> list[dict[str, Any]]:
        """What is kept, oldest first; a line cut off by a power failure is left out."""
        try:
            text = (self._folder / REPORTS).read_text("ascii", errors="replace")
        except OSError:
            return []
        return [line for line in map(_line, text.splitlines()) if line is not None]

    def reports(self) -> list[dict[str, Any]]:
        """The reports alone."""
        return [line["report"] for line in self.lines()]

    def keep(self, report: Mapping[str, Any], signature: bytes) -> None:
        """Add one, drop the oldest beyond the limit, and leave the newest with its signature as files.

        Raises:
            OSError: It cannot be written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = [*self.lines()[-(KEPT - 1) :], {"report": report, "signature": signature.hex()}]
        _replace(self._folder / REPORTS, b"".join(canonical(line) + b"\n" for line in lines))
        _replace(self._folder / f"{LATEST}.sig", signature)
        _replace(self._folder / LATEST, canonical(report))


def _line(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    whole = isinstance(line, dict) and isinstance(line.get("report"), dict) and "checks" in line["report"]
    return line if whole else None


def _replace(path: Path, content: bytes) -> None:
    """Old or new, never half."""
    fresh = path.with_name(path.name + ".new")
    with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def as_junit(report: Report) -> bytes:
    """The report for tools that read JUnit XML."""
    suite = ET.Element("testsuite", name=f"adm-selftest-{report.level.value}", tests=str(len(report.results)))
    suite.set("time", f"{report.seconds:.3f}")
    suite.set("timestamp", report.began_at)
    tags = {Outcome.FAIL: "failure", Outcome.ERROR: "error", Outcome.TIMEOUT: "error", Outcome.SKIPPED: "skipped"}
    for outcome, name in ((Outcome.FAIL, "failures"), (Outcome.SKIPPED, "skipped")):
        suite.set(name, str(sum(result.finding.outcome is outcome for result in report.results)))
    broken = (Outcome.ERROR, Outcome.TIMEOUT)
    suite.set("errors", str(sum(result.finding.outcome in broken for result in report.results)))
    for result in report.results:
        case = ET.SubElement(suite, "testcase", classname=result.device, name=result.check.id)
        case.set("time", f"{result.seconds:.3f}")
        finding = result.finding
        if finding.outcome in tags:
            said = ET.SubElement(case, tags[finding.outcome], message=finding.reason)
            said.text = finding.advice.words.en if finding.advice else None
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite)

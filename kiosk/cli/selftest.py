"""`adm selftest`: check this machine, say what to do, and keep a signed report."""

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import grpc

from kiosk.cli.lend import devices
from kiosk.cli.say import CommandFailed
from kiosk.config import ROLES, KioskConfig, load
from kiosk.issuance.journal import JournalError, read, verify
from kiosk.testpage import a4_test_page
from selftest.checks import camera, card_reader, document_printer, machine, receipt_printer, registry
from selftest.model import Check, Finding, Level, Machine, Outcome, Report, Subject
from selftest.report import Archive, CannotSign, as_json, as_junit, sign
from selftest.runner import Progress, run

FOLDER: Final = "selftest"
DEVICES: Final = (*ROLES, card_reader.SAM, registry.DEVICE, machine.JOURNAL, machine.DEVICE)
_LENT_FOR: Final = {card_reader.SAM: "card_reader"}
_WORDS: Final = {
    Outcome.PASS: "PASS",
    Outcome.FAIL: "FAIL",
    Outcome.ERROR: "ERROR",
    Outcome.TIMEOUT: "TIMEOUT",
    Outcome.SKIPPED: "skipped",
}


def add(verbs: Any) -> None:
    """Register the verb."""
    parser = verbs.add_parser("selftest", help="check this machine; 1 when something is not well")
    parser.add_argument("--level", choices=[level.value for level in Level], default=Level.QUICK.value)
    parser.add_argument("--json", action="store_true", help="the report as JSON, with its signature")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="leave the report as JUnit XML")
    parser.add_argument("devices", nargs="*", metavar="DEVICE", help=f"only these: {', '.join(DEVICES)}")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """0 when nothing is wrong, 1 when something is; raises when it could not be done."""
    unknown = sorted(set(arguments.devices) - set(DEVICES))
    if unknown:
        raise CommandFailed(f"There is no {', '.join(unknown)}; there are: {', '.join(DEVICES)}")
    config = load(arguments.config)
    out = sys.stderr if arguments.json else sys.stdout
    report = tested(arguments.config, Level(arguments.level), frozenset(arguments.devices), _Live(config.language, out))
    kept, signature, complaint = keep(config, report)
    if arguments.junit:
        try:
            arguments.junit.write_bytes(as_junit(report))
        except OSError as error:
            raise CommandFailed(f"{arguments.junit}: cannot be written: {error.strerror}") from error
    if arguments.json:
        print(json.dumps({"report": kept, "signature": signature.hex()}, ensure_ascii=False))
    else:
        print(_summary(report))
    if complaint:
        print(complaint, file=sys.stderr)
    return 0 if report.well else 1


def tested(config_file: Path, level: Level, chosen: frozenset[str], on_progress: Progress) -> Report:
    """Borrow what is needed and run the checks.

    Raises:
        CommandFailed: The machine is in use.
    """
    config = load(config_file)
    wanted = {_LENT_FOR.get(name, name) for name in chosen} or set(ROLES)
    roles = [role for role in ROLES if role in wanted]
    with _borrowed(config_file, roles) as ports:
        return checked(config, ports, level, chosen, on_progress)


def checked(
    config: KioskConfig, ports: Mapping[str, Any], level: Level, chosen: frozenset[str], on_progress: Progress
) -> Report:
    """Run the checks on devices that are ours for now: by role, not opened."""
    return run(_subjects(config, ports), _machine(config), level, chosen, on_progress)


def keep(config: KioskConfig, report: Report) -> tuple[dict[str, Any], bytes, str]:
    """Sign a report and keep it with the last ones.

    Returns:
        The report, its signature, and what went wrong with keeping it; empty when nothing did.
    """
    archive = Archive(config.state_dir / FOLDER)
    written = as_json(report, archive.reports())
    try:
        signature = sign(written, config.registry.key_file)
    except CannotSign as error:
        return written, b"", f"not signed, not kept: {error}"
    try:
        archive.keep(written, signature)
    except OSError as error:
        return written, signature, f"not kept: {error.filename}: {error.strerror}"
    return written, signature, ""


@contextmanager
def _borrowed(config_file: Path, roles: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The devices; none are asked for, and the machine goes on serving, when no check needs one."""
    if not roles:
        yield {}
        return
    with devices(config_file, roles, "selftest") as ports:
        yield ports


def _subjects(config: KioskConfig, ports: Mapping[str, Any]) -> list[Subject]:
    link = config.registry
    there = registry.Link(link.target, link.server_name, link.ca_file, link.cert_file, link.key_file)
    make: Mapping[str, Callable[[Any], Subject]] = {
        "card_reader": card_reader.subject,
        "camera": camera.subject,
        "document_printer": lambda port: document_printer.subject(port, a4_test_page()),
        "receipt_printer": receipt_printer.subject,
    }
    return [
        *(make[role](port) for role, port in ports.items()),
        registry.subject(there),
        *machine.subjects(config.state_dir, lambda: journal_wrongs(config.state_dir / "journal.db")),
    ]


def journal_wrongs(path: Path) -> list[str] | None:
    """A line for each thing wrong with a journal; None when there is none."""
    if not path.exists():
        return None
    try:
        return verify(read(path))
    except JournalError as error:
        return [str(error)]


def versions() -> dict[str, str]:
    """Software by name."""
    try:
        own = version("adm")
    except PackageNotFoundError:
        own = "development"
    return {
        "adm": own,
        "python": platform.python_version(),
        "grpcio": grpc.__version__,
        "kernel": platform.release(),
    }


def _machine(config: KioskConfig) -> Machine:
    drivers = {str(role): device.driver for role, device in config.devices.items()}
    return Machine(config.machine_id, versions(), drivers, config.simulation)


class _Live:
    """A line for each check as it ends; on a terminal also what is under way."""

    def __init__(self, language: str, out: Any) -> None:
        self._language = language
        self._out = out
        self._open: list[str] = []

    def __call__(self, check: Check, finding: Finding | None) -> None:
        if finding is None:
            self._open.append(check.id)
        else:
            self._open.remove(check.id)
            self._say(_lines(check, finding, self._language))
        if self._out.isatty():
            under_way = f"... {', '.join(self._open)}"[:78] if self._open else ""
            print(f"\r\x1b[K{under_way}", end="", file=self._out, flush=True)

    def _say(self, lines: Sequence[str]) -> None:
        start = "\r\x1b[K" if self._out.isatty() else ""
        print(start + "\n".join(lines), file=self._out, flush=True)


def _lines(check: Check, finding: Finding, language: str) -> list[str]:
    title = getattr(check.title, language)
    measured = "  ".join(f"{one.name} {one.value:.3g} {one.unit}".rstrip() for one in finding.measurements)
    first = f"{_WORDS[finding.outcome]:<8} {check.id:<25} {title:<34} {finding.reason}  {measured}".rstrip()
    if finding.advice is None:
        return [first]
    return [first, f"         -> {getattr(finding.advice.words, language)} [{finding.advice.action.value}]"]


def _summary(report: Report) -> str:
    counts = dict.fromkeys(_WORDS.values(), 0)
    for result in report.results:
        counts[_WORDS[result.finding.outcome]] += 1
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    verdict = "WELL" if report.well else "NOT WELL"
    return f"{verdict}: {told}; {report.level.value}, {report.seconds:.1f} s"

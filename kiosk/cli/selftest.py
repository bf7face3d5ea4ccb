"""`adm selftest`: check this machine, say what to do, and keep a signed report."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1.panel_pb2_grpc import PanelServiceStub

from kiosk.checkup import checked, keep
from kiosk.checkup_subjects import DEVICES, LENT, Context
from kiosk.cli.lend import devices
from kiosk.cli.say import CALL_S, CommandFailed
from kiosk.cli.sheets import add_by, staff
from kiosk.cli.terminal import AtTheTerminal
from kiosk.config import KioskConfig, load
from selftest import sound
from selftest.model import Check, Finding, Level, Outcome, Report
from selftest.operator import Operator
from selftest.pdf import as_pdf
from selftest.report import as_junit
from selftest.runner import Progress

_WORDS: Final = {
    Outcome.PASS: "PASS",
    Outcome.FAIL: "FAIL",
    Outcome.ERROR: "ERROR",
    Outcome.TIMEOUT: "TIMEOUT",
    Outcome.SKIPPED: "skipped",
}


@dataclass(frozen=True, slots=True)
class _Person:
    """Who is at the terminal; nobody, unless said otherwise."""

    operator: Operator | None = None
    staff: str = ""


def add(verbs: Any) -> None:
    """Register the verb."""
    parser = verbs.add_parser("selftest", help="check this machine; 1 when something is not well")
    parser.add_argument("--level", choices=[level.value for level in Level], default=Level.QUICK.value)
    parser.add_argument("--json", action="store_true", help="the report as JSON, with its signature")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="leave the report as JUnit XML")
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="leave the report as a page for the file")
    parser.add_argument(
        "--ask", action="store_true", help="have the daemon do the quick one as soon as nobody is served, and go"
    )
    add_by(parser)
    parser.add_argument("devices", nargs="*", metavar="DEVICE", help=f"only these: {', '.join(DEVICES)}")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """0 when nothing is wrong, 1 when something is; raises when it could not be done."""
    unknown = sorted(set(arguments.devices) - set(DEVICES))
    if unknown:
        raise CommandFailed(f"There is no {', '.join(unknown)}; there are: {', '.join(DEVICES)}")
    config = load(arguments.config)
    if arguments.ask:
        return _ask(config)
    out = sys.stderr if arguments.json else sys.stdout
    level, person = Level(arguments.level), _Person()
    if level is not Level.QUICK and sys.stdin.isatty():
        person = _Person(AtTheTerminal(out=out, play=lambda: sound.played(config.selftest.playback)), staff(arguments))
    report = tested(arguments.config, level, frozenset(arguments.devices), _Live(config.language, out), person)
    kept, signature, complaint = keep(config, report)
    if arguments.junit:
        try:
            arguments.junit.write_bytes(as_junit(report))
        except OSError as error:
            raise CommandFailed(f"{arguments.junit}: cannot be written: {error.strerror}") from error
    if arguments.pdf:
        try:
            arguments.pdf.write_bytes(as_pdf(kept, signature, config.language))
        except OSError as error:
            raise CommandFailed(f"{arguments.pdf}: cannot be written: {error.strerror}") from error
    if arguments.json:
        print(json.dumps({"report": kept, "signature": signature.hex()}, ensure_ascii=False))
    else:
        print(_summary(report))
    if complaint:
        print(complaint, file=sys.stderr)
    return 0 if report.well else 1


def _ask(config: KioskConfig) -> int:
    try:
        with grpc.insecure_channel(f"unix:{config.panel_socket}") as link:
            PanelServiceStub(link).AskSelfTest(pb.AskSelfTestRequest(), timeout=CALL_S)
    except grpc.RpcError as error:
        raise CommandFailed(error.details() or error.code().name) from error
    return 0


def tested(
    config_file: Path,
    level: Level,
    chosen: frozenset[str],
    on_progress: Progress,
    person: "_Person",
) -> Report:
    """Borrow what is needed and run the checks.

    Args:
        person: Who is asked, and named for what is used up.

    Raises:
        CommandFailed: The machine is in use.
    """
    config = load(config_file)
    wanted = {role for name in chosen for role in LENT.get(name, (name,))} or set(config.devices)
    roles = [role for role in config.devices if role in wanted]
    context = Context(person.operator, _spending(config, person), lambda: _clock_offset_s(config))
    with _borrowed(config_file, roles) as ports:
        return checked(config, ports, level, chosen, on_progress, context)


@contextmanager
def _borrowed(config_file: Path, roles: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The devices; none are asked for, and the machine goes on serving, when no check needs one."""
    if not roles:
        yield {}
        return
    with devices(config_file, roles, "selftest") as ports:
        yield ports


def _spending(config: KioskConfig, person: "_Person") -> Callable[[str, int], None] | None:
    """Has the daemon write down what is used up before it is; None: nobody is named, or nobody writes it down."""
    if not person.staff or not config.panel_socket.exists():
        return None

    def spend(what: str, count: int) -> None:
        with grpc.insecure_channel(f"unix:{config.panel_socket}") as link:
            request = pb.RecordUseRequest(staff=person.staff, what=what, count=count)
            PanelServiceStub(link).RecordUse(request, timeout=CALL_S)

    return spend


def _clock_offset_s(config: KioskConfig) -> float | None:
    """As the daemon heard it from the registry."""
    try:
        with grpc.insecure_channel(f"unix:{config.panel_socket}") as link:
            answer = PanelServiceStub(link).GetStatus(pb.GetStatusRequest(), timeout=CALL_S)
    except grpc.RpcError:
        return None
    return answer.clock_offset_s if answer.HasField("clock_offset_s") else None


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

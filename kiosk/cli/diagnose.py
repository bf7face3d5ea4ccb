"""`adm diagnose`: everything somebody far away needs to help, and nothing about residents, in one file."""

import argparse
import io
import json
import tarfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import grpc
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1.panel_pb2_grpc import PanelServiceStub
from google.protobuf.json_format import MessageToDict

from kiosk.cli.redact import redacted
from kiosk.cli.say import CALL_S, CommandFailed
from kiosk.cli.selftest import FOLDER, journal_wrongs, versions
from kiosk.config import KioskConfig, load
from kiosk.issuance.journal import JournalError, read
from selftest.report import Archive

REPORTS: Final = 10
LOG_BYTES: Final = 4 << 20
MANY: Final = 20


def add(verbs: Any) -> None:
    """Register the verb."""
    parser = verbs.add_parser("diagnose", help="versions, status, journal, self-tests and logs in one file, redacted")
    parser.add_argument("out", type=Path, metavar="OUT.tar.gz")
    parser.add_argument("--log", type=Path, action="append", default=[], metavar="FILE", help="a log to add, redacted")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)
    parts = {
        "versions.json": _json({"machine_id": config.machine_id, "versions": versions(), "drivers": _drivers(config)}),
        "status.json": _json(_status(config)),
        "journal.json": _json(_journal(config.state_dir / "journal.db")),
        "selftest.jsonl": "".join(
            json.dumps(line, sort_keys=True) + "\n" for line in Archive(config.state_dir / FOLDER).lines()[-REPORTS:]
        ),
    }
    for number, path in enumerate(arguments.log, start=1):
        parts[f"logs/{number}-{path.name}"] = _log(path)
    try:
        _write(arguments.out, parts)
    except OSError as error:
        raise CommandFailed(f"{arguments.out}: cannot be written: {error.strerror}") from error
    print(f"{arguments.out}: {', '.join(parts)}")
    return 0


def _drivers(config: KioskConfig) -> dict[str, str]:
    return {str(role): device.driver for role, device in config.devices.items()}


def _status(config: KioskConfig) -> dict[str, Any]:
    """As `adm status --json`; a daemon that does not answer is a finding, not an error."""
    try:
        with grpc.insecure_channel(f"unix:{config.panel_socket}") as link:
            answer = PanelServiceStub(link).GetStatus(pb.GetStatusRequest(), timeout=CALL_S)
    except grpc.RpcError as error:
        return {"daemon": "does not answer", "code": error.code().name}
    return dict(MessageToDict(answer, always_print_fields_with_no_presence=True))


def _journal(path: Path) -> dict[str, Any]:
    """Head, whether it holds, and how many issuances are in which state: no keys, no details."""
    wrong = journal_wrongs(path)
    if wrong is None:
        return {"entries": 0, "holds": None}
    states: dict[str, str] = {}
    head = ""
    try:
        for entry in read(path):
            states[entry.key] = entry.state
            head = f"{entry.seq}:{entry.hash.hex()}"
    except JournalError:
        head = "unreadable"
    words = [line.removeprefix(f"{path}: ") for line in wrong[:MANY]]
    return {"head": head, "holds": not wrong, "wrong": words, "states": Counter(states.values())}


def _log(path: Path) -> str:
    """The end of a log, redacted."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - LOG_BYTES))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise CommandFailed(f"{path}: cannot be read: {error.strerror}") from error
    return "".join(f"{line}\n" for line in redacted(lines))


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


def _write(out: Path, parts: dict[str, str]) -> None:
    with tarfile.open(out, "w:gz") as bundle:
        for name, text in parts.items():
            content = text.encode("utf-8")
            entry = tarfile.TarInfo(f"adm-diagnose/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
            bundle.addfile(entry, io.BytesIO(content))

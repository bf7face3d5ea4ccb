"""`adm diagnose`: everything somebody far away needs to help, and nothing about residents, in one file."""

import argparse
import io
from pathlib import Path
from typing import Any, Final

import grpc
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1.panel_pb2_grpc import PanelServiceStub
from google.protobuf.json_format import MessageToDict

from kiosk import bundle
from kiosk.cli.say import CALL_S, CommandFailed
from kiosk.config import KioskConfig, load
from kiosk.technician.sealing import CannotSeal, private_key, unseal

LOG_BYTES: Final = 4 << 20


def add(verbs: Any) -> None:
    """Register the verbs."""
    parser = verbs.add_parser("diagnose", help="versions, status, journal, self-tests and logs in one file, redacted")
    parser.add_argument("out", type=Path, metavar="OUT.tar.gz")
    parser.add_argument("--log", type=Path, action="append", default=[], metavar="FILE", help="a log to add, redacted")
    parser.set_defaults(run=_run)
    parser = verbs.add_parser("unseal", help="open what a technician exported to a stick; at the Dinas, with its key")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path, required=True, metavar="PRIVATE.pem")
    parser.add_argument("out", type=Path, metavar="OUT.tar.gz")
    parser.set_defaults(run=_unseal)


def _run(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)
    files = bundle.parts(config, _status(config))
    for number, path in enumerate(arguments.log, start=1):
        files[f"logs/{number}-{path.name}"] = _log(path)
    _write(arguments.out, bundle.packed(files))
    print(f"{arguments.out}: {', '.join(files)}")
    return 0


def _unseal(arguments: argparse.Namespace) -> int:
    try:
        plain = unseal(arguments.file.read_bytes(), private_key(arguments.key))
    except (OSError, CannotSeal) as error:
        raise CommandFailed(f"{arguments.file}: {error}") from error
    _write(arguments.out, plain)
    return 0


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        raise CommandFailed(f"{out}: cannot be written: {error.strerror}") from error


def _status(config: KioskConfig) -> dict[str, Any]:
    """As `adm status --json`; a daemon that does not answer is a finding, not an error."""
    try:
        with grpc.insecure_channel(f"unix:{config.panel_socket}") as link:
            answer = PanelServiceStub(link).GetStatus(pb.GetStatusRequest(), timeout=CALL_S)
    except grpc.RpcError as error:
        return {"daemon": "does not answer", "code": error.code().name}
    return dict(MessageToDict(answer, always_print_fields_with_no_presence=True))


def _log(path: Path) -> str:
    """The end of a log, redacted."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - LOG_BYTES))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise CommandFailed(f"{path}: cannot be read: {error.strerror}") from error
    return bundle.lines(lines)

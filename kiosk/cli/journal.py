"""`adm journal`: show, verify or export the issuance journal, and settle what the machine cannot tell."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from kiosk.cli.say import CommandFailed, daemon
from kiosk.config import load
from kiosk.issuance.journal import Entry, JournalError, read, verify

SETTLE_S: Final = 40.0
"""A printer may be asked to let go of a job first."""


def add(verbs: Any) -> None:
    """Register the verbs."""
    parser = verbs.add_parser("journal", help="the issuance journal")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, run, text in (
        ("show", _show, "print every entry"),
        ("export", _export, "print every entry as one JSON object a line"),
        ("verify", _verify, "check the hash chain and every move; 1 when something is wrong"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--file", type=Path, help="a copy of a journal instead of this machine's")
        action.set_defaults(run=run)
    settle = actions.add_parser("settle", help="say what became of an issuance of unknown outcome")
    settle.add_argument("key", help="as show prints it")
    settle.add_argument("finding", choices=("taken", "destroyed"), help="nothing in the machine; or destroyed")
    settle.set_defaults(run=_settle)


def _show(arguments: argparse.Namespace) -> int:
    for entry in _entries(arguments):
        detail = "  ".join(
            f"{name}={value}" for name, value in sorted((entry.detail or {}).items()) if name != "grant_signature"
        )
        print(f"{entry.seq:>6}  {entry.at}  {entry.key}  {entry.state:<9}  {detail}".rstrip())
    return 0


def _export(arguments: argparse.Namespace) -> int:
    for entry in _entries(arguments):
        line = {
            "seq": entry.seq,
            "at": entry.at,
            "key": entry.key,
            "state": entry.state,
            "detail": entry.detail,
            "detail_sha256": entry.detail_sha256.hex(),
            "hash": entry.hash.hex(),
        }
        print(json.dumps(line, sort_keys=True))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    wrong = verify(_entries(arguments))
    if wrong:
        print("\n".join(wrong))
        return 1
    print("The journal holds: every entry matches its hash, and every move is allowed.")
    return 0


def _settle(arguments: argparse.Namespace) -> int:
    finding = tech.FINDING_TAKEN if arguments.finding == "taken" else tech.FINDING_DESTROYED
    request = pb.SettleRequest(idempotency_key=arguments.key, finding=finding)
    with daemon(arguments.config) as panel:
        panel.Settle(request, timeout=SETTLE_S)
    print(f"Recorded: {arguments.finding}.")
    return 0


def _entries(arguments: argparse.Namespace) -> Iterator[Entry]:
    path = arguments.file or load(arguments.config).state_dir / "journal.db"
    try:
        yield from read(path)
    except JournalError as error:
        raise CommandFailed(str(error)) from error

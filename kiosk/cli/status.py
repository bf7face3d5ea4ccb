"""`adm status`: how this machine is, for people or as JSON."""

import argparse
from typing import Any

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1.registry_pb2 import DocumentKind
from google.protobuf.json_format import MessageToJson

from kiosk.cli.say import CALL_S, daemon


def add(verbs: Any) -> None:
    """Register the verb."""
    parser = verbs.add_parser("status", help="how this machine is")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when every service works, 1 when one does not."""
    with daemon(arguments.config) as panel:
        answer = panel.GetStatus(pb.GetStatusRequest(), timeout=CALL_S)
    if arguments.json:
        print(MessageToJson(answer, always_print_fields_with_no_presence=True))
    else:
        print("\n".join(_lines(answer)))
    down = fleet.AVAILABILITY_UNAVAILABLE
    return 1 if any(line.availability == down for line in answer.health.services) else 0


def _lines(answer: pb.GetStatusResponse) -> list[str]:
    central = "connected" if answer.central_connected else "not reachable"
    journal = answer.health.journal
    lines = [
        f"{answer.machine_id}  {answer.software_version}  screen {answer.screen}  central {central}",
        f"journal entry {journal.seq}, {journal.open_issuances} open, {journal.outbox} to report",
        "",
    ]
    for device in answer.health.devices:
        more = "  ".join(f"{name}={value}" for name, value in sorted(device.details.items()))
        lines.append(f"{device.name:<17} {device.driver:<8} {device.state:<14} {more}".rstrip())
    lines.append("")
    for service in answer.health.services:
        word = fleet.Availability.Name(service.availability).removeprefix("AVAILABILITY_").lower()
        kind = DocumentKind.Name(service.kind).removeprefix("DOCUMENT_KIND_").lower()
        lines.append(f"{kind:<17} {word:<12} {service.reason}".rstrip())
    return lines

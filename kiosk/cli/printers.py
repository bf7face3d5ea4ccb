"""`adm printer` and `adm receipt`: how the paper devices are, and a test page that spends no resident's document."""

import argparse
import json
from datetime import datetime
from typing import Any, Final

from drivers.deadline import Deadline
from drivers.document_printer.port import JobState
from drivers.errors import DriverError
from drivers.receipt_printer.port import Heading, Paragraph, QrCode, Rule
from kiosk.cli.lend import device
from kiosk.cli.say import CommandFailed
from kiosk.devices import details
from kiosk.testpage import a4_test_page

STATUS_S: Final = 10.0
PRINT_S: Final = 60.0


def add(verbs: Any) -> None:
    """Register the verbs."""
    for name, role, test in (
        ("printer", "document_printer", _test_page),
        ("receipt", "receipt_printer", _test_receipt),
    ):
        parser = verbs.add_parser(name, help=f"the {role.replace('_', ' ')}")
        actions = parser.add_subparsers(required=True, metavar="status|test-page")
        status = actions.add_parser("status", help="ask it how it is")
        status.add_argument("--json", action="store_true", help="as JSON")
        status.set_defaults(run=_status, role=role, purpose=name)
        page = actions.add_parser("test-page", help="print a page that says it is a test")
        page.set_defaults(run=test, role=role, purpose=name)


def _status(arguments: argparse.Namespace) -> int:
    with device(arguments.config, arguments.role, arguments.purpose) as port:
        status = port.status(Deadline.after(STATUS_S))
    words = {"device": status.device.value, **details(status)}
    if arguments.json:
        print(json.dumps(words))
    else:
        print("\n".join(f"{name:<14} {word}" for name, word in words.items()))
    return 0 if words["device"] == "online" else 1


def _test_page(arguments: argparse.Namespace) -> int:
    with device(arguments.config, arguments.role, arguments.purpose) as port:
        try:
            job = port.print(a4_test_page(), "test-page", Deadline.after(STATUS_S))
            job = port.wait(job, Deadline.after(PRINT_S), lambda _: None)
        except DriverError as error:
            raise CommandFailed(f"Not printed ({type(error).__name__}): {error}") from error
    print(f"job {job.job_id}: {job.state.value} {' '.join(job.reasons)}".rstrip())
    return 0 if job.state is JobState.COMPLETED else 1


def _test_receipt(arguments: argparse.Namespace) -> int:
    blocks = (
        Heading("UJI / TEST"),
        Paragraph("Bukan bukti layanan / not a receipt", centered=True),
        Rule(),
        Paragraph(datetime.now().astimezone().strftime("%d-%m-%Y %H:%M:%S")),
        Paragraph("0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz"),
        QrCode("ADM-TEST"),
    )
    with device(arguments.config, arguments.role, arguments.purpose) as port:
        try:
            evidence = port.print(blocks, Deadline.after(PRINT_S))
        except DriverError as error:
            raise CommandFailed(f"Not printed ({type(error).__name__}): {error}") from error
    print(f"printed, {evidence.value}")
    return 0

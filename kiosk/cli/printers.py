"""`adm printer` and `adm receipt`: how the paper devices are, and test pages that spend no resident's document."""

import argparse
import json
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from adm.panel.v1 import panel_pb2 as pb

from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter, JobState, PrintJob
from drivers.errors import DriverError
from drivers.paper_feeder.port import PaperFeeder
from drivers.paper_feeder.through import print_through
from drivers.receipt_printer.port import Block, Heading, Paragraph, QrCode, ReceiptPrinter, Rule
from kiosk.cli.lend import device, devices
from kiosk.cli.say import CommandFailed, confirm
from kiosk.cli.sheets import add_by, book, staff
from kiosk.config import load
from kiosk.devices import details
from kiosk.issuance.receipts import Frame, queue_ticket
from kiosk.testpage import a4_test_page

OPEN_S: Final = 10.0
STATUS_S: Final = 10.0
PRINT_S: Final = 60.0
_LANGUAGES: Final = {"id": pb.LANGUAGE_ID, "en": pb.LANGUAGE_EN}


def add(verbs: Any) -> None:
    """Register the verbs."""
    printer = _verb(verbs, "printer", "document_printer", "status|test-page|counters|clear")
    add_by(_action(printer, "test-page", "print a page that says it is a test", _test_page))
    _action(printer, "counters", "toner, trays and sheets printed", _counters, json=True)
    _action(printer, "clear", "cancel every job of this machine's that still waits", _clear_jobs, yes=True)
    receipt = _verb(verbs, "receipt", "receipt_printer", "status|counters|test-page|ticket|clear")
    _action(receipt, "counters", "lines fed and cuts in its life, where the model tells them", _counted, json=True)
    _action(receipt, "test-page", "print a receipt that says it is a test", _test_receipt)
    ticket = _action(receipt, "ticket", "print a ticket of the queue", _ticket)
    ticket.add_argument("number", help="as it will be called: A-017")
    ticket.add_argument("--service", default="", help="what it is for")
    ticket.add_argument("--waiting", type=int, help="how many are before it")
    ticket.add_argument("--url", default="", help="where the queue can be watched, as a QR code")
    ticket.add_argument("--language", choices=sorted(_LANGUAGES), help="the machine's, unless said")
    _action(receipt, "clear", "forget what was not printed and cut off what hangs out", _clear_receipt, yes=True)


def _verb(verbs: Any, name: str, role: str, metavar: str) -> Any:
    parser = verbs.add_parser(name, help=f"the {role.replace('_', ' ')}")
    parser.set_defaults(role=role, purpose=name)
    add_record(parser)
    actions = parser.add_subparsers(required=True, metavar=metavar)
    _action(actions, "status", "ask it how it is", _status, json=True)
    return actions


def _action(actions: Any, name: str, text: str, run: Any, json: bool = False, yes: bool = False) -> Any:
    action = actions.add_parser(name, help=text)
    action.set_defaults(run=run)
    if json:
        action.add_argument("--json", action="store_true", help="as JSON")
    if yes:
        action.add_argument("--yes", action="store_true", help="do not ask")
    return action


def _status(arguments: argparse.Namespace) -> int:
    with borrowed(arguments) as port:
        status = port.status(Deadline.after(STATUS_S))
    show({"device": status.device.value, **details(status)}, arguments.json)
    return 0 if status.device.value == "online" else 1


def _counters(arguments: argparse.Namespace) -> int:
    with borrowed(arguments) as port:
        printer: DocumentPrinter = port
        supplies = tried(lambda: printer.supplies(Deadline.after(STATUS_S)))
    words: dict[str, object] = {"toner_percent": supplies.toner_percent, "sheets_printed": supplies.sheets_printed}
    words |= {f"tray_{name}": sheets for name, sheets in supplies.trays.items()}
    show({name: "not told" if word is None else word for name, word in words.items()}, arguments.json)
    return 0


def _counted(arguments: argparse.Namespace) -> int:
    with borrowed(arguments) as port:
        printer: ReceiptPrinter = port
        counted = tried(lambda: printer.counters(Deadline.after(STATUS_S)))
    show(dict(counted), arguments.json)
    return 0


def _test_page(arguments: argparse.Namespace) -> int:
    by, roles = staff(arguments), ["document_printer"]
    if "paper_feeder" in load(arguments.config).devices:
        roles.append("paper_feeder")
    with devices(arguments.config, roles, arguments.purpose, arguments.record) as ports, ExitStack() as opened:
        for port in ports.values():
            port.open(Deadline.after(OPEN_S))
            opened.callback(port.close)
        page = _Page(ports["document_printer"], ports.get("paper_feeder"))
        try:
            job, failed = page.printed(), None
        except (DriverError, ValueError) as error:
            job, failed = None, error
        used = page.sheets_used(job)
    if job is not None:
        print(f"job {job.job_id}: {job.state.value} {' '.join(job.reasons)}".rstrip())
    book(arguments.config, used, by, "test_page")
    if failed is not None:
        raise CommandFailed(f"Not done ({type(failed).__name__}): {failed}") from failed
    return 0 if job is not None and job.state is JobState.COMPLETED else 1


class _Page:
    """A test page through the printer, and through the feeder where there is one."""

    def __init__(self, printer: DocumentPrinter, feeder: PaperFeeder | None) -> None:
        self._printer = printer
        self._feeder = feeder
        self._fed = sheets_fed(feeder)

    def printed(self) -> PrintJob:
        """Raises DriverError, ValueError."""
        until = Deadline.after(PRINT_S)
        if self._feeder is not None:
            return print_through(self._printer, self._feeder, a4_test_page(), "test-page", until)
        return self._printer.wait(self._printer.print(a4_test_page(), "test-page", until), until, lambda _: None)

    def sheets_used(self, job: PrintJob | None) -> int:
        """By the feeder's counter where there is one, else by what the printer says of the job."""
        if self._fed is not None and (now := sheets_fed(self._feeder)) is not None:
            return now - self._fed
        if job is None:
            return 0
        jammed = any(reason.startswith("media-jam") for reason in job.reasons)
        return 1 if job.state is JobState.COMPLETED or job.sheets_completed or jammed else 0


def sheets_fed(feeder: PaperFeeder | None) -> int | None:
    """Sheets that the feeder has fed in its life; None where nobody counts."""
    if feeder is None:
        return None
    try:
        return feeder.counters(Deadline.after(STATUS_S)).fed
    except DriverError:
        return None


def _clear_jobs(arguments: argparse.Namespace) -> int:
    confirm("Every job of this machine's that still waits at the printer is cancelled.", arguments.yes)
    with borrowed(arguments) as port:
        printer: DocumentPrinter = port
        tried(lambda: printer.cancel_left_over(Deadline.after(PRINT_S)))
    print("Nothing waits at the printer.")
    return 0


def _test_receipt(arguments: argparse.Namespace) -> int:
    blocks = (
        Heading("UJI / TEST"),
        Paragraph("Bukan bukti layanan / not a receipt", centered=True),
        Rule(),
        Paragraph(datetime.now().astimezone().strftime("%d-%m-%Y %H:%M:%S")),
        Paragraph("0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz"),
        QrCode("ADM-TEST"),
    )
    return _print(arguments, blocks)


def _ticket(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)
    language = _LANGUAGES[arguments.language or config.language]
    frame = Frame(datetime.now().astimezone(), config.site_name, language, config.simulation)
    blocks = queue_ticket(
        frame,
        number=arguments.number,
        service=arguments.service,
        waiting=arguments.waiting,
        tracking_url=arguments.url,
    )
    return _print(arguments, blocks)


def _print(arguments: argparse.Namespace, blocks: tuple[Block, ...]) -> int:
    with borrowed(arguments) as port:
        printer: ReceiptPrinter = port
        evidence = tried(lambda: printer.print(blocks, Deadline.after(PRINT_S)))
    print(f"printed, {evidence.value}")
    return 0


def _clear_receipt(arguments: argparse.Namespace) -> int:
    confirm("What the receipt printer has not printed is forgotten, and what hangs out is cut off.", arguments.yes)
    with borrowed(arguments) as port:
        printer: ReceiptPrinter = port
        confirmed = tried(lambda: printer.clear(Deadline.after(STATUS_S)))
    print("Cleared." if confirmed else "Cut; this model does not confirm that it has forgotten the rest.")
    return 0


def add_record(parser: argparse.ArgumentParser) -> None:
    """The option that records a device's wire."""
    text = "add to FILE what goes over the wire, without what is personal, for whoever shall mend it"
    parser.add_argument("--record", type=Path, metavar="FILE", help=text)


def borrowed(arguments: argparse.Namespace) -> AbstractContextManager[Any]:
    """The command's device, opened."""
    return device(arguments.config, arguments.role, arguments.purpose, arguments.record)


def tried(work: Any) -> Any:
    """What `work` gives.

    Raises:
        CommandFailed: The device failed, or what it was given cannot be printed; says how.
    """
    try:
        return work()
    except (DriverError, ValueError) as error:
        raise CommandFailed(f"Not done ({type(error).__name__}): {error}") from error


def show(words: dict[str, Any], as_json: bool) -> None:
    """Words by name, for people or as JSON."""
    if as_json:
        print(json.dumps(words))
    else:
        print("\n".join(f"{name:<14} {word}" for name, word in words.items()))

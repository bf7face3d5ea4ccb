"""The IPP operations the driver uses: what is asked, and what the answers say; no HTTP here.

Sources: RFC 8011 (IPP/1.1 semantics), PWG 5100.12 (IPP/2.0), PWG 5100.14 (IPP Everywhere).
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from drivers.document_printer.ipp_codec import Attribute, Group, Message, Tag, Value, attribute
from drivers.document_printer.port import DocumentPrinterStatus, JobState, PrintJob, Supplies
from drivers.document_printer.reasons import status as status_words
from drivers.errors import ProtocolError

A4 = "iso_a4_210x297mm"
A4_WIDTH, A4_HEIGHT = 21000, 29700
"""In hundredths of a millimetre."""
PLAIN = "stationery"
"""Plain paper (PWG 5101.1 section 4)."""
PDF = "application/pdf"
PWG_RASTER = "image/pwg-raster"
OCTET_STREAM = "application/octet-stream"


class Operation(IntEnum):
    """Operation ids (RFC 8011 section 5.4.15)."""

    PRINT_JOB = 0x0002
    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


class Status(IntEnum):
    """Status codes (RFC 8011 appendix B) that are told apart."""

    NOT_POSSIBLE = 0x0404
    NOT_FOUND = 0x0406
    GONE = 0x0407
    BUSY = 0x0507


_DPI_300 = struct.pack(">iib", 300, 300, 3)
"""resolution 300 x 300 dots per inch (RFC 8010 section 3.9)."""
SUCCESS_BELOW = 0x0100
"""Status codes under this are successes."""

_JOB_STATES = {
    3: JobState.PENDING,
    4: JobState.HELD,
    5: JobState.PROCESSING,
    6: JobState.STOPPED,
    7: JobState.CANCELED,
    8: JobState.ABORTED,
    9: JobState.COMPLETED,
}
_CAPABILITIES = (
    "operations-supported",
    "document-format-supported",
    "media-supported",
    "media-type-supported",
    "media-col-supported",
    "sides-supported",
    "print-scaling-supported",
    "pwg-raster-document-type-supported",
    "pwg-raster-document-resolution-supported",
)
_STATE = (
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "marker-levels",
    "marker-types",
    "printer-supply",
)
_FACTS = ("printer-make-and-model", "printer-firmware-string-version", "printer-device-id", "printer-uuid")
"""PWG 5100.13 sections 5.6.4 and 5.6.57; printer-uuid where no device id (IEEE 1284) has a serial number."""
_SUPPLIES = (
    "marker-levels",
    "marker-types",
    "printer-supply",
    "printer-input-tray",
    "printer-media-sheets-completed",
    "printer-impressions-completed",
)
_JOB = (
    "job-id",
    "job-state",
    "job-state-reasons",
    "job-media-sheets-completed",
    "job-impressions-completed",
    "job-name",
)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a printer said it can do; read once."""

    operations: frozenset[int]
    formats: frozenset[str]
    media: frozenset[str]
    sides: frozenset[str]
    scaling: frozenset[str]
    raster_types: frozenset[str]
    raster_resolutions: frozenset[bytes]
    media_types: frozenset[str] = frozenset()
    media_members: frozenset[str] = frozenset()

    @property
    def document_format(self) -> str | None:
        """What it is sent: PDF where it can, else 8-bit grey raster; None when it takes neither."""
        if PDF in self.formats:
            return PDF
        grey = "sgray_8" in self.raster_types and _DPI_300 in self.raster_resolutions
        return PWG_RASTER if PWG_RASTER in self.formats and grey else None

    @property
    def two_steps(self) -> bool:
        """Whether a job can be made before its document is sent."""
        return {Operation.CREATE_JOB, Operation.SEND_DOCUMENT} <= self.operations


class Requests:
    """Makes requests to one printer, with running numbers."""

    def __init__(self, printer_uri: str, user: str) -> None:
        self._uri = printer_uri
        self._user = user
        self._number = 0

    def capabilities(self) -> Message:
        """Get-Printer-Attributes for what never changes."""
        return self._printer(_CAPABILITIES)

    def state(self) -> Message:
        """Get-Printer-Attributes for what changes."""
        return self._printer(_STATE)

    def facts(self) -> Message:
        """Get-Printer-Attributes for who it is."""
        return self._printer(_FACTS)

    def supplies(self) -> Message:
        """Get-Printer-Attributes for what is used up."""
        return self._printer(_SUPPLIES)

    def job(self, job_id: int) -> Message:
        """Get-Job-Attributes."""
        wanted = attribute("requested-attributes", Tag.KEYWORD, *_JOB)
        return self._message(Operation.GET_JOB_ATTRIBUTES, attribute("job-id", Tag.INTEGER, job_id), wanted)

    def jobs(self, which: str) -> Message:
        """Get-Jobs of our own.

        Args:
            which: "completed" for those that ended however, or "not-completed".
        """
        return self._message(
            Operation.GET_JOBS,
            attribute("which-jobs", Tag.KEYWORD, which),
            attribute("my-jobs", Tag.BOOLEAN, True),
            attribute("requested-attributes", Tag.KEYWORD, *_JOB),
        )

    def cancel(self, job_id: int) -> Message:
        """Cancel-Job."""
        return self._message(Operation.CANCEL_JOB, attribute("job-id", Tag.INTEGER, job_id))

    def printer(self, *wanted: str) -> Message:
        """Get-Printer-Attributes for these."""
        return self._printer(wanted)

    def create_job(self, name: str, can: Capabilities, template: tuple[Attribute, ...] = ()) -> Message:
        """Create-Job; without a template for one side of A4."""
        template = template or _template(can)
        return self._message(Operation.CREATE_JOB, attribute("job-name", Tag.NAME, name), job=template)

    def send_document(self, job_id: int, can: Capabilities) -> Message:
        """Send-Document, the only one of its job."""
        return self._message(
            Operation.SEND_DOCUMENT,
            attribute("job-id", Tag.INTEGER, job_id),
            attribute("document-format", Tag.MIME_TYPE, can.document_format or OCTET_STREAM),
            attribute("last-document", Tag.BOOLEAN, True),
        )

    def print_job(self, name: str, can: Capabilities) -> Message:
        """Print-Job, for printers that have no Create-Job."""
        return self._message(
            Operation.PRINT_JOB,
            attribute("job-name", Tag.NAME, name),
            attribute("document-format", Tag.MIME_TYPE, can.document_format or OCTET_STREAM),
            job=_template(can),
        )

    def _printer(self, wanted: tuple[str, ...]) -> Message:
        return self._message(Operation.GET_PRINTER_ATTRIBUTES, attribute("requested-attributes", Tag.KEYWORD, *wanted))

    def _message(self, operation: int, *more: Attribute, job: tuple[Attribute, ...] = ()) -> Message:
        """The order charset, language, target, user is the standard's (RFC 8011 section 4.1.4)."""
        self._number = self._number % 0x7FFFFFFF + 1
        target = [item for item in more if item.name == "job-id"]
        rest = [item for item in more if item.name != "job-id"]
        head = (
            attribute("attributes-charset", Tag.CHARSET, "utf-8"),
            attribute("attributes-natural-language", Tag.LANGUAGE, "en"),
            attribute("printer-uri", Tag.URI, self._uri),
            *target,
            attribute("requesting-user-name", Tag.NAME, self._user),
            *rest,
        )
        groups: tuple[tuple[int, tuple[Attribute, ...]], ...] = ((Group.OPERATION, head),)
        if job:
            groups += ((Group.JOB, job),)
        return Message(operation, self._number, groups)


def read_capabilities(answer: Message) -> Capabilities:
    """What a printer can do."""
    said = answer.attributes(Group.PRINTER)
    return Capabilities(
        operations=frozenset(_numbers(said.get("operations-supported", ()))),
        formats=_words(said.get("document-format-supported", ())),
        media=_words(said.get("media-supported", ())),
        media_types=_words(said.get("media-type-supported", ())),
        media_members=_words(said.get("media-col-supported", ())),
        sides=_words(said.get("sides-supported", ())),
        scaling=_words(said.get("print-scaling-supported", ())),
        raster_types=_words(said.get("pwg-raster-document-type-supported", ())),
        raster_resolutions=frozenset(
            value.data
            for value in said.get("pwg-raster-document-resolution-supported", ())
            if isinstance(value.data, bytes)
        ),
    )


def read_status(answer: Message) -> DocumentPrinterStatus:
    """How a printer is.

    Raises:
        ProtocolError: It did not say.
    """
    said = answer.attributes(Group.PRINTER)
    state = _numbers(said.get("printer-state", ()))
    if not state:
        raise ProtocolError("no printer-state in the answer")
    accepting = said.get("printer-is-accepting-jobs", ())
    return status_words(
        state[0], all(value.data is not False for value in accepting), read_reasons(answer), _toner(said)
    )


def read_reasons(answer: Message) -> tuple[str, ...]:
    """printer-state-reasons without "none"."""
    said = answer.attributes(Group.PRINTER).get("printer-state-reasons", ())
    return tuple(sorted(_words(said) - {"none"}))


def read_facts(answer: Message) -> dict[str, str]:
    """Who the printer says it is, as it says it; its device id (IEEE 1284: KEY:value;) has maker and serial number."""
    said = answer.attributes(Group.PRINTER)

    def text(name: str) -> str:
        return ", ".join(str(value.data) for value in said.get(name, ()) if isinstance(value.data, str))

    pairs = (pair.partition(":") for pair in text("printer-device-id").split(";"))
    device = {key.strip().upper(): value.strip() for key, _, value in pairs}
    serial = device.get("SN") or device.get("SERN") or device.get("SERIALNUMBER") or text("printer-uuid")
    return {
        "maker": device.get("MFG") or device.get("MANUFACTURER") or "",
        "model": text("printer-make-and-model"),
        "serial": serial,
        "firmware": text("printer-firmware-string-version"),
    }


def read_supplies(answer: Message) -> Supplies:
    """What is left and what was used."""
    said = answer.attributes(Group.PRINTER)
    trays: dict[str, int | None] = {}
    for number, value in enumerate(said.get("printer-input-tray", ()), start=1):
        if isinstance(value.data, bytes):
            fields = _fields(value.data)
            level = fields.get("level", "")
            # -1 and below mean "not known" (PWG 5100.13 section 5.6.18, prtInputCurrentLevel).
            trays[fields.get("name") or str(number)] = int(level) if level.isdigit() else None
    counted = _numbers(said.get("printer-media-sheets-completed", ()))
    counted = counted or _numbers(said.get("printer-impressions-completed", ()))
    return Supplies(_toner(said), trays, counted[0] if counted else None)


def read_job(answer: Message, printer_reasons: tuple[str, ...] = ()) -> PrintJob:
    """Where a job is.

    Raises:
        ProtocolError: The answer does not say, or says it in no known number.
    """
    return _job(answer.attributes(Group.JOB), printer_reasons)


def read_jobs(answer: Message) -> list[PrintJob]:
    """The jobs of an answer to Get-Jobs. Raises ProtocolError."""
    return [_job(said, ()) for said in answer.every(Group.JOB)]


def _job(said: dict[str, tuple[Value, ...]], printer_reasons: tuple[str, ...]) -> PrintJob:
    number = _numbers(said.get("job-id", ()))
    state = _numbers(said.get("job-state", ()))
    if not number or not state or state[0] not in _JOB_STATES:
        raise ProtocolError("no job-id or job-state in the answer")
    # One-sided: an impression is a sheet.
    counted = _numbers(said.get("job-media-sheets-completed", ())) or _numbers(
        said.get("job-impressions-completed", ())
    )
    reasons = _words(said.get("job-state-reasons", ())) - {"none"}
    return PrintJob(
        number[0],
        _JOB_STATES[state[0]],
        (*sorted(reasons), *printer_reasons),
        counted[0] if counted else None,
        next(iter(_words(said.get("job-name", ()))), ""),
    )


def _template(can: Capabilities) -> tuple[Attribute, ...]:
    """Plain A4, one-sided, one copy, not scaled to fit inside margins."""
    items = [attribute("copies", Tag.INTEGER, 1), _media(can)]
    if "one-sided" in can.sides:
        items.append(attribute("sides", Tag.KEYWORD, "one-sided"))
    if "none" in can.scaling:
        items.append(attribute("print-scaling", Tag.KEYWORD, "none"))
    return tuple(items)


def _media(can: Capabilities) -> Attribute:
    """A4, and plain paper where the printer can be told so (PWG 5100.7 section 6.3): a client says it one way only.

    The weight is left out: few trays know theirs, and a job would wait for paper that lies there.
    """
    if PLAIN not in can.media_types or not {"media-size", "media-type"} <= can.media_members:
        return attribute("media", Tag.KEYWORD, A4)
    size = (attribute("x-dimension", Tag.INTEGER, A4_WIDTH), attribute("y-dimension", Tag.INTEGER, A4_HEIGHT))
    members = (Attribute("media-size", (Value(Tag.COLLECTION, size),)), attribute("media-type", Tag.KEYWORD, PLAIN))
    return Attribute("media-col", (Value(Tag.COLLECTION, members),))


def _numbers(values: tuple[Value, ...]) -> list[int]:
    return [value.data for value in values if isinstance(value.data, int) and value.data is not True]


def _words(values: tuple[Value, ...]) -> frozenset[str]:
    return frozenset(value.data for value in values if isinstance(value.data, str))


def _toner(said: dict[str, tuple[Value, ...]]) -> int | None:
    """Lowest percentage of what is used up (not of waste tanks); -1 and below mean "not known"."""
    levels = _numbers(said.get("marker-levels", ()))
    kinds = [value.data for value in said.get("marker-types", ())]
    if levels and kinds and len(levels) == len(kinds):
        pairs = zip(kinds, levels, strict=True)
        levels = [level for kind, level in pairs if not str(kind).startswith("waste")]
    if not levels:
        levels = [level for value in said.get("printer-supply", ()) if (level := _supply(value.data)) is not None]
    known = [level for level in levels if 0 <= level <= 100]
    return min(known) if known else None


def _supply(raw: object) -> int | None:
    """Level of a printer-supply entry (PWG 5100.13 section 5.6.23) that is consumed, as a percentage."""
    if not isinstance(raw, bytes):
        return None
    fields = _fields(raw)
    if fields.get("class") != "supplyThatIsConsumed":
        return None
    try:
        level, capacity = int(fields["level"]), int(fields["maxcapacity"])
    except (KeyError, ValueError):
        return None
    return level * 100 // capacity if level >= 0 and capacity > 0 else None


def _fields(raw: bytes) -> dict[str, str]:
    """The KEY=VALUE pairs of a printer-supply or printer-input-tray entry."""
    return dict(pair.partition("=")[::2] for pair in raw.decode("ascii", "replace").split(";"))

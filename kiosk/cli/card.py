"""`adm card`: watch the reader, read a card (masked unless a technician asks for all), record a read."""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from drivers.card_reader.pcsc import PcscCardReader, Settings
from drivers.card_reader.port import (
    CardNotAuthentic,
    CardReader,
    CardReaderStatus,
    CardRemoved,
    CardUnreadable,
    ChipReading,
    NotAnEktp,
    SamFault,
)
from drivers.card_reader.profile import KTP_EL, Profile
from drivers.card_reader.sam import ADVICE, SamCode
from drivers.card_reader.sam_record import SamRecord
from drivers.card_reader.trace import Recorder
from drivers.deadline import Deadline
from drivers.errors import DriverError
from drivers.status import DeviceState
from kiosk.cli.lend import device, require_technician
from kiosk.cli.say import CommandFailed
from kiosk.config import load

WAIT_S: Final = 30.0
READ_S: Final = 20.0

_ADVICE: Final = {
    CardRemoved: "The card was taken away too early: place it again and leave it there.",
    CardUnreadable: "The card cannot be read: place it again, flat and still, or try another card.",
    NotAnEktp: "This is not an e-KTP.",
    CardNotAuthentic: "The card cannot be verified: the resident should see the officer.",
}


def add(verbs: Any) -> None:
    """Register the verbs."""
    parser = verbs.add_parser("card", help="watch the card reader, read a card, record a read, reset the SAM")
    actions = parser.add_subparsers(required=True, metavar="watch|read|trace|sam-reset")
    watch = actions.add_parser("watch", help="say when cards come and go")
    watch.add_argument("--seconds", type=float, default=60.0, help="how long to watch")
    watch.set_defaults(run=_watch)
    read = actions.add_parser("read", help="read the card that lies there; masked")
    read.add_argument("--json", action="store_true", help="as JSON")
    read.add_argument("--full", action="store_true", help="everything on it; for technicians")
    read.set_defaults(run=_read)
    trace = actions.add_parser("trace", help="read a card and record its APDUs, personal data taken out")
    trace.add_argument("file", type=Path, help="where the recording goes")
    trace.set_defaults(run=_trace)
    reset = actions.add_parser("sam-reset", help="let a SAM that refused its secret be tried again; for technicians")
    reset.set_defaults(run=_sam_reset)


def _watch(arguments: argparse.Namespace) -> int:
    deadline = Deadline.after(arguments.seconds)
    with device(arguments.config, "card_reader", "card") as reader:
        print(_status_line(reader), flush=True)
        present = False
        while not deadline.expired:
            wait = reader.wait_for_removal if present else reader.wait_for_card
            if wait(deadline.sooner(1.0)):
                present = not present
                print(f"{time.strftime('%H:%M:%S')}  {'card placed' if present else 'card taken'}", flush=True)
    return 0


def _read(arguments: argparse.Namespace) -> int:
    if arguments.full:
        require_technician("adm card read --full")
    with device(arguments.config, "card_reader", "card") as reader:
        reading, seconds = _read_one(reader)
    shown = _shown(reading, _profile(arguments.config).biodata_fields, arguments.full)
    if arguments.json:
        print(json.dumps({**shown, "seconds": round(seconds, 3)}, ensure_ascii=False))
    else:
        print("\n".join(f"{name:<14} {value}" for name, value in shown.items()))
        print(f"{'seconds':<14} {seconds:.2f}")
        if advice := _sam_advice(reading.reason):
            print(advice)
    return 0


def _trace(arguments: argparse.Namespace) -> int:
    recorder = Recorder(_profile(arguments.config))
    with device(arguments.config, "card_reader", "card") as reader:
        if not isinstance(reader, PcscCardReader):
            raise CommandFailed("this reader's driver records nothing")
        reader.record(recorder)
        try:
            _read_one(reader)
        finally:
            reader.record(None)
            arguments.file.write_text(recorder.text(), encoding="ascii")
    print(f"{len(recorder.exchanges)} exchanges in {arguments.file}, without personal data.")
    return 0


def _profile(config: Path) -> Profile:
    """As configured: a recording is made harmless by what its files and instructions are."""
    settings = load(config).driver_settings("card_reader")
    return settings.profile if isinstance(settings, Settings) else KTP_EL


def _sam_reset(arguments: argparse.Namespace) -> int:
    require_technician("adm card sam-reset")
    settings = load(arguments.config).driver_settings("card_reader")
    file = getattr(settings, "sam_state_file", None)
    if file is None:
        raise CommandFailed("The configuration keeps no record of the SAM (sam_state_file): there is nothing to reset.")
    record = SamRecord(file)
    since = record.since()
    try:
        forgotten = record.forget()
    except OSError as error:
        raise CommandFailed(f"{file} cannot be removed: {error.strerror}. Run this as root.") from error
    if not forgotten:
        print("No SAM is out of service for a refused secret.")
        return 0
    print(f"The SAM refused its secret{f' on {since}' if since else ''}. The next card tries it again.")
    print("Be sure of the secret first: a SAM locks itself after a few wrong ones.")
    return 0


def _read_one(reader: CardReader) -> tuple[ChipReading, float]:
    print(_status_line(reader), flush=True)
    if not reader.wait_for_card(Deadline.after(WAIT_S)):
        raise CommandFailed(f"No card within {WAIT_S:.0f} s.")
    began = time.monotonic()
    try:
        reading = reader.read(Deadline.after(READ_S), lambda _: None)
    except (CardRemoved, CardUnreadable, NotAnEktp, CardNotAuthentic) as error:
        raise CommandFailed(_ADVICE[type(error)]) from error
    except SamFault as fault:
        raise CommandFailed(f"{fault}. {_sam_advice(fault.code)}".strip()) from fault
    except DriverError as error:
        raise CommandFailed(f"The reader is out of order ({type(error).__name__}): {error}") from error
    return reading, time.monotonic() - began


def _status_line(reader: CardReader) -> str:
    status = reader.status()
    line = f"reader {status.device}  SAM {status.sam}  card {status.media}"
    advice = _sam_advice(_reason(status))
    return f"{line}\n{advice}" if advice else line


def _reason(status: CardReaderStatus) -> str:
    """Code of what is wrong with the SAM, as far as its state tells."""
    return status.sam_reason or (SamCode.MISSING if status.sam is DeviceState.NO_DEVICE else "")


def _sam_advice(code: str) -> str:
    """What a technician does about this code; empty for a code that is no SAM's."""
    return ADVICE[SamCode(code)][1] if code in set(SamCode) else ""


def _shown(reading: ChipReading, names: Sequence[str], full: bool) -> dict[str, str]:
    shown = {
        "uid": reading.uid.hex().upper() if full else f"{len(reading.uid)} bytes",
        "assurance": reading.assurance.value,
        "reason": reading.reason or "-",
        "photo": f"{len(reading.photo)} bytes",
        "signature": f"{len(reading.signature)} bytes",
    }
    if reading.biodata is not None:
        for name, value in zip(names, reading.biodata.fields, strict=True):
            shown[name] = value if full else _masked(name, value)
    return shown


def _masked(name: str, value: str) -> str:
    """NIK as 3520********0001, anything else as its length."""
    if name == "nik" and len(value) == 16:
        return f"{value[:4]}{'*' * 8}{value[-4:]}"
    return f"{len(value)} characters" if value else "-"

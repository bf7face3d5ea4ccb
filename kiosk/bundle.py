"""Everything somebody far away needs to help, and nothing about residents, in one tar file."""

import io
import json
import tarfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from kiosk.checkup import archive, journal_wrongs, versions
from kiosk.cli.redact import redacted
from kiosk.config import KioskConfig
from kiosk.issuance.chain import read
from kiosk.issuance.errors import JournalError
from kiosk.technician import notebook

REPORTS: Final = 10
MANY: Final = 20


def made(config: KioskConfig, status: Mapping[str, Any], log: Iterable[str] = ()) -> bytes:
    """The file.

    Args:
        status: As `adm status --json` has it.
        log: Lines of the daemon's own log.
    """
    noted = notebook.read(config.state_dir)
    return packed({**parts(config, status), "logs/kiosk.log": lines(log), "technician.jsonl": noted})


def parts(config: KioskConfig, status: Mapping[str, Any]) -> dict[str, str]:
    """What is in it, by file name, besides logs."""
    drivers = {str(role): device.driver for role, device in config.devices.items()}
    kept = archive(config).lines()[-REPORTS:]
    return {
        "versions.json": _json({"machine_id": config.machine_id, "versions": versions(), "drivers": drivers}),
        "status.json": _json(status),
        "journal.json": _json(_journal(config.state_dir / "journal.db")),
        "selftest.jsonl": "".join(json.dumps(line, sort_keys=True) + "\n" for line in kept),
    }


def lines(log: Iterable[str]) -> str:
    """Of a log, redacted."""
    return "".join(f"{line}\n" for line in redacted(log))


def packed(files: Mapping[str, str]) -> bytes:
    """As tar.gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as bundle:
        for name, text in files.items():
            content = text.encode("utf-8")
            entry = tarfile.TarInfo(f"adm-diagnose/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
            bundle.addfile(entry, io.BytesIO(content))
    return out.getvalue()


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


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"

"""What a whole journal did to its files, call by call, with the bytes: recorded by strace, read back from its log."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.crash.killing import environment, journal_files

RECORD_S = 120.0
CALLS = ("openat", "pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink")
_CALL = re.compile(r"^\d+\s+(\w+)\((.*)\)\s+= (-?\d+)")
_FD = re.compile(r"^\d+<([^>]*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Kind(StrEnum):
    """What happened to a file."""

    CREATE = "create"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    UNLINK = "unlink"
    SAID = "said"


@dataclass(frozen=True, slots=True)
class Step:
    """One change.

    Attributes:
        file: Name in the journal's folder; empty for `said`.
        at: Offset of a write, or a file's new length.
        data: What was written, or said.
    """

    kind: Kind
    file: str
    at: int = 0
    data: bytes = b""


def record(folder: Path, synchronous: str) -> list[Step]:
    """Let `tests.crash.write_journal` write a journal in `folder`; everything that it did to the disk.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    journal, log = folder / "journal.db", folder / "strace.log"
    files = journal_files(journal)
    words = ["strace", "-f", "-qq", "-y", "-xx", "-s", "1048576", "-o", str(log), "-e", "signal=none"]
    words += ["-e", f"trace={','.join(CALLS)}"]
    for file in (*files, folder / "said"):
        words += ["-P", str(file)]
    command = [*words, "--", sys.executable, "-m", "tests.crash.write_journal", str(journal), synchronous]
    with (folder / "said").open("wb") as said:
        subprocess.run(command, check=True, timeout=RECORD_S, stdout=said, env=environment())
    return [step for line in log.read_text().splitlines() if (step := _step(line, {f.name for f in files}))]


def _step(line: str, names: set[str]) -> Step | None:
    match = _CALL.match(line)
    if match is None:
        raise ValueError(f"strace says what is not understood: {line[:200]}")
    call, words, result = match[1], match[2], int(match[3])
    if result < 0:
        return None
    file = _file(call, words)
    if file == "said":
        return Step(Kind.SAID, "", data=_bytes(words))
    if file not in names or file.endswith(("-shm", "-lock")):
        # The index in shared memory is rebuilt after a crash, and the lock holds nothing.
        return None
    match call:
        case "pwrite64":
            if result != len(_bytes(words)):
                raise ValueError("a write of which not everything was written")
            return Step(Kind.WRITE, file, int(words.rsplit(", ", 1)[1]), _bytes(words))
        case "ftruncate":
            return Step(Kind.TRUNCATE, file, int(words.rsplit(", ", 1)[1]))
        case "fdatasync" | "fsync":
            return Step(Kind.SYNC, file)
        case "unlink":
            return Step(Kind.UNLINK, file)
        case "openat":
            return Step(Kind.CREATE, file) if "O_CREAT" in words else None
    raise ValueError(f"{call} on {file}")


def _file(call: str, words: str) -> str:
    if call in ("openat", "unlink"):
        return Path(_bytes(words).decode()).name
    match = _FD.match(words)
    if match is None:
        raise ValueError(f"{call}({words[:100]}")
    path = match[1]
    return Path(bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path).name


def _bytes(words: str) -> bytes:
    match = _STRING.search(words)
    if match is None:
        raise ValueError("no bytes")
    return bytes.fromhex(match[1].replace("\\x", ""))

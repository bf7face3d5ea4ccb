"""Runs `issue_once` under strace, which kills it as it enters the n-th call of one kind on the journal's files.

strace(1) counts each system call of each thread by itself: a point is a call's name and its ordinal. All of the
journal's are made by one thread; sends by several, and the first to reach the ordinal dies. The signal is delivered on
entering, so the call itself is never made: the points before and after every call are all there.
"""

import asyncio
import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.crash.issue_once import Work
from tests.crash.world import ROOT

# Every call that SQLite's unix VFS and the journal's lock can change a file with, or begin to.
CALLS = (
    "openat",
    "pwrite64",
    "write",
    "fdatasync",
    "fsync",
    "ftruncate",
    "fallocate",
    "unlink",
    "rename",
    "flock",
    "close",
)
# Everything that leaves by a socket: gRPC's threads use sendmsg, the printer's HTTP and the event loop sendto.
SENDS = ("sendto", "sendmsg")
RUN_S = 120.0
_LINE = re.compile(r"^\d+\s+(\w+)\(")
_APPENDED = re.compile(r'write\(1, "\{\\"appended\\": (\d+)')


@dataclass(frozen=True, slots=True)
class Point:
    """Where to kill.

    Attributes:
        number: From 1, among the calls of this name.
        after: The newest entry that was on disk by then, where that was seen.
    """

    call: str
    number: int
    after: int = 0

    def __str__(self) -> str:
        return f"{self.call} {self.number}"


@dataclass(frozen=True, slots=True)
class Run:
    """One process.

    Attributes:
        killed: It died of the injected signal.
        appended: Numbers of the entries it was told were on disk.
        entries: How many entries there were whenever it was done.
        points: Calls it made on the journal's files, in order.
    """

    killed: bool
    appended: frozenset[int]
    entries: tuple[int, ...]
    points: tuple[Point, ...]


class Failed(Exception):
    """The process ended neither well nor by the injected signal."""


def environment() -> dict[str, str]:
    """For a process of ours."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'proto' / 'gen'}"}


async def run(work: Work, phase: str, kill: Point | None = None, trace: bool = True) -> Run:
    """Run a phase of `issue_once`, and kill it at a point.

    Raises:
        Failed: It ended otherwise; the message holds what it said.
    """
    folder = work.journal.parent
    folder.mkdir(parents=True, exist_ok=True)
    file, calls, said = folder / "work.json", folder / f"{phase}.strace", folder / f"{phase}.said"
    file.write_text(work.model_dump_json())
    command = [sys.executable, "-P", "-m", "tests.crash.issue_once", str(file), phase]
    if trace:
        command = [*_strace((*journal_files(work.journal), said), calls, kill), *command]
    with said.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", "--", *command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.PIPE,
            env=environment(),
            cwd=ROOT,
        )
    try:
        _, complaints = await asyncio.wait_for(process.communicate(), RUN_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    killed = process.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
    if process.returncode != 0 and not (killed and kill is not None):
        raise Failed(f"{phase}, kill at {kill}: status {process.returncode}: {complaints.decode()[-2000:]}")
    heard = [json.loads(line) for line in said.read_text().splitlines() if line.endswith("}")]
    appended = frozenset(line["appended"] for line in heard if "appended" in line)
    entries = tuple(line["entries"] for line in heard if "entries" in line)
    return Run(killed, appended, entries, _points(calls.read_text() if trace else ""))


def journal_files(journal: Path) -> tuple[Path, ...]:
    """Every file that a journal has or may have for a while."""
    return tuple(journal.with_name(journal.name + suffix) for suffix in ("", "-wal", "-shm", "-lock", "-journal"))


def _strace(files: Sequence[Path], calls: Path, kill: Point | None) -> list[str]:
    # --seccomp-bpf would be faster; with it strace 6.1 does not inject.
    words = ["strace", "-f", "-qq", "-o", str(calls), "-e", "signal=none", "-e"]
    if kill is not None and kill.call in SENDS:
        words += [f"trace={','.join(SENDS)}"]
    else:
        words += [f"trace={','.join(CALLS)}", *(word for file in files for word in ("-P", str(file)))]
    if kill is not None:
        words += ["-e", f"inject={kill.call}:signal=KILL:when={kill.number}"]
    return [*words, "--"]


def _points(text: str) -> tuple[Point, ...]:
    counts: Counter[str] = Counter()
    found, appended = [], 0
    for line in text.splitlines():
        if match := _LINE.match(line):
            counts[match[1]] += 1
            found.append(Point(match[1], counts[match[1]], appended))
        if match := _APPENDED.search(line):
            appended = int(match[1])
    return tuple(found)

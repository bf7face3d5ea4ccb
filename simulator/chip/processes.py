"""The simulator's side of its child processes: one line there, one line back."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_ANSWER_S = 20.0
_END_S = 5.0


class ChildFailed(Exception):
    """A child process ended or refused; the message is for people."""


class LineChild:
    """A child process that answers each line on its standard input by one on its output, and ends with it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lock = asyncio.Lock()

    @classmethod
    async def start(cls, *command: str) -> "LineChild":
        """Start it from the project's root."""
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        return cls(process)

    async def ask(self, line: str) -> str:
        """One line there, one back.

        Raises:
            ChildFailed: It ended, or does not answer.
        """
        async with self._lock:
            assert self._process.stdin is not None  # a pipe was asked for
            try:
                self._process.stdin.write(line.encode() + b"\n")
                await self._process.stdin.drain()
            except (BrokenPipeError, ConnectionResetError) as error:
                raise ChildFailed("a process of the simulated card reader ended") from error
            return await self.answer()

    async def answer(self) -> str:
        """The next line it says.

        Raises:
            ChildFailed: It ended, or does not answer.
        """
        assert self._process.stdout is not None  # a pipe was asked for
        try:
            raw = await asyncio.wait_for(self._process.stdout.readline(), _ANSWER_S)
        except TimeoutError as error:
            raise ChildFailed("a process of the simulated card reader does not answer") from error
        if not raw:
            raise ChildFailed("a process of the simulated card reader ended")
        return raw.decode().strip()

    async def end(self) -> None:
        """End it, kindly if it can."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _END_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class Cage:
    """pcscd in namespaces of its own (`simulator.chip.cage`)."""

    def __init__(self, child: LineChild, pid: int) -> None:
        self._child = child
        self._pid = pid

    @classmethod
    async def start(cls, run: Path, conf: Path) -> "Cage":
        """Set it up, without pcscd yet.

        Raises:
            ChildFailed: This machine does not allow namespaces.
        """
        unshare = ["unshare", "--mount", "--net", "--propagation", "private"]
        if os.geteuid() != 0:
            unshare[1:1] = ["--user", "--map-root-user"]
        child = await LineChild.start(*unshare, sys.executable, "-m", "simulator.chip.cage", str(run), str(conf))
        try:
            pid = int((await child.answer()).removeprefix("caged "))
        except ChildFailed as error:
            await child.end()
            raise ChildFailed("no namespace for pcscd: the simulated card reader needs unshare(1) to work") from error
        return cls(child, pid)

    def inside(self, command: Sequence[str]) -> list[str]:
        """This command, in the cage's network."""
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self._pid), *user, "--net", *command]

    async def start_pcscd(self) -> None:
        """Start it; returns when clients can connect.

        Raises:
            ChildFailed: It did not start.
        """
        await self._child.ask("start")

    async def kill_pcscd(self) -> None:
        """End pcscd without warning."""
        await self._child.ask("kill")

    async def end(self) -> None:
        """End it all."""
        await self._child.end()


class ChipProcess:
    """The process of one slot (`simulator.chip.card`)."""

    def __init__(self, child: LineChild) -> None:
        self._child = child

    @classmethod
    async def start(cls, cage: Cage, port: int) -> "ChipProcess":
        """Start it, with an empty slot."""
        return cls(await LineChild.start(*cage.inside([sys.executable, "-m", "simulator.chip.card", str(port)])))

    async def do(self, what: str, **parameters: Any) -> dict[str, Any]:
        """Send one command of `simulator.chip.card`; its answer.

        Raises:
            ChildFailed: It refuses, or ended.
        """
        answer: dict[str, Any] = json.loads(await self._child.ask(json.dumps({"do": what, **parameters})))
        if not answer.pop("ok"):
            raise ChildFailed(answer["error"])
        return answer

    async def end(self) -> None:
        """End it; the chip leaves its slot."""
        await self._child.end()

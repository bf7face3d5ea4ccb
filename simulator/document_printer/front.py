"""Between ippeveprinter and the mechanics: jobs come in over the print command, states go out.

While a job runs, its command's standard error carries states. At other times ippeveprinter listens to
nothing, so a state is sent as a tiny job of the simulator's own, which prints nothing.
"""

import asyncio
import contextlib
import json
import re
from pathlib import Path

from drivers.deadline import Deadline
from drivers.document_printer.ipp_codec import Group
from simulator.document_printer.client import STATE_JOB, Client
from simulator.document_printer.mechanics import Ending, Mechanics
from simulator.document_printer.tray import LOW_SHEETS

POLL_S = 0.2
PAUSE_S = 0.02
TELL_S = 5.0
PAPER_LEVELS = (0, 5, 25, 50, 125, 250)
"""Sheets ippeveprinter's "media" form offers; 5 is low."""
_SEVERITY = re.compile("-(report|warning|error)$")
_STOPPING = "processing-to-stop-point"


class Front:
    """Serves the print command's socket."""

    def __init__(self, mechanics: Mechanics) -> None:
        self._mechanics = mechanics
        self._server: asyncio.Server | None = None
        self._job: asyncio.StreamWriter | None = None
        self._telling = asyncio.Lock()
        self._client: Client | None = None

    async def listen(self, command_socket: Path) -> None:
        """Wait for print commands there."""
        self._server = await asyncio.start_unix_server(self._command, command_socket)

    def connect(self, uri: str) -> None:
        """Know where ippeveprinter is, once it is there."""
        self._client = Client(uri)

    async def stop(self) -> None:
        """Serve no more; may be called twice."""
        self._client = None
        if self._server is not None:
            self._server.close()
            await self._mechanics.lose_power()
            await self._server.wait_closed()
            self._server = None

    async def tell(self) -> None:
        """Bring ippeveprinter's state up to date; returns when a client would see it."""
        async with self._telling:
            give_up = Deadline.after(TELL_S)
            while (client := self._client) is not None and not give_up.expired:
                await asyncio.to_thread(client.set_paper, _level(self._mechanics.tray.sheets))
                if await asyncio.to_thread(self._knows, client):
                    return
                if self._job is not None:
                    self._say_state(self._job)
                else:
                    await asyncio.to_thread(client.send_state_job)
                await asyncio.sleep(PAUSE_S)

    async def _command(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            job = json.loads(await reader.readline())
            pdf = await asyncio.to_thread(Path(job["file"]).read_bytes)
            if pdf == STATE_JOB:
                self._say_state(writer)
                self._end(writer, 0)
            else:
                await self._print(job["job"], pdf, reader, writer)
            await writer.drain()
        except OSError:
            pass  # The command was killed together with ippeveprinter.
        finally:
            writer.close()

    async def _print(self, job_id: int, pdf: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._job = writer
        watch = asyncio.create_task(self._watch(job_id, reader))
        try:
            ending = await self._mechanics.print(pdf, lambda line: writer.write(f"{line}\n".encode()))
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
            self._job = None
        self._say_state(writer)
        self._end(writer, 1 if ending is Ending.ABORTED else 0)

    async def _watch(self, job_id: int, reader: asyncio.StreamReader) -> None:
        """Notice that the job is to stop, or that its command is dead."""
        gone = asyncio.create_task(reader.read(1))
        try:
            while True:
                done, _ = await asyncio.wait({gone}, timeout=POLL_S)
                if done:
                    await self._mechanics.lose_power()
                    return
                if await self._asked_to_stop(job_id):
                    await self._mechanics.cancel()
                    return
        finally:
            gone.cancel()

    def _say_state(self, writer: asyncio.StreamWriter) -> None:
        reasons = self._mechanics.reasons()
        lines = f"ATTR: marker-types=toner\nATTR: marker-levels={self._mechanics.toner_percent}\n"
        lines += "".join(f"STATE: {'+' if holds else '-'}{reason}\n" for reason, holds in reasons.items())
        writer.write(lines.encode())

    @staticmethod
    def _end(writer: asyncio.StreamWriter, status: int) -> None:
        writer.write(f"EXIT {status}\n".encode())

    def _knows(self, client: Client) -> bool:
        """Whether ippeveprinter says what the mechanics are."""
        answer = client.printer()
        if answer is None:
            return False
        said = answer.attributes(Group.PRINTER)
        # It adds a severity: "media-jam-warning" is our "media-jam".
        reasons = {_SEVERITY.sub("", str(value.data)) for value in said.get("printer-state-reasons", ())}
        # It asks for paper itself while it holds a job.
        reasons -= {"media-needed", "none"}
        levels = {value.data for value in said.get("marker-levels", ())}
        wanted = {reason for reason, holds in self._mechanics.reasons().items() if holds}
        wanted |= _paper_reasons(self._mechanics.tray.sheets)
        return reasons == wanted and levels == {self._mechanics.toner_percent}

    async def _asked_to_stop(self, job_id: int) -> bool:
        if self._client is None:
            return False
        answer = await asyncio.to_thread(self._client.job, job_id)
        if answer is None:
            return False
        reasons = answer.attributes(Group.JOB).get("job-state-reasons", ())
        return any(value.data == _STOPPING for value in reasons)


def _paper_reasons(sheets: int) -> set[str]:
    """What ippeveprinter says of its main tray."""
    return {"media-empty"} if sheets == 0 else {"media-low"} if sheets <= LOW_SHEETS else set()


def _level(sheets: int) -> int:
    """The form's level for so many sheets."""
    if 0 < sheets <= LOW_SHEETS:
        return 5
    return next(level for level in PAPER_LEVELS if level >= min(sheets, PAPER_LEVELS[-1]))

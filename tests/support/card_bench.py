"""A real pcscd with simulated chips, and the production driver above it, for tests, proofs and measurements.

libpcsclite remembers its socket for life, so a process has one of these at a time.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from drivers.card_reader import pcsc
from drivers.card_reader.port import ChipReading
from drivers.deadline import Deadline
from drivers.errors import DeviceFault
from drivers.status import DeviceState
from simulator.chip.device import VirtualCardReader

SAMPLES = Path(__file__).parents[2] / "samples"
LONG_S = 30.0

T = TypeVar("T")
Opener = Callable[..., pcsc.PcscCardReader]
"""Opens a driver with changed settings."""


class CardBench:
    """The virtual reader, its event loop in a thread of its own, and drivers opened on it.

    Args:
        directory: For the virtual reader's files.
        kbit_s: Speed of the air, None for none.
    """

    def __init__(self, directory: Path, kbit_s: int | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bench-loop", daemon=True)
        self._thread.start()
        self.virtual = VirtualCardReader(directory, SAMPLES, kbit_s=kbit_s)
        self.run(self.virtual.start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something of the virtual reader's."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONG_S)

    def act(self, action: str, **parameters: str) -> None:
        """One of the virtual reader's actions, as on the simulator page."""
        self.run(_act(self.virtual, action, parameters))

    def settings(self, **changes: Any) -> pcsc.Settings:
        """Settings of a driver on this reader."""
        return pcsc.Settings.model_validate(
            {
                "card_pattern": self.virtual.card_pattern,
                "sam_pattern": self.virtual.sam_pattern,
                "sam_secret_file": self.virtual.sam_secret_file,
                "pcscd_socket": self.virtual.pcscd_socket,
                **changes,
            }
        )

    def opened(self, **changes: Any) -> pcsc.PcscCardReader:
        """A driver, opened; the caller closes it."""
        reader = pcsc.create(self.settings(**changes))
        reader.open(Deadline.after(LONG_S))
        return reader

    def put(self, reader: pcsc.PcscCardReader, resident: str = "hamid") -> None:
        """Put a card there, and see that the driver noticed."""
        self.act("put", resident=resident)
        assert reader.wait_for_card(Deadline.after(LONG_S))

    def clear(self) -> None:
        """Take the card and every fault away."""
        if "take" in self.virtual.actions():
            self.act("take")
        self.run(self.virtual.set_fault(None))

    def close(self) -> None:
        """End everything."""
        self.run(self.virtual.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONG_S)
        self._loop.close()


def read(reader: pcsc.PcscCardReader, seconds: float = LONG_S) -> ChipReading:
    """Read what lies there, without progress."""
    return reader.read(Deadline.after(seconds), lambda done: None)


async def _act(virtual: VirtualCardReader, action: str, parameters: dict[str, str]) -> None:
    await virtual.actions()[action].run(**parameters)


def nik(reader: pcsc.PcscCardReader) -> str:
    """The NIK on the card that lies there, which the SAM verified."""
    biodata = read(reader).biodata
    assert biodata is not None
    return biodata.nik


def nik_when_back(reader: pcsc.PcscCardReader) -> str:
    """Read as soon as the call that hung has come back, and the SAM was let go."""
    deadline = Deadline.after(LONG_S)
    while True:
        try:
            reading = read(reader)
        except DeviceFault:
            deadline.check("reader")
            continue
        if reading.biodata is not None:
            return reading.biodata.nik
        deadline.check("SAM")


def sam_becomes(reader: pcsc.PcscCardReader, state: DeviceState) -> None:
    """Wait until the driver noticed what became of the SAM."""
    deadline, again = Deadline.after(LONG_S), threading.Event()
    while reader.status().sam is not state:
        deadline.check("SAM")
        again.wait(0.01)

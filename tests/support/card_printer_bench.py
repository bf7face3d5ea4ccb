"""The virtual card printer in a loop of its own, and the production driver above it."""

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from drivers.card_printer.evolis import EvolisPrinter, Settings, create
from drivers.card_printer.port import HEIGHT_DOTS, WIDTH_DOTS, CardSide
from drivers.deadline import Deadline
from simulator.card_printer.device import SERIAL, VirtualCardPrinter
from simulator.card_printer.faults import Step
from simulator.card_printer.mechanism import Encoder
from simulator.card_printer.models import VENDOR_ID

LONG_S = 30.0

T = TypeVar("T")


def soon(seconds: float = LONG_S) -> Deadline:
    """A deadline that a healthy device keeps on a busy machine."""
    return Deadline.after(seconds)


def pattern_side(seed: int = 1) -> CardSide:
    """A picture in which every dot matters: colour ramps, and black dots all over."""
    rng = np.random.default_rng(seed)
    across = np.linspace(0, 255, WIDTH_DOTS).astype(np.uint8)
    down = np.linspace(255, 0, HEIGHT_DOTS).astype(np.uint8)
    colour = np.empty((HEIGHT_DOTS, WIDTH_DOTS, 3), np.uint8)
    colour[:, :, 0] = across
    colour[:, :, 1] = down[:, None]
    colour[:, :, 2] = rng.integers(0, 256, (HEIGHT_DOTS, WIDTH_DOTS), dtype=np.uint8)
    return CardSide(colour, rng.random((HEIGHT_DOTS, WIDTH_DOTS)) < 0.1)


class CardPrinterBench:
    """One virtual printer and its loop.

    Args:
        directory: For the cards it draws.
        model: As in `simulator.card_printer.models`.
        encoder: See `VirtualCardPrinter`.
    """

    def __init__(
        self, directory: Path, model: str = "KC200B", *, ribbon: str = "ymcko", encoder: Encoder | None = None
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="card-printer", daemon=True)
        self._thread.start()
        self.directory = directory
        self.ribbon = ribbon
        self.virtual = self.run(self._made(directory, model, ribbon, encoder))
        self.run(self.virtual.start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something of the virtual printer's."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONG_S)

    def fault(self, fault: str | None, step: Step | None = None) -> None:
        """Show this fault; None is healthy again."""
        self.run(self.virtual.set_fault_at(fault, step))

    def act(self, action: str) -> None:
        """One of its actions, as on the simulator page."""
        self.run(self._act(action))

    def driver(self, **changes: Any) -> EvolisPrinter:
        """A driver for it, opened; the caller closes it."""
        given = {
            "vendor_id": VENDOR_ID,
            "product_id": self.virtual.model.product_id,
            "serial": SERIAL,
            "backend": f"usbip:{self.virtual.usbip}",
            "profile": self.virtual.model.name,
            "ribbon": self.ribbon,
        }
        driver = create(Settings.model_validate(given | changes))
        driver.open(soon())
        return driver

    def close(self) -> None:
        """End everything."""
        self.run(self.virtual.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONG_S)
        self._loop.close()

    async def _act(self, action: str) -> None:
        await self.virtual.actions()[action].run()

    async def _made(self, directory: Path, model: str, ribbon: str, encoder: Encoder | None) -> VirtualCardPrinter:
        return VirtualCardPrinter(directory, model=model, ribbon=ribbon, pace=0.0, encoder=encoder)

"""The card printer for the simulator page, the tour and the tests."""

import asyncio
import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.card_printer.card import Card, Spot, draw
from simulator.card_printer.faults import DEFAULT_STEP, DESCRIPTIONS, Fault, Step
from simulator.card_printer.interpreter import Interpreter
from simulator.card_printer.mechanism import HOPPER_CARDS, RIBBON_SETS, Encoder, Mechanism, Strike
from simulator.card_printer.models import MODELS
from simulator.card_printer.printer import Printer
from simulator.device import Action, ActionRefused
from simulator.usbip.server import UsbIpServer

SERIAL = "ADM-SIM-CARD-1"
_WITH_A_STEP = frozenset(
    {
        Fault.FEEDER_JAM,
        Fault.MECHANICAL,
        Fault.RIBBON_OUT,
        Fault.COVER_OPENED,
        Fault.HEAD_HOT,
        Fault.POWER_LOST,
    }
)


class VirtualCardPrinter:
    """Implements `VirtualDevice`.

    Attributes:
        usbip: "HOST:PORT" of the USB/IP server after `start`.
        pictures: Where the last card's front.png and back.png are.
        mechanism, printer: For tests: what was really moved, printed and said.
    """

    def __init__(
        self,
        directory: Path,
        *,
        model: str = "KC200B",
        ribbon: str = "ymcko",
        pace: float = 0.3,
        server: UsbIpServer | None = None,
        encoder: Encoder | None = None,
        name: str = "card_printer",
        title: str = "Card printer",
        serial: str = SERIAL,
    ) -> None:
        """Make it; nothing runs yet.

        Args:
            name, title, serial: See `VirtualDevice`; a machine may have a printer for each kind of card.
            directory: Cards are drawn into `cards/` in it: the last one's front.png and back.png, and each by number.
            pace: 1 takes as long as a real one, 0 no time.
            server: Shared with other USB devices and started by its owner; None starts one's own.
            encoder: What sees a card's chip at the contactless station.
        """
        self.name = name
        self.title = title
        self.model = MODELS[model]
        self.serial = serial
        self.pictures = directory / "cards"
        self._own_server = server is None
        self._server = server or UsbIpServer()
        self.mechanism = Mechanism(ribbon, pace, self._draw)
        self.mechanism.encoder = encoder
        interpreter = Interpreter(self.model, serial, ribbon, self.mechanism)
        self.printer = Printer(self.model, serial, interpreter, self.mechanism, self._unplug)
        self._work: asyncio.Task[None] | None = None
        self._plugged = False
        self._fault: Fault | None = None
        self._shown: int | None = None

    @property
    def usbip(self) -> str:
        """See class."""
        return self._server.address

    async def start(self) -> None:
        """See `VirtualDevice.start`."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        if self._own_server:
            await self._server.start()
        self._plug()
        self._work = asyncio.create_task(self.printer.run())

    async def stop(self) -> None:
        """See `VirtualDevice.stop`."""
        self._unplug()
        if self._work is not None:
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work
            self._work = None
        if self._own_server:
            await self._server.stop()

    def state(self) -> Mapping[str, Any]:
        """See `VirtualDevice.state`."""
        mechanism = self.mechanism
        last = mechanism.cards[-1] if mechanism.cards else None
        return {
            "model": self.model.name,
            "fault": self._fault,
            "plugged": self._plugged,
            "hopper": mechanism.hopper,
            "test_blank": mechanism.test_blank,
            "ribbon_sets": mechanism.ribbon_sets,
            "cover_open": mechanism.cover_open,
            "jammed": mechanism.jammed,
            "cards": [card.words() for card in mechanism.cards],
            "where": {spot.value: len(mechanism.at(spot)) for spot in Spot if spot is not Spot.HOPPER},
            "reject_full": mechanism.reject_full,
            "panels_printed": mechanism.panels_done,
            "cards_printed": mechanism.cards_done,
            "busy_s": round(mechanism.busy_s, 3),
            "shown": self._shown,
            "last_card": str(self._folder(last)) if last is not None and not last.clean else None,
        }

    def actions(self) -> Mapping[str, Action]:
        """See `VirtualDevice.actions`."""
        return {
            "take_card": Action("Take the card", self.take_card),
            "insert_card": Action("Push an old card into the slot", self.insert_card),
            "load_blanks": Action("Fill the hopper", self.load_blanks),
            "put_test_blank": Action("Put a test blank into the manual slot", self.put_test_blank),
            "load_ribbon": Action("Put in a new ribbon", self.load_ribbon),
            "clear": Action("Open, take out what is inside, close", self.clear),
            "empty_reject": Action("Empty the reject box", self.empty_reject),
            "plug_in": Action("Power on and plugged in", self.plug_in),
        }

    def faults(self) -> Mapping[str, str]:
        """See `VirtualDevice.faults`."""
        return {fault.value: text for fault, text in DESCRIPTIONS.items()}

    async def set_fault(self, fault: str | None) -> None:
        """See `VirtualDevice.set_fault`."""
        await self.set_fault_at(fault, None)

    async def set_fault_at(self, fault: str | None, step: Step | None) -> None:
        """The same, striking when this step of the next card begins or in its middle; None: as the fault does.

        Raises:
            KeyError: There is no such fault.
        """
        if fault is not None and fault not in DESCRIPTIONS:
            raise KeyError(fault)
        await self._heal()
        self._fault = wanted = Fault(fault) if fault else None
        if wanted is None:
            return
        mechanism = self.mechanism
        if step is not None or wanted in _WITH_A_STEP:
            mechanism.strike = Strike(wanted, step or DEFAULT_STEP[wanted])
        elif wanted is Fault.FEEDER_EMPTY:
            mechanism.hopper = 0
        elif wanted is Fault.REJECT_FULL:
            mechanism.reject_full = True
        elif wanted is Fault.BLANK_DEFECTIVE:
            mechanism.defective_next = True
        elif wanted is not Fault.ENCODER_MUTE:
            self.printer.begin(wanted)
        elif mechanism.encoder is not None:
            await mechanism.encoder.set_mute(True)

    async def strike_now(self, fault: str) -> None:
        """The same, at once and between two movements: what it is from now on.

        Raises:
            KeyError: There is no such fault.
        """
        mechanism = self.mechanism
        match Fault(fault):
            case Fault.COVER_OPENED:
                self._fault, mechanism.cover_open = Fault.COVER_OPENED, True
            case Fault.MECHANICAL if mechanism.in_path is not None:
                self._fault, mechanism.jammed = Fault.MECHANICAL, True
            case Fault.HEAD_HOT:
                self._fault, mechanism.head_hot = Fault.HEAD_HOT, True
            case Fault.RIBBON_OUT:
                self._fault, mechanism.ribbon_sets = Fault.RIBBON_OUT, 0
            case Fault.POWER_LOST:
                self._fault = Fault.POWER_LOST
                self.printer.forget()
                self._unplug()
                if mechanism.encoder is not None:
                    await mechanism.encoder.withdraw()
            case _:
                await self.set_fault(fault)

    async def take_card(self) -> None:
        """Take what lies in the exit."""
        card = self.mechanism.in_exit
        if card is None:
            raise ActionRefused("There is no card to take")
        card.spot = Spot.TAKEN

    async def insert_card(self) -> None:
        """Push a card into the exit, from where the printer can take it in."""
        if self.mechanism.in_exit is not None:
            raise ActionRefused("A card lies in the slot already")
        self.mechanism.push_in()

    async def load_blanks(self) -> None:
        """Fill the hopper."""
        self.mechanism.hopper = HOPPER_CARDS

    async def put_test_blank(self) -> None:
        """A blank that is nobody's, where it is fed from before the hopper."""
        if self.mechanism.test_blank:
            raise ActionRefused("A test blank lies there already")
        self.mechanism.test_blank = True

    async def load_ribbon(self) -> None:
        """Put in a new ribbon."""
        self.mechanism.ribbon_sets = RIBBON_SETS

    async def clear(self) -> None:
        """Open it, take out whatever is inside, close it."""
        self.mechanism.open_up()

    async def empty_reject(self) -> None:
        """Empty the reject box; its cards are out of the machine."""
        self.mechanism.reject_full = False
        for card in self.mechanism.at(Spot.REJECT):
            card.spot = Spot.REMOVED

    async def plug_in(self) -> None:
        """Power is back, the cable is in."""
        if not self._plugged:
            self._plug()

    async def _heal(self) -> None:
        before, self._fault = self._fault, None
        mechanism = self.mechanism
        mechanism.strike, mechanism.defective_next = None, False
        mechanism.cover_open = mechanism.head_hot = mechanism.reject_full = False
        self.printer.mute = self.printer.garbled = False
        self.printer.nack_in = 0
        if before is Fault.ENCODER_MUTE and mechanism.encoder is not None:
            await mechanism.encoder.set_mute(False)
        if before is Fault.FEEDER_EMPTY:
            mechanism.hopper = HOPPER_CARDS
        if before is Fault.RIBBON_OUT:
            mechanism.ribbon_sets = RIBBON_SETS
        if not self._plugged and self._work is not None:
            await self.plug_in()

    def _plug(self) -> None:
        self._server.plug(self.printer)
        self._plugged = True

    def _unplug(self) -> None:
        self._server.unplug(self.printer)
        self._plugged = False

    def _folder(self, card: Card) -> Path:
        return self.pictures / f"card-{card.number:04d}"

    async def _draw(self, card: Card) -> None:
        await asyncio.to_thread(self._draw_files, card)
        self._shown = card.number

    def _draw_files(self, card: Card) -> None:
        folder = self._folder(card)
        folder.mkdir(exist_ok=True)
        for side, panels in card.printed.items():
            path = folder / f"{side}.png"
            draw(panels).save(path, compress_level=1)
            shutil.copyfile(path, self.pictures / path.name)

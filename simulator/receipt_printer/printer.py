"""The receipt printer behind the USB wire: a buffer, an interpreter that works through it, sensors and a
blade.
"""

import asyncio
from collections.abc import Callable
from typing import ClassVar

from PIL import Image

from drivers.receipt_printer.escpos_replies import ABOUT, COUNTED
from simulator.receipt_printer.escpos import Command, Item, decode
from simulator.receipt_printer.models import Model
from simulator.receipt_printer.paper import DOTS_PER_MM, Paper
from simulator.receipt_printer.realtime import Ask, ClearBuffer, RealTimeCommand, Recover, Scanner
from simulator.usbip.device import Identity, Setup, Stall

BUFFER_BYTES = 4096
"""Receive buffer; full, the printer takes no more data (NAK)."""
ROLL_MM = 60_000.0
NEAR_END_MM = 3_000.0
"""The sensor sees the roll's last three metres or so."""
SHORTEST_WAIT_S = 0.02
_UNPLAYED = frozenset(("DLE EOT", "DLE ENQ", "DLE DC4"))
"""Obeyed on arrival already."""


class Printer:
    """Implements `UsbFunction`.

    Attributes:
        nak: Takes no data at all.
        mute: Takes data, says nothing.
        short_writes: Takes half of every longer transfer and says so.
        cutter_stuck: The blade stops in its next cut.
    """

    PRINTER_CLASS: ClassVar[tuple[int, int, int]] = (7, 1, 2)

    def __init__(self, model: Model, serial: str, speed_mm_s: float, on_cut: Callable[[Image.Image], None]) -> None:
        self.identity = Identity(model.vendor_id, model.product_id, model.maker, model.name, serial, self.PRINTER_CLASS)
        self.paper = Paper(model.width_dots, model.native_qr)
        self.paper_left_mm = ROLL_MM
        self.cover_open = False
        self.nak = False
        self.mute = False
        self.short_writes = False
        self.cutter_stuck = False
        self._cutter_fault = False
        self._counted = dict.fromkeys(COUNTED, 0)
        self._model = model
        self._speed_mm_s = speed_mm_s
        self._on_cut = on_cut
        self._scanner = Scanner()
        self._buffer = bytearray()
        self._working = bytearray()
        self._answers = bytearray()
        self._owed_s = 0.0
        self._automatic = 0
        self._automatic_said = b""
        self._changed = asyncio.Condition()

    async def run(self) -> None:
        """Work through the buffer for ever; the caller cancels."""
        while True:
            used, item = decode(bytes(self._working))
            if item is None or self.stopped:
                await self._next_bytes(have_item=item is not None)
            else:
                del self._working[:used]
                await self._do(item)

    async def _next_bytes(self, have_item: bool) -> None:
        """Wait until it may go on; without a whole command at hand, take what the buffer holds."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self.stopped and (have_item or bool(self._buffer)))
            self._working += self._buffer
            self._buffer.clear()
            self._changed.notify_all()

    @property
    def stopped(self) -> bool:
        """Whether it waits for a person."""
        return self.cover_open or self._cutter_fault or self.paper_left_mm <= 0

    @property
    def near_end(self) -> bool:
        """The near-end sensor."""
        return self.paper_left_mm < NEAR_END_MM

    async def change(self, **attributes: object) -> None:
        """Set attributes and let everything that waits look again."""
        async with self._changed:
            for name, value in attributes.items():
                setattr(self, name, value)
            self._say_automatically()
            self._changed.notify_all()

    async def mend_cutter(self) -> None:
        """Free the blade: the paper is cut where it stuck, and printing goes on."""
        async with self._changed:
            self.cutter_stuck = False
            stuck, self._cutter_fault = self._cutter_fault, False
            self._changed.notify_all()
        if stuck:
            self._on_cut(self.paper.tear())

    def forget(self) -> None:
        """As after power-up."""
        self._drop_data()
        self._answers.clear()
        self._automatic = 0
        self._scanner = Scanner()
        self.paper.reset()

    async def receive(self, data: bytes) -> int:
        """See `UsbFunction`: real-time commands act at once, the rest waits for room."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self.nak)
            if self.short_writes and len(data) > 16:
                data = data[: len(data) // 2]
            urgent = self._scanner.feed(data)
            for command in urgent:
                self._obey(command)
            self._changed.notify_all()
            if urgent and data[0] == 0x10:
                return len(data)
            taken = 0
            while taken < len(data):
                await self._changed.wait_for(lambda: len(self._buffer) < BUFFER_BYTES and not self.nak)
                piece = data[taken : taken + BUFFER_BYTES - len(self._buffer)]
                self._buffer += piece
                taken += len(piece)
                self._changed.notify_all()
            return taken

    async def transmit(self, at_most: int) -> bytes:
        """See `UsbFunction`."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._answers) and not self.mute)
            data = bytes(self._answers[:at_most])
            del self._answers[:at_most]
            return data

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Printer class requests (USB printer class 1.1, section 4.2)."""
        match setup.request_type, setup.request:
            case 0xA1, 0:
                text = f"MFG:{self._model.maker};MDL:{self._model.name};CMD:ESC/POS;CLS:PRINTER;".encode()
                return (len(text) + 2).to_bytes(2, "big") + text
            case 0xA1, 1:
                return bytes((0x18 | (0x20 if self.paper_left_mm <= 0 else 0),))
            case 0x21, 2:
                self.forget()
                return b""
        raise Stall

    async def _do(self, item: Item) -> None:
        if isinstance(item, Command) and item.name in _UNPLAYED:
            return
        if item == Command("ESC @", b""):
            self._automatic = 0
        moved_mm = self.paper.apply(item) / DOTS_PER_MM
        if moved_mm:
            await self.change(paper_left_mm=max(0.0, self.paper_left_mm - moved_mm))
            self._counted["lines_fed"] += 1
            await self._take_time(moved_mm)
        if not isinstance(item, Command):
            return
        if item.name == "GS a" and self._model.automatic_status:
            async with self._changed:
                self._automatic, self._automatic_said = item.args[0], b""
                self._say_automatically()
                self._changed.notify_all()
        elif item.name == "GS V" and self._model.cutter:
            await self._cut()
        elif answer := self._answer_in_turn(item):
            async with self._changed:
                self._answers += answer
                self._changed.notify_all()

    async def _take_time(self, moved_mm: float) -> None:
        """The motor's time, paid in pieces long enough to be worth a timer."""
        self._owed_s += moved_mm / self._speed_mm_s
        if self._owed_s >= SHORTEST_WAIT_S:
            owed, self._owed_s = self._owed_s, 0.0
            await asyncio.sleep(owed)

    async def _cut(self) -> None:
        if self.cutter_stuck:
            await self.change(_cutter_fault=True)
            return
        image = self.paper.tear()
        self._counted["cuts"] += 1
        await asyncio.to_thread(self._on_cut, image)

    def _about(self) -> dict[int, str]:
        """By n of GS I."""
        about = {"firmware": "SIM 1.0", "maker": self._model.maker, "model": self._model.name}
        return {ABOUT[name]: text for name, text in {**about, "serial": self.identity.serial}.items()}

    def _answer_in_turn(self, command: Command) -> bytes:
        if command.name == "GS I" and (text := self._about().get(command.args[0])):
            return b"\x5f" + text.encode("ascii") + b"\x00"
        if command.name == "GS g 2" and self._model.process_id:
            names = {COUNTED[name]: name for name in COUNTED}
            name = names.get(int.from_bytes(command.args[1:], "little"))
            return b"\x5f%d\x00" % self._counted[name] if name else b""
        if command.name == "GS r" and command.args in (b"\x01", b"1"):
            return bytes((0x03 if self.near_end else 0,))
        if command.name == "GS ( H" and self._model.process_id and command.args[:2] == b"\x30\x30":
            return b"\x37\x22" + command.args[2:6] + b"\x00"
        return b""

    def _obey(self, command: RealTimeCommand) -> None:
        match command:
            case Ask(number):
                self._answers.append(self._status_byte(number))
            case ClearBuffer():
                self._drop_data()
                self._answers += b"\x37\x25\x00"
            case Recover(number):
                self._cutter_fault = self._cutter_fault and self.cutter_stuck
                if number == 2:
                    self._drop_data()

    def _say_automatically(self) -> None:
        """GS a: the status, when it is not what was said last."""
        if not self._automatic:
            return
        printer = 0x10 | (0x08 if self.stopped else 0) | (0x20 if self.cover_open else 0)
        roll = (0x03 if self.near_end else 0) | (0x0C if self.paper_left_mm <= 0 else 0)
        status = bytes((printer, 0x08 if self._cutter_fault else 0, roll, 0))
        if status != self._automatic_said:
            self._automatic_said = status
            self._answers += status

    def _drop_data(self) -> None:
        self._buffer.clear()
        self._working.clear()

    def _status_byte(self, number: int) -> int:
        """DLE EOT n."""
        paper_end = self.paper_left_mm <= 0
        match number:
            case 1:
                bits = 0x08 if self.stopped else 0
            case 2:
                bits = (0x04 if self.cover_open else 0) | (0x20 if paper_end else 0)
                bits |= 0x40 if self._cutter_fault else 0
            case 3:
                bits = 0x08 if self._cutter_fault else 0
            case _:
                bits = (0x0C if self.near_end else 0) | (0x60 if paper_end else 0)
        return 0x12 | bits

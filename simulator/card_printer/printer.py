"""The virtual card printer behind the USB wire: takes bytes, works through commands one after the other, answers."""

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar

from drivers.card_printer.evolis_answers import Answer, Refusal, Refused, encode_answer
from drivers.card_printer.evolis_wire import Command, Unreadable, decode_command
from simulator.card_printer.faults import NACK_AFTER, Fault
from simulator.card_printer.interpreter import Interpreter
from simulator.card_printer.mechanism import Mechanism, PowerLost
from simulator.card_printer.models import VENDOR_ID, Model
from simulator.usbip.device import Identity, Setup, Stall

BUFFER_BYTES = 1 << 20
"""Memory for what has not been worked on; full, the printer takes no more data (NAK)."""
_ON_THE_WIRE = (Fault.GARBLED, Fault.MUTE, Fault.NACK, Fault.UNPLUGGED)


class Printer:
    """Implements `UsbFunction`.

    Attributes:
        mute: Does what it is told and says nothing.
        garbled: Its answers have turned bits.
        nack_in: Refuses the command that is so many from now as unknown; 0 none.
        commands: Names of the commands it has worked on, for tests: what was sent, and how often.
        began_s: When it began on each, `time.perf_counter()` seconds, for measurements.
        bytes_taken: Since it was made.
    """

    PRINTER_CLASS: ClassVar[tuple[int, int, int]] = (7, 1, 2)

    def __init__(
        self, model: Model, serial: str, interpreter: Interpreter, mechanism: Mechanism, on_gone: Callable[[], None]
    ) -> None:
        """Make it.

        Args:
            on_gone: Called when the power fails or the plug is pulled: it is to vanish from the bus.
        """
        self.identity = Identity(
            VENDOR_ID, model.product_id, "Evolis (simulated)", model.name, serial, self.PRINTER_CLASS
        )
        self.mute = False
        self.garbled = False
        self.nack_in = 0
        self.commands: list[str] = []
        self.began_s: list[float] = []
        self.bytes_taken = 0
        self._model = model
        self._interpreter = interpreter
        self._mechanism = mechanism
        self._on_gone = on_gone
        self._buffer = bytearray()
        self._answers = bytearray()
        self._changed = asyncio.Condition()

    async def run(self) -> None:
        """Work through what comes, for ever; the caller cancels."""
        while True:
            used, command = decode_command(self._buffer)
            del self._buffer[:used]
            seen = len(self._buffer)
            async with self._changed:
                self._changed.notify_all()
                if command is None:
                    await self._changed.wait_for(lambda seen=seen: len(self._buffer) != seen)  # type: ignore[misc]
            if command is not None:
                await self._do(command)

    def forget(self) -> None:
        """As after power-up; a fault of the wire that was there still is."""
        self._buffer.clear()
        self._answers.clear()
        self._interpreter.boot()

    async def receive(self, data: bytes) -> int:
        """See `UsbFunction`."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._buffer) < BUFFER_BYTES)
            self._buffer += data
            self.bytes_taken += len(data)
            self._changed.notify_all()
        return len(data)

    async def transmit(self, at_most: int) -> bytes:
        """See `UsbFunction`."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._answers))
            data = bytes(self._answers[:at_most])
            del self._answers[:at_most]
            return data

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Printer class requests (USB printer class 1.1, section 4.2)."""
        match setup.request_type, setup.request:
            case 0xA1, 0:
                text = f"MFG:Evolis;MDL:{self._model.name};CLS:PRINTER;".encode()
                return (len(text) + 2).to_bytes(2, "big") + text
            case 0xA1, 1:
                return b"\x18"
            case 0x21, 2:
                self.forget()
                return b""
        raise Stall

    async def _do(self, command: Command | Unreadable) -> None:
        if isinstance(command, Unreadable):
            return await self._say(Refused(Refusal.COMMAND, ""))
        self.commands.append(command.name)
        self.began_s.append(time.perf_counter())
        step = self._interpreter.step_of(command)
        gone = False
        if step is not None and (fault := self._mechanism.strikes_at(step, *_ON_THE_WIRE)):
            gone = fault is Fault.UNPLUGGED
            self.begin(fault, nack_in=1)
        if self.nack_in:
            self.nack_in -= 1
            if not self.nack_in:
                return await self._say(Refused(Refusal.COMMAND, ""))
        try:
            answer = await self._interpreter.obey(command)
        except PowerLost:
            self.forget()
            return self._on_gone()
        return None if gone else await self._say(answer)

    def begin(self, fault: Fault, nack_in: int = NACK_AFTER) -> None:
        """A fault of the wire is there from now on."""
        match fault:
            case Fault.MUTE:
                self.mute = True
            case Fault.GARBLED:
                self.garbled = True
            case Fault.NACK:
                self.nack_in = nack_in
            case _:
                # Without its cable it goes on with what it was told.
                self._on_gone()

    async def _say(self, answer: Answer) -> None:
        if self.mute:
            return
        raw = encode_answer(answer, self._model.profile.dialect)
        if self.garbled:
            raw = bytes(byte ^ 0x95 for byte in raw[:-1]) + raw[-1:]
        async with self._changed:
            self._answers += raw
            self._changed.notify_all()

"""The feeder behind the USB wire: frames in, paper moved, frames out. Knows a repeated command by its
number.
"""

import asyncio
import contextlib
import struct

from drivers.paper_feeder import page
from drivers.paper_feeder.wire import Answer, Command, CommandCode, Control, Garbled, Refusal, decode, encode
from simulator.paper_feeder.path import PathFault, PowerLost, SheetPath
from simulator.usbip.device import Identity, Setup, Stall

VENDOR_ID, PRODUCT_ID = 0x1209, 0x0002
"""pid.codes' vendor id; 0001 to 0010 are for tests."""
_ST0 = {position: code for code, position in page.POSITIONS.items()}


class Feeder:
    """Implements `UsbFunction`.

    Attributes:
        nak_storm: Every frame is refused.
        garbled: The first sending of every answer is damaged.
        mute: Works, says nothing.
        lose_ack, lose_answer, cut_next_answer: The next acknowledgement of a move is lost, the first sending
        of its
            answer is, its answer is cut short by a pulled plug.
        unplug_in_answer, power_lost: Whoever holds the plug is told.
    """

    def __init__(self, path: SheetPath, serial: str) -> None:
        self.identity = Identity(VENDOR_ID, PRODUCT_ID, "ADM", "Simulated A4 feeder", serial, (255, 0, 0))
        self.path = path
        self.nak_storm = False
        self.garbled = False
        self.mute = False
        self.lose_ack = False
        self.lose_answer = False
        self.unplug_in_answer = asyncio.Event()
        self.power_lost = asyncio.Event()
        self.cut_next_answer = False
        self._input = b""
        self._output = bytearray()
        self._said = asyncio.Condition()
        self._host = asyncio.Queue[Control]()
        self._last: tuple[bytes, bytes] | None = None
        self._running: bytes | None = None
        self._work: asyncio.Task[None] | None = None

    async def receive(self, data: bytes) -> int:
        """See `UsbFunction`."""
        self._input += data
        while True:
            used, item = decode(self._input)
            self._input = self._input[used:]
            match item:
                case None:
                    return len(data)
                case Control():
                    if item is Control.EOT:
                        self._last = None
                    self._host.put_nowait(item)
                case Command():
                    await self._command(item)
                case Garbled():
                    await self._say(bytes((Control.NAK,)))
                case _:
                    pass

    async def transmit(self, at_most: int) -> bytes:
        """See `UsbFunction`."""
        async with self._said:
            await self._said.wait_for(lambda: bool(self._output))
            data = bytes(self._output[:at_most])
            del self._output[:at_most]
            return data

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """No class or vendor requests."""
        raise Stall

    async def stop(self) -> None:
        """End what is under way."""
        if self._work is not None:
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work

    def forget(self) -> None:
        """What was on the cable when it was pulled is lost; the sheet and what is known of it are not."""
        self._input = b""
        self._output.clear()

    def power_cycle(self) -> None:
        """Without power for a moment: it knows where sheets are, and neither what it was told nor that it was ready."""
        if self._work is not None:
            self._work.cancel()
        self._last = self._running = None
        self.path.power_lost()
        self.forget()

    async def _command(self, command: Command) -> None:
        if self.nak_storm:
            await self._say(bytes((Control.NAK,)))
            return
        frame = encode(command)
        if self.lose_ack and command.code in page.MOVES:
            self.lose_ack = False
        else:
            await self._say(bytes((Control.ACK,)))
        if frame == self._running:
            return
        if self._work is not None and not self._work.done():
            # A new command ends the sending of an old answer.
            self._host.put_nowait(Control.ACK)
            await self._work
        while not self._host.empty():
            self._host.get_nowait()
        if self._last is not None and self._last[0] == frame:
            self._work = asyncio.create_task(self._deliver(self._last[1]))
            return
        self._running = frame
        self._work = asyncio.create_task(self._carry_out(command, frame))

    async def _carry_out(self, command: Command, frame: bytes) -> None:
        sequence = command.data[:1]
        try:
            data = await self._do(command)
            reply = encode(Answer(command.code, command.parameter, self._status(), sequence + data))
        except PathFault as fault:
            reply = encode(Refusal(command.code, command.parameter, fault.code, sequence + bytes((fault.sensor,))))
        except PowerLost:
            self._last = self._running = None
            self.power_lost.set()
            return
        self._last, self._running = (frame, reply), None
        await self._deliver(reply, moved=command.code in page.MOVES)

    async def _do(self, command: Command) -> bytes:
        path = self.path
        match command.code, command.parameter:
            case CommandCode.INITIALISE, (page.Initialise.STAY | page.Initialise.CLEAR):
                await path.initialise(command.parameter == page.Initialise.CLEAR)
            case CommandCode.STATUS, page.Status.STATE:
                return path.stuck or b""
            case CommandCode.STATUS, page.Status.SENSORS:
                return bytes((sum(seen << bit for bit, seen in enumerate(path.sensors())),))
            case CommandCode.MOVE, page.Move.FEED:
                await path.feed()
            case CommandCode.MOVE, page.Move.PRESENT:
                await path.present()
            case CommandCode.MOVE, page.Move.RETRACT:
                await path.retract()
            case CommandCode.MOVE, page.Move.RETAIN:
                await path.retain()
            case CommandCode.COUNTERS, page.CountersWhat.READ:
                counted = path.counters
                return struct.pack(
                    ">5I", counted.fed, counted.presented, counted.taken, counted.retracted, counted.in_bin
                )
            case CommandCode.COUNTERS, page.CountersWhat.BIN_EMPTIED:
                path.empty_bin()
            case ((CommandCode.INITIALISE | CommandCode.STATUS | CommandCode.MOVE | CommandCode.COUNTERS), _):
                raise PathFault(b"01")
            case _:
                raise PathFault(b"00")
        return b""

    def _status(self) -> bytes:
        path = self.path
        hopper = (path.hopper > 0) + (path.sensors()[1] and path.hopper > 0)
        return bytes((_ST0[path.position], ord("0") + hopper, ord("0") + path.bin_level()))

    async def _deliver(self, reply: bytes, moved: bool = False) -> None:
        """Send an answer until the host acknowledges it; some faults wait for the answer to a move."""
        damaged = self.garbled
        for _ in range(page.SENDINGS):
            if self.cut_next_answer and moved:
                self.cut_next_answer = False
                await self._say(reply[: len(reply) // 2])
                self.unplug_in_answer.set()
                return
            if self.lose_answer and moved:
                self.lose_answer = False
            else:
                await self._say(_damage(reply) if damaged else reply)
            damaged = False
            try:
                async with asyncio.timeout(page.ACK_S):
                    if await self._host.get() is not Control.NAK:
                        return
            except TimeoutError:
                continue

    async def _say(self, raw: bytes) -> None:
        if self.mute:
            return
        async with self._said:
            self._output += raw
            self._said.notify_all()


def _damage(frame: bytes) -> bytes:
    return frame[:-1] + bytes((frame[-1] ^ 0xFF,))

"""A USB/IP 1.1.1 server: exports virtual devices to a kernel's `usbip attach` or to our user-space client.

Each URB is a task; URBs of one endpoint are served in the order they came. A device that is not ready simply
makes its URBs wait (NAK) until they are unlinked. One importer at a time has a device.
"""

import asyncio
import errno
from collections import defaultdict
from functools import partial

from drivers.errors import ProtocolError
from drivers.transport import usbip_wire as wire
from simulator.usbip.device import ControlEndpoint, Setup, Stall, UsbFunction

BUS_NUMBER = 1
NO_SUCH_DEVICE, DEVICE_BUSY = 4, 1
"""op_common status values of Linux usbip (usbip_common.h: ST_NODEV, ST_NA)."""
MAX_URBS = 256
"""URBs under way before a client is no longer read from."""


class UsbIpServer:
    """The server; devices may be plugged and unplugged while it runs."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._devices: dict[str, UsbFunction] = {}
        self._imported: dict[str, _Session] = {}
        self._leaving: dict[str, asyncio.Event] = {}
        self._numbers = 0
        self._clients: set[asyncio.Task[None]] = set()
        self.address = ""
        """"HOST:PORT" after `start`."""

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        host, bound = self._server.sockets[0].getsockname()[:2]
        self.address = f"{host}:{bound}"

    async def stop(self) -> None:
        """End every connection and stop listening; may be called twice."""
        if self._server is None:
            return
        self._server.close()
        for client in tuple(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def plug(self, function: UsbFunction) -> str:
        """Export a device; gives its bus id. A device plugged again gets a new number, as on a real bus."""
        self._numbers += 1
        bus_id = f"{BUS_NUMBER}-{self._numbers}"
        self._devices[bus_id] = function
        return bus_id

    def unplug(self, function: UsbFunction) -> None:
        """Take a device away, in the middle of whatever it does."""
        for bus_id in [b for b, f in self._devices.items() if f is function]:
            del self._devices[bus_id]
            if session := self._imported.get(bus_id):
                session.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            await self._operations(reader, writer)
        except (ProtocolError, ConnectionError, asyncio.CancelledError):
            pass  # A client that speaks nonsense or goes away loses its connection, nothing else.
        finally:
            self._clients.discard(task)
            writer.close()

    async def _operations(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        buffer = b""
        while chunk := await reader.read(65536):
            buffer += chunk
            used, request = wire.decode_request(buffer)
            buffer = buffer[used:]
            if isinstance(request, wire.ListRequest):
                writer.write(wire.encode_list_reply(tuple(map(self._exported, self._devices))))
                await writer.drain()
            elif isinstance(request, wire.ImportRequest):
                return await self._import(request.bus_id, reader, writer, buffer)
        return None

    async def _import(
        self, bus_id: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rest: bytes
    ) -> None:
        if bus_id in self._leaving:
            # Whoever had it has closed it, and what it left under way is still being ended.
            await self._leaving[bus_id].wait()
        function = self._devices.get(bus_id)
        if function is None or bus_id in self._imported:
            status = NO_SUCH_DEVICE if function is None else DEVICE_BUSY
            writer.write(wire.encode_import_reply(wire.ImportReply(status, None)))
            await writer.drain()
            return
        session = _Session(function, writer)
        self._imported[bus_id] = session
        try:
            writer.write(wire.encode_import_reply(wire.ImportReply(0, self._exported(bus_id))))
            await session.run(reader, rest)
        finally:
            left = self._leaving[bus_id] = asyncio.Event()
            try:
                await session.close()
            finally:
                del self._imported[bus_id], self._leaving[bus_id]
                left.set()

    def _exported(self, bus_id: str) -> wire.ExportedDevice:
        control = ControlEndpoint(self._devices[bus_id])
        return control.exported(BUS_NUMBER, int(bus_id.partition("-")[2]))


class _Session:
    """One imported device: its URBs under way."""

    def __init__(self, function: UsbFunction, writer: asyncio.StreamWriter) -> None:
        self._function = function
        self._control = ControlEndpoint(function)
        self._writer = writer
        self._urbs: dict[int, asyncio.Task[None]] = {}
        self._turns: defaultdict[tuple[int, bool], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._room = asyncio.Semaphore(MAX_URBS)

    async def run(self, reader: asyncio.StreamReader, buffer: bytes) -> None:
        """Serve commands until the client leaves."""
        while True:
            used, command = wire.decode_command(buffer)
            if command is None:
                chunk = await reader.read(65536)
                if not chunk:
                    return
                buffer += chunk
                continue
            buffer = buffer[used:]
            if isinstance(command, wire.Unlink):
                self._unlink(command)
            else:
                await self._room.acquire()
                task = asyncio.create_task(self._urb(command))
                self._urbs[command.sequence] = task
                task.add_done_callback(partial(self._done, command.sequence))
            await self._writer.drain()

    def abort(self) -> None:
        """The device is gone: cut the connection as an unplugged device does."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Drop what is under way."""
        urbs = tuple(self._urbs.values())
        for urb in urbs:
            urb.cancel()
        await asyncio.gather(*urbs, return_exceptions=True)

    def _unlink(self, command: wire.Unlink) -> None:
        urb = self._urbs.get(command.target)
        if urb is not None:
            urb.cancel()
        status = 0 if urb is None else -errno.ECONNRESET
        self._answer(wire.Unlinked(command.sequence, status))

    async def _urb(self, submit: wire.Submit) -> None:
        async with self._turns[submit.endpoint, submit.inward or submit.endpoint == 0]:
            # No await between the device's answer and ours, so an unlink cannot swallow data.
            self._answer(await self._move(submit))

    def _done(self, sequence: int, _: asyncio.Task[None]) -> None:
        self._urbs.pop(sequence, None)
        self._room.release()

    async def _move(self, submit: wire.Submit) -> wire.Return:
        try:
            if submit.endpoint == 0:
                data = await self._control.transfer(Setup.parse(submit.setup), submit.data)
                length = len(data) if submit.inward else len(submit.data)
                return wire.Return(submit.sequence, 0, length, data if submit.inward else b"")
            if submit.inward:
                data = await self._function.transmit(submit.length)
                return wire.Return(submit.sequence, 0, len(data), data)
            return wire.Return(submit.sequence, 0, await self._function.receive(submit.data))
        except Stall:
            return wire.Return(submit.sequence, -errno.EPIPE, 0)

    def _answer(self, message: wire.Return | wire.Unlinked) -> None:
        if not self._writer.is_closing():
            self._writer.write(wire.encode_urb(message))

"""Bytes over a real USB/IP connection: the pyusb backend against the server, as drivers use them."""

import asyncio
import errno
from asyncio import to_thread
from collections.abc import AsyncIterator

import pytest
import usb.core

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, Disconnected, NotFound, ProtocolError
from drivers.transport import usbip_wire as wire
from drivers.transport.usb import UsbAddress, UsbChannel, parse_backend
from drivers.transport.usbip import UsbIpBackend
from simulator.usbip.device import Identity, Setup, Stall
from simulator.usbip.server import UsbIpServer

VENDOR, PRODUCT = 0x1209, 0x0001


class Echo:
    """Says what it hears; a few words make it misbehave."""

    def __init__(self, serial: str = "A1") -> None:
        self.identity = Identity(VENDOR, PRODUCT, "ADM", "Echo", serial, (7, 1, 2))
        self.heard: list[bytes] = []
        self._said: asyncio.Queue[bytes] = asyncio.Queue()

    async def receive(self, data: bytes) -> int:
        if data == b"stall":
            raise Stall
        if data == b"wait":
            await asyncio.Event().wait()
        if data == b"half of it":
            return len(data) // 2
        self.heard.append(data)
        self._said.put_nowait(data)
        return len(data)

    async def transmit(self, at_most: int) -> bytes:
        return (await self._said.get())[:at_most]

    async def control(self, setup: Setup, data: bytes) -> bytes:
        raise Stall


@pytest.fixture
async def server() -> AsyncIterator[UsbIpServer]:
    running = UsbIpServer()
    await running.start()
    yield running
    await running.stop()


def address(server: UsbIpServer, serial: str | None = None) -> UsbAddress:
    return UsbAddress(VENDOR, PRODUCT, serial, 7, f"usbip:{server.address}")


async def opened(server: UsbIpServer, serial: str | None = None) -> UsbChannel:
    return await to_thread(UsbChannel.open, address(server, serial))


async def talk(channel: UsbChannel, data: bytes) -> bytes:
    await to_thread(channel.write, data, Deadline.after(5))
    return await to_thread(channel.read, Deadline.after(5), 65536)


async def test_what_is_written_is_heard_in_order_and_answered(server: UsbIpServer) -> None:
    device = Echo()
    server.plug(device)
    channel = await opened(server)
    assert await talk(channel, b"x" * 4096) == b"x" * 4096
    await to_thread(channel.write, bytes(range(256)) * 40, Deadline.after(5))
    assert b"".join(device.heard[1:]) == bytes(range(256)) * 40
    assert [len(piece) for piece in device.heard[1:]] == [4096, 4096, 2048]
    await to_thread(channel.close)


async def test_strings_and_descriptors_come_from_the_device(server: UsbIpServer) -> None:
    server.plug(Echo("SN-77"))
    host, port = server.address.split(":")
    backend = UsbIpBackend(host, int(port))
    found = await to_thread(usb.core.find, backend=backend, idVendor=VENDOR)
    words = await to_thread(lambda: (found.manufacturer, found.product, found.serial_number))
    assert words == ("ADM", "Echo", "SN-77")
    await to_thread(usb.util.dispose_resources, found)


async def test_one_of_two_alike_is_chosen_by_serial_number(server: UsbIpServer) -> None:
    first, second = Echo("A1"), Echo("B2")
    server.plug(first)
    server.plug(second)
    channel = await opened(server, "B2")
    await talk(channel, b"hello")
    assert (first.heard, second.heard) == ([], [b"hello"])
    await to_thread(channel.close)


@pytest.mark.parametrize("serial", [None, "A1"])
async def test_a_device_somebody_else_has_is_not_found_until_it_is_free(
    server: UsbIpServer, serial: str | None
) -> None:
    server.plug(Echo())
    channel = await opened(server)
    with pytest.raises(NotFound):
        await opened(server, serial)
    await to_thread(channel.close)
    assert not server._imported, "closing waits until the server has let go"
    again = await opened(server, serial)
    assert await talk(again, b"mine now") == b"mine now"
    await to_thread(again.close)


async def test_no_server_and_no_device_are_not_found(server: UsbIpServer) -> None:
    with pytest.raises(NotFound):
        await opened(server)
    nobody = UsbAddress(VENDOR, PRODUCT, None, 7, "usbip:127.0.0.1:1")
    with pytest.raises(NotFound):
        await to_thread(UsbChannel.open, nobody)


async def test_a_device_of_another_class_is_a_protocol_error(server: UsbIpServer) -> None:
    server.plug(Echo())
    with pytest.raises(ProtocolError):
        await to_thread(UsbChannel.open, UsbAddress(VENDOR, PRODUCT, None, 3, f"usbip:{server.address}"))


async def test_a_device_that_takes_no_data_ends_the_write_at_its_deadline(server: UsbIpServer) -> None:
    server.plug(Echo())
    channel = await opened(server)
    with pytest.raises(DeadlineExceeded):
        await to_thread(channel.write, b"wait", Deadline.after(0.1))
    assert await talk(channel, b"still there") == b"still there"
    await to_thread(channel.close)


async def test_nothing_to_read_ends_at_the_deadline_and_loses_no_later_answer(server: UsbIpServer) -> None:
    server.plug(Echo())
    channel = await opened(server)
    with pytest.raises(DeadlineExceeded):
        await to_thread(channel.read, Deadline.after(0.05))
    assert await talk(channel, b"later") == b"later"
    await to_thread(channel.close)


async def test_a_short_count_is_an_error_not_a_success(server: UsbIpServer) -> None:
    server.plug(Echo())
    channel = await opened(server)
    with pytest.raises(DeadlineExceeded, match="took 5 of 10 bytes"):
        await to_thread(channel.write, b"half of it", Deadline.after(5))
    await to_thread(channel.close)


async def test_a_stall_is_a_protocol_error_and_is_cleared(server: UsbIpServer) -> None:
    server.plug(Echo())
    channel = await opened(server)
    with pytest.raises(ProtocolError):
        await to_thread(channel.write, b"stall", Deadline.after(5))
    assert await talk(channel, b"well again") == b"well again"
    await to_thread(channel.close)


async def test_unplugged_in_the_middle_of_a_read_is_disconnected(server: UsbIpServer) -> None:
    device = Echo()
    server.plug(device)
    channel = await opened(server)
    reading = asyncio.create_task(to_thread(channel.read, Deadline.after(30)))
    asyncio.get_running_loop().call_later(0.05, server.unplug, device)
    with pytest.raises(Disconnected):
        await reading
    with pytest.raises(Disconnected):
        await to_thread(channel.write, b"anybody?", Deadline.after(5))
    await to_thread(channel.close)
    with pytest.raises(NotFound):
        await opened(server)
    server.plug(device)
    back = await opened(server)
    assert await talk(back, b"back") == b"back"
    await to_thread(back.close)


async def test_a_server_that_dies_is_disconnected(server: UsbIpServer) -> None:
    server.plug(Echo())
    channel = await opened(server)
    await server.stop()
    with pytest.raises(Disconnected):
        await to_thread(channel.write, b"hello", Deadline.after(5))
    await to_thread(channel.close)


@pytest.mark.parametrize("raw", [b"GET / HTTP/1.1\r\n\r\n", bytes(64), b"\x01\x11\x80\x03" + bytes(4) + b"\xff" * 32])
async def test_a_client_that_speaks_nonsense_loses_only_its_own_connection(server: UsbIpServer, raw: bytes) -> None:
    server.plug(Echo())
    host, port = server.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(raw)
    async with asyncio.timeout(5):
        await reader.read()
    writer.close()
    channel = await opened(server)
    assert await talk(channel, b"fine") == b"fine"
    await to_thread(channel.close)


async def test_an_unlinked_read_is_confirmed_with_connection_reset(server: UsbIpServer) -> None:
    """What the kernel's vhci driver expects (usbip_protocol.rst, USBIP_RET_UNLINK)."""
    bus_id = server.plug(Echo())
    host, port = server.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(wire.encode_request(wire.ImportRequest(bus_id)))
    await reader.readexactly(8 + 312)
    writer.write(wire.encode_urb(wire.Submit(1, 0x10001, True, 2, 64)))
    writer.write(wire.encode_urb(wire.Unlink(2, 0x10001, 1)))
    async with asyncio.timeout(5):
        raw = await reader.readexactly(48)
    assert wire.decode_answer(raw, lambda _: True) == (48, wire.Unlinked(2, -errno.ECONNRESET))
    writer.close()


@pytest.mark.parametrize("text", ["usb", "usbip:", "usbip:127.0.0.1", "usbip:127.0.0.1:0", "usbip:host:99999", ""])
def test_a_backend_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        parse_backend(text)


def test_backends_are_read() -> None:
    assert parse_backend("libusb") is None
    assert parse_backend("usbip:127.0.0.1:3240") == ("127.0.0.1", 3240)

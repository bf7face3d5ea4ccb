"""One USB/IP connection in user space: list what a server exports, import one device, move its URBs.

No kernel module is needed, so a container without vhci-hcd reaches the same virtual devices a kernel would
attach. Not thread-safe: one thread owns a connection, one URB is under way at a time.
"""

import errno
import os
import socket
import time
from collections.abc import Callable
from typing import TypeVar, cast

from drivers.errors import ProtocolError
from drivers.transport import usbip_wire as wire

CONNECT_S = 2.0
"""Longest wait for the server to accept and to answer a list or an import; it is on this machine."""
UNLINK_S = 2.0
"""Longest wait for the answer to an unlink, after which the connection counts as lost."""

_ENVELOPE_BYTES = 65536
_T = TypeVar("_T")
_Answer = wire.Return | wire.Unlinked


class UrbTimeout(OSError):
    """The device did not take or give the data in time; the URB was taken back."""


class UsbIpConnection:
    """A TCP connection to a USB/IP server, before and after import."""

    def __init__(self, host: str, port: int) -> None:
        """Connect.

        Raises:
            OSError: No server there.
        """
        self._socket = socket.create_connection((host, port), CONNECT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._sequence = 0
        self._device_id = 0
        self._lost = False

    def devices(self) -> tuple[wire.ExportedDevice, ...]:
        """What the server exports.

        Raises:
            OSError, ProtocolError: No list came.
        """
        self._send(wire.encode_request(wire.ListRequest()))
        return self._receive(wire.decode_list_reply, time.monotonic() + CONNECT_S)

    def attach(self, bus_id: str) -> wire.ExportedDevice:
        """Import a device; the connection is the device from now on.

        Raises:
            OSError: ENODEV: there is none by this name; EBUSY: someone else has it.
        """
        self._send(wire.encode_request(wire.ImportRequest(bus_id)))
        reply = self._receive(wire.decode_import_reply, time.monotonic() + CONNECT_S)
        if reply.device is None:
            # Linux usbipd: status 1 is "not available", 4 "no such device" (usbip_common.h, op_common
            # status).
            code = errno.ENODEV if reply.status == 4 else errno.EBUSY
            raise OSError(code, os.strerror(code))
        self._device_id = reply.device.device_id
        return reply.device

    def transfer(
        self, endpoint: int, inward: bool, length: int, data: bytes, setup: bytes, timeout_s: float | None
    ) -> wire.Return:
        """Move one URB and give its answer, whatever its status.

        Raises:
            UrbTimeout: Not done in time and taken back.
            OSError: ENODEV: the connection is gone, and with it the device.
        """
        self._sequence += 1
        sequence = self._sequence
        give_up = None if timeout_s is None else time.monotonic() + timeout_s
        self._send(wire.encode_urb(wire.Submit(sequence, self._device_id, inward, endpoint, length, setup, data)))
        try:
            return self._answer(sequence, inward, give_up)
        except TimeoutError:
            return self._take_back(sequence, inward)

    def close(self) -> None:
        """Give the device back, and see that the server has let go of it, so that it can be imported again
        at once.
        """
        try:
            if not self._lost:
                self._socket.shutdown(socket.SHUT_WR)
                self._socket.settimeout(CONNECT_S)
                while self._socket.recv(_ENVELOPE_BYTES):
                    pass
        except OSError:
            pass  # The server is gone, and then nothing is held.
        finally:
            self._lost = True
            self._socket.close()

    def _take_back(self, target: int, inward: bool) -> wire.Return:
        self._sequence += 1
        self._send(wire.encode_urb(wire.Unlink(self._sequence, self._device_id, target)))
        give_up = time.monotonic() + UNLINK_S
        late: wire.Return | None = None
        try:
            while True:
                answer = self._next_answer(target, inward, give_up)
                if isinstance(answer, wire.Unlinked):
                    if late is not None:
                        return late
                    raise UrbTimeout(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
                if answer.sequence == target:
                    late = answer
        except TimeoutError as silence:
            raise self._gone() from silence

    def _answer(self, sequence: int, inward: bool, give_up: float | None) -> wire.Return:
        while True:
            answer = self._next_answer(sequence, inward, give_up)
            if isinstance(answer, wire.Return) and answer.sequence == sequence:
                return answer

    def _next_answer(self, sequence: int, inward: bool, give_up: float | None) -> _Answer:
        def decode(raw: bytes) -> tuple[int, _Answer | None]:
            return wire.decode_answer(raw, lambda number: inward and number == sequence)

        return cast("_Answer", self._receive(decode, give_up))

    def _receive(self, decode: Callable[[bytes], tuple[int, _T | None]], give_up: float | None) -> _T:
        while True:
            try:
                used, message = decode(self._buffer)
            except ProtocolError:
                self._lost = True
                raise
            if message is not None:
                self._buffer = self._buffer[used:]
                return message
            if give_up is not None and (left := give_up - time.monotonic()) <= 0:
                raise TimeoutError("no USB/IP answer in time")
            try:
                self._socket.settimeout(None if give_up is None else left)
                chunk = self._socket.recv(_ENVELOPE_BYTES)
            except TimeoutError:
                raise
            except OSError as lost:
                raise self._gone() from lost
            if not chunk:
                raise self._gone()
            self._buffer += chunk

    def _send(self, raw: bytes) -> None:
        if self._lost:
            raise self._gone()
        try:
            self._socket.settimeout(CONNECT_S)
            self._socket.sendall(raw)
        except OSError as lost:
            raise self._gone() from lost

    def _gone(self) -> OSError:
        self._lost = True
        return OSError(errno.ENODEV, os.strerror(errno.ENODEV))

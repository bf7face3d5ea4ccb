"""The wire of vpcd: a virtual card is a TCP client of the virtual reader.

Each message is a 2-byte big-endian length and that many bytes; one byte of 0, 1, 2 or 4 is power off, power on,
reset, or "give your ATR" (the only one that is answered); anything else is an APDU (vsmartcard documentation).
"""

import contextlib
import socket
from collections.abc import Callable, Iterator

POWER_OFF = b"\0"
POWER_ON = b"\1"
RESET = b"\2"
GET_ATR = b"\4"

_LENGTH_BYTES = 2
_CONTROL_BYTES = 1
_MOST_BYTES = _LENGTH_BYTES + 0xFFFF


class Plug:
    """One card's connection to a reader."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self) -> int:
        """For select."""
        return self._socket.fileno()

    def serve(self, on_message: Callable[[bytes], bytes | None]) -> None:
        """Answer messages until the reader or `unplug` ends it, or `on_message` gives None."""
        for message in self._messages():
            answer = on_message(message)
            if answer is None:
                return
            if len(message) != _CONTROL_BYTES or message == GET_ATR:
                self.answer(answer)

    def answer(self, answer: bytes) -> None:
        """Answer what was received; a reader that is gone hears nothing."""
        with contextlib.suppress(OSError):
            # Length and data in one call: two would wait for the reader's delayed acknowledgement.
            self._socket.sendall(len(answer).to_bytes(2, "big") + answer)

    def unplug(self) -> None:
        """Take the card out; `serve` ends."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Free the socket once `serve` has ended."""
        self._socket.close()

    def receive(self) -> bytes | None:
        """The next message alone; None at the connection's end. Not while `serve` runs."""
        head = self._exactly(_LENGTH_BYTES)
        return None if head is None else self._exactly(int.from_bytes(head, "big"))

    def _messages(self) -> Iterator[bytes]:
        """All messages to the connection's end. Length and body come as two packets: mostly both are there at once."""
        data = b""
        while True:
            while len(data) < _LENGTH_BYTES or len(data) < _end(data):
                piece = self._some(_MOST_BYTES)
                if not piece:
                    return
                data += piece
            end = _end(data)
            yield data[_LENGTH_BYTES:end]
            data = data[end:]

    def _exactly(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            piece = self._some(size - len(data))
            if not piece:
                return None
            data += piece
        return data

    def _some(self, most: int) -> bytes:
        """What there is; nothing at the connection's end."""
        try:
            # The kernel forgets this after each receive; without it every APDU costs 40 ms.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            return self._socket.recv(most)
        except OSError:
            return b""


def _end(data: bytes) -> int:
    """Where the first message of this ends."""
    return _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "big")

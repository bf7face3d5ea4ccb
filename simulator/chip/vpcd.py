"""The wire of vpcd: a virtual card is a TCP client of the virtual reader.

Each message is a 2-byte big-endian length and that many bytes; one byte of 0, 1, 2 or 4 is power off, power on,
reset, or "give your ATR" (the only one that is answered); anything else is an APDU (vsmartcard documentation).
"""

import contextlib
import socket
from collections.abc import Callable

POWER_OFF = b"\0"
POWER_ON = b"\1"
RESET = b"\2"
GET_ATR = b"\4"

_CONTROL_BYTES = 1


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
        while (message := self.receive()) is not None:
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
        """The next message; None at the connection's end."""
        head = self._exactly(2)
        return None if head is None else self._exactly(int.from_bytes(head, "big"))

    def _exactly(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            try:
                # The kernel forgets this after each receive; without it every APDU costs 40 ms.
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                piece = self._socket.recv(size - len(data))
            except OSError:
                return None
            if not piece:
                return None
            data += piece
        return data

"""IPP over HTTP (RFC 8010 section 4): one request, one answer, one deadline, and whether the document may
have left.
"""

import http.client
import socket
from urllib.parse import urlsplit

from typing_extensions import Buffer

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, Disconnected, DriverError, NotFound, ProtocolError

DEFAULT_PORT = 631
MAX_ANSWER_BYTES = 1 << 20
CONNECT_S = 2.0
"""A printer at the end of a cable, or ipp-usb on this machine, accepts at once."""
CHUNK_BYTES = 65536


class DocumentMayHaveLeft(DriverError):
    """The connection failed after the first byte of the document; the cause is the failure."""


class IppTransport:
    """Where a printer is; each request has a connection of its own."""

    def __init__(self, uri: str) -> None:
        """Take an ipp:// or http:// URI.

        Raises:
            ValueError: Another scheme, or no host.
        """
        parts = urlsplit(uri)
        if parts.scheme not in ("ipp", "http") or not parts.hostname:
            raise ValueError(f"{uri!r} is not an ipp:// URI")
        self._host = parts.hostname
        self._port = parts.port or DEFAULT_PORT
        self._path = parts.path or "/"
        self.printer_uri = f"ipp://{self._host}:{self._port}{self._path}"

    def request(self, message: bytes, document: bytes, deadline: Deadline) -> bytes:
        """Send a message, and a document after it; gives the answer's body.

        Raises:
            NotFound: Nobody there.
            Disconnected: It went away before any byte of the document was sent.
            DeadlineExceeded: No answer in time, and no document was sent.
            DocumentMayHaveLeft: Failed after that.
            ProtocolError: An answer that is not HTTP, and no document was sent.
        """
        connection = _Connection(self._host, self._port, deadline)
        left = False
        try:
            connection.open()
            connection.putrequest("POST", self._path)
            connection.putheader("Content-Type", "application/ipp")
            connection.putheader("Content-Length", str(len(message) + len(document)))
            connection.endheaders(message)
            for start in range(0, len(document), CHUNK_BYTES):
                left = True
                connection.send(document[start : start + CHUNK_BYTES])
            return _answer(connection)
        except (DriverError, OSError, http.client.HTTPException) as failed:
            error = _translated(failed)
            if left:
                raise DocumentMayHaveLeft(str(error)) from failed
            raise error from failed
        finally:
            connection.close()


def _answer(connection: "_Connection") -> bytes:
    with connection.getresponse() as response:
        body = b""
        while chunk := response.read(CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise ProtocolError("an IPP answer of more than a megabyte")
        if response.length:
            raise http.client.IncompleteRead(body, response.length)
        if response.status != http.client.OK:
            raise ProtocolError(f"HTTP status {response.status} from the printer")
        return body


def _translated(failed: Exception) -> DriverError:
    match failed:
        case DriverError():
            return failed
        case TimeoutError():
            return DeadlineExceeded("the printer did not answer in time")
        case http.client.RemoteDisconnected() | http.client.IncompleteRead() | OSError():
            return Disconnected("the printer closed the connection")
        case _:
            return ProtocolError("the printer does not speak HTTP")


class _Connection(http.client.HTTPConnection):
    """An HTTP connection all of whose waits end at one deadline, however slowly bytes drip in."""

    def __init__(self, host: str, port: int, deadline: Deadline) -> None:
        super().__init__(host, port)
        self._deadline = deadline

    def open(self) -> None:
        """Connect. Raises NotFound."""
        soon = self._deadline.sooner(CONNECT_S)
        soon.check("connection to the printer")
        try:
            found = socket.create_connection((self.host, self.port), soon.remaining_s)
        except OSError as refused:
            raise NotFound(f"no printer at {self.host}:{self.port}") from refused
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = _DeadlineSocket(found, self._deadline)


class _DeadlineSocket(socket.socket):
    """A connected socket that sets its timeout anew before each call."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        super().__init__(connected.family, connected.type, connected.proto, connected.detach())
        self._deadline = deadline

    def sendall(self, data: Buffer, flags: int = 0) -> None:
        self._limit()
        super().sendall(data, flags)

    def recv_into(self, buffer: Buffer, nbytes: int = 0, flags: int = 0) -> int:
        self._limit()
        return super().recv_into(buffer, nbytes, flags)

    def _limit(self) -> None:
        left = self._deadline.remaining_s
        if left <= 0:
            raise TimeoutError("deadline passed")
        self.settimeout(left)

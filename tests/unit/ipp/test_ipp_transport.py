"""IPP over HTTP against servers that misbehave, each on a real socket."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter, to_thread
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, Disconnected, NotFound, ProtocolError
from drivers.transport.ipp import MAX_ANSWER_BYTES, DocumentMayHaveLeft, IppTransport

Serve = Callable[[StreamReader, StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[IppTransport]:
    async def once(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(once, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield IppTransport(f"ipp://127.0.0.1:{port}/ipp/print")


async def ask(transport: IppTransport, document: bytes = b"", seconds: float = 10) -> bytes:
    return await to_thread(transport.request, b"message", document, Deadline.after(seconds))


def answering(raw: bytes) -> Serve:
    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(len(b"message"))
        writer.write(raw)
        await writer.drain()

    return serve


async def test_a_request_carries_message_and_document_and_gives_the_answer() -> None:
    heard = bytearray()

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        heard.extend(await reader.readuntil(b"\r\n\r\n"))
        heard.extend(await reader.readexactly(len(b"messagedocument")))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer")

    async with server(serve) as transport:
        assert await ask(transport, b"document") == b"answer"
    head, body = bytes(heard).split(b"\r\n\r\n")
    assert head.startswith(b"POST /ipp/print HTTP/1.1")
    assert b"Content-Type: application/ipp" in head
    assert body == b"messagedocument"


async def test_nobody_there_is_not_found() -> None:
    with socket.socket() as deaf:
        # Ours, and nobody listens: another program's port may be anybody's.
        deaf.bind(("127.0.0.1", 0))
        with pytest.raises(NotFound):
            await ask(IppTransport(f"ipp://127.0.0.1:{deaf.getsockname()[1]}/"))


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", Disconnected),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Disconnected),
        (b"SSH-2.0-OpenSSH\r\n\r\n", ProtocolError),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", ProtocolError),
        (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(MAX_ANSWER_BYTES + 1), ProtocolError),
    ],
)
async def test_bad_answers_without_a_document_are_told_apart(raw: bytes, error: type[Exception]) -> None:
    async with server(answering(raw)) as transport:
        with pytest.raises(error):
            await ask(transport)


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"])
async def test_any_failure_after_the_first_byte_of_the_document_says_so(raw: bytes) -> None:
    async with server(answering(raw)) as transport:
        with pytest.raises(DocumentMayHaveLeft):
            await ask(transport, b"document" * 100_000)


async def test_silence_ends_at_the_deadline() -> None:
    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read()

    async with server(serve) as transport:
        with pytest.raises(DeadlineExceeded):
            await ask(transport, seconds=0.2)
        with pytest.raises(DocumentMayHaveLeft):
            await ask(transport, b"document", seconds=0.2)


async def test_an_answer_that_drips_ends_at_the_deadline() -> None:
    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X-Drip: 1\r\n"[:3])
            await writer.drain()
            await asyncio.sleep(0.02)

    async with server(serve) as transport:
        with pytest.raises(DeadlineExceeded):
            await ask(transport, seconds=0.3)


@pytest.mark.parametrize("uri", ["ipps://printer/", "printer:631", "ipp:///ipp", "file:///etc/passwd", ""])
def test_other_addresses_are_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="ipp://"):
        IppTransport(uri)

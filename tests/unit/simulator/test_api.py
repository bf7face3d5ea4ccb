"""The HTTP API over a real server: what it answers, what it refuses and why."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets

from simulator.server.app import SimulatorApi
from simulator.server.machine import Machine
from simulator.server.residents import load_residents
from simulator.server.screen import Screen
from simulator.server.serve import PortInUse, listen, serving
from tests.unit.simulator.lamp import Lamp

SAMPLES = Path(__file__).parents[3] / "samples"


class Client:
    """Speaks plain HTTP/1.1, so that every header is ours."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = {"host": f"127.0.0.1:{self.port}", "content-length": str(len(body)), "connection": "close"}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        return reader, writer

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        reader, writer = await self.open(method, path, body, **headers)
        head, _, content = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        status, *lines = head.decode().split("\r\n")
        return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), content

    async def post(self, path: str, value: Any) -> tuple[int, Any]:
        status, _, content = await self.ask("POST", path, json.dumps(value).encode(), content_type="application/json")
        return status, json.loads(content)


@asynccontextmanager
async def server(screen: Screen | None = None) -> AsyncIterator[tuple[Client, Lamp]]:
    lamp = Lamp()
    api = SimulatorApi(Machine([lamp]), load_residents(SAMPLES), screen or Screen())
    listener = listen(0)
    async with serving(api.app(), listener):
        try:
            yield Client(listener.getsockname()[1]), lamp
        finally:
            api.events.close()


async def test_devices_are_listed() -> None:
    async with server() as (client, _):
        status, _, content = await client.ask("GET", "/api/devices")
    assert status == 200
    assert [device["name"] for device in json.loads(content)] == ["lamp"]


async def test_an_action_is_done() -> None:
    async with server() as (client, lamp):
        assert await client.post("/api/devices/lamp/actions/light", {"colour": "red"}) == (200, {})
        assert lamp.colour == "red"


async def test_refusals_are_a_status_and_a_sentence() -> None:
    async with server() as (client, lamp):
        lamp.fault = "burnt_out"
        light = "/api/devices/lamp/actions/light"
        assert await client.post(light, {"colour": "red"}) == (
            409,
            {"message": "The bulb is burnt out: change it first."},
        )
        assert await client.post(light, {}) == (422, {"message": "'colour' is missing"})
        assert await client.post("/api/devices/lamp/actions/eat", {}) == (
            404,
            {"message": "Lamp has no action 'eat' now"},
        )
        assert (await client.post(light, ["red"]))[0] == 400
        assert (await client.post(light, {"colour": "x" * 5000}))[0] == 413
        assert (await client.post("/api/devices/lamp/fault", {"fault": "flooded"}))[0] == 404
        assert (await client.post("/api/devices/lamp/fault", {}))[0] == 422
        assert (await client.ask("POST", light, b"{", content_type="application/json"))[0] == 400


async def test_a_fault_is_set_and_cleared() -> None:
    async with server() as (client, lamp):
        assert await client.post("/api/devices/lamp/fault", {"fault": "burnt_out"}) == (200, {})
        assert lamp.fault == "burnt_out"
        assert await client.post("/api/devices/lamp/fault", {"fault": None}) == (200, {})
        assert lamp.fault is None


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8600", "127.0.0.1.evil.example", "", "["])
async def test_a_foreign_host_name_is_refused(host: str) -> None:
    async with server() as (client, _):
        status, _, content = await client.ask("GET", "/api/devices", host=host)
    # h11 itself refuses a Host that is none.
    assert status in (400, 403)
    assert b"lamp" not in content


async def test_loopback_names_are_served() -> None:
    async with server() as (client, _):
        for host in (f"127.0.0.1:{client.port}", "localhost:9000", "[::1]:8600"):
            assert (await client.ask("GET", "/api/devices", host=host))[0] == 200


async def test_another_web_page_can_do_nothing() -> None:
    async with server() as (client, lamp):
        light = "/api/devices/lamp/actions/light"
        body = b'{"colour": "red"}'
        elsewhere = await client.ask("POST", light, body, content_type="application/json", origin="http://evil.example")
        other_port = await client.ask("POST", light, body, content_type="application/json", origin="http://127.0.0.1:1")
        form = await client.ask("POST", light, body, content_type="text/plain")
        headers = (await client.ask("GET", "/api/devices", origin=f"http://127.0.0.1:{client.port}"))[1]
    assert (elsewhere[0], other_port[0], form[0]) == (403, 403, 415)
    assert lamp.colour is None
    assert not [name for name in headers if name.startswith("access-control")]
    assert "default-src 'self'" in headers["content-security-policy"]


async def test_every_change_is_told_and_the_stream_ends_with_the_server() -> None:
    async with server() as (client, lamp):
        reader, writer = await client.open("GET", "/api/events")
        await reader.readuntil(b'"colour":null')
        lamp.colour = "green"
        await reader.readuntil(b'"colour":"green"')
    assert b"data" not in await reader.read()
    writer.close()


async def test_residents_are_offered_with_their_portraits() -> None:
    async with server() as (client, _):
        residents = json.loads((await client.ask("GET", "/api/residents"))[2])
        assert residents["hamid"] == {"name": "Hamid Suroso", "note": "head of the family, born 1978"}
        status, headers, portrait = await client.ask("GET", "/api/residents/hamid/portrait.jpg")
        assert (status, headers["content-type"]) == (200, "image/jpeg")
        assert portrait == (SAMPLES / "faces" / "hamid" / "portrait.jpg").read_bytes()
        assert (await client.ask("GET", "/api/residents/nobody/portrait.jpg"))[0] == 404


async def test_only_files_of_the_page_are_served() -> None:
    async with server() as (client, _):
        assert (await client.ask("GET", "/page/app.js"))[0] == 200
        for path in ("/page/../device.py", "/page/%2e%2e/device.py", "/novnc/../../../etc/passwd"):
            assert (await client.ask("GET", path))[0] == 404


async def test_the_screen_is_carried_both_ways(tmp_path: Path) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"RFB 003.008\n")
        while data := await reader.read(100):
            writer.write(data.upper())
        writer.close()

    vnc = await asyncio.start_unix_server(echo, tmp_path / "vnc.sock")
    async with vnc, server(Screen("vnc", vnc_socket=tmp_path / "vnc.sock")) as (client, _):
        address = f"ws://127.0.0.1:{client.port}/screen"
        async with websockets.connect(address, subprotocols=[websockets.Subprotocol("binary")]) as link:
            assert link.subprotocol == "binary"
            assert await link.recv() == b"RFB 003.008\n"
            await link.send(b"hello")
            assert await link.recv() == b"HELLO"
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await websockets.connect(address, origin=websockets.Origin("http://evil.example"))


async def test_a_screen_that_is_not_there_yet_says_try_again(tmp_path: Path) -> None:
    async with server(Screen("vnc", vnc_socket=tmp_path / "vnc.sock")) as (client, _):
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(f"ws://127.0.0.1:{client.port}/screen")


async def test_a_taken_port_is_told_in_one_line() -> None:
    async with server() as (client, _):
        with pytest.raises(PortInUse, match=rf"Port {client.port} is in use"):
            listen(client.port)

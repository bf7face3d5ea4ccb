"""A client of the simulator's API."""

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

CALL_S = 30.0


class Refused(Exception):
    """The simulator refused; the message is its sentence."""


class SimulatorClient:
    """What the page does, done by a program.

    Args:
        page: Address of the page, ending in a slash.
    """

    def __init__(self, page: str) -> None:
        self._page = page
        # A proxy of the environment is not for this computer's own addresses.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    async def act(self, device: str, action: str, **parameters: str) -> None:
        """Do one action. Raises `Refused`."""
        await self._post(f"api/devices/{device}/actions/{action}", parameters)

    async def fault(self, device: str, fault: str | None) -> None:
        """Set a fault, or none. Raises `Refused`."""
        await self._post(f"api/devices/{device}/fault", {"fault": fault})

    async def state(self, device: str) -> dict[str, Any]:
        """The state of one device."""
        devices = json.loads(await asyncio.to_thread(self._open, "api/devices", None))
        return next(dict(item["state"]) for item in devices if item["name"] == device)

    async def counters(self, device: str) -> dict[str, Any]:
        """What a device counts; empty when it counts nothing."""
        return dict(json.loads(await asyncio.to_thread(self._open, f"api/devices/{device}/counters", None)))

    async def picture(self, device: str, picture: str) -> bytes:
        """A PNG that a device's state names."""
        return await asyncio.to_thread(self._open, f"api/devices/{device}/pictures/{picture}", None)

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        await asyncio.to_thread(self._open, path, json.dumps(body).encode())

    def _open(self, path: str, body: bytes | None) -> bytes:
        request = urllib.request.Request(self._page + path, body, {"content-type": "application/json"})
        try:
            with self._opener.open(request, timeout=CALL_S) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(json.loads(error.read())["message"]) from error

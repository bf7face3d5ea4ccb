"""The simulator's page and HTTP API; the tour and the tests use the same API as the page."""

from collections.abc import Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from simulator.device import ActionRefused
from simulator.server.answers import explain, explain_bug, explain_http, json_object
from simulator.server.events import Events
from simulator.server.guard import LoopbackOnly
from simulator.server.machine import BadParameters, Machine, UnknownName
from simulator.server.residents import Resident
from simulator.server.screen import Screen, bridge

PAGE = Path(__file__).parent.parent / "page"
FONTS = Path(__file__).parent.parent.parent / "screens" / "fonts"
NOVNC = Path("/usr/share/novnc")


class SimulatorApi:
    """Routes over one machine.

    Args:
        machine: The devices.
        residents: Whose cards and faces there are.
        screen: How the kiosk's screen is shown.
    """

    def __init__(self, machine: Machine, residents: Mapping[str, Resident], screen: Screen) -> None:
        self._machine = machine
        self._residents = residents
        self._screen = screen
        self.events = Events(machine.describe)

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/", self._index),
            Route("/api/devices", self._list),
            Route("/api/devices/{device}/actions/{action}", self._act, methods=["POST"]),
            Route("/api/devices/{device}/fault", self._fault, methods=["POST"]),
            Route("/api/devices/{device}/counters", self._counters),
            Route("/api/devices/{device}/pictures/{picture}", self._picture),
            Route("/api/events", self._stream),
            Route("/api/residents", self._list_residents),
            Route("/api/residents/{resident}/portrait.jpg", self._portrait),
            Route("/api/screen", self._show_screen),
            WebSocketRoute("/screen", self._vnc),
            Mount("/page", StaticFiles(directory=PAGE)),
            Mount("/fonts", StaticFiles(directory=FONTS)),
        ]
        if NOVNC.is_dir():
            routes.append(Mount("/novnc", StaticFiles(directory=NOVNC)))
        return Starlette(
            routes=routes,
            middleware=[Middleware(LoopbackOnly)],
            exception_handlers={
                UnknownName: explain(404),
                BadParameters: explain(422),
                ActionRefused: explain(409),
                HTTPException: explain_http,
                Exception: explain_bug,
            },
        )

    async def _index(self, _: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers={"cache-control": "no-cache"})

    async def _list(self, _: Request) -> Response:
        return JSONResponse(self._machine.describe())

    async def _act(self, request: Request) -> Response:
        names = request.path_params
        await self._machine.act(names["device"], names["action"], await json_object(request))
        return JSONResponse({})

    async def _fault(self, request: Request) -> Response:
        body = await json_object(request)
        fault = body.get("fault")
        if set(body) != {"fault"} or not (fault is None or isinstance(fault, str)):
            raise BadParameters('send {"fault": NAME} or {"fault": null}')
        await self._machine.set_fault(request.path_params["device"], fault)
        return JSONResponse({})

    async def _counters(self, request: Request) -> Response:
        return JSONResponse(dict(await self._machine.counters(request.path_params["device"])))

    async def _picture(self, request: Request) -> Response:
        path = self._machine.picture(request.path_params["device"], request.path_params["picture"])
        return FileResponse(path, headers={"cache-control": "no-store"})

    async def _stream(self, _: Request) -> Response:
        return StreamingResponse(
            self.events.stream(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    async def _list_residents(self, _: Request) -> Response:
        return JSONResponse(
            {key: {"name": resident.name, "note": resident.note} for key, resident in self._residents.items()}
        )

    async def _portrait(self, request: Request) -> Response:
        resident = self._residents.get(request.path_params["resident"])
        if resident is None:
            raise HTTPException(404, "there is no such resident")
        return FileResponse(resident.portrait, headers={"cache-control": "max-age=3600"})

    async def _show_screen(self, _: Request) -> Response:
        screen = self._screen
        return JSONResponse({"kind": screen.kind, "width_px": screen.width_px, "height_px": screen.height_px})

    async def _vnc(self, websocket: WebSocket) -> None:
        if self._screen.vnc_socket is None:
            await websocket.close(1008)
            return
        await bridge(websocket, self._screen.vnc_socket)

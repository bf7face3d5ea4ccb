"""Keeps the page to people at this computer: loopback names only, nothing from other web pages.

The simulator has no log-in, so a web page of somebody else, open in the same browser, must reach nothing here:
neither by a name that points at 127.0.0.1 (DNS rebinding: the Host header gives it away), nor by a form, a
fetch or a WebSocket of its own (the Origin header gives it away).
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

# Own files only; noVNC and the page set styles from script, never inline in the markup.
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def refusal(host: str, origin: str | None) -> str | None:
    """Why a request with these headers is refused; None when it is not.

    Args:
        host: The Host header, empty when there is none.
        origin: The Origin header, None when there is none (a program, or a plain navigation).
    """
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in LOOPBACK_NAMES:
        return "The simulator answers to this computer only: open it as http://127.0.0.1."
    if origin is not None and origin != f"http://{host}":
        return "The simulator does not answer to other web pages."
    return None


class LoopbackOnly:
    """ASGI middleware that refuses what `refusal` refuses, and adds security headers to the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        why = refusal(headers.get("host", ""), headers.get("origin"))
        if why is None:
            await self._app(scope, receive, _with_headers(send, HEADERS))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await JSONResponse({"message": why}, status_code=403)(scope, receive, send)


def _with_headers(send: Send, extra: Iterable[tuple[bytes, bytes]]) -> Send:
    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *extra]}
        await send(message)

    return send_with

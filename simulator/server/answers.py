"""What the API says when it refuses: a status and one sentence for people."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MAX_BODY_BYTES = 4096


def explain(status_code: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    """A handler that answers with this status and the error's own sentence."""

    async def handler(_: Request, error: Exception) -> Response:
        return JSONResponse({"message": str(error)}, status_code)

    return handler


async def explain_http(_: Request, error: Exception) -> Response:
    """A handler for Starlette's own refusals."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"message": error.detail}, error.status_code, headers=error.headers)


async def explain_bug(_: Request, error: Exception) -> Response:
    """A handler for what nobody foresaw; the traceback is in the simulator's log."""
    return JSONResponse({"message": f"The simulator failed ({type(error).__name__}); see its log."}, 500)


async def json_object(request: Request) -> dict[str, Any]:
    """The request's body.

    A form or a plain-text request needs no CORS preflight, so only JSON counts as a request of our own page.

    Raises:
        HTTPException: It is not a JSON object of at most `MAX_BODY_BYTES`.
    """
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise HTTPException(415, "send application/json")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, f"send at most {MAX_BODY_BYTES} bytes")
    try:
        value = json.loads(body)
    except ValueError:
        raise HTTPException(400, "this is not JSON") from None
    if not isinstance(value, dict):
        raise HTTPException(400, "send a JSON object")
    return value

"""The public pages: `/v/<token>` says whether a document is genuine, `/t/<receipt>` what became of an issuance."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from central.public import page, words
from central.public.words import Answer, Both
from central.rates import Rate
from central.registry import genuineness, tracking
from central.registry.genuineness import Finding
from central.registry.tracking import Progress
from central.store.engine import Store

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Nothing asked here is longer.
_LONGEST = 64


def make(store: Store, per_minute: int) -> Starlette:
    """The application.

    Args:
        per_minute: How often one address may ask. Behind a proxy all have one address, and the proxy limits.
    """
    rate = Rate(per_minute)

    async def asked(request: Request, name: str, work: Callable[[sa.Connection, str], Response]) -> Response:
        if rate.take(request.client.host if request.client else "") > 0:
            return _answer(words.TOO_MANY)
        value: str = request.path_params[name]
        if len(value) > _LONGEST:
            return _answer(words.NO_SUCH_PAGE)
        return await store.read(lambda connection: work(connection, value))

    async def verify(request: Request) -> Response:
        return await asked(request, "token", lambda c, token: _verdict(genuineness.find(c, token)))

    async def track(request: Request) -> Response:
        return await asked(request, "receipt", lambda c, number: _progress(tracking.find(c, number)))

    async def style(_: Request) -> Response:
        return Response(page.STYLE, media_type="text/css", headers=_HEADERS | {"Cache-Control": "max-age=3600"})

    async def nothing(_: Request, __: Exception) -> Response:
        return _answer(words.NO_SUCH_PAGE)

    routes = [Route("/v/{token}", verify), Route("/t/{receipt}", track), Route("/style.css", style)]
    return Starlette(routes=routes, exception_handlers={404: nothing, 405: nothing})


def _verdict(found: Finding) -> Response:
    facts = []
    if found.issued_at is not None:
        kind, signer = words.KINDS[found.kind], Both(found.signer, found.signer)
        facts = [
            (Both("Jenis dokumen", "Document"), kind),
            (Both("Tanggal terbit", "Date of issue"), words.day(found.issued_at)),
            (Both("Penanda tangan", "Signed by"), signer),
        ]
    return _answer(words.VALIDITY[found.validity], facts)


def _progress(found: Progress | None) -> Response:
    return _answer(words.NO_SUCH_RECEIPT if found is None else words.PROGRESS[found])


def _answer(answer: Answer, facts: Sequence[tuple[Both, Both]] = ()) -> Response:
    return HTMLResponse(page.draw(answer, facts), answer.status, _HEADERS)

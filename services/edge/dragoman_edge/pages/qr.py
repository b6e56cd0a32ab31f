"""QR codes of links, drawn when they are asked for."""

import asyncio
import io
from functools import lru_cache

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

QR = "/pages/qr.svg"
LONGEST = 300  # characters of a QR code
DRAWN_AT_ONCE = 2  # each takes a tenth of a second of CPU, and anybody may ask


class QrCodes:
    """ASGI application: the QR code of the text in the query of `QR`; anything else goes on to `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._drawing = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD."""
        wanted = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"] == QR
        await (await self._answer(scope) if wanted else self._app)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        """An image of the text, at most that of a link."""
        text = Request(scope).query_params.get("text", "")
        if not 0 < len(text) <= LONGEST:
            return Response(status_code=400)
        if self._drawing >= DRAWN_AT_ONCE:
            return Response(status_code=503, headers={"retry-after": "1"})
        self._drawing += 1
        try:
            return Response(await asyncio.to_thread(_drawn, text), media_type="image/svg+xml")
        finally:
            self._drawing -= 1


@lru_cache(maxsize=64)
def _drawn(text: str) -> bytes:
    image = io.BytesIO()
    segno.make(text, error="m", micro=False).save(image, kind="svg", scale=8, border=4)
    return image.getvalue()

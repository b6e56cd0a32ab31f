"""Rules for web pages: which origins may use the APIs, and the security headers of every response."""

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANY = "*"
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
HSTS = (b"strict-transport-security", b"max-age=31536000")
REFUSAL = json.dumps({"detail": "this origin is not allowed; see DRAGOMAN_EDGE_ALLOWED_ORIGINS"}).encode()


class WebPolicy:
    """ASGI middleware. A request without `Origin` is no web page's, and passes.

    Args:
        app: the application.
        allowed_origins: origins such as "https://example.org", comma-separated; "*" = any. A page of the
            edge's own host is always allowed.
    """

    def __init__(self, app: ASGIApp, allowed_origins: str) -> None:
        self._app = app
        self._allowed = {origin.strip().rstrip("/").lower() for origin in allowed_origins.split(",")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse with 403, or pass on and add what the response lacks."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif not self._may(scope):
            await _refuse(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(scope, send))

    def _may(self, scope: Scope) -> bool:
        if ANY in self._allowed:
            return True
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        host = headers.get(b"host", b"").decode("latin-1").lower()
        return not origin or origin in self._allowed or origin.partition("://")[2] == host


def _with_headers(scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            given += [item for item in HEADERS.items() if item[0] not in names]
            if scope.get("scheme") == "https" and HSTS[0] not in names:
                given.append(HSTS)
            message = {**message, "headers": given}
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    kind = "http.response"
    if scope["type"] == "websocket":
        await receive()  # websocket.connect: it is there
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close"})
            return
        kind = "websocket.http.response"
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(REFUSAL)).encode())]
    await send({"type": f"{kind}.start", "status": 403, "headers": [*headers, *HEADERS.items()]})
    await send({"type": f"{kind}.body", "body": REFUSAL})

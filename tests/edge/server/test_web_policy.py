"""Rules for web pages: origins and security headers."""

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from dragoman_edge.server.web_policy import WebPolicy

OK = {"type": "http.response.start", "status": 200, "headers": [(b"Cache-Control", b"max-age=60")]}


async def asked(allowed: str = "*", **scope: Any) -> tuple[bool, list[Message]]:
    """Whether the application was reached, and what was sent."""
    reached, sent = [], list[Message]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["type"])
        if scope["type"] == "http":
            await send(dict(OK))
            await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await WebPolicy(app, allowed)({"type": "http", "headers": [], **scope}, receive, send)
    return bool(reached), sent


def of(origin: bytes, host: bytes = b"edge.example") -> list[tuple[bytes, bytes]]:
    return [(b"origin", origin), (b"host", host)]


async def test_a_response_gets_the_headers_that_it_lacks() -> None:
    _, sent = await asked()
    headers = dict(sent[0]["headers"])
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]
    assert headers[b"Cache-Control"] == b"max-age=60" and b"cache-control" not in headers
    assert b"strict-transport-security" not in headers
    _, sent = await asked(scheme="https")
    assert b"strict-transport-security" in dict(sent[0]["headers"])


@pytest.mark.parametrize(
    ("allowed", "origin", "may"),
    [
        ("*", b"https://evil.example", True),
        ("https://a.example, https://B.example/", b"https://b.example", True),
        ("https://a.example", b"https://evil.example", False),
        ("https://a.example", b"https://a.example.evil.example", False),
        ("https://a.example", b"null", False),
        ("", b"https://evil.example", False),
        ("", b"https://edge.example", True),
    ],
)
async def test_only_pages_of_allowed_origins_are_served(allowed: str, origin: bytes, may: bool) -> None:
    assert (await asked(allowed, headers=of(origin)))[0] is may
    assert (await asked(allowed, type="websocket", headers=of(origin)))[0] is may
    assert (await asked(allowed))[0]  # no web page


async def test_a_page_that_may_not_is_told_so() -> None:
    _, sent = await asked("", headers=of(b"https://evil.example"))
    assert sent[0]["status"] == 403 and b"DRAGOMAN_EDGE_ALLOWED_ORIGINS" in sent[1]["body"]
    _, sent = await asked("", type="websocket", headers=of(b"https://evil.example"))
    assert sent == [{"type": "websocket.close"}]
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    scope = {"type": "websocket", "headers": of(b"https://evil.example"), "extensions": extensions}
    _, sent = await asked("", **scope)
    assert [message["type"] for message in sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]


async def test_what_is_neither_request_nor_socket_passes() -> None:
    assert (await asked("", type="lifespan"))[0]

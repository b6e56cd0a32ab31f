"""QR codes of links: drawn for anybody, few at once."""

import asyncio
import threading

import httpx
import pytest

from dragoman_edge.pages.qr import QrCodes
from tests.support.static_pages import elsewhere


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(QrCodes(elsewhere)), base_url="http://edge")


async def test_a_link_is_shown_as_a_qr_code() -> None:
    async with client() as http:
        code = await http.get("/pages/qr.svg", params={"text": "https://edge/broadcast/abc"})
        assert code.headers["content-type"].startswith("image/svg") and b"<svg" in code.content
        for text in ("", "x" * 301):
            assert (await http.get("/pages/qr.svg", params={"text": text})).status_code == 400


async def test_few_qr_codes_are_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def drawn(text: str) -> bytes:
        go.wait(10)
        return text.encode()

    monkeypatch.setattr("dragoman_edge.pages.qr._drawn", drawn)
    async with client() as http:
        asked = [asyncio.create_task(http.get("/pages/qr.svg", params={"text": "a"})) for _ in range(3)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        go.set()
        answers = [(await one).status_code for one in asked]
        assert sorted(answers) == [200, 200, 503]
        assert (await http.get("/pages/qr.svg", params={"text": "a"})).status_code == 200


async def test_anything_else_goes_on() -> None:
    async with client() as http:
        for method, path in (("POST", "/pages/qr.svg"), ("GET", "/pages/qr.png"), ("GET", "/")):
            assert (await http.request(method, path, params={"text": "a"})).status_code == 418

"""The static files of the pages: found, cached by their hash, under a strict policy."""

import asyncio
import json
import re
import threading
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from dragoman_edge.pages.site import PAGES, Site

STATIC = files("dragoman_edge.pages") / "static"
LANGUAGES = ("en", "de", "es", "fr", "pt")


async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Whatever is no page."""
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def client(embedded_in: str = "") -> httpx.AsyncClient:
    site = Site(elsewhere, PAGES, embedded_in)
    return httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://edge")


@pytest.mark.parametrize("path", [path.replace("*", "abc") for path in PAGES])
async def test_a_page_names_its_assets_by_their_hash(path: str) -> None:
    async with client() as http:
        page = await http.get(path)
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
        assert page.headers["content-type"].startswith("text/html")
        assets = re.findall(r'(?:src|href)="(/pages/[^"]+)"', page.text)
        assert assets and "@" not in page.text
        for asset in assets:
            answer = await http.get(asset)
            assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]


async def test_what_is_no_page_goes_on() -> None:
    async with client() as http:
        for method, path in (("GET", "/v1/languages"), ("GET", "/pages/old/none.css"), ("POST", "/"),
                             ("GET", "/broadcast/a/text"), ("GET", "/pages/../site.py")):  # fmt: skip
            assert (await http.request(method, path)).status_code == 418


async def test_a_link_is_shown_as_a_qr_code() -> None:
    async with client() as http:
        code = await http.get("/pages/qr.svg", params={"text": "https://edge/broadcast/abc"})
        assert code.headers["content-type"].startswith("image/svg") and b"<svg" in code.content
        for text in ("", "x" * 301):
            assert (await http.get("/pages/qr.svg", params={"text": text})).status_code == 400


async def test_a_page_of_another_release_gets_assets_that_are_not_kept() -> None:
    async with client() as http:
        asset = await http.get("/pages/0123456789abcdef/words/en.json")
        assert (asset.status_code, asset.headers["cache-control"]) == (200, "no-store")


async def test_few_qr_codes_are_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def drawn(text: str) -> bytes:
        go.wait(10)
        return text.encode()

    monkeypatch.setattr("dragoman_edge.pages.site._drawn", drawn)
    async with client() as http:
        asked = [asyncio.create_task(http.get("/pages/qr.svg", params={"text": "a"})) for _ in range(3)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        go.set()
        answers = [(await one).status_code for one in asked]
        assert sorted(answers) == [200, 200, 503]
        assert (await http.get("/pages/qr.svg", params={"text": "a"})).status_code == 200


async def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    async with client() as http:
        policy = (await http.get("/")).headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    async with client("https://a.example") as http:
        assert "frame-ancestors https://a.example" in (await http.get("/")).headers["content-security-policy"]


class Inline(HTMLParser):
    """What the policy would refuse."""

    found: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        inline = [name for name in names if name.startswith("on") or name == "style"]
        self.found += [f"{tag} {name}" for name in inline]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)


@pytest.mark.parametrize("name", sorted(set(PAGES.values())))
def test_no_page_has_code_or_style_of_its_own(name: str) -> None:
    parser = Inline()
    parser.found = []
    parser.feed((STATIC / name).read_text())
    assert parser.found == []


def scripts() -> list[Any]:
    return [entry for entry in STATIC.iterdir() if entry.name.endswith(".js")]


@pytest.mark.parametrize("script", scripts(), ids=lambda entry: entry.name)
def test_no_script_makes_markup_of_text_or_asks_elsewhere(script: Any) -> None:
    text = script.read_text()
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    assert not re.search(r"fetch\(\s*[\"'`]https?:|import[^\n]*https?:", text)


def words(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((STATIC / "words" / f"{language}.json").read_text())
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_words_with_their_values(language: str) -> None:
    english, own = words("en"), words(language)
    assert own.keys() == english.keys()
    for name, text in english.items():
        assert set(re.findall(r"\{\w+\}", own[name])) == set(re.findall(r"\{\w+\}", text)), name


def test_every_word_of_the_pages_is_there() -> None:
    used: set[str] = set()
    for entry in STATIC.iterdir():
        if entry.name.endswith(".html"):
            used |= set(re.findall(r'data-(?:word|label|title)="([^"]+)"', entry.read_text()))
        if entry.name.endswith(".js"):
            used |= set(re.findall(r'(?:word|problem)\("([a-z_.]+)"', entry.read_text()))
    assert used <= words("en").keys()

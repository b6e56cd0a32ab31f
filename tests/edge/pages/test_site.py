"""The edge's pages: there, of one piece, under the policy that the operator sets."""

from importlib.resources import files

import httpx
import pytest

from dragoman_edge.pages.site import PACKAGE, PAGES, with_pages
from tests.support.static_pages import check_files, check_words, elsewhere

STATIC = files(PACKAGE) / "static"


def client(embedded_in: str = "") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(with_pages(elsewhere, embedded_in))
    return httpx.AsyncClient(transport=transport, base_url="http://edge")


@pytest.mark.parametrize("path", [path.replace("*", "abc") for path in PAGES])
async def test_a_page_is_there(path: str) -> None:
    async with client("https://a.example") as http:
        page = await http.get(path)
        assert page.status_code == 200 and "app.css" in page.text
        assert "frame-ancestors https://a.example" in page.headers["content-security-policy"]


async def test_codes_and_all_that_is_no_page_go_on() -> None:
    async with client() as http:
        assert (await http.get("/pages/qr.svg", params={"text": "a"})).status_code == 200
        assert (await http.get("/v1/languages")).status_code == 418


def test_the_files_keep_the_policy() -> None:
    check_files(STATIC)


def test_every_language_has_every_word() -> None:
    check_words(STATIC)

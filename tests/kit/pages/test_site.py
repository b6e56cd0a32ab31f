"""Pages as files: found, cached by their hash, under a strict policy."""

import re
import sys
from pathlib import Path

import httpx
import pytest

from dragoman_kit.pages.site import Site
from tests.support.static_pages import SHARED, check_files, elsewhere

PAGES = {"/": "start.html", "/of/*": "one.html"}
START = '<link rel="stylesheet" href="/pages/@/app.css"><script src="/pages/@/deep/own.js"></script>'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with pages of its own."""
    static = tmp_path / "pages_of_a_test" / "static"
    (static / "deep").mkdir(parents=True)
    (static.parent / "__init__.py").touch()
    (static / "start.html").write_text(START)
    (static / "one.html").write_text("one")
    (static / "deep" / "own.js").write_text("own")
    (static / "raw.unknownkind").write_bytes(b"\0")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pages_of_a_test", raising=False)
    return "pages_of_a_test"


def client(package: str, embedded_in: str = "") -> httpx.AsyncClient:
    site = Site(elsewhere, package, PAGES, embedded_in)
    return httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://here")


async def test_a_page_names_its_assets_and_the_shared_ones_by_their_hash(package: str) -> None:
    async with client(package) as http:
        page = await http.get("/")
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["x-content-type-options"] == "nosniff"
        assets = re.findall(r'(?:src|href)="(/pages/[^"]+)"', page.text)
        assert len(assets) == 2 and "@" not in page.text
        for asset in assets:
            answer = await http.get(asset)
            assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
        assert (await http.get("/of/abc")).text == "one"


@pytest.mark.parametrize("accepted", ["gzip, br", "identity"])
async def test_texts_go_out_packed_to_who_takes_that(package: str, accepted: str) -> None:
    async with client(package) as http:
        plain = (SHARED / "app.css").read_bytes()
        answer = await http.get("/pages/0/app.css", headers={"accept-encoding": accepted})
        assert answer.content == plain and answer.headers["vary"] == "accept-encoding"
        packed = answer.headers.get("content-encoding") == "gzip"
        assert packed == ("gzip" in accepted)
        assert packed == (int(answer.headers["content-length"]) < len(plain) // 2)
        raw = await http.get("/pages/0/raw.unknownkind", headers={"accept-encoding": accepted})
        assert "content-encoding" not in raw.headers


async def test_what_is_no_page_goes_on(package: str) -> None:
    async with client(package) as http:
        for method, path in (("GET", "/v1/x"), ("GET", "/pages/old/none.css"), ("POST", "/"),
                             ("GET", "/of/a/b"), ("GET", "/pages/../site.py")):  # fmt: skip
            assert (await http.request(method, path)).status_code == 418


async def test_a_page_of_another_release_gets_assets_that_are_not_kept(package: str) -> None:
    async with client(package) as http:
        asset = await http.get("/pages/0123456789abcdef/deep/own.js")
        assert (asset.status_code, asset.headers["cache-control"]) == (200, "no-store")
        raw = await http.get("/pages/0/raw.unknownkind")
        assert raw.headers["content-type"] == "application/octet-stream"


async def test_the_policy_lets_nothing_in_from_elsewhere(package: str) -> None:
    async with client(package) as http:
        policy = (await http.get("/")).headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    async with client(package, "https://a.example") as http:
        assert "frame-ancestors https://a.example" in (await http.get("/")).headers["content-security-policy"]


def test_the_shared_files_keep_the_policy() -> None:
    check_files(SHARED)

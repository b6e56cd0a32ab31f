"""A link that signs a browser in."""

import httpx
import pytest

from dragoman_cli.browser_link import LinkError, browser_link


def answering(monkeypatch: pytest.MonkeyPatch, status: int, body: object) -> list[tuple[str, str]]:
    asked: list[tuple[str, str]] = []

    def post(url: str, headers: dict[str, str], timeout: float) -> httpx.Response:
        asked.append((url, headers["Authorization"]))
        return httpx.Response(status, json=body, request=httpx.Request("POST", url))

    monkeypatch.setattr("httpx.post", post)
    return asked


def test_the_edge_makes_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, 201, {"url": "http://edge/#sign-in=x"})
    assert browser_link("http://edge/", "key") == "http://edge/#sign-in=x"
    assert asked == [("http://edge/v1/browser-links", "Bearer key")]


@pytest.mark.parametrize(("status", "body"), [(401, {"error": "no"}), (201, {}), (201, None)])
def test_a_refusal_is_told(monkeypatch: pytest.MonkeyPatch, status: int, body: object) -> None:
    answering(monkeypatch, status, body)
    with pytest.raises(LinkError):
        browser_link("http://edge", "key")


def test_an_edge_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def post(*_: object, **__: object) -> httpx.Response:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr("httpx.post", post)
    with pytest.raises(LinkError, match="cannot be reached"):
        browser_link("http://edge", "key")

"""The accounts REST API as the commands use it: found, asked page by page, failures in words."""

import json
from pathlib import Path

import httpx
import pytest

from dragoman_cli import rest
from dragoman_cli.data_folder import STATE_FILE
from dragoman_cli.rest import Admin, RestError, find, running_mesh
from tests.cli.fake_accounts import FakeAccounts


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeAccounts:
    made = FakeAccounts()
    monkeypatch.setattr("httpx.request", made.request)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for name in ("DRAGOMAN_ADMIN_URL", "DRAGOMAN_ADMIN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return made


def test_a_request_has_the_token_and_its_answer_is_json(accounts: FakeAccounts) -> None:
    accounts.answers["POST /v1/x"] = [{"a": 1}]
    accounts.answers["DELETE /v1/x"] = [httpx.Response(204)]
    admin = Admin("http://accounts:1/", "t")
    assert admin.call("POST", "/v1/x", {"b": 2}, **{"Idempotency-Key": "k"}) == {"a": 1}
    assert admin.call("DELETE", "/v1/x") is None
    sent = accounts.asked[0]
    assert sent.headers["Authorization"] == "Bearer t" and sent.headers["Idempotency-Key"] == "k"
    assert json.loads(sent.content) == {"b": 2}


def test_a_listing_is_read_to_its_end(accounts: FakeAccounts) -> None:
    accounts.answers["GET /v1/x"] = [{"items": [{"n": 1}], "next": "a"}, {"items": [{"n": 2}], "next": None}]
    assert [item["n"] for item in Admin("http://a", "t").pages("/v1/x")] == [1, 2]
    assert [request.url.params["after"] for request in accounts.asked] == ["", "a"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(401), "--admin-token"),
        (httpx.Response(409, json={"detail": "taken"}), "taken"),
        (httpx.Response(500, json={"title": "Oops"}), "Oops"),
        (httpx.Response(502, text="<html>"), "HTTP 502"),
        (httpx.ConnectError("http://u:secret@a"), r"cannot be reached at http://a \(ConnectError\)"),
    ],
)
def test_a_failure_is_told_in_words(accounts: FakeAccounts, answer: object, told: str) -> None:
    accounts.answers["GET /v1/x"] = [answer]
    with pytest.raises(RestError, match=told) as caught:
        Admin("http://a", "t").text("/v1/x")
    assert "secret" not in str(caught.value)


def test_options_go_before_the_environment_and_that_before_the_mesh_that_runs(
    accounts: FakeAccounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RestError, match="start `dragoman up`"):
        find("", "")
    folder = tmp_path / "dragoman"
    folder.mkdir()
    (folder / STATE_FILE).write_text(json.dumps({"admin": {"url": "http://mesh", "token": "m"}}))
    assert running_mesh()["admin"]["token"] == "m" and find("", "")._url == "http://mesh"
    monkeypatch.setenv("DRAGOMAN_ADMIN_URL", "http://environment")
    assert find("", "")._url == "http://environment"
    assert find("http://option", "o")._headers == {"Authorization": "Bearer o"}
    (folder / STATE_FILE).write_text("{")
    assert running_mesh() == {} and rest.running_mesh(tmp_path) == {}

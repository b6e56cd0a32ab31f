"""`dragoman keys`: a secret goes to standard output alone; a list shows no secret."""

import json
import time

import httpx
import pytest

from dragoman_cli import keys
from tests.cli.fake_accounts import FakeAccounts, Invoke, invoking

HOME = "/v1/accounts/acc_development/keys"


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> FakeAccounts:
    made = FakeAccounts()
    monkeypatch.setattr("httpx.request", made.request)
    return made


@pytest.fixture
def invoke(accounts: FakeAccounts, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    return invoking(keys.app, monkeypatch)


def test_a_new_keys_secret_is_all_of_standard_output(accounts: FakeAccounts, invoke: Invoke) -> None:
    accounts.answers[f"POST {HOME}"] = [{"key": {"id": "key_1"}, "secret": "dk_live_x"}]
    assert invoke("create", "--label", "l").stdout == "dk_live_x\n"
    assert json.loads(accounts.asked[-1].content) == {"label": "l"}
    invoke("create", "--days", "2")
    expires = json.loads(accounts.asked[-1].content)["expires_ms"] / 1000 - time.time()
    assert 2 * 86_400 - 60 < expires <= 2 * 86_400


def test_keys_are_listed_with_their_state(accounts: FakeAccounts, invoke: Invoke) -> None:
    pages = [
        {"items": [{"id": "key_1", "label": "[red]x", "used_ms": 0}], "next": "key_1"},
        {
            "items": [
                {"id": "key_2", "label": "", "revoked_ms": 5},
                {"id": "key_3", "label": "", "expires_ms": 5},
            ]
        },
    ]
    accounts.answers[f"GET {HOME}"] = pages
    told = invoke("list").stdout
    assert "[red]x" in told and "never" in told
    assert [word for word in ("active", "revoked", "expired") if word in told] == [
        "active",
        "revoked",
        "expired",
    ]


def test_a_key_is_revoked(accounts: FakeAccounts, invoke: Invoke) -> None:
    accounts.answers[f"DELETE {HOME}/key_1"] = [httpx.Response(204)]
    assert invoke("revoke", "key_1").stdout == "key_1 revoked\n"


def test_a_key_has_an_address_for_webhooks(accounts: FakeAccounts, invoke: Invoke) -> None:
    accounts.answers[f"PUT {HOME}/key_1/webhook"] = [{"id": "key_1"}]
    assert invoke("webhook", "key_1", "https://a.example/h").stdout == "key_1: https://a.example/h\n"
    assert json.loads(accounts.asked[-1].content) == {"url": "https://a.example/h"}
    assert invoke("webhook", "key_1").stdout == "key_1: no webhook\n"
    accounts.answers[f"POST {HOME}"] = [{"key": {"id": "key_1"}, "secret": "x"}]
    invoke("create", "--webhook", "https://a.example/h")
    assert json.loads(accounts.asked[-1].content)["webhook_url"] == "https://a.example/h"

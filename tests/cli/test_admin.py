"""`dragoman accounts`: what is sent, and what people read; amounts are exact."""

import json
from typing import Any

import httpx
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from dragoman_cli import admin
from dragoman_cli.admin import in_credits, micro_of
from tests.cli.fake_accounts import FakeAccounts, Invoke, invoking

ACCOUNT = {
    "id": "acc_1", "name": "[b]Acme", "tier": "paid", "status": "active", "available": 1_500_000, "held": 0,
    "charged": 250, "topped": 2,
}  # fmt: skip


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> FakeAccounts:
    made = FakeAccounts()
    monkeypatch.setattr("httpx.request", made.request)
    return made


@pytest.fixture
def invoke(accounts: FakeAccounts, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    return invoking(admin.app, monkeypatch)


def sent(accounts: FakeAccounts) -> Any:
    return json.loads(accounts.asked[-1].content)


@given(st.integers(1, 2**53))
def test_an_amount_is_the_same_after_it_was_written_and_read(micro: int) -> None:
    assert micro_of(in_credits(micro).replace(",", "")) == micro


def test_amounts_are_written_for_people() -> None:
    assert [in_credits(n) for n in (0, 1, -1_500_000, 1_234_567_000_000)] == [
        "0", "0.000001", "-1.5", "1,234,567"
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "0.0000001", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        micro_of(text)


def test_an_account_is_made_changed_and_shown_without_markup(accounts: FakeAccounts, invoke: Invoke) -> None:
    accounts.answers["POST /v1/accounts"] = [ACCOUNT]
    accounts.answers["PATCH /v1/accounts/acc_1"] = [ACCOUNT]
    accounts.answers["GET /v1/accounts/acc_1"] = [ACCOUNT]
    assert "[b]Acme" in invoke("create", "Acme", "--tier", "paid").stdout
    assert sent(accounts) == {"name": "Acme", "tier": "paid", "id": ""}
    invoke("change", "acc_1", "--status", "suspended")
    assert sent(accounts) == {"status": "suspended"}
    assert "1.5" in invoke("show", "acc_1").stdout
    assert json.loads(invoke("show", "acc_1", "--json").stdout) == ACCOUNT


def test_credits_are_added_once_for_a_request(accounts: FakeAccounts, invoke: Invoke) -> None:
    accounts.answers["POST /v1/accounts/acc_1/topups"] = [{"available": 27_000_000}]
    assert "27 credits are available" in invoke("topup", "acc_1", "25", "--request", "invoice-7").stdout
    assert sent(accounts) == {"micro": 25_000_000, "note": ""}
    assert accounts.asked[-1].headers["Idempotency-Key"] == "invoice-7"
    invoke("topup", "acc_1", "25")
    assert len(accounts.asked[-1].headers["Idempotency-Key"]) == 32


def test_lists_statements_and_sessions_are_tables(accounts: FakeAccounts, invoke: Invoke) -> None:
    line = {
        "end_ms": 1, "kind": "session", "session_id": "s_1", "languages": "en>es", "reference": "",
        "reason": "closed", "recognised_ms": 1500, "micro": 250, "uncollected": 0,
    }  # fmt: skip
    session = {
        "id": "s_1", "key_id": "k", "dialect": "krisp", "languages": "en>es", "reference": "r",
        "opened_ms": 0, "figures": {"recognised_ms": 2500}, "hold": 5,
    }  # fmt: skip
    tier = {
        "name": "paid",
        "tier": {"max_sessions": 3, "requests_per_minute": 60, "description": "d",
                 "prices": {"recognition": 1, "translation": 2, "speech": 3}},
    }  # fmt: skip
    for path, items in {"": [ACCOUNT], "/acc_1/usage": [line], "/acc_1/sessions": [session]}.items():
        accounts.answers[f"GET /v1/accounts{path}"] = [{"items": items, "next": None}]
    accounts.answers["GET /v1/tiers"] = [[tier]]
    assert "acc_1" in invoke("list").stdout
    statement = invoke("usage", "acc_1").stdout
    assert "-0.00025" in statement and "closed" in statement and "1.5" in statement
    live = invoke("sessions", "acc_1").stdout
    assert "krisp" in live and "2.5" in live and "never" in live
    assert "1 / 2 / 3" in invoke("tiers").stdout


def test_a_statement_may_be_csv(accounts: FakeAccounts, invoke: Invoke) -> None:
    accounts.answers["GET /v1/accounts/acc_1/usage.csv"] = [httpx.Response(200, text="id,micro\n")]
    assert invoke("usage", "acc_1", "--csv").stdout == "id,micro\n"


def test_a_session_is_told_to_end(accounts: FakeAccounts, invoke: Invoke) -> None:
    accounts.answers["DELETE /v1/accounts/acc_1/sessions/s_1"] = [httpx.Response(202)]
    assert invoke("end", "acc_1", "s_1").stdout == "s_1 was told to end\n"


def test_kept_sessions_are_erased_when_that_is_confirmed(accounts: FakeAccounts, invoke: Invoke) -> None:
    accounts.answers["DELETE /v1/accounts/acc_1/tasks"] = [{"tasks": 3}]
    assert invoke("erase", "acc_1").exit_code == 1
    assert invoke("erase", "acc_1", "--yes").stdout == "3 kept sessions of acc_1 are erased\n"


def test_a_balance_that_does_not_add_up_is_exit_status_1(accounts: FakeAccounts, invoke: Invoke) -> None:
    proof = {"account_id": "acc_1", "available": 1, "held": 0, "charged": 0, "lines": 2, "problems": []}
    accounts.answers["GET /v1/accounts"] = [{"items": [ACCOUNT], "next": None}]
    accounts.answers["GET /v1/accounts/acc_1/reconciliation"] = [proof, proof | {"problems": ["held differ"]}]
    right = invoke("reconcile")
    assert right.exit_code == 0 and "adds up" in right.stdout
    wrong = invoke("reconcile", "acc_1")
    assert wrong.exit_code == 1 and "held differ" in wrong.stdout

"""Routes over all accounts, and the admin page itself."""

import time
from collections.abc import AsyncIterator
from importlib.resources import files
from types import SimpleNamespace

import pytest

from dragoman_accounts import names
from dragoman_accounts.api import PAGES_PACKAGE
from dragoman_accounts.ledger import Line
from tests.accounts.fake_store import ACCOUNT
from tests.accounts.test_api_routes import HOME, Api
from tests.accounts.test_live_sessions_requests import RAW
from tests.support.static_pages import check_files, check_words

STATIC = files(PAGES_PACKAGE) / "static"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    made = Api()
    await made.gate.look()
    yield made
    await made.http.aclose()


PATHS = ("/v1/sessions", "/v1/fleet", "/v1/about", "/v1/usage/days", f"{HOME}/usage/days")


async def test_live_sessions_of_all_accounts_come_by_pages(api: Api) -> None:
    for session in ("s_1", "s_2"):
        api.world.memory.values[names.session(ACCOUNT, session)] = dict(RAW)
        api.world.memory._zadd(names.due(ACCOUNT), 0, session)
    api.world.memory._zadd(names.DUE, 0, ACCOUNT)
    first = await api.get("/v1/sessions?limit=1")
    assert ([one["id"] for one in first["items"]], first["next"]) == (["s_1"], f"{ACCOUNT}/s_1")
    second = await api.get(f"/v1/sessions?after={first['next']}")
    assert ([one["id"] for one in second["items"]], second["next"]) == (["s_2"], None)


async def test_usage_by_day_has_every_day(api: Api) -> None:
    used = await api.get(f"{HOME}/usage/days?days=7")
    assert len(used["days"]) == 7 and used["whole"]
    assert (await api.http.get("/v1/accounts/acc_9/usage/days")).status_code == 404
    assert (await api.http.get(f"{HOME}/usage/days?days=0")).status_code == 422


async def test_usage_of_all_accounts_is_the_sum_of_theirs(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    known = ["acc_a", "acc_b", "acc_c"]

    async def accounts(_: object, after: str = "", limit: int = 2) -> list[SimpleNamespace]:
        return [SimpleNamespace(id=one) for one in known if one > after][:limit]

    async def lines(_: object, account_id: str, after: str) -> AsyncIterator[Line]:
        now_ms = time.time_ns() // 1_000_000
        micro = known.index(account_id) + 1
        yield Line(id=f"{now_ms}-0", account_id=account_id, kind="topup", micro=micro)

    monkeypatch.setattr("dragoman_accounts.registry.Registry.accounts", accounts)
    monkeypatch.setattr("dragoman_accounts.ledger.Ledger.lines", lines)
    used = await api.get("/v1/usage/days?days=7")
    assert [day["topped"] for day in used["days"]] == [0, 0, 0, 0, 0, 0, 6] and used["whole"]


async def test_the_fleet_is_not_known_before_the_bus(api: Api) -> None:
    assert (await api.http.get("/v1/fleet")).status_code == 503
    assert await api.get("/v1/about") == {"build": "7", "problems": {}, "dashboards": []}


@pytest.mark.parametrize(
    "path", ["/v1/sessions", "/v1/fleet", "/v1/about", "/v1/usage/days", f"{HOME}/usage/days"]
)
async def test_nothing_is_told_without_the_token(api: Api, path: str) -> None:
    del api.http.headers["Authorization"]
    assert (await api.http.get(path)).status_code == 401


async def test_the_page_needs_no_token_and_tells_nothing(api: Api) -> None:
    del api.http.headers["Authorization"]
    page = await api.http.get("/")
    assert page.status_code == 200 and "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert ACCOUNT not in page.text


def test_the_files_keep_the_policy() -> None:
    check_files(STATIC)


def test_every_language_has_every_word() -> None:
    check_words(STATIC)

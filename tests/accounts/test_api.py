"""The REST API, over HTTP into the application, with a real store behind it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dragoman_accounts.api import make_app
from dragoman_accounts.backup import Backup
from dragoman_accounts.fleet import Fleet
from dragoman_accounts.gate import Gate
from dragoman_accounts.settings import AccountsSettings
from dragoman_contract.errors import FaultCode
from dragoman_kit.ops import Health
from tests.accounts.conftest import NewWorld
from tests.accounts.support import PAID_PER_SECOND, World, nobody_lapsed, used

ADMIN = "an admin token for tests"


class Api:
    """A client of the application, and what it told the edges."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.gate = Gate(world.store.ping, nobody_lapsed)
        self.ended: list[tuple[list[str], str]] = []
        self.erased: list[str] = []
        settings = AccountsSettings(pepper="p" * 16, admin_token=ADMIN)
        health = Health("accounts", "test")
        app = make_app(
            world.access,
            world.registry,
            world.sessions,
            world.live,
            world.ledger,
            self.gate,
            health,
            self.end,
            self.erase,
            settings,
            Fleet(),
            Backup(world.store),
        )
        transport = httpx.ASGITransport(app=app, client=(world.account, 1))
        headers = {"Authorization": f"Bearer {ADMIN}"}
        self.http = httpx.AsyncClient(transport=transport, base_url="http://accounts", headers=headers)

    async def end(self, sessions: list[str], code: str) -> None:
        self.ended.append((sessions, code))

    async def erase(self, account_id: str) -> int:
        self.erased.append(account_id)
        return 3

    def place(self, rest: str = "") -> str:
        return f"/v1/accounts/{self.world.account}{rest}"

    async def get(self, path: str, **more: Any) -> Any:
        answer = await self.http.get(path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    made = Api(world)
    await made.gate.look()
    yield made
    await made.http.aclose()


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    return body


async def test_an_account_is_made_changed_and_read(api: Api) -> None:
    made = await api.http.post("/v1/accounts", json={"name": "Acme", "tier": "free"})
    assert made.status_code == 201
    place = f"/v1/accounts/{made.json()['id']}"
    changed = await api.http.patch(place, json={"tier": "paid"})
    assert (changed.json()["tier"], changed.json()["name"]) == ("paid", "Acme")
    assert await api.get(place) == changed.json()
    assert await api.get(f"{place}/balance") == {"available": 0, "held": 0, "charged": 0, "topped": 0}


async def test_kept_sessions_are_erased_and_the_account_stays(api: Api) -> None:
    answer = await api.http.delete(api.place("/tasks"))
    assert (answer.status_code, answer.json()) == (200, {"tasks": 3})
    assert api.erased == [api.world.account]
    await api.get(api.place())


async def test_a_key_is_shown_once_then_listed_without_its_secret_and_revoked(api: Api) -> None:
    made = (await api.http.post(api.place("/keys"), json={"label": "phone"})).json()
    await api.world.open("s_1", credential=made["secret"])
    key_id = made["key"]["id"]
    listed = await api.get(api.place("/keys"))
    assert key_id in [key["id"] for key in listed["items"]]
    assert made["secret"] not in json.dumps(listed)
    assert (await api.http.delete(api.place(f"/keys/{key_id}"))).status_code == 204
    assert api.ended == [(["s_1"], FaultCode.REVOKED_CREDENTIAL)]
    assert (await api.get(api.place(f"/keys/{key_id}")))["revoked_ms"] > 0


async def test_suspending_an_account_ends_its_sessions(api: Api) -> None:
    await api.world.open("s_1")
    await api.http.patch(api.place(), json={"status": "suspended"})
    assert api.ended == [(["s_1"], FaultCode.ACCOUNT_INACTIVE)]


async def test_a_top_up_needs_an_idempotency_key_and_counts_once(api: Api) -> None:
    assert_problem(await api.http.post(api.place("/topups"), json={"micro": 5}), 422, "bad_request")
    headers = {"Idempotency-Key": "invoice 7/2026"}
    first = await api.http.post(api.place("/topups"), json={"micro": 5}, headers=headers)
    again = await api.http.post(api.place("/topups"), json={"micro": 5}, headers=headers)
    assert first.status_code == 201 and first.json() == again.json()
    assert first.json()["available"] == 10_000_005
    other = await api.http.post(api.place("/topups"), json={"micro": 6}, headers=headers)
    assert_problem(other, 409, "conflict")


@pytest.mark.parametrize(
    "amount", ["-1", "0", "9223372036854775808", '"1e9"', "1e9", '"5"', "1.5", "null", "true"]
)
async def test_an_impossible_top_up_is_refused_precisely_and_changes_nothing(api: Api, amount: str) -> None:
    answer = await api.http.post(
        api.place("/topups"),
        content=f'{{"micro": {amount}}}',
        headers={"Idempotency-Key": "odd", "Content-Type": "application/json"},
    )
    assert "body.micro" in assert_problem(answer, 422, "bad_request")["detail"]
    assert (await api.get(api.place("/balance")))["available"] == 10_000_000


async def test_live_sessions_are_listed_and_ended(api: Api) -> None:
    await api.world.open("s_1")
    await api.world.open("s_2")
    page = await api.get(api.place("/sessions"), params={"limit": 1})
    assert ([s["id"] for s in page["items"]], page["next"]) == (["s_1"], "s_1")
    rest = await api.get(api.place("/sessions"), params={"after": "s_1"})
    assert ([s["id"] for s in rest["items"]], rest["next"]) == (["s_2"], None)
    assert (await api.http.delete(api.place("/sessions/s_2"))).status_code == 202
    assert api.ended == [(["s_2"], FaultCode.SESSION_ENDED)]
    standing = await api.world.sessions.renew(api.world.account, "s_2", "e1", used("s_2", 1, 1))
    assert standing.fault == FaultCode.SESSION_ENDED
    assert_problem(await api.http.delete(api.place("/sessions/s_9")), 404, "not_found")


async def test_usage_comes_as_json_by_pages_as_csv_and_proven(api: Api) -> None:
    await api.world.open("s_1")
    await api.world.sessions.close(api.world.account, "s_1", used("s_1", 1, 2), "")
    page = await api.get(api.place("/usage"), params={"limit": 1})
    rest = await api.get(api.place("/usage"), params={"after": page["next"]})
    assert (rest["items"][0]["micro"], rest["next"]) == (2 * PAID_PER_SECOND, None)
    export = await api.http.get(api.place("/usage.csv"))
    assert export.headers["content-type"].startswith("text/csv") and len(export.text.splitlines()) == 3
    assert (await api.get(api.place("/reconciliation")))["problems"] == []


async def test_accounts_are_listed_by_pages(api: Api, new_world: NewWorld) -> None:
    wanted = {api.world.account, (await new_world()).account}
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await api.get("/v1/accounts", params={"after": after, "limit": 3})
        found += [account["id"] for account in page["items"]]
        after = page["next"]
    assert wanted <= set(found) and found == sorted(found)


async def test_tiers_are_shown(api: Api) -> None:
    assert "paid" in [tier["name"] for tier in await api.get("/v1/tiers")]
    assert (await api.get("/v1/tiers/paid"))["tier"]["prices"]["speech"] == 6000
    assert_problem(await api.http.get("/v1/tiers/none"), 404, "not_found")


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/tiers", "/v1/accounts/acc_x/usage.csv"])
@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic eDp5", "Bearer"])
async def test_without_the_admin_token_nothing_is_told(api: Api, path: str, header: str | None) -> None:
    client = httpx.AsyncClient(transport=api.http._transport, base_url="http://accounts")
    answer = await client.get(path, headers={"Authorization": header} if header else {})
    assert_problem(answer, 401, "invalid_credential")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_clients_key_is_no_admin_token(api: Api) -> None:
    answer = await api.http.get("/v1/accounts", headers={"Authorization": f"Bearer {api.world.key}"})
    assert_problem(answer, 401, "invalid_credential")


async def test_guessing_the_admin_token_is_limited(api: Api) -> None:
    for _ in range(20):
        await api.http.get("/v1/tiers", headers={"Authorization": "Bearer guess"})
    blocked = await api.http.get("/v1/tiers")
    assert_problem(blocked, 429, "rate_limited")
    assert int(blocked.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"name": "x"}, "body.tier"),
        ({"name": "x", "tier": "free", "creditz": 1}, "body.creditz"),
        ({"name": "x" * 201, "tier": "free"}, "body.name"),
    ],
)
async def test_a_wrong_body_is_refused_with_its_place(api: Api, body: dict[str, Any], place: str) -> None:
    assert (
        place in assert_problem(await api.http.post("/v1/accounts", json=body), 422, "bad_request")["detail"]
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/accounts/acc_none", 404),
        ("/v1/accounts/acc_none/usage", 404),
        ("/v1/accounts/acc_none/reconciliation", 404),
        ("/v1/accounts/%7Bx%7D", 422),
        ("/v1/nothing", 404),
    ],
)
async def test_what_is_not_there_is_a_problem_too(api: Api, path: str, status: int) -> None:
    answer = await api.http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_an_unknown_tier_is_named_with_those_there_are(api: Api) -> None:
    answer = await api.http.post("/v1/accounts", json={"name": "x", "tier": "gold"})
    assert "free, paid, slow, ten" in assert_problem(answer, 400, "bad_request")["detail"]


async def test_while_the_store_is_away_the_api_says_so_at_once(api: Api) -> None:
    api.gate._usable.clear()
    answer = await api.http.get("/v1/accounts")
    assert_problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1


async def test_health_needs_no_token_and_the_api_describes_itself(api: Api) -> None:
    client = httpx.AsyncClient(transport=api.http._transport, base_url="http://accounts")
    assert (await client.get("/healthz")).status_code == 200
    assert "dragoman_store_up 1.0" in (await client.get("/metrics")).text
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert "/v1/accounts/{account_id}/topups" in paths

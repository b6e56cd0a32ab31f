"""The REST API over a store in memory: who is let in, and what each route answers."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dragoman_accounts import names
from dragoman_accounts.api import make_app
from dragoman_accounts.backup import Backup
from dragoman_accounts.fleet import Fleet
from dragoman_accounts.gate import Gate
from dragoman_accounts.settings import AccountsSettings
from dragoman_kit.ops import Health
from tests.accounts.fake_store import ACCOUNT, KEY, FakeWorld, fake_world
from tests.accounts.support import nobody_lapsed
from tests.accounts.test_settings import GOOD

HOME = f"/v1/accounts/{ACCOUNT}"


class Api:
    """A client with the admin token, and what edges were told."""

    def __init__(self) -> None:
        self.world: FakeWorld = fake_world()
        self.gate = Gate(self.world.memory.ping, nobody_lapsed)
        self.ended: list[tuple[list[str], str]] = []
        parts = self.world
        app = make_app(
            parts.access, parts.registry, parts.sessions, parts.live, parts.ledger, self.gate,
            Health("accounts", "7"), self.end, self.erase, AccountsSettings(**GOOD),
            Fleet(), Backup(parts.memory.store),
        )  # fmt: skip
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://a",
            headers={"Authorization": f"Bearer {GOOD['admin_token']}"},
        )

    async def end(self, sessions: list[str], code: str) -> None:
        self.ended.append((sessions, code))

    async def erase(self, account_id: str) -> int:
        return 3

    async def get(self, path: str) -> Any:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    made = Api()
    memory = made.world.memory
    memory._zadd(names.ACCOUNTS, 0, ACCOUNT)
    memory._zadd(names.keys(ACCOUNT), 0, KEY)
    memory._zadd(names.due(ACCOUNT), 0, "s_1")
    memory.values[names.session(ACCOUNT, "s_1")] = {
        "state": "live", "key": KEY, "dialect": "krisp", "languages": "", "reference": "", "tier": "paid",
        "opened": "1", "seen": "1", "hold": "1",
    }  # fmt: skip
    memory.values[names.ledger(ACCOUNT)] = [["1-0", {"kind": "topup", "micro": "9", "note": "=first"}]]
    memory.answers["topup"] = [["ok", 9, "1-0"]]
    await made.gate.look()
    yield made
    await made.http.aclose()


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Basic abc"])
async def test_without_the_admin_token_there_is_nothing_but_health(api: Api, token: str) -> None:
    api.http.headers["Authorization"] = token
    answer = await api.http.get("/v1/accounts")
    assert answer.status_code == 401 and answer.json()["code"] == "invalid_credential"
    assert (await api.http.get("/healthz")).status_code == 200
    assert (await api.http.get("/version")).json()["build"] == "7"


async def test_while_the_store_is_away_every_route_says_so(api: Api) -> None:
    api.gate._usable.clear()
    answer = await api.http.get("/v1/tiers")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0


async def test_accounts_are_made_listed_read_and_suspended(api: Api) -> None:
    made = await api.http.post("/v1/accounts", json={"name": "n", "tier": "paid", "id": ACCOUNT})
    assert made.status_code == 201 and made.json()["id"] == ACCOUNT
    assert (await api.get("/v1/accounts"))["next"] is None
    assert (await api.get("/v1/accounts?limit=1"))["next"] == ACCOUNT
    assert (await api.get(HOME))["tier"] == "paid"
    api.world.memory.answers["account_put"] = [["ok", "s_1"]]
    assert (await api.http.patch(HOME, json={"status": "suspended"})).status_code == 200
    assert api.ended == [(["s_1"], "account_inactive")]
    assert (await api.http.get("/v1/accounts/acc_9")).status_code == 404


async def test_keys_are_made_with_their_secret_and_read_without(api: Api) -> None:
    script = api.world.memory.script

    async def remembered(name: str, slot: str, /, **args: Any) -> list[Any]:
        if name == "key_put":
            api.world.memory.values[f"{slot}:key:{args['id']}"] = {
                "id": args["id"],
                "created": "1",
                **args["fields"],
            }
        return await script(name, slot, **args)

    api.world.memory.script = remembered  # type: ignore[method-assign]
    made = await api.http.post(f"{HOME}/keys", json={"label": "l"})
    assert made.status_code == 201 and made.json()["secret"].startswith("dk_live_")
    assert [key["id"] for key in (await api.get(f"{HOME}/keys"))["items"]] == [KEY]
    assert "secret" not in str(await api.get(f"{HOME}/keys/{made.json()['key']['id']}"))
    api.world.memory.answers["key_revoke"] = [["ok", "s_1"]]
    assert (await api.http.delete(f"{HOME}/keys/{KEY}")).status_code == 204
    assert api.ended == [(["s_1"], "revoked_credential")]


async def test_money_goes_in_once_and_is_told_as_json_and_csv(api: Api) -> None:
    once = {"Idempotency-Key": "k"}
    added = await api.http.post(f"{HOME}/topups", json={"micro": 9}, headers=once)
    assert (added.status_code, added.json()) == (201, {"id": "1-0", "micro": 9, "available": 9})
    assert (await api.http.post(f"{HOME}/topups", json={"micro": 9})).status_code == 422
    assert await api.get(f"{HOME}/balance") == {"available": 0, "held": 0, "charged": 0, "topped": 0}
    assert [line["micro"] for line in (await api.get(f"{HOME}/usage"))["items"]] == [9]
    statement = (await api.http.get(f"{HOME}/usage.csv")).text
    assert statement.startswith("id,account_id,kind,micro") and "'=first" in statement
    api.world.memory.answers["snapshot"] = [[1, 9, 0, 0, 9, "1-0", 0]]
    assert (await api.get(f"{HOME}/reconciliation"))["problems"] == []


async def test_a_session_is_shown_and_told_to_end(api: Api) -> None:
    assert [one["id"] for one in (await api.get(f"{HOME}/sessions"))["items"]] == ["s_1"]
    assert (await api.get(f"{HOME}/sessions/s_1"))["dialect"] == "krisp"
    assert (await api.http.delete(f"{HOME}/sessions/s_1")).status_code == 202
    assert api.ended == [(["s_1"], "session_ended")]
    assert (await api.http.get(f"{HOME}/sessions/s_9")).status_code == 404


async def test_tiers_are_those_of_the_file(api: Api) -> None:
    assert "paid" in [tier["name"] for tier in await api.get("/v1/tiers")]
    assert (await api.get("/v1/tiers/paid"))["tier"]["max_sessions"] > 0
    assert (await api.http.get("/v1/tiers/none")).status_code == 404


async def test_an_id_that_is_none_is_refused_by_its_form(api: Api) -> None:
    assert (await api.http.get("/v1/accounts/a.b")).status_code == 422


async def test_the_statement_is_read_from_its_end_as_well(api: Api) -> None:
    lines = [[f"{n}-0", {"kind": "topup", "micro": str(n)}] for n in (1, 2, 3)]
    api.world.memory.values[names.ledger(ACCOUNT)] = lines
    newest = await api.get(f"{HOME}/usage?newest=true&limit=2")
    assert [line["micro"] for line in newest["items"]] == [3, 2]
    older = await api.get(f"{HOME}/usage?newest=true&limit=2&after={newest['next']}")
    assert ([line["micro"] for line in older["items"]], older["next"]) == ([1], None)

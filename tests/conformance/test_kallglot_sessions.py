"""The session resource of the Kallglot API over HTTP, on a running mesh."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_cli.rest import Admin
from tests.conformance.kallglot_client import BOTH, Message, call, created, headers, sound, talk
from tests.support.waiting import WAIT_S

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


@pytest.fixture
async def fresh(made: Mesh) -> AsyncIterator[str]:
    """A key of an account of its own, with credits."""
    yield await new_key(made, 10_000_000)


async def new_key(made: Mesh, micro: int, *, tier: str = "development", **fields: Any) -> str:
    state: Any = made.state()["admin"]
    rest = Admin(state["url"], state["token"])

    def make() -> str:
        account = rest.call("POST", "/v1/accounts", {"name": "test", "tier": tier})
        if micro:
            path = f"/v1/accounts/{account['id']}/topups"
            rest.call("POST", path, {"micro": micro}, **{"Idempotency-Key": "first"})
        made_key = rest.call("POST", f"/v1/accounts/{account['id']}/keys", fields)
        return str(made_key["secret"])

    return await asyncio.to_thread(make)


def error(answer: httpx.Response, status: int, code: str, param: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    told = answer.json()["error"]
    assert told["code"] == code
    assert told["message"] and told["type"].endswith("_error")
    assert told.get("param") == param


@pytest.mark.shows(
    "kallglot:sessions.create", "kallglot:sessions.create.mode", "kallglot:sessions.create.source_language",
    "kallglot:sessions.create.target_language", "kallglot:sessions.create.metadata",
    "kallglot:sessions.resource", "kallglot:sessions.status.created", "kallglot:sessions.credits",
)  # fmt: skip
async def test_a_session_is_made_with_all_fields(edge: str, key: str) -> None:
    answer = await call(edge, key, "POST", "/v1/sessions", BOTH | {"metadata": {"ticket": 7, "é": ["x"]}})
    session = answer.json()
    assert answer.status_code == 201
    assert float(answer.headers["X-API-Credits-Remaining"]) > 0
    assert answer.headers["X-API-Credits-Used"] == "0"
    assert session["id"].startswith("sess_")
    assert session["stream"].pop("token").startswith("kst_")
    assert TIME.match(session["stream"].pop("expires_at"))
    assert TIME.match(session.pop("created_at"))
    host = edge.replace("http", "ws")
    assert session == {
        "id": session["id"],
        "object": "session",
        "status": "created",
        "mode": "bidirectional_translation",
        "source_language": "de",
        "target_language": "en",
        "voice": None,
        "stream": {"url": f"{host}/v1/sessions/{session['id']}/connect"},
        "provider": None,
        "phone_number": None,
        "recording": {"enabled": False},
        "metadata": {"ticket": 7, "é": ["x"]},
        "started_at": None,
        "ended_at": None,
        "duration_seconds": 0.0,
        "end_reason": None,
    }


NESTED = "[" * 20 + "]" * 20
REFUSED = [
    ("{}", 400, "missing_required_field", "mode"),
    ('{"mode": "assistive_translation"}', 400, "invalid_mode", "mode"),
    ('{"mode": "ai_agent"}', 400, "invalid_mode", "mode"),
    ('{"mode": "help_chat_voice"}', 400, "invalid_mode", "mode"),
    ('{"mode": 7}', 400, "invalid_field_value", "mode"),
    ('{"mode": "translation", "source_language": "en"}', 400, "missing_required_field", "target_language"),
    ('{"mode": "transcription", "source_language": "german!"}', 400, "invalid_language_code",
     "source_language"),
    ('{"mode": "transcription", "routing": {"phone_number": "+1"}}', 400, "feature_not_available", "routing"),
    ('{"mode": "transcription", "provider": {"type": "twilio"}}', 400, "feature_not_available", "provider"),
    ('{"mode": "transcription", "recording": {"enabled": 7}}', 400, "invalid_field_value", "recording"),
    ('{"mode": "transcription", "metadata": "x"}', 400, "invalid_field_value", "metadata"),
    ("", 400, "invalid_request", None),
    ("[]", 400, "invalid_request", None),
    ("{", 400, "invalid_request", None),
    (b"\xff\xfe", 400, "invalid_request", None),
    ('{"mode": "transcription", "metadata": {"x": NaN}}', 400, "invalid_request", None),
    ('{"mode": "transcription", "metadata": {"x": "\\ud800"}}', 400, "invalid_request", None),
    ('{"mode": "transcription", "metadata": {"x": ' + NESTED + "}}", 400, "invalid_request", None),
    ('{"mode": "transcription", "metadata": {"x": "' + "y" * 40_000 + '"}}', 413, "invalid_request", None),
]  # fmt: skip


@pytest.mark.shows(
    "kallglot:sessions.create.other_modes", "kallglot:sessions.create.routing",
    "kallglot:sessions.error.invalid",
)  # fmt: skip
@pytest.mark.parametrize(("body", "status", "code", "param"), REFUSED)
async def test_what_cannot_be_made_is_refused_with_the_parameter(
    edge: str, key: str, body: str | bytes, status: int, code: str, param: str | None
) -> None:
    async with httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as http:
        answer = await http.post("/v1/sessions", content=body, headers=headers(key))
    error(answer, status, code, param)


@pytest.mark.shows("kallglot:sessions.create.auto")
@pytest.mark.parametrize(
    ("languages", "shown"),
    [
        ({}, (None, "en")),
        ({"source_language": "de"}, ("de", "en")),
        ({"source_language": "en-US"}, ("en-US", None)),
        ({"target_language": "es"}, (None, "es")),
    ],
)
async def test_languages_may_be_left_out(
    edge: str, key: str, languages: dict[str, str], shown: tuple[str | None, str | None]
) -> None:
    body = {"mode": "bidirectional_translation"} | languages
    answer = await call(edge, key, "POST", "/v1/sessions", body)
    assert answer.status_code == 201
    assert (answer.json()["source_language"], answer.json()["target_language"]) == shown


@pytest.mark.shows("kallglot:sessions.error.language")
@pytest.mark.parametrize(
    ("source", "target", "param", "possible"),
    [
        ("de", "ru", "target_language", "'ru' cannot be recognised; possible: de, en"),
        ("ja", "en", "source_language", "possible: de, en, es"),
        ("en-US", "en-GB", "target_language", "the same language"),
    ],
)
async def test_a_pair_that_is_not_served_makes_no_session(
    edge: str, key: str, source: str, target: str, param: str, possible: str
) -> None:
    body = {"mode": "bidirectional_translation", "source_language": source, "target_language": target}
    answer = await call(edge, key, "POST", "/v1/sessions", body)
    error(answer, 400, "invalid_language_code", param)
    assert possible in answer.json()["error"]["message"]
    answer = await call(edge, key, "POST", "/v1/sessions", {"mode": "translation", "target_language": "ru"})
    error(answer, 400, "invalid_language_code", "target_language")


WRONG_KEYS: tuple[dict[str, str], ...] = ({}, {"Authorization": "Bearer"}, headers("drg_nobody"))


@pytest.mark.shows("kallglot:sessions.key", "kallglot:sessions.error.unauthorized")
async def test_only_an_api_key_makes_sessions(edge: str, key: str) -> None:
    session = await created(edge, key)
    assert (await call(edge, key, "GET", "/v1/sessions", headers={"X-API-Key": key})).status_code == 200
    for method, path in (
        ("POST", "/v1/sessions"),
        ("GET", "/v1/sessions"),
        ("GET", f"/v1/sessions/{session['id']}"),
        ("POST", f"/v1/sessions/{session['id']}/end"),
    ):
        body = BOTH if method == "POST" else None
        token = headers(session["stream"]["token"])
        error(await call(edge, key, method, path, body, headers=token), 401, "invalid_api_key")
        for wrong in WRONG_KEYS:
            error(await call(edge, key, method, path, body, headers=wrong), 401, "invalid_api_key")


@pytest.mark.shows("kallglot:sessions.idempotency", "kallglot:sessions.idempotency.mismatch")
async def test_a_repeat_with_the_same_key_makes_no_second_session(edge: str, fresh: str) -> None:
    once = headers(fresh, **{"Idempotency-Key": secrets.token_hex(8)})
    answers = await asyncio.gather(
        *(call(edge, fresh, "POST", "/v1/sessions", BOTH, headers=once) for _ in range(8))
    )
    assert [answer.status_code for answer in answers] == [201] * 8
    made = answers[0].json()
    assert [answer.json() for answer in answers] == [made] * 8
    async with talk(made) as socket:
        await socket.until("status", status="connected")
        while_live = await call(edge, fresh, "POST", "/v1/sessions", BOTH, headers=once)
        await socket.end()
    after = await call(edge, fresh, "POST", "/v1/sessions", BOTH, headers=once)
    assert while_live.json() == after.json() == made
    found = (await call(edge, fresh, "GET", f"/v1/sessions/{made['id']}")).json()
    assert found["status"] == "ended"
    other = await call(edge, fresh, "POST", "/v1/sessions", BOTH | {"voice": "male"}, headers=once)
    error(other, 400, "idempotency_mismatch")
    assert len((await call(edge, fresh, "GET", "/v1/sessions")).json()["data"]) == 1
    long = headers(fresh, **{"Idempotency-Key": "x" * 256})
    error(await call(edge, fresh, "POST", "/v1/sessions", BOTH, headers=long), 400, "invalid_request")


@pytest.mark.shows("kallglot:sessions.idempotency.scope")
async def test_an_idempotency_key_is_the_accounts_whatever_its_api_key(made: Mesh, edge: str) -> None:
    first = await new_key(made, 10_000_000)
    once = secrets.token_hex(8)

    async def with_key(key: str) -> Message:
        sent = headers(key, **{"Idempotency-Key": once})
        found: Message = (await call(edge, key, "POST", "/v1/sessions", BOTH, headers=sent)).json()
        return found

    session = await with_key(first)
    second = await another_key(made, edge, first)
    again = await with_key(second)
    own = session | {"stream": dict(session["stream"])}
    tokens = {one["stream"].pop("token") for one in (again, own)}
    assert again == own and len(tokens) == 2  # each key has its own token of the session
    assert (await with_key(await new_key(made, 10_000_000)))["id"] != session["id"]
    async with talk(session) as socket:
        await socket.until("status", status="connected")
        await socket.end()


async def another_key(made: Mesh, edge: str, key: str) -> str:
    """A second key of the account that has `key`."""
    state: Any = made.state()["admin"]
    rest = Admin(state["url"], state["token"])

    def make() -> str:
        for account in rest.call("GET", "/v1/accounts")["items"]:
            keys = rest.call("GET", f"/v1/accounts/{account['id']}/keys")["items"]
            if any(key.startswith(one["prefix"]) for one in keys):
                return str(rest.call("POST", f"/v1/accounts/{account['id']}/keys", {})["secret"])
        raise AssertionError("nobody has this key")

    return await asyncio.to_thread(make)


@pytest.mark.shows("kallglot:sessions.end.idempotency")
async def test_an_end_may_be_repeated_with_its_idempotency_key(edge: str, fresh: str) -> None:
    session = await created(edge, fresh)
    once = headers(fresh, **{"Idempotency-Key": secrets.token_hex(8)})
    path = f"/v1/sessions/{session['id']}/end"
    first, again = [await call(edge, fresh, "POST", path, {"reason": "a"}, headers=once) for _ in range(2)]
    assert (first.status_code, again.json()) == (200, first.json())
    error(await call(edge, fresh, "POST", path, {"reason": "b"}, headers=once), 400, "idempotency_mismatch")
    error(await call(edge, fresh, "POST", "/v1/sessions", BOTH, headers=once), 400, "idempotency_mismatch")


@pytest.mark.shows("kallglot:sessions.list", "kallglot:sessions.list.pages")
async def test_sessions_are_listed_by_pages_the_newest_first(edge: str, fresh: str) -> None:
    ids = [(await created(edge, fresh))["id"] for _ in range(5)][::-1]

    async def page(**query: Any) -> tuple[list[str], bool]:
        answer = (await call(edge, fresh, "GET", "/v1/sessions", params=query)).json()
        assert (answer["object"], answer["url"]) == ("list", "/v1/sessions")
        assert all("token" not in session["stream"] for session in answer["data"])
        return [session["id"] for session in answer["data"]], answer["has_more"]

    assert await page() == (ids, False)
    assert await page(limit=2) == (ids[:2], True)
    assert await page(limit=2, starting_after=ids[1]) == (ids[2:4], True)
    assert await page(limit=2, starting_after=ids[3]) == (ids[4:], False)
    assert await page(limit=2, ending_before=ids[3]) == (ids[1:3], True)
    for limit in ("0", "101", "x", "-1", "9" * 5000):
        answer = await call(edge, fresh, "GET", "/v1/sessions", params={"limit": limit})
        error(answer, 400, "invalid_field_value", "limit")


@pytest.mark.shows(
    "kallglot:sessions.retrieve", "kallglot:sessions.status.active", "kallglot:sessions.status.ended"
)
async def test_a_session_is_created_then_active_then_ended(edge: str, key: str) -> None:
    session = await created(edge, key)
    path = f"/v1/sessions/{session['id']}"
    found = (await call(edge, key, "GET", path)).json()
    assert found["status"] == "created"
    async with talk(found) as socket:  # the token that is shown here is good as well
        await socket.until("status", status="connected")
        found = (await call(edge, key, "GET", path)).json()
        assert (found["status"], found["ended_at"]) == ("active", None)
        assert TIME.match(found["started_at"])
        assert found["stream"]["token"]
        await socket.end()
    found = (await call(edge, key, "GET", path)).json()
    assert (found["status"], found["stream"], found["end_reason"]) == ("ended", None, "completed")
    assert TIME.match(found["ended_at"])
    assert 0 < found["duration_seconds"] < 300


@pytest.mark.shows("kallglot:sessions.error.not_found")
async def test_a_session_of_nobody_or_of_another_account_is_not_found(
    edge: str, key: str, fresh: str
) -> None:
    theirs = (await created(edge, fresh))["id"]
    for session_id in (theirs, "sess_nobody", "*", "a.b", "%3E", "x" * 500):
        error(await call(edge, key, "GET", f"/v1/sessions/{session_id}"), 404, "session_not_found")
        error(await call(edge, key, "POST", f"/v1/sessions/{session_id}/end"), 404, "session_not_found")
    assert (await call(edge, fresh, "GET", f"/v1/sessions/{theirs}")).json()["status"] == "created"


async def ended(edge: str, key: str, session: Message, body: object = None) -> Message:
    answer = await call(edge, key, "POST", f"/v1/sessions/{session['id']}/end", body)
    assert answer.status_code == 200, answer.text
    found: Message = answer.json()
    assert (found["id"], found["status"], found["stream"]) == (session["id"], "ended", None)
    return found


@pytest.mark.shows("kallglot:sessions.end", "kallglot:sessions.end.reason")
async def test_ending_a_session_lets_its_results_out_and_closes_its_socket(edge: str, key: str) -> None:
    session = await created(edge, key)
    async with talk(session) as socket:
        await socket.say(sound([1, 2, 3]))
        over = await ended(edge, key, session, {"reason": "agent_hangup"})
        said = await socket.rest()
    assert socket.words("transcript") == socket.words("translation") == socket.spoken() == [1, 2, 3]
    assert [m["status"] for m in socket.all("status")][-2:] == ["ending", "ended"]
    assert said[-1]["status"] == "ended"
    assert socket.closed == 1000
    assert (over["end_reason"], over["duration_seconds"] > 0) == ("agent_hangup", True)
    again = await ended(edge, key, session, {"reason": "timeout"})
    assert again == over
    async with talk(session) as socket:
        assert (await socket.rest())[-1]["code"] == "session_ended"


@pytest.mark.shows("kallglot:sessions.end", "kallglot:sessions.end.reason")
async def test_a_session_that_never_began_can_be_ended(edge: str, key: str) -> None:
    session = await created(edge, key)
    over = await ended(edge, key, session)
    assert (over["end_reason"], over["started_at"], over["duration_seconds"]) == ("completed", None, 0.0)
    async with talk(session) as socket:
        told = (await socket.rest())[-1]
    assert (told["code"], told["recoverable"]) == ("session_ended", False)
    bad = await call(edge, key, "POST", f"/v1/sessions/{session['id']}/end", {"reason": 7})
    error(bad, 400, "invalid_field_value", "reason")


async def test_without_credits_the_socket_says_so(made: Mesh, edge: str) -> None:
    poor = await new_key(made, 0)
    answer = await call(edge, poor, "POST", "/v1/sessions", BOTH)
    if answer.status_code != 201:
        error(answer, 402, "insufficient_api_credits")
        return
    async with talk(answer.json()) as socket:
        told = (await socket.rest())[-1]
    assert (told["code"], told["recoverable"]) == ("insufficient_api_credits", False)

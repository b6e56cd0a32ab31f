"""The whole mesh with engines over HTTP: a tier names them, the server dies, the mesh goes on without it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import name, numbers, pcm_to_words
from tests.chaos.harness import Plan, mesh
from tests.conformance.native import Talk, session
from tests.hosted import chat_server
from tests.hosted.stand import KEY, Stand, standing
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
TIERS = """
tiers:
  development:
    max_sessions: 100
    requests_per_minute: 6000
  gold:
    max_sessions: 100
    requests_per_minute: 6000
    enrichment:
      translation: {engine: openai, settings: {model: large}}
      tts: {engine: openai}
"""


def hear(pcm: bytes) -> str:
    return " ".join(name(number) for number, _ in pcm_to_words(pcm))


def gold(messages: list[dict[str, str]]) -> str:
    return " ".join(f"gold:{word}" for word in messages[-1]["content"].split())


@pytest.fixture(scope="module")
def server() -> Iterator[Stand]:
    with standing(chat_server.application(gold, hear)) as stand:
        yield stand


@pytest.fixture(scope="module")
def made(server: Stand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    tiers = tmp_path_factory.mktemp("tiers") / "tiers.yaml"
    tiers.write_text(TIERS)
    address = f"{server.url}/v1"
    settings = {
        "DRAGOMAN_ACCOUNTS_TIERS_FILE": str(tiers),
        "DRAGOMAN_LOG_LEVEL": "debug",
        "DRAGOMAN_STT_ENGINE": "openai",
        "DRAGOMAN_STT_OPENAI_URL": address,
        "DRAGOMAN_STT_OPENAI_KEY": KEY,
        "DRAGOMAN_TRANSLATION_ENGINES": "openai,scripted",
        "DRAGOMAN_TRANSLATION_OPENAI_URL": address,
        "DRAGOMAN_TRANSLATION_OPENAI_KEY": KEY,
        "DRAGOMAN_TRANSLATION_OPENAI_MODEL": "small",
        "DRAGOMAN_TRANSLATION_OPENAI_ONLY_NAMED": "true",
        "DRAGOMAN_TRANSLATION_OPENAI_FAILURES": "2",
        "DRAGOMAN_TRANSLATION_OPENAI_PAUSE_S": "0.2",
        "DRAGOMAN_TTS_ENGINES": "scripted,openai",
        "DRAGOMAN_TTS_OPENAI_URL": address,
        "DRAGOMAN_TTS_OPENAI_KEY": KEY,
    }
    plan = Plan(replicas={"edge": 1, "stt": 1, "translation": 1, "tts": 1})
    with mesh(plan, **settings) as (running, _):
        yield running


@pytest.fixture(scope="module")
def edge(made: Mesh) -> str:
    return next(r.url for r in made.replicas if r.service == "edge")


@pytest.fixture(scope="module")
def golden(made: Mesh) -> str:
    """A key of an account of the tier."""
    url = next(r.url for r in made.replicas if r.service == "accounts")
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {made.admin_token}"}, timeout=WAIT_S
    ) as admin:
        account = admin.post("/v1/accounts", json={"name": "Gold", "tier": "gold"}).json()["id"]
        place = f"/v1/accounts/{account}"
        topped = {"micro": 10**12}
        admin.post(f"{place}/topups", json=topped, headers={"Idempotency-Key": "one"}).raise_for_status()
        secret: str = admin.post(f"{place}/keys", json={}).json()["secret"]
        return secret


async def said(talk: Talk, word: int) -> dict[str, Any]:
    """The translation of a word that is said now."""
    await talk.say([word])
    return await talk.until("translation", final=True)


def chats(server: Stand) -> list[dict[str, Any]]:
    return [asked.json for asked in server.asked if asked.path.endswith("/chat/completions")]


async def test_only_a_tier_that_names_the_engines_has_them(
    edge: str, made: Mesh, golden: str, server: Stand
) -> None:
    async with session(edge, made.key) as talk:
        assert (await said(talk, 0x12))["text"] == "es:w0012"
        await talk.until("speech", last=True)
        assert [number for pcm in talk.speech.values() for number, _ in pcm_to_words(pcm)] == [0x12]
    assert not chats(server)
    async with session(edge, golden, context="At the door.") as talk:
        assert (await said(talk, 0x34))["text"] == "gold:w0034"
        assert (await said(talk, 0x56))["text"] == "gold:w0056"
        await talk.until("speech", last=True)
        assert all(pcm and not pcm_to_words(pcm) for pcm in talk.speech.values())
    first, second = chats(server)
    assert first["model"] == "large" and '"At the door."' in first["messages"][0]["content"]
    assert '"w0034"' in second["messages"][0]["content"]  # what was said just before


async def test_another_chain_goes_on_when_the_server_fails(edge: str, golden: str, server: Stand) -> None:
    async with session(edge, golden) as talk:
        assert (await said(talk, 0x12))["text"] == "gold:w0012"
        fails = server.app
        server.app = refusing(fails)
        try:
            for word in (0x34, 0x56, 0x78):
                assert (await said(talk, word))["text"] == f"es:{name(word)}"
        finally:
            server.app = fails
        texts = [(await said(talk, word))["text"] for word in range(0x90, 0x98)]
        assert texts[-1] == "gold:w0097"
        assert [number for text in texts for number in numbers(text)] == list(range(0x90, 0x98))


async def test_a_recogniser_that_fails_is_told_to_the_client(edge: str, golden: str, server: Stand) -> None:
    async with session(edge, golden) as talk:
        server.always = 500
        try:
            await talk.say([0x12])
            failure = await talk.until("failure")
        finally:
            server.always = None
    assert failure["stage"] == "stt"


def test_the_key_is_in_no_log(made: Mesh, server: Stand) -> None:
    logs = [path.read_text(errors="replace") for path in Path(made.options.folder).rglob("*.log")]
    assert any("hosted engine failed" in log for log in logs)
    assert not any(KEY in log for log in logs)
    for replica in made.replicas:
        assert KEY not in httpx.get(f"{replica.url}/metrics", timeout=WAIT_S).text


def refusing(app: Any) -> Any:
    """The server with its chat broken."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if not scope["path"].endswith("/chat/completions"):
            await app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 500, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps({"error": {"message": KEY}}).encode()})

    return answer

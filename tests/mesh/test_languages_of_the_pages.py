"""Every pair in the examples of the vendors' pages: served, or refused while the client can react.

What is refused says what could be; the edge's log has the command that would add it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.mesh.conftest import Mesh
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
NO_MODEL = "no model is known"
SARVAM = [
    "as", "bn", "brx", "doi", "en", "gu", "hi", "kn", "kok", "ks", "mai", "ml", "mni", "mr", "ne", "od", "pa",
    "sa", "sat", "sd", "ta", "te", "ur",
]  # fmt: skip
FIREFOX_TO_ENGLISH = {"bn", "gu", "hi", "kn", "ml", "ta", "te"}

# Dialect, spoken, target, and what is to be pulled where it is not served (into English there is the
# recogniser's own); None = it is served by what comes with the project, or no model is known.
PAGES: list[tuple[str, str, str, str | None]] = [
    ("kallglot", "", "", None),
    ("kallglot", "de", "en", "en-de"),
    ("krisp", "en-US", "fr-FR", None),
    ("krisp", "en-US", "es-ES", None),
    ("krisp", "en-US", "ru-RU", "en-ru"),
    ("pinch", "en", "es", None),
    ("pinch", "en-US", "de", "en-de"),
    ("pinch", "en", "zh", "en-zh"),
    ("pinch", "auto", "es", None),
    ("pinch", "en", "xx", None),
    ("vas", "zh-TW", "en-US", "zh-en"),
    ("vas", "zh-TW", "ja", "en-ja"),
    ("vas", "en-US", "zh-TW", "en-zh"),
    ("vas", "en-US", "ja-JP", "en-ja"),
    *(
        ("sarvam", f"{code}-IN", "en", f"{code}-en" if code in FIREFOX_TO_ENGLISH else None)
        for code in SARVAM
    ),
]


def http(mesh: Mesh, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=mesh.edge, headers=headers, timeout=WAIT_S)


def socket(mesh: Mesh, path: str, headers: dict[str, str] | None = None, **options: Any) -> Any:
    return connect(
        mesh.edge.replace("http", "ws", 1) + path, additional_headers=headers, **options, open_timeout=WAIT_S
    )


async def first(client: Any) -> Any:
    return json.loads(await asyncio.wait_for(client.recv(), WAIT_S))


async def kallglot(mesh: Mesh, spoken: str, target: str) -> str:
    """At `POST /v1/sessions`."""
    languages = {"source_language": spoken, "target_language": target}
    body = {"mode": "bidirectional_translation"} | {name: tag for name, tag in languages.items() if tag}
    async with http(mesh, Authorization=f"Bearer {mesh.key}") as client:
        answer = await client.post("/v1/sessions", json=body)
    if answer.status_code == 201:
        return ""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_language_code")
    return str(error["message"])


async def krisp(mesh: Mesh, spoken: str, target: str) -> str:
    """In the first answer."""
    config: dict[str, Any] = {"source_language": spoken, "target_language": target, "voice": "male"}
    config |= {"features": {"resume": True}}  # then a session says that it has begun
    async with socket(mesh, "/vt", {"Authorization": f"api-key {mesh.key}"}) as client:
        await client.send(json.dumps({"config": config}))
        answer = await first(client)
    if "session" in answer:
        return ""
    assert answer["error"]["code"] == 400
    return str(answer["error"]["description"])


async def pinch(mesh: Mesh, spoken: str, target: str) -> str:
    """At `GET /v1/session`."""
    async with http(mesh, Authorization=f"Bearer {mesh.key}") as client:
        query = {"sourceLanguage": spoken, "targetLanguage": target}
        answer = await client.get("/v1/session", params=query)
    assert answer.status_code in (200, 400)
    return "" if answer.status_code == 200 else str(answer.json()["error"])


async def vas(mesh: Mesh, spoken: str, target: str) -> str:
    """At `start`."""
    async with http(mesh, **{"X-API-Key": mesh.key}) as client:
        ticket = (await client.post("/api/v1/auth/ticket")).json()["ticket"]
    start = {"action": "start", "type": "transcribe", "transcription_languages": [spoken]}
    start |= {"translation_languages": [target]}
    async with socket(mesh, "/ws", subprotocols=[Subprotocol(f"ticket.{ticket}")]) as client:
        await client.send(json.dumps({"type": "voice-translation", "data": start}))
        answer = await first(client)
    if answer["data"].get("action") == "session_started":
        return ""
    assert answer["data"]["error_code"] == "language_not_supported"
    return str(answer["data"]["message"])


async def sarvam(mesh: Mesh, spoken: str, target: str) -> str:
    """At the handshake: its answer names those that are served, the others are refused at once."""
    path = f"/speech-to-text/ws?mode=translate&language-code={spoken}"
    async with socket(mesh, path, {"Api-Subscription-Key": mesh.key}) as client:
        if spoken in client.response.headers["X-Languages-To-English"].split(", "):
            return ""
        answer = await first(client)
    assert (answer["type"], answer["data"]["code"]) == ("error", "invalid_request_error")
    return str(answer["data"]["error"])


ASKED: dict[str, Callable[[Mesh, str, str], Awaitable[str]]] = {
    "kallglot": kallglot, "krisp": krisp, "pinch": pinch, "vas": vas, "sarvam": sarvam,
}  # fmt: skip


async def served(mesh: Mesh, spoken: str, target: str) -> bool:
    """What `GET /v1/languages` says of the pair."""
    query = {"to": target} | ({"from": spoken} if spoken not in ("", "auto") else {})
    async with http(mesh, Authorization=f"Bearer {mesh.key}") as client:
        found = (await client.get("/v1/languages", params=query)).json()
    return bool(found["pairs"] and found["recognised"] and found["spoken"])


def commands(mesh: Mesh, target: str) -> list[str]:
    """What operators were told would help."""
    lines = [
        json.loads(line) for line in (mesh.folder / "edge-0.log").read_text().splitlines() if line[:1] == "{"
    ]
    return [
        line["add"]
        for line in lines
        if line.get("event") == "language refused" and line["language"] == target
    ]


@pytest.mark.parametrize(("dialect", "spoken", "target", "pull"), PAGES)
async def test_a_pair_of_the_pages_is_served_or_refused_with_what_would_add_it(
    mesh: Mesh, dialect: str, spoken: str, target: str, pull: str | None
) -> None:
    refusal = await ASKED[dialect](mesh, spoken, target)
    if not refusal:
        assert spoken.startswith(target) or await served(mesh, spoken or "", target or "en")
        return
    assert "possible" in refusal or "there are" in refusal
    told = [line for tag in (spoken, target) for line in commands(mesh, tag)]
    if pull is None:
        assert NO_MODEL in told
    else:
        assert f"dragoman models pull {pull}" in told


@pytest.mark.parametrize("dialect", ["kallglot", "krisp", "pinch"])
async def test_the_plainest_examples_are_served_as_they_stand(mesh: Mesh, dialect: str) -> None:
    pair = {"kallglot": ("", ""), "krisp": ("en-US", "fr-FR"), "pinch": ("en", "es")}[dialect]
    assert await ASKED[dialect](mesh, *pair) == ""

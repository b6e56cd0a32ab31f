"""Ids of another account on every route that the edge has: they are answered as ids that there are not."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_contract.task_ids import session_id, task_id
from dragoman_edge.dialects import DIALECTS
from dragoman_edge.dialects.rest import Route
from tests.conformance import viewing
from tests.conformance.kallglot_client import created
from tests.conformance.test_enrolment import ANA, enrol, recording
from tests.conformance.test_kallglot_sessions import new_key
from tests.conformance.test_vas_tasks import spoken

# What a parameter of a path names. A route of a new kind fails here until somebody has said whose it is.
OWNED = (
    (r"/v1/sessions/{session_id}/recording", "session"),
    (r"/v1/sessions/{session_id}", "call"),
    (r"/v1/tasks/{task_id}", "session"),
    (r"/api/v1/broadcasts/{id}", "broadcast"),
    (r"/api/v1/(tasks|recordings)/{id}", "task"),
    (r"/api/v1/sse/(history/transcribe|audio|tts|retranslate|retranslate/summary)/{id}", "task"),
    (r"/api/v1/(sse/)?imports/{id}", "import"),
    (r"/v1/imports/{", "import"),
    (r"/v1/speakers/{speaker_id}", "speaker"),
)
OPEN = ("{token}", "{slug}", "{name}", "{path:path}")  # of viewers, templates and voices; what there is not
BODIES: dict[str, Any] = {
    "/name": {"name": "taken over"},
    "/pin": {"is_pinned": True},
    "/speakers/rename": {"speaker_id": "0", "new_label": "taken over"},
    "/speakers/reassign": {"sid": 1, "new_speaker_id": "Guest-2"},
    "/speakers/merge": {"source_speaker_id": "0", "target_speaker_id": "Guest-2"},
    "/retranslate": {"target_language": "es-ES"},
    "/regenerate-summary": {},
    "/broadcasts/{id}": {"name": "taken over"},
    "/v1/tasks/{task_id}": {"title": "taken over", "names": {"0": "taken over"}},
}
QUERY = {"targetLang": "es-ES", "language": "es-ES"}
UNKNOWN = {
    "call": "s_" + "a" * 24, "session": "s_" + "a" * 24, "task": task_id("s_" + "a" * 24),
    "import": task_id("s_" + "a" * 24), "broadcast": "00000000-0000-4000-8000-000000000000",
    "speaker": "sp_" + "a" * 24,
}  # fmt: skip
ROUTES = [(name, route) for name, dialect in DIALECTS.items() for route in dialect.routes]
NAMED = [
    (name, route)
    for name, route in ROUTES
    if "{" in route.path and not any(part in route.path for part in OPEN)
]
LISTS = [route.path for _, route in ROUTES if route.method == "GET" and "{" not in route.path]


@dataclass
class Victim:
    """What an account has, and its key."""

    key: str
    ids: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def client(edge: str, key: str) -> AsyncIterator[httpx.AsyncClient]:
    """With the key as each API takes it."""
    headers = {"Authorization": f"Bearer {key}", "X-API-Key": key}
    async with httpx.AsyncClient(base_url=edge, headers=headers, timeout=30) as http:
        yield http


def kind(route: Route) -> str:
    """What the ids of a route name."""
    found = [what for pattern, what in OWNED if re.match(pattern, route.path)]
    assert found, f"{route.path}: say in OWNED or OPEN whose ids these are"
    return found[0]


async def ask(http: httpx.AsyncClient, route: Route, ids: dict[str, str]) -> httpx.Response:
    path = re.sub(r"{(session_id|task_id|import_id|speaker_id|id)}", ids[kind(route)], route.path).replace(
        "{sid}", "1"
    )
    body = next((body for end, body in BODIES.items() if route.path.endswith(end)), None)
    return await http.request(route.method, path, json=body, params=QUERY if body is None else None)


def told(answer: httpx.Response, ids: dict[str, str]) -> tuple[int, str]:
    """What a client can learn: all but ids and times that differ anyhow."""
    text = re.sub(r'req_[a-z0-9]+|"timestamp":"[^"]*"|"request_id":"[^"]*"', "", answer.text)
    for one in ids.values():
        text = text.replace(one, "ID")
    return answer.status_code, text


@pytest.fixture
async def victim(made: Mesh, edge: str) -> Victim:
    found = Victim(await new_key(made, 10**9))
    task, _ = await spoken(edge, found.key, [1, 2])
    broadcast = await viewing.made(edge, found.key, name="ours")
    call = await created(edge, found.key)
    speaker = (await enrol(edge, found.key, recording(ANA), keep=True)).json()["kept"]
    found.ids = {
        "task": task, "import": task, "session": session_id(task), "call": str(call["id"]),
        "broadcast": broadcast["id"], "speaker": speaker["id"],
    }  # fmt: skip
    return found


async def state(http: httpx.AsyncClient, ids: dict[str, str]) -> list[Any]:
    """Everything that could have been changed."""
    session = f"/v1/tasks/{ids['session']}"
    paths = (
        session, f"{session}/entries", f"/v1/sessions/{ids['call']}", f"/api/v1/tasks/{ids['task']}",
        f"/api/v1/broadcasts/{ids['broadcast']}", "/v1/speakers",
    )  # fmt: skip
    answers = [await http.get(path) for path in paths]
    assert all(answer.is_success for answer in answers)
    bodies = [answer.json() for answer in answers]
    bodies[2].pop("stream")  # has a token of its own in each answer
    return bodies


@pytest.mark.shows("vas:tasks.other", "native:tasks.other", "vas:broadcasts.other")
async def test_another_accounts_ids_are_unknown_on_every_route(made: Mesh, edge: str, victim: Victim) -> None:
    ids = victim.ids
    async with client(edge, victim.key) as mine, client(edge, await new_key(made, 10**9)) as theirs:
        before = await state(mine, ids)
        for name, route in NAMED:
            foreign, unknown = await ask(theirs, route, ids), await ask(theirs, route, UNKNOWN)
            assert foreign.status_code in (400, 404), f"{name} {route.method} {route.path}: {foreign.text}"
            assert told(foreign, ids) == told(unknown, UNKNOWN), f"{name} {route.method} {route.path}"
        for path in LISTS:
            listed = (await theirs.get(path)).text
            assert not [one for one in ids.values() if one in listed], path
        for path, field_, one in (
            ("/api/v1/tasks/batch", "task_ids", ids["task"]),
            ("/api/v1/recordings/batch", "task_ids", ids["task"]),
            ("/api/v1/broadcasts/batch", "broadcast_ids", ids["broadcast"]),
        ):
            await theirs.request("DELETE", path, json={field_: [one]})
        pin = {"task_ids": [ids["task"]], "is_pinned": True}
        await theirs.put("/api/v1/tasks/batch/pin", json=pin)
        assert await state(mine, ids) == before


async def test_the_same_requests_of_the_owner_are_answered(edge: str, victim: Victim) -> None:
    """Else the test above would show nothing: a request that is refused for its form is refused to all."""
    last = {"DELETE": 2, "POST": 1}
    kept = {"task", "session"}  # one and the same, until it is deleted
    async with client(edge, victim.key) as mine:
        for name, route in sorted(NAMED, key=lambda one: last.get(one[1].method, 0)):
            if kind(route) == "import" or (
                route.method == "DELETE" and kind(route) not in {*kept, "broadcast", "speaker"}
            ):
                continue  # the task is no import; it is deleted already
            answer, unknown = await ask(mine, route, victim.ids), await ask(mine, route, UNKNOWN)
            assert told(answer, victim.ids) != told(unknown, UNKNOWN), f"{name} {route.method} {route.path}"
            if route.method == "DELETE" and kind(route) in kept:
                kept = set()

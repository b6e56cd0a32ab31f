"""Kept sessions of the VAS dialect, and requests about them."""

import json
from dataclasses import replace
from typing import Any

from dragoman_contract import rpc
from dragoman_contract.task_ids import task_id
from dragoman_edge.model.http import HttpRequest
from tests.support.vas_codec import NOW

SESSION = "s_" + "a" * 24
UUID = task_id(SESSION)
WHO: dict[str, Any] = {"account_id": "a_1", "key_id": "k_1"}
KEY = rpc.AuthenticateReply(**WHO)
TASK = rpc.Task(
    id=SESSION, dialect="vas", kind="conversation", source_languages=("en-US", "es-ES"), heard_ms=83_500,
    target_languages=("en-US", "es-ES"), started_at_ms=NOW, ended_at_ms=NOW + 90_000,
    delete_at_ms=NOW + 9_000_000, reason="ended", sentences=2,
)  # fmt: skip


def entry(utterance: int, text: str = "hello", language: str = "en-US", **more: Any) -> rpc.Entry:
    """A sentence that begins at so many seconds, and its translation."""
    said = rpc.KeptSentence(
        track=0, utterance=utterance, language=language, text=text, start_ms=utterance * 1000, duration_ms=500
    )
    other = "es-ES" if language == "en-US" else "en-US"
    made = rpc.KeptTranslation(track=0, utterance=utterance, language=other, text=f"{text} there")
    return rpc.Entry(sentence=replace(said, **more), translations=(made,))


def request(
    path: str = "/api/v1/tasks", body: object = None, id: str = UUID, method: str = "GET", **query: str
) -> HttpRequest:
    """With a key, about one task."""
    return HttpRequest(
        method=method, path=path, path_parameters={"id": id}, query=query, headers={"x-api-key": "vas_1"},
        body=json.dumps(body).encode() if body is not None else b"", source="::1", base_url="http://edge",
        new_id="n", build="b", now_ms=NOW,
    )  # fmt: skip

"""The Krisp dialect without a socket."""

import json
from typing import Any

from dragoman_contract import events as ev
from dragoman_edge.dialects.krisp.conversation import KrispConversation
from dragoman_edge.model.commands import Open
from dragoman_edge.model.events import Opened
from dragoman_edge.model.http import Handshake

STARTED_MS = 1_774_466_685_370  # 2026-03-25T19:24:45.370Z
CONFIG: dict[str, Any] = {"source_language": "en-US", "target_language": "fr-FR", "voice": "male"}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CONFIG.items() if key != name}


def handshake(**changes: Any) -> Handshake:
    fields: dict[str, Any] = {"path": "/vt", "path_parameters": {}, "query": {}, "headers": {}} | changes
    return Handshake(**fields)


def conversation(**config: Any) -> KrispConversation:
    """A codec whose configuration was taken and whose session is open."""
    made = KrispConversation(handshake(query={"authorization": "api-key k"}))
    made.receive(json.dumps({"config": CONFIG | config}))
    assert made.render(Opened("s_1", STARTED_MS), 0) == []
    return made


def opened(**config: Any) -> Open:
    made = KrispConversation(handshake())
    (command,) = made.receive(json.dumps({"config": CONFIG | config}))
    assert isinstance(command, Open)
    return command


def transcript(**changes: Any) -> ev.Transcript:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3, "revision": 1, "final": True,
        "text": "Hello, how are you?", "language": "en", "start_ms": 1000, "duration_ms": 436,
    }  # fmt: skip
    return ev.Transcript(**fields | changes)


def translation(**changes: Any) -> ev.Translation:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3, "revision": 1, "final": True,
        "language": "fr-FR", "text": "Bonjour", "source_language": "en", "source_text": "Hello",
        "start_ms": 1000, "duration_ms": 436,
    }  # fmt: skip
    return ev.Translation(**fields | changes)


def chunk(audio: bytes) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s_1",
        track=0,
        epoch=1,
        utterance=3,
        language="fr-FR",
        sample_offset=0,
        audio=audio,
        last=True,
    )


def rendered(made: KrispConversation, event: ev.Event) -> Any:
    (frame,) = made.render(event, 0)
    assert isinstance(frame, str)
    return json.loads(frame)

"""The native API without a socket; every message that is rendered is checked against its model."""

import json
from typing import Any

from pydantic import TypeAdapter

from dragoman_contract import events as ev
from dragoman_edge.dialects.native import events as told
from dragoman_edge.dialects.native.conversation import NativeConversation
from dragoman_edge.model.commands import Answer, Command, Open
from dragoman_edge.model.events import Opened, ServerEvent
from dragoman_edge.model.http import Handshake

START: dict[str, Any] = {"type": "start", "spoken": "en", "to": ["es"]}
FROM_SERVER: TypeAdapter[Any] = TypeAdapter(told.FromServer)
UTTERANCE: dict[str, Any] = {"session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3}


def fresh() -> NativeConversation:
    """A codec that waits for its first message."""
    return NativeConversation(Handshake("/v1/stream", {}, {}, {"authorization": "Bearer k"}))


def running(**start: Any) -> NativeConversation:
    """A codec whose session is open."""
    made = fresh()
    (command,) = made.receive(json.dumps(START | start))
    assert isinstance(command, Open)
    made.render(Opened("s_1", 1), 1)
    return made


def sent(made: NativeConversation, **message: Any) -> list[Command]:
    """The commands of a message."""
    return made.receive(json.dumps(message))


def answered(commands: list[Command]) -> Any:
    """The message that answers, checked."""
    (answer,) = commands
    assert isinstance(answer, Answer)
    (frame,) = answer.frames
    return checked(frame)


def checked(frame: str | bytes) -> Any:
    """A message of the server, after its model took it."""
    assert isinstance(frame, str)
    message = json.loads(frame)
    FROM_SERVER.validate_python(message)
    return message


def shown(made: NativeConversation, event: ServerEvent) -> Any:
    """The one message that an event becomes."""
    (frame,) = made.render(event, 1)
    return checked(frame)


def transcript(**changes: Any) -> ev.Transcript:
    """A final one."""
    fields = UTTERANCE | {"revision": 2, "final": True, "text": "One two", "language": "en"}
    return ev.Transcript(**fields | {"start_ms": 100, "duration_ms": 900} | changes)


def translation(**changes: Any) -> ev.Translation:
    """A final one into Spanish."""
    fields = UTTERANCE | {"revision": 1, "final": True, "language": "es", "text": "Uno dos"}
    more = {"source_language": "en", "source_text": "One two", "start_ms": 100, "duration_ms": 900}
    return ev.Translation(**fields | more | changes)


def chunk(**changes: Any) -> ev.SpeechChunk:
    """Two samples of Spanish speech."""
    fields = UTTERANCE | {"language": "es", "sample_offset": 320, "audio": b"abcd", "last": False}
    return ev.SpeechChunk(**fields | changes)


def failure(**changes: Any) -> ev.Failure:
    """No translation comes."""
    fields = UTTERANCE | {
        "stage": ev.Stage.TRANSLATION,
        "language": "es",
        "code": "timeout",
        "message": "late",
    }
    return ev.Failure(**fields | {"retryable": True} | changes)

"""The Pinch dialect without a socket."""

import json
from typing import Any

from dragoman_contract import events as ev
from dragoman_edge.dialects.pinch.conversation import PinchConversation
from dragoman_edge.model.commands import Open
from dragoman_edge.model.events import Opened, ServerEvent
from dragoman_edge.model.http import Handshake

NOW_MS = 1_774_466_685_370
PARAMETERS: dict[str, Any] = {"session_id": "ss_1", "sourceLanguage": "en", "targetLanguage": "es"}
UTTERANCE: dict[str, Any] = {"session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3, "revision": 1}


def fresh(token: str = "pst_1") -> PinchConversation:
    """A codec whose token was not looked at yet."""
    return PinchConversation(Handshake("/session", {}, {"token": token}, {}))


def opening(**parameters: Any) -> Open:
    """The session that a token begins."""
    (command,) = fresh().admitted(json.dumps(PARAMETERS | parameters))
    assert isinstance(command, Open)
    return command


def running(**parameters: Any) -> PinchConversation:
    """A codec whose session is open."""
    made = fresh()
    made.admitted(json.dumps(PARAMETERS | parameters))
    made.render(Opened("s_1", NOW_MS), NOW_MS)
    return made


def shown(made: PinchConversation, event: ServerEvent) -> list[Any]:
    """The messages that an event becomes."""
    return [json.loads(frame) for frame in made.render(event, NOW_MS)]


def transcript(**changes: Any) -> ev.Transcript:
    """A final one."""
    fields = UTTERANCE | {"final": True, "text": "One two", "language": "en", "start_ms": 0}
    return ev.Transcript(**fields | {"duration_ms": 900} | changes)


def translation(**changes: Any) -> ev.Translation:
    """A final one into Spanish."""
    fields = UTTERANCE | {"final": True, "language": "es", "text": "Uno dos", "source_language": "en"}
    more = {"source_text": "One two", "start_ms": 0, "duration_ms": 900}
    return ev.Translation(**fields | more | changes)

"""The VAS dialect without a socket: a codec, the actions that it is sent, and the events that it renders."""

import json
from typing import Any

from dragoman_contract import events as ev
from dragoman_edge.dialects.vas.conversation import VasConversation
from dragoman_edge.model.commands import Amend, Answer, Command, Open, Update
from dragoman_edge.model.events import Opened, Outcome, ServerEvent
from dragoman_edge.model.http import Handshake

NOW = 1_768_473_045_123  # 2026-01-15T10:30:45.123Z
START: dict[str, Any] = {
    "type": "transcribe",
    "transcription_languages": ["en-US"],
    "translation_languages": ["es-ES", "fr-FR"],
    "audio_format": "pcm",
}
TALK = START | {"type": "conversation", "translation_languages": ["es-ES"]}
UTTERANCE: dict[str, Any] = {"session_id": "s_1", "track": 0, "epoch": 1, "utterance": 1, "revision": 1}


def handshake(*subprotocols: str) -> Handshake:
    offered = subprotocols or ("ticket.abc",)
    return Handshake("/ws", path_parameters={}, query={}, headers={}, subprotocols=offered, now_ms=NOW)


def action(name: str, **data: Any) -> str:
    return json.dumps({"type": "voice-translation", "data": {"action": name, **data}})


def fresh() -> VasConversation:
    made = VasConversation(handshake())
    assert made.admitted("vas ticket") == []
    return made


def opened(**start: Any) -> Open:
    (command,) = fresh().receive(action("start", **START | start))
    assert isinstance(command, Open), command
    return command


def running(**start: Any) -> VasConversation:
    """A codec whose session is open."""
    made = fresh()
    (command,) = made.receive(action("start", **START | start))
    assert isinstance(command, Open), command
    made.render(Opened("s_1", NOW), NOW)
    return made


def shown(made: VasConversation, event: ServerEvent) -> list[Any]:
    return [json.loads(frame) for frame in made.render(event, NOW)]


def told(commands: list[Command]) -> Any:
    """The `data` of the one frame that answers."""
    (answer,) = (one for one in commands if not isinstance(one, Amend))
    assert isinstance(answer, Answer), answer
    (frame,) = answer.frames
    return json.loads(frame)["data"]


def refused(made: VasConversation, frame: str | bytes) -> str:
    (answer,) = made.receive(frame)
    assert isinstance(answer, Answer)
    message = json.loads(answer.frames[0])
    assert message["type"] == "error", message
    assert message["data"]["severity"] == "error"
    return str(message["data"]["error_code"])


def transcript(**changes: Any) -> ev.Transcript:
    fields = UTTERANCE | {"final": True, "text": "Hello, you", "language": "en"}
    return ev.Transcript(**fields | {"start_ms": 65_500, "duration_ms": 900} | changes)


def translation(**changes: Any) -> ev.Translation:
    fields = UTTERANCE | {"final": True, "language": "es-ES", "text": "Hola, tú", "source_language": "en"}
    more = {"source_text": "Hello, you", "start_ms": 0, "duration_ms": 900}
    return ev.Translation(**fields | more | changes)


def chunk(**changes: Any) -> ev.SpeechChunk:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 1, "language": "es-ES",
        "sample_offset": 0, "audio": bytes(32_000), "last": False,
        "boundaries": (ev.Boundary(offset_ms=0, duration_ms=300, text_offset=0, text_length=4),),
    }  # fmt: skip
    return ev.SpeechChunk(**fields | changes)


def failure(stage: ev.Stage, **changes: Any) -> ev.Failure:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 1, "stage": stage,
        "language": "es-ES", "code": "engine_failed", "message": "told to fail",
    }  # fmt: skip
    return ev.Failure(**fields | changes)


def said(made: VasConversation, *sids: int) -> None:
    for sid in sids:
        shown(made, transcript(utterance=sid, text=f"sentence {sid}"))
        shown(made, translation(utterance=sid, text=f"frase {sid}"))


def agreed(made: VasConversation, commands: list[Command]) -> list[Any]:
    """What is said once the mesh has done the update among the commands."""
    (update,) = [command for command in commands if isinstance(command, Update)]
    return [message["data"] for message in shown(made, Outcome(update.tag))]

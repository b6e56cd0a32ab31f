"""The Sarvam dialect without a socket."""

import base64
import io
import json
import wave
from typing import Any

import numpy as np

from dragoman_contract import events as ev
from dragoman_edge.dialects.sarvam.conversation import SarvamConversation
from dragoman_edge.model.commands import Audio, Open
from dragoman_edge.model.events import Opened
from dragoman_edge.model.http import Handshake

TRANSLATE, TRANSCRIBE = "/speech-to-text-translate/ws", "/speech-to-text/ws"
NOW_MS = 1_774_466_685_370
TONE = (8000 * np.sin(np.arange(1600) / 5)).astype("<i2").tobytes()


def handshake(path: str = TRANSLATE, **changes: Any) -> Handshake:
    headers = {"api-subscription-key": "k"}
    fields: dict[str, Any] = {"path": path, "path_parameters": {}, "query": {}, "headers": headers}
    return Handshake(**fields | changes)


def opened(path: str = TRANSLATE, **query: str) -> Open:
    (command,) = SarvamConversation(handshake(path, query=query)).admitted("")
    assert isinstance(command, Open)
    return command


def conversation(path: str = TRANSLATE, **query: str) -> SarvamConversation:
    made = SarvamConversation(handshake(path, query=query))
    made.admitted("")
    assert made.render(Opened("s_1", NOW_MS), NOW_MS) == []
    return made


def audio(data: bytes, **changes: Any) -> str:
    body = {"data": base64.b64encode(data).decode(), "sample_rate": 16_000, "encoding": "audio/wav"}
    return json.dumps({"audio": body | changes})


def sound(made: SarvamConversation, *pieces: bytes, **changes: Any) -> tuple[bytes, set[int]]:
    """The samples that became commands, and their rates."""
    commands = [c for piece in pieces for c in made.receive(audio(piece, **changes))]
    assert all(isinstance(c, Audio) for c in commands)
    formats = [c.format for c in commands if isinstance(c, Audio)]
    return b"".join(c.data for c in commands if isinstance(c, Audio)), {f.sample_rate for f in formats if f}


def wav(pcm: bytes, rate: int = 16_000, width: int = 2, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(pcm)
    return out.getvalue()


def transcript(**changes: Any) -> ev.Transcript:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3, "revision": 1, "final": True,
        "text": "नमस्ते", "language": "hi", "start_ms": 1000, "duration_ms": 436, "language_probability": 0.9,
    }  # fmt: skip
    return ev.Transcript(**fields | changes)


def translation(**changes: Any) -> ev.Translation:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3, "revision": 1, "final": True,
        "language": "en", "text": "Hello", "source_language": "hi", "source_text": "नमस्ते",
        "start_ms": 1000, "duration_ms": 436,
    }  # fmt: skip
    return ev.Translation(**fields | changes)


def activity(speaking: bool, at_ms: int) -> ev.SpeechActivity:
    return ev.SpeechActivity(session_id="s_1", track=0, epoch=1, speaking=speaking, at_ms=at_ms)


def rendered(made: SarvamConversation, event: Any, now_ms: int = NOW_MS) -> Any:
    (frame,) = made.render(event, now_ms)
    assert isinstance(frame, str)
    return json.loads(frame)

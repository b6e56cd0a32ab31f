"""For every dialect a handshake and the first message that open a session."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Opening:
    """How a client of a dialect begins; an idle session follows."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


def _text(**message: Any) -> str:
    return json.dumps(message)


OPENINGS = {
    "kallglot": Opening("/v1/sessions/sess_1/connect?token=kst_1"),
    "krisp": Opening(
        "/vt",
        {"Authorization": "api-key k"},
        first=(_text(config={"source_language": "en-US", "target_language": "es-ES", "voice": "male"}),),
    ),
    "native": Opening(
        "/v1/stream",
        {"Authorization": "Bearer k"},
        first=(_text(type="start", spoken="en-US", to=["es-ES"]),),
    ),
    "pinch": Opening("/session?token=t"),
    "sarvam": Opening(
        "/speech-to-text/ws?language-code=en-IN&model=saaras:v3&mode=transcribe",
        {"Api-Subscription-Key": "k"},
    ),
    "vas": Opening(
        "/ws",
        subprotocols=("ticket.abc",),
        first=(
            _text(
                type="voice-translation",
                data={
                    "action": "start",
                    "type": "transcribe",
                    "transcription_languages": ["en-US"],
                    "translation_languages": ["es-ES"],
                    "audio_format": "pcm",
                },
            ),
        ),
    ),
}

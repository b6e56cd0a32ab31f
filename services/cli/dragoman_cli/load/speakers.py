"""Speakers of each API: connecting, talking, listening. Pure: no sockets, no clocks."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from dragoman_cli.load.speaker import BINARY, TEXT, Ask, Heard, Sent, Speaker, Wishes

LONGEST_ERROR = 80  # characters of an error that has no code
VAS = "voice-translation"


def _socket(url: str) -> str:
    return "ws" + url.rstrip("/").removeprefix("http")


def _binary(pcm: bytes) -> Sent:
    return BINARY, pcm


def _json(**message: Any) -> Sent:
    return TEXT, json.dumps(message).encode()


def _base64(pcm: bytes) -> str:
    return base64.b64encode(pcm).decode()


def native(url: str, key: str, wishes: Wishes) -> Speaker:
    """Make a speaker of `/v1/stream` (docs/native.asyncapi.yaml)."""
    start = _json(
        type="start",
        spoken=wishes.source,
        to=list(wishes.targets),
        interim=wishes.interim,
        speech=wishes.speech,
        resume=wishes.resume,
        keep={"text": True, "audio": True} if wishes.keep else None,
    )
    headers = {"Authorization": f"Bearer {key}"}
    ending = [_json(type="end")]
    return Speaker(f"{_socket(url)}/v1/stream", headers, [start], _binary, _hear_native, ending)


def _hear_native(kind: str, frame: bytes) -> Heard | None:
    if kind == BINARY:
        return None  # its header came before it
    message = json.loads(frame)
    name = message["type"]
    if name == "transcript":
        end_ms = message["start_ms"] + message["duration_ms"]
        which = "final" if message["final"] else "interim"
        text = message["text"]
        return Heard(which, _utterance(message), message["start_ms"], end_ms, text=text)
    if name == "speech":
        return Heard("speech", f"{_utterance(message)}/{message['language']}") if message["bytes"] else None
    if name == "translation":
        of = f"{_utterance(message)}/{message['language']}"
        return Heard("translation", of) if message["final"] else None
    if name in ("error", "failure"):
        return Heard("error", text=message["code"])
    return Heard("ready") if name == "started" else None


def _utterance(message: dict[str, Any]) -> str:
    return f"{message['track']}/{message['utterance']}"


def krisp(url: str, key: str, wishes: Wishes) -> Speaker:
    """`/vt`. Audio names no utterance, and nothing says that the session is ready."""
    config = {
        "source_language": wishes.source,
        "target_language": wishes.target,
        "voice": "female",
        "transcript": {"interim": wishes.interim, "final": True, "translate": True},
        "features": {"resume": True} if wishes.resume else {},
    }
    headers = {"Authorization": f"api-key {key}"}
    first = [_json(config=config)]
    return Speaker(f"{_socket(url)}/vt", headers, first, _binary, _hear_krisp, ready_at_once=True)


def _hear_krisp(kind: str, frame: bytes) -> Heard | None:
    if kind == BINARY:
        return Heard("speech")
    message = json.loads(frame)
    if "transcript" in message:
        body = message["transcript"]
        if not body["final"]:
            return Heard("interim", body["utterance_id"])
        end = datetime.fromisoformat(body["start"]).timestamp() * 1000 + body["duration"]
        return Heard("final", body["utterance_id"], unix_ms=end)
    if "translate" in message:
        body = message["translate"]
        return Heard("translation", body["utterance_id"]) if body["final"] else None
    if "error" in message:
        return Heard("error", text=str(message["error"]["code"]))
    return None


def pinch(url: str, key: str, wishes: Wishes) -> Ask:
    """`GET /v1/session`, then the socket that it names; results have no times, audio names no utterance.

    Finals are asked for by the sentence, so that each counts once, as those of the other APIs do.
    """
    query = {
        "sourceLanguage": wishes.source,
        "targetLanguage": wishes.target,
        "audioOutputEnabled": str(wishes.speech).lower(),
        "finalizeMode": "sentence",
    }

    def then(answer: Any) -> Speaker:
        return Speaker(str(answer["ws_url"]), {}, [], _binary, _hear_pinch, [_json(type="finalize")])

    return Ask("GET", f"{url.rstrip('/')}/v1/session", {"Authorization": f"Bearer {key}"}, then, query)


def _hear_pinch(kind: str, frame: bytes) -> Heard | None:
    if kind == BINARY:
        return Heard("speech")
    message = json.loads(frame)
    name = message["type"]
    if name == "original_transcript":
        return Heard("final" if message["is_final"] else "interim", message["correlation_id"])
    if name == "translated_transcript":
        return Heard("translation", message["correlation_id"]) if message["is_final"] else None
    if name == "error":
        return Heard("error", text=message["error"][:LONGEST_ERROR])
    return Heard("ready") if name == "ready" else None


def kallglot(url: str, key: str, wishes: Wishes) -> Ask:
    """`POST /v1/sessions`, then its socket. A transcript tells when it begins, but not when it ends."""
    body = {
        "mode": "bidirectional_translation" if wishes.speech else "translation",
        "source_language": wishes.source,
        "target_language": wishes.target,
    }

    def then(answer: Any) -> Speaker:
        stream = answer["stream"]
        headers = {"Authorization": f"Bearer {stream['token']}"}
        return Speaker(str(stream["url"]), headers, [], _kallglot_audio, _hear_kallglot, [_json(type="end")])

    headers = {"Authorization": f"Bearer {key}"}
    return Ask("POST", f"{url.rstrip('/')}/v1/sessions", headers, then, body=body)


def _kallglot_audio(pcm: bytes) -> Sent:
    return _json(type="audio", data=_base64(pcm), encoding="pcm_16", sample_rate=16_000, channels=1)


def _hear_kallglot(kind: str, frame: bytes) -> Heard | None:
    message = json.loads(frame)
    name = message["type"]
    if name == "transcript":
        which = "final" if message["is_final"] else "interim"
        return Heard(which, message["id"], round(1000 * message["start_time"]))
    if name == "translation":
        return Heard("translation", message["id"]) if message["is_final"] else None
    if name == "audio":
        return Heard("speech", message["segment_id"])
    if name == "error":
        return Heard("error", text=message["code"])
    return Heard("ready") if name == "status" and message["status"] == "connected" else None


def sarvam(url: str, key: str, wishes: Wishes) -> Speaker:
    """`/speech-to-text/ws`: recognition alone; its results have no times."""
    query = f"language-code={quote(wishes.source)}&model=saaras:v3&sample_rate=16000"
    headers = {"Api-Subscription-Key": key}

    def audio(pcm: bytes) -> Sent:
        return _json(audio={"data": _base64(pcm), "encoding": "audio/wav", "sample_rate": 16_000})

    address = f"{_socket(url)}/speech-to-text/ws?{query}&input_audio_codec=pcm_s16le"
    return Speaker(address, headers, [], audio, _hear_sarvam, ready_at_once=True)


def _hear_sarvam(kind: str, frame: bytes) -> Heard | None:
    message = json.loads(frame)
    if message["type"] == "error":
        return Heard("error", text=str(message["data"].get("code", "")))
    return Heard("final", message["data"]["request_id"]) if message["type"] == "data" else None


def vas(url: str, key: str, wishes: Wishes) -> Ask:
    """`POST /api/v1/auth/ticket`, then `/ws`. Results tell whole seconds only; speech is a whole sentence."""
    start = _action(
        "start",
        type="transcribe",
        transcription_languages=[wishes.source],
        translation_languages=list(wishes.targets),
        tts_mode="sync" if wishes.speech else "async",
    )

    def then(answer: Any) -> Speaker:
        headers = {"Sec-WebSocket-Protocol": f"ticket.{answer['ticket']}"}
        return Speaker(f"{_socket(url)}/ws", headers, [start], _vas_audio, _hear_vas, [_action("stop")])

    return Ask("POST", f"{url.rstrip('/')}/api/v1/auth/ticket", {"X-API-Key": key}, then)


def _action(action: str, **fields: Any) -> Sent:
    return _json(type=VAS, data={"action": action, **fields})


def _vas_audio(pcm: bytes) -> Sent:
    return _action("audio", audio=_base64(pcm))


def _hear_vas(kind: str, frame: bytes) -> Heard | None:
    message = json.loads(frame)
    data = message["data"]
    if message["type"] == "error":
        return Heard("error", text=data["error_code"])
    action = data["action"]
    if action == "result":
        return _vas_result(data)
    if action == "tts_ready":
        return Heard("speech", f"{data['sid']}/{data['language']}")
    if action == "tts_error":
        return Heard("error", text=data["error"])
    return Heard("ready") if action == "session_started" else None


def _vas_result(data: dict[str, Any]) -> Heard | None:
    """One transcript, or one translation: each language has a message of its own."""
    if "origin" in data:
        origin = data["origin"]
        return Heard("final" if origin["is_final"] else "interim", str(origin["sid"]))
    language, result = next(iter(data["translations"].items()))
    return Heard("translation", f"{result['sid']}/{language}") if result["is_final"] else None


def relay(url: str, key: str, wishes: Wishes) -> Speaker:
    """A server that only sends every frame back: what a benchmark compares with."""

    def hear(kind: str, frame: bytes) -> Heard | None:
        return Heard("back", text=str(int.from_bytes(frame[:8], "little")))

    return Speaker(_socket(url), {}, [], _binary, hear, ready_at_once=True)


SPEAKERS: dict[str, Callable[[str, str, Wishes], Speaker | Ask]] = {
    "native": native,
    "krisp": krisp,
    "pinch": pinch,
    "kallglot": kallglot,
    "sarvam": sarvam,
    "vas": vas,
    "relay": relay,
}
DIALECTS = tuple(name for name in SPEAKERS if name != "relay")  # what an edge speaks

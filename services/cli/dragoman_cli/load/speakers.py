"""How a speaker of each API connects, talks and listens. Pure: no sockets, no clocks."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

TEXT, BINARY = "text", "binary"
Sent = tuple[str, bytes]  # TEXT or BINARY, and the bytes


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a speaker asks for. `resume`: keep the session while the connection is broken."""

    source: str = "en-US"
    targets: tuple[str, ...] = ("es-ES",)
    interim: bool = True
    speech: bool = True
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What a frame of the server means: `kind` is ready, interim, final, translation, speech or error.

    `start_ms`, `end_ms`: of the utterance in the session's audio; `unix_ms` instead where an API tells only
    the time of day of its end.
    """

    kind: str
    utterance: str = ""
    start_ms: int = 0
    end_ms: int = 0
    unix_ms: float = 0.0
    text: str = ""


@dataclass
class Speaker:
    """One session of one API. `hear` keeps what it needs between frames."""

    address: str
    headers: dict[str, str]
    first: list[Sent]
    audio: Callable[[bytes], Sent]
    hear: Callable[[str, bytes], Heard | None]
    last: list[Sent] = field(default_factory=list)  # says that no more audio comes
    ready_at_once: bool = False  # the API has no word for it


def _socket(url: str) -> str:
    return "ws" + url.rstrip("/").removeprefix("http")


def _binary(pcm: bytes) -> Sent:
    return BINARY, pcm


def _json(**message: Any) -> Sent:
    return TEXT, json.dumps(message).encode()


def native(url: str, key: str, wishes: Wishes) -> Speaker:
    """`/v1/stream` (docs/native.asyncapi.yaml)."""
    start = _json(
        type="start",
        spoken=wishes.source,
        to=list(wishes.targets),
        interim=wishes.interim,
        speech=wishes.speech,
        resume=wishes.resume,
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
        "target_language": wishes.targets[0],
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
        return Heard("translation", message["translate"]["utterance_id"])
    if "error" in message:
        return Heard("error", text=str(message["error"]["code"]))
    return None


def sarvam(url: str, key: str, wishes: Wishes) -> Speaker:
    """`/speech-to-text/ws`: recognition alone; its results have no times."""
    query = f"language-code={quote(wishes.source)}&model=saaras:v3&sample_rate=16000"
    headers = {"Api-Subscription-Key": key}

    def audio(pcm: bytes) -> Sent:
        data = base64.b64encode(pcm).decode()
        return _json(audio={"data": data, "encoding": "audio/wav", "sample_rate": 16_000})

    address = f"{_socket(url)}/speech-to-text/ws?{query}&input_audio_codec=pcm_s16le"
    return Speaker(address, headers, [], audio, _hear_sarvam, ready_at_once=True)


def _hear_sarvam(kind: str, frame: bytes) -> Heard | None:
    message = json.loads(frame)
    if message["type"] == "error":
        return Heard("error", text=str(message["data"].get("code", "")))
    return Heard("final", message["data"]["request_id"]) if message["type"] == "data" else None


def relay(url: str, key: str, wishes: Wishes) -> Speaker:
    """A server that only sends every frame back: what a benchmark compares with."""

    def hear(kind: str, frame: bytes) -> Heard | None:
        return Heard("back", text=str(int.from_bytes(frame[:8], "little")))

    return Speaker(_socket(url), {}, [], _binary, hear, ready_at_once=True)


SPEAKERS: dict[str, Callable[[str, str, Wishes], Speaker]] = {
    "native": native,
    "krisp": krisp,
    "sarvam": sarvam,
    "relay": relay,
}

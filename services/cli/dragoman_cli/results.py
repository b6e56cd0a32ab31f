"""The results of a session of the Krisp dialect, collected frame by frame."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SETTLE_S = 2.5  # a short last utterance shows nothing before its final: it may still be on its way


@dataclass(slots=True)
class Utterance:
    """Results of one utterance; times are Unix seconds, 0 = not yet.

    Audio frames name no utterance: `audio_at` is that of the first one after the translation.
    """

    id: str
    transcript: str = ""
    translation: str = ""
    speech_ended: float = 0.0
    transcript_at: float = 0.0
    translation_at: float = 0.0
    audio_at: float = 0.0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """A result of the server: `kind` is interim, final, tentative, translation, audio or error."""

    kind: str
    utterance: Utterance | None
    text: str = ""
    audio: bytes = b""


@dataclass(slots=True)
class Results:
    """All that came, in order."""

    utterances: dict[str, Utterance] = field(default_factory=dict)
    audio: bytearray = field(default_factory=bytearray)
    order: list[tuple[str, str]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    resume_token: str = ""
    resume_window_s: float = 0.0
    send_from: int | None = 0  # byte of the audio to go on with; None = the server has not said yet
    reconnect: bool = False  # the server is about to stop
    resumes: int = 0
    settle_s: float = SETTLE_S  # how long nothing may come when all that was begun is there

    def resume(self, audio_from: int) -> str:
        """The message that goes on with the session; audio can be sent again from byte `audio_from`."""
        kinds = [kind for kind, _ in self.order]
        received = {
            "transcripts": kinds.count("transcript"),
            "translations": kinds.count("translation"),
            "audio_bytes": len(self.audio),
        }
        self.send_from, self.reconnect = None, False
        body = {"token": self.resume_token, "received": received, "audio_bytes_from": audio_from}
        return json.dumps({"resume": body})

    def take(self, frame: str | bytes, now: float) -> ServerEvent | None:
        """One frame of the server."""
        if isinstance(frame, bytes):
            return self._audio(frame, now)
        message = json.loads(frame)
        if "transcript" in message:
            return self._transcript(message["transcript"], now)
        if "translate" in message:
            return self._translation(message["translate"], now)
        if "session" in message:
            self._session(message["session"])
        if "error" in message:
            self.errors.append(message["error"])
            return ServerEvent("error", None, message["error"]["description"])
        return None

    def _session(self, body: dict[str, Any]) -> None:
        self.reconnect = body.get("reconnect", False)
        self.resume_token = body.get("resume_token", self.resume_token)
        self.resume_window_s = body.get("resume_window_ms", self.resume_window_s * 1000) / 1000
        if "audio_bytes_from" in body:
            self.send_from = body["audio_bytes_from"]
            self.resumes += 1

    @property
    def settled(self) -> bool:
        """Whether an utterance was begun, and each has its transcript, translation and first audio."""
        complete = [(u.translation_at and u.audio_at) or u.failed for u in self.utterances.values()]
        return bool(complete) and all(complete)

    def _audio(self, audio: bytes, now: float) -> ServerEvent:
        self.audio += audio
        waiting = [u for u in self.utterances.values() if u.translation_at and not u.audio_at]
        if waiting:
            waiting[0].audio_at = now
        return ServerEvent("audio", waiting[0] if waiting else None, audio=audio)

    def _transcript(self, body: dict[str, Any], now: float) -> ServerEvent:
        utterance = self.utterances.setdefault(body["utterance_id"], Utterance(body["utterance_id"]))
        if not body["final"]:
            return ServerEvent("interim", utterance, body["text"])
        start = datetime.fromisoformat(body["start"]).timestamp()
        utterance.speech_ended = start + body["duration"] / 1000
        utterance.transcript, utterance.transcript_at = body["text"], now
        if not body["text"]:
            utterance.failed = "empty"
        self.order.append(("transcript", utterance.id))
        return ServerEvent("final", utterance, body["text"])

    def _translation(self, body: dict[str, Any], now: float) -> ServerEvent:
        utterance = self.utterances.setdefault(body["utterance_id"], Utterance(body["utterance_id"]))
        if not body["final"]:
            return ServerEvent("tentative", utterance, body["text"])
        utterance.translation, utterance.translation_at = body["text"], now
        self.order.append(("translation", utterance.id))
        return ServerEvent("translation", utterance, body["text"])

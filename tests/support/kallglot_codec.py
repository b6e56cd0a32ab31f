"""The Kallglot dialect without a socket: a codec, and a mesh in a dictionary behind its endpoints."""

import base64
import json
from typing import Any

from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_edge.dialects.kallglot.conversation import KallglotConversation
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.model.commands import Answer, Command, Open
from dragoman_edge.model.events import Opened, ServerEvent
from dragoman_edge.model.http import Handshake, HttpRequest, HttpResponse
from dragoman_edge.model.requests import (
    CheckSpec,
    EndLive,
    Find,
    IsLive,
    IssuedToken,
    IssueToken,
    Keep,
    Names,
)

CLAIMS = {
    "session_id": "sess_1",
    "mode": "bidirectional_translation",
    "source_language": "de",
    "target_language": "en-US",
    "voice": "male",
}


def conversation(opened: bool = True, **claims: Any) -> KallglotConversation:
    """A codec whose token was taken, and whose session is live."""
    handshake = Handshake("/v1/sessions/sess_1/connect", {"session_id": "sess_1"}, {"token": "kst_1"}, {})
    made = KallglotConversation(handshake)
    made.admitted(json.dumps(CLAIMS | claims))
    if opened:
        made.render(Opened("sess_1", 0), 0)
    return made


def audio(data: bytes = b"\0\0", **fields: Any) -> str:
    return json.dumps({"type": "audio", "data": base64.b64encode(data).decode()} | fields)


def rendered(made: KallglotConversation, event: ServerEvent) -> list[Any]:
    return [json.loads(frame) for frame in made.render(event, 0)]


def told(commands: list[Command]) -> Any:
    """The error that is answered."""
    (answer,) = commands
    assert isinstance(answer, Answer)
    return json.loads(answer.frames[0])


def transcript(**changes: Any) -> ev.Transcript:
    fields: dict[str, Any] = {
        "session_id": "sess_1", "track": 0, "epoch": 1, "utterance": 1, "revision": 1, "final": True,
        "text": "Ich habe eine Frage", "language": "de", "start_ms": 3500, "duration_ms": 900,
        "confidence": 0.94,
    }  # fmt: skip
    return ev.Transcript(**fields | changes)


def chunk(**changes: Any) -> ev.SpeechChunk:
    fields: dict[str, Any] = {
        "session_id": "sess_1", "track": 0, "epoch": 1, "utterance": 1, "language": "en-US",
        "sample_offset": 0, "audio": b"\1\2", "last": False,
    }  # fmt: skip
    return ev.SpeechChunk(**fields | changes)


def opening(**claims: Any) -> Open:
    made = conversation(opened=False)
    status, command = made.admitted(json.dumps(CLAIMS | claims))
    assert isinstance(status, Answer)
    assert isinstance(command, Open)
    return command


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
FIELDS = st.sampled_from(["type", "data", "encoding", "sample_rate", "channels", "action", "id"])
VALUES = st.sampled_from(["audio", "control", "end", "mute", "unmute", "pcm_16", "alaw", 8000, 1, 2, "AAAA"])
MESSAGES = st.dictionaries(FIELDS, VALUES | JSON).map(json.dumps)
NOW_MS = 1_774_522_800_000


class Mesh:
    """Accounts and what edges remember, in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.live: set[str] = set()
        self.issued: list[IssueToken] = []
        self.now_ms = NOW_MS
        self.checked: list[ev.Spec] = []
        self.refusal: PeerError | None = None  # of what the workers are asked for
        self.voiceless = False  # the workers tell no voices apart
        self.quoted: list[ev.Spec] = []
        self.disallowed: PeerError | None = None  # by the tier
        self.tasks: dict[str, rpc.Task] = {}
        self.away: MeshError | None = None  # the archive

    def run(self, exchange: Exchange) -> HttpResponse:
        answer: Any = None
        try:
            question = next(exchange)
            while True:
                try:
                    answer = self.answer(question)
                except DragomanError as exc:
                    question = exchange.throw(exc)
                else:
                    question = exchange.send(answer)
        except StopIteration as done:
            response: HttpResponse = done.value
            return response

    def answer(self, ask: object) -> Any:
        match ask:
            case rpc.AuthenticateRequest(credential=key):
                return rpc.AuthenticateReply(
                    account_id=f"acc_{key}", key_id="k_1", token=key.startswith("kst_")
                )
            case IssueToken():
                self.issued.append(ask)
                name = ask.seed or str(len(self.issued))
                return IssuedToken(token=f"kst_{name}", expires_at_ms=self.now_ms + ask.ttl_ms)
            case Keep(key=key, value=value, only_new=only_new):
                self.kept[key] = self.kept.get(key, value) if only_new else value
                return self.kept[key]
            case Find(key=key):
                return self.kept.get(key)
            case Names(prefix=prefix):
                found = [key for key in self.kept if key.rpartition(".")[0] == prefix]
                return sorted(key.rpartition(".")[2] for key in found)
            case IsLive(session_id=session_id):
                return session_id in self.live
            case EndLive(session_id=session_id):
                return self.live.discard(session_id)
            case CheckSpec(spec=spec):
                self.checked.append(spec)
                if self.refusal is not None:
                    raise self.refusal
                if spec.speakers and self.voiceless:
                    raise PeerError(FaultCode.UNSUPPORTED_FEATURE, "no speaker encoder")
                return ()
            case rpc.QuoteRequest(credential="key", spec=spec):
                self.quoted.append(spec)
                if self.disallowed is not None:
                    raise self.disallowed
                return rpc.QuoteReply()
        return self.archived(ask)

    def archived(self, ask: object) -> Any:
        """The archive; each of its tasks is the account's of "key", and has one track."""
        if self.away is not None:
            raise self.away
        match ask:
            case rpc.GetTaskRequest(account_id="acc_key", key_id="k_1", task_id=task_id):
                return rpc.GetTaskReply(task=self.tasks.get(task_id))
            case rpc.GetAudioRequest(account_id="acc_key", key_id="k_1", task_id=task_id):
                if task_id not in self.tasks:
                    raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such task")
                return rpc.GetAudioReply(tracks=(rpc.TrackAudio(track=0, samples=16_000, bytes=1000),))
            case rpc.DeleteTasksRequest(account_id="acc_key", key_id="k_1", task_ids=task_ids):
                return rpc.DeleteTasksReply(task_ids=tuple(i for i in task_ids if self.tasks.pop(i, None)))
        raise AssertionError(ask)


def request(body: object = None, session_id: str = "", **changes: Any) -> HttpRequest:
    fields: dict[str, Any] = {
        "method": "POST", "path": "/v1/sessions", "path_parameters": {"session_id": session_id},
        "query": {}, "headers": {"authorization": "Bearer key"}, "source": "1.2.3.4",
        "body": b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
        "base_url": "https://edge.example", "new_id": "abc", "build": "test", "now_ms": NOW_MS,
    }  # fmt: skip
    return HttpRequest(**fields | changes)


BOTH = {name: CLAIMS[name] for name in ("mode", "source_language", "target_language")}


def heard(language: str, probability: float = 0.9) -> ev.Transcript:
    return ev.Transcript(
        session_id="sess_1", track=0, epoch=1, utterance=1, revision=1, final=True, text="words",
        language=language, language_probability=probability, start_ms=0, duration_ms=500,
    )  # fmt: skip


def detecting() -> KallglotConversation:
    return conversation(source_language="", target_language="en")


def sound(channels: int = 1) -> str:
    return audio(b"\0\0" * channels, channels=channels)

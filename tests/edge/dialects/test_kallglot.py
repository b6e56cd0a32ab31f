"""The Kallglot dialect as its page documents it (seed: kallglot-streaming.txt); no socket, no clock."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.dialects.kallglot import Kallglot, sessions
from dragoman_edge.dialects.kallglot.claims import Claims
from dragoman_edge.dialects.kallglot.conversation import KallglotConversation
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import Answer, Audio, Command, End, Flush, Open, Update
from dragoman_edge.model.events import Opened, Outcome, Resumed, ServerEvent, Throttled
from dragoman_edge.model.http import Handshake, HttpRequest, HttpResponse
from dragoman_edge.model.requests import CheckSpec, EndLive, Find, IsLive, Keep, Names
from dragoman_edge.model.reservation import SessionReservation
from dragoman_edge.model.served import UnservedError

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


# Opening


@pytest.mark.parametrize(
    ("query", "headers", "credential"),
    [
        ({"token": "a"}, {}, "a"),
        ({}, {"authorization": "Bearer b"}, "b"),
        ({"token": "a"}, {"authorization": "bearer b"}, "b"),
        ({}, {}, "none"),
    ],
)
def test_the_token_is_read_from_the_header_or_the_query(
    query: dict[str, str], headers: dict[str, str], credential: str
) -> None:
    assert KallglotConversation(Handshake("/", {}, query, headers)).credential == credential


def opening(**claims: Any) -> Open:
    made = conversation(opened=False)
    status, command = made.admitted(json.dumps(CLAIMS | claims))
    assert isinstance(status, Answer)
    assert isinstance(command, Open)
    return command


def test_the_token_opens_its_own_session_which_can_be_resumed() -> None:
    command = opening()
    assert (command.promised, command.resumable) == ("sess_1", True)
    assert command.audio_out == AudioFormat(Encoding.PCM_S16LE, 24_000)
    both = ("de", "en-US")
    assert command.spec.tracks == (ev.TrackSpec(source_languages=both, target_languages=both, two_way=True),)
    assert (command.spec.interim, command.spec.translate, command.spec.speech) == (True, True, True)
    assert command.spec.voices == (ev.VoiceChoice(voice="male"),)


@pytest.mark.parametrize("claims", ["", "{}", json.dumps(CLAIMS | {"session_id": "sess_2"})])
def test_another_token_is_refused(claims: str) -> None:
    with pytest.raises(PeerError) as caught:
        conversation(opened=False).admitted(claims)
    assert caught.value.code is FaultCode.INVALID_CREDENTIAL


@pytest.mark.parametrize(
    ("mode", "targets", "translate", "speech"),
    [("translation", ("en-US",), True, False), ("transcription", ("en-US",), False, False)],
)
def test_the_one_way_modes(mode: str, targets: tuple[str, ...], translate: bool, speech: bool) -> None:
    spec = opening(mode=mode).spec
    assert (spec.translate, spec.speech) == (translate, speech)
    (track,) = spec.tracks
    assert (track.source_languages, track.target_languages, track.two_way) == (("de",), targets, False)


# Client → server


@pytest.mark.parametrize("rate", [8000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("pcm_16", Encoding.PCM_S16LE),
        ("pcm_8", Encoding.PCM_U8),
        ("mulaw", Encoding.MULAW),
        ("alaw", Encoding.ALAW),
    ],
)
def test_audio_has_the_format_that_its_message_tells(name: str, encoding: Encoding, rate: int) -> None:
    (command,) = conversation().receive(audio(b"\1\2", encoding=name, sample_rate=rate, channels=1))
    assert command == Audio(b"\1\2", AudioFormat(encoding, rate, 1))


def test_what_is_left_out_is_what_the_page_recommends() -> None:
    assert conversation().receive(audio()) == [Audio(b"\0\0", AudioFormat())]


def test_with_two_channels_a_second_track_joins_once() -> None:
    made = conversation()
    update, sound = made.receive(audio(bytes(4), channels=2))
    assert isinstance(update, Update)
    customer, agent = update.spec.tracks
    assert (customer.speaker, customer.source_languages, customer.target_languages) == (
        "customer",
        ("de",),
        ("en-US",),
    )
    assert (agent.speaker, agent.source_languages, agent.target_languages) == ("agent", ("en-US",), ("de",))
    assert sound == Audio(bytes(4), AudioFormat(channels=2))
    assert len(made.receive(audio(bytes(4), channels=2))) == 1
    assert len(made.receive(audio())) == 1


def test_after_a_resume_the_tracks_are_those_that_were() -> None:
    made = conversation(opened=False)
    spec = Claims.model_validate(CLAIMS).spec(channels=2)
    made.render(Opened("sess_1", 0, resumed=Resumed(spec, 0)), 0)
    assert len(made.receive(audio(bytes(4), channels=2))) == 1


def test_mute_flushes_and_keeps_the_audio_out() -> None:
    made = conversation()
    assert made.receive('{"type": "control", "action": "mute"}') == [Flush()]
    assert made.receive(audio(b"\1\1")) == [Audio(b"", AudioFormat())]
    assert made.receive('{"type": "control", "action": "unmute"}') == []
    assert made.receive(audio(b"\1\1")) == [Audio(b"\1\1", AudioFormat())]


def test_end_and_ping() -> None:
    made = conversation()
    assert made.receive('{"type": "end"}') == made.receive('{"type": "session.end"}') == [End()]
    assert told(made.receive('{"type": "ping"}')) == {"type": "pong", "session_id": "sess_1"}


# Server → client


def test_a_transcript_has_every_field_of_the_page() -> None:
    made = conversation()
    assert rendered(made, transcript(final=False)) == [
        {
            "type": "transcript",
            "id": "seg_001",
            "speaker": "customer",
            "language": "de",
            "text": "Ich habe eine Frage",
            "is_final": False,
            "start_time": 3.5,
            "confidence": 0.94,
        }
    ]
    assert rendered(made, transcript())[0]["is_final"] is True


@pytest.mark.parametrize(
    ("language", "speaker"), [("de", "customer"), ("de-DE", "customer"), ("en", "agent")]
)
def test_on_a_channel_that_both_share_the_language_tells_who_speaks(language: str, speaker: str) -> None:
    assert rendered(conversation(), transcript(language=language))[0]["speaker"] == speaker


def test_an_empty_final_is_shown_only_in_place_of_an_interim() -> None:
    made = conversation()
    assert rendered(made, transcript(text="")) == []
    rendered(made, transcript(utterance=2, final=False))
    assert rendered(made, transcript(utterance=2, text=""))[0]["text"] == ""


def test_speech_has_ids_that_are_the_same_when_it_is_sent_again() -> None:
    made = conversation()
    first, second = chunk(), chunk(sample_offset=320, track=1, utterance=12)
    assert rendered(made, first) == [
        {
            "type": "audio",
            "id": "audio_001",
            "data": "AQI=",
            "encoding": "pcm_16",
            "sample_rate": 24_000,
            "segment_id": "seg_001",
        }
    ]
    (piece,) = rendered(made, second)
    assert (piece["id"], piece["segment_id"]) == ("audio_1_012_320", "seg_1_012")
    assert rendered(conversation(), second) == [piece]
    assert rendered(made, chunk(audio=b"", last=True)) == []


def test_while_paused_only_transcripts_are_missing() -> None:
    made = conversation()
    made.receive('{"type": "control", "action": "pause_transcription"}')
    assert rendered(made, transcript()) == []
    assert rendered(made, chunk())
    made.receive('{"type": "control", "action": "resume_transcription"}')
    assert rendered(made, transcript())


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (ev.State.CONNECTING, "connecting"),
        (ev.State.CONNECTED, "connected"),
        (ev.State.RECOVERING, "connecting"),
        (ev.State.DRAINING, "ending"),
        (ev.State.ENDING, "ending"),
        (ev.State.ENDED, "ended"),
    ],
)
def test_every_state_is_one_of_the_pages(state: ev.State, status: str) -> None:
    (message,) = rendered(conversation(), ev.Status(session_id="sess_1", state=state))
    assert (message["type"], message["status"]) == ("status", status)


def test_throttling_is_told_with_an_error_the_first_time() -> None:
    made = conversation()
    error, throttle = rendered(made, Throttled(active=True))
    assert (error["code"], error["recoverable"]) == ("rate_limit_exceeded", True)
    assert throttle == {"type": "control", "action": "throttle"}
    assert rendered(made, Throttled(active=False)) == [{"type": "control", "action": "resume"}]
    assert rendered(made, Throttled(active=True)) == [throttle]


def test_a_second_channel_that_is_not_to_be_had_is_told() -> None:
    busy = error_for("busy", "no recogniser is free")
    (message,) = rendered(conversation(), Outcome("stereo", busy))
    assert (message["code"], message["recoverable"]) == ("internal_error", True)
    assert rendered(conversation(), Outcome("stereo")) == []


@pytest.mark.parametrize(
    ("fault", "code", "recoverable", "close"),
    [
        ("unsupported_audio", "audio_format_invalid", True, 1008),
        ("expired_credential", "token_expired", False, 1008),
        ("invalid_credential", "invalid_token", False, 1008),
        ("session_ended", "session_ended", False, 1008),
        ("rate_limited", "rate_limit_exceeded", True, 1013),
        ("concurrency_exceeded", "rate_limit_exceeded", True, 1013),
        ("insufficient_credits", "insufficient_api_credits", False, 1008),
        ("account_inactive", "organization_inactive", False, 1008),
        ("busy", "internal_error", True, 1013),
        ("draining", "internal_error", True, 1012),
        ("internal", "internal_error", True, 1011),
        ("too_large", "invalid_request", False, 1009),
    ],
)
def test_refusals_before_the_session_is_live(fault: str, code: str, recoverable: bool, close: int) -> None:
    made, error = conversation(opened=False), error_for(fault, "why")
    (frame,) = made.refuse(error, 0)
    assert json.loads(frame) == {"type": "error", "code": code, "message": "why", "recoverable": recoverable}
    assert made.close_code(error) == close


@pytest.mark.parametrize(
    ("fault", "last", "close"),
    [
        ("session_ended", ["ended"], 1000),
        ("idle", ["provider_disconnected", "ended"], 1000),
        ("insufficient_credits", [None, "ended"], 1008),
        ("draining", [None], 1012),
    ],
)
def test_the_end_of_a_live_session_is_told(fault: str, last: list[str | None], close: int) -> None:
    made, error = conversation(), error_for(fault)
    assert [json.loads(frame).get("status") for frame in made.refuse(error, 0)] == last
    assert made.close_code(error) == close
    assert made.close_code(None) == 1000


# Hostile input

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
FIELDS = st.sampled_from(["type", "data", "encoding", "sample_rate", "channels", "action", "id"])
VALUES = st.sampled_from(["audio", "control", "end", "mute", "unmute", "pcm_16", "alaw", 8000, 1, 2, "AAAA"])
MESSAGES = st.dictionaries(FIELDS, VALUES | JSON).map(json.dumps)
FRAMES = st.text(max_size=200) | st.binary(max_size=50) | JSON.map(json.dumps) | MESSAGES


@given(st.lists(FRAMES, max_size=12))
def test_whatever_comes_in_whatever_order_is_taken_or_told(frames: list[str | bytes]) -> None:
    """A message that is wrong is answered and ends nothing: nothing at all leaves `receive`."""
    made = conversation()
    for frame in frames:
        for command in made.receive(frame):
            if isinstance(command, Answer):
                for answer in command.frames:
                    assert json.loads(answer)["type"] in ("error", "pong")
                    answer.encode()  # type: ignore[union-attr]


@given(st.text(max_size=200) | JSON.map(json.dumps))
def test_claims_that_are_not_ours_are_refused(claims: str) -> None:
    with pytest.raises(PeerError):
        conversation(opened=False).admitted(claims)


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_has_its_error_and_its_close(code: FaultCode, opened: bool) -> None:
    made, error = conversation(opened), error_for(code)
    for frame in made.refuse(error, 0):
        assert json.loads(frame)["message"]
    assert made.close_code(error) in (1000, 1008, 1009, 1011, 1012, 1013)
    for route in Kallglot().routes:
        answer = route.refuse(error_for(code, "why", retry_after_ms=1500))
        assert 400 <= answer.status < 600
        assert answer.headers == {"Retry-After": "1"}


# The REST endpoints, with a store of their own


NOW_MS = 1_774_522_800_000


class Mesh:
    """Accounts and what edges remember, in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.live: set[str] = set()
        self.issued: list[rpc.IssueTokenRequest] = []
        self.now_ms = NOW_MS
        self.checked: list[ev.Spec] = []
        self.refusal: PeerError | None = None  # of what the workers are asked for

    def run(self, exchange: Exchange) -> HttpResponse:
        answer: Any = None
        try:
            question = next(exchange)
            while True:
                try:
                    answer = self._answer(question)
                except PeerError as exc:
                    question = exchange.throw(exc)
                else:
                    question = exchange.send(answer)
        except StopIteration as done:
            response: HttpResponse = done.value
            return response

    def _answer(self, ask: object) -> Any:
        match ask:
            case rpc.AuthenticateRequest(credential=key):
                return rpc.AuthenticateReply(account_id=f"acc_{key}", token=key.startswith("kst_"))
            case rpc.IssueTokenRequest():
                self.issued.append(ask)
                name = ask.seed or str(len(self.issued))
                return rpc.IssueTokenReply(token=f"kst_{name}", expires_at_ms=self.now_ms + ask.ttl_ms)
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
                return ()
        raise AssertionError(ask)


def request(body: object = None, session_id: str = "", **changes: Any) -> HttpRequest:
    fields: dict[str, Any] = {
        "method": "POST", "path": "/v1/sessions", "path_parameters": {"session_id": session_id},
        "query": {}, "headers": {"authorization": "Bearer key"}, "source": "1.2.3.4",
        "body": b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
        "base_url": "https://edge.example", "new_id": "abc", "build": "test", "now_ms": NOW_MS,
    }  # fmt: skip
    return HttpRequest(**fields | changes)


def test_a_repeat_has_the_same_answer_also_when_its_token_has_expired() -> None:
    mesh = Mesh()
    headers = {"authorization": "Bearer key", "idempotency-key": "once"}
    first = mesh.run(sessions.create(request(BOTH, headers=headers)))
    for later_ms in (1, 3_599_000, 3_600_001, 86_000_000):
        mesh.now_ms = NOW_MS + later_ms
        later = request(BOTH, headers=headers, now_ms=mesh.now_ms, new_id="def")
        assert mesh.run(sessions.create(later)) == first
    assert {asked.seed for asked in mesh.issued} == {first.body["id"]}  # type: ignore[index]
    assert [asked.ttl_ms for asked in mesh.issued] == [3_600_000, 3_599_999, 1000, 1000, 1000]
    plain = [mesh.run(sessions.create(request(BOTH, new_id=name))).body for name in "xy"]
    assert plain[0] != plain[1]
    assert mesh.issued[-1].seed == ""  # a token of no key is random


BOTH = {name: CLAIMS[name] for name in ("mode", "source_language", "target_language")}


def test_the_token_is_bound_to_the_session_and_its_languages() -> None:
    mesh = Mesh()
    made: Any = mesh.run(sessions.create(request(BOTH))).body
    assert made["stream"]["url"] == f"wss://edge.example/v1/sessions/{made['id']}/connect"
    assert made["created_at"] == "2026-03-26T11:00:00.000Z"
    (issued,) = mesh.issued
    assert json.loads(issued.claims) == CLAIMS | {"session_id": made["id"], "voice": ""}
    assert not issued.single_use  # a client that comes back shows it again
    assert (issued.prefix, issued.ttl_ms) == ("kst_", 3_600_000)


def test_nothing_that_is_remembered_holds_a_token_or_an_idempotency_key() -> None:
    mesh = Mesh()
    headers = {"authorization": "Bearer key", "idempotency-key": "once.>*"}
    mesh.run(sessions.create(request(BOTH, headers=headers)))
    assert len(mesh.kept) == 2
    for name, value in mesh.kept.items():
        assert name.startswith("acc_key.kallglot.")
        assert "kst_" not in value
        assert "once" not in name.rpartition(".")[2] + value


def test_a_session_whose_edge_died_has_ended() -> None:
    mesh = Mesh()
    made: Any = mesh.run(sessions.create(request(BOTH))).body
    mesh.kept[f"acc_key.life.{made['id']}"] = SessionReservation(
        started_at_ms=1_774_522_801_000
    ).model_dump_json()
    mesh.live.add(made["id"])
    found: Any = mesh.run(sessions.retrieve(request(session_id=made["id"], now_ms=1_774_522_811_000))).body
    assert (found["status"], found["duration_seconds"]) == ("active", 10.0)
    mesh.live.clear()
    found = mesh.run(sessions.retrieve(request(session_id=made["id"]))).body
    assert (found["status"], found["stream"]) == ("ended", None)


def test_a_socket_token_opens_no_endpoint() -> None:
    for handler in (sessions.create, sessions.listing, sessions.retrieve, sessions.end):
        asked = request(BOTH, "sess_1", headers={"authorization": "Bearer kst_1"})
        with pytest.raises(PeerError) as caught:
            Mesh().run(handler(asked))
        assert caught.value.code is FaultCode.INVALID_CREDENTIAL


BODIES = (JSON.map(json.dumps) | MESSAGES).map(str.encode) | st.binary(max_size=100)


@given(BODIES)
def test_whatever_body_comes_is_refused_or_made_in_the_documented_form(body: bytes) -> None:
    for handler in (sessions.create, sessions.end):
        try:
            answer = Mesh().run(handler(request(body, "sess_1")))
        except PeerError as exc:
            answer = Kallglot().routes[0].refuse(exc)
        assert answer.status in (200, 201, 400, 404, 413)
        json.dumps(answer.body, ensure_ascii=False, allow_nan=False).encode()


METADATA = st.fixed_dictionaries({"mode": st.just("transcription"), "metadata": JSON})


@given(METADATA)
def test_metadata_is_shown_as_it_was_sent(body: dict[str, Any]) -> None:
    try:
        answer = Mesh().run(sessions.create(request(body)))
    except PeerError as exc:
        assert exc.code is FaultCode.BAD_REQUEST
        return
    shown: Any = answer.body
    if answer.status == 201:
        assert shown["metadata"] == body["metadata"]
    else:
        assert shown["error"]["param"] == "metadata"


# Languages


@pytest.mark.parametrize(
    ("source", "target", "spoken", "wanted", "two_way"),
    [
        ("", "", (), ("en",), True),
        ("de", "", ("de", "en"), ("de", "en"), True),
        ("en-US", "", (), ("en-US",), True),
        ("", "es", (), ("es",), True),
        ("de", "en", ("de", "en"), ("de", "en"), True),
    ],
)
def test_languages_are_optional_and_detected(
    source: str, target: str, spoken: tuple[str, ...], wanted: tuple[str, ...], two_way: bool
) -> None:
    mesh = Mesh()
    body = {"mode": "bidirectional_translation", "source_language": source, "target_language": target}
    assert mesh.run(sessions.create(request({k: v for k, v in body.items() if v}))).status == 201
    (track,) = mesh.checked[0].tracks
    assert (track.source_languages, track.target_languages, track.two_way) == (spoken, wanted, two_way)


def test_a_language_that_is_not_served_is_refused_when_the_session_is_made() -> None:
    mesh = Mesh()
    mesh.refusal = UnservedError("'en' cannot be translated into 'de'", "de", "en")
    answer: Any = mesh.run(sessions.create(request(BOTH)))
    assert answer.status == 400
    assert answer.body["error"]["code"] == "invalid_language_code"
    assert answer.body["error"]["param"] == "source_language"
    assert "translated into 'de'" in answer.body["error"]["message"]
    assert mesh.kept == {}
    mesh.refusal = PeerError(FaultCode.UNSUPPORTED_VOICE, "voice 'x' is unknown")
    answer = mesh.run(sessions.create(request(BOTH)))
    assert (answer.status, answer.body["error"]["param"]) == (400, "voice")


def test_a_repeat_is_not_refused_for_a_language_that_has_gone() -> None:
    mesh = Mesh()
    headers = {"authorization": "Bearer key", "idempotency-key": "once"}
    first = mesh.run(sessions.create(request(BOTH, headers=headers)))
    mesh.refusal = UnservedError("gone", "de")
    assert mesh.run(sessions.create(request(BOTH, headers=headers))) == first
    assert mesh.run(sessions.create(request(BOTH))).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "bidirectional_translation", "source_language": "en-US", "target_language": "en-GB"},
        {"mode": "translation", "source_language": "en"},
        {"mode": "translation", "target_language": "no tag at all"},
    ],
)
def test_what_makes_no_pair_is_refused_and_the_field_is_told(body: dict[str, str]) -> None:
    answer: Any = Mesh().run(sessions.create(request(body)))
    assert (answer.status, answer.body["error"]["param"]) == (400, "target_language")


def heard(language: str, probability: float = 0.9) -> ev.Transcript:
    return ev.Transcript(
        session_id="sess_1", track=0, epoch=1, utterance=1, revision=1, final=True, text="words",
        language=language, language_probability=probability, start_ms=0, duration_ms=500,
    )  # fmt: skip


def detecting() -> KallglotConversation:
    return conversation(source_language="", target_language="en")


def sound(channels: int = 1) -> str:
    return audio(b"\0\0" * channels, channels=channels)


def test_who_is_answered_hears_the_language_that_was_detected() -> None:
    made = detecting()
    assert not any(isinstance(command, Update) for command in made.receive(sound()))
    (frame,) = made.render(heard("fr"), 0)
    assert json.loads(frame)["speaker"] == "customer"
    (update, _) = made.receive(sound())
    assert isinstance(update, Update)
    assert update.spec.tracks[0].target_languages == ("en", "fr")
    assert update.spec.tracks[0].source_languages == ()
    (frame,) = made.render(heard("en"), 0)
    assert json.loads(frame)["speaker"] == "agent"
    assert len(made.receive(sound())) == 1
    made.render(heard("de", 0.3), 0)  # perhaps
    assert len(made.receive(sound())) == 1


def test_on_two_channels_the_one_who_is_known_is_translated_once_the_other_was_heard() -> None:
    made = detecting()
    (update, _) = made.receive(sound(2))
    assert isinstance(update, Update)
    assert [(t.source_languages, t.target_languages) for t in update.spec.tracks] == [
        ((), ("en",)),
        (("en",), ()),
    ]
    made.render(heard("fr"), 0)
    (update, _) = made.receive(sound(2))
    assert isinstance(update, Update)
    assert [t.target_languages for t in update.spec.tracks] == [("en",), ("fr",)]


def test_a_detected_language_that_cannot_be_answered_is_told_and_ends_nothing() -> None:
    made = detecting()
    made.render(heard("fi"), 0)
    (update, _) = made.receive(sound())
    assert isinstance(update, Update)
    error = UnservedError("'en' cannot be translated into 'fi'", "fi", "en")
    (frame,) = made.render(Outcome(update.tag, error), 0)
    told = json.loads(frame)
    assert (told["type"], told["code"], told["recoverable"]) == ("error", "invalid_language_code", True)
    made.render(heard("fi"), 0)
    assert len(made.receive(sound())) == 1  # it is not asked for again
    made.render(heard("fr"), 0)
    (update, _) = made.receive(sound(2))
    assert isinstance(update, Update)
    assert update.spec.tracks[1].target_languages == ("fr",)

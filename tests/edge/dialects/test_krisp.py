"""The Krisp dialect as its page documents it (seed: krisp-voice-translation.txt); no socket, no clock."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError, error_for
from dragoman_edge.dialects.krisp import Krisp
from dragoman_edge.dialects.krisp.conversation import KrispConversation
from dragoman_edge.model.commands import Audio, Open
from dragoman_edge.model.events import Opened
from dragoman_edge.model.http import Handshake, HttpRequest, HttpResponse

STARTED_MS = 1_774_466_685_370  # 2026-03-25T19:24:45.370Z
CONFIG: dict[str, Any] = {"source_language": "en-US", "target_language": "fr-FR", "voice": "male"}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CONFIG.items() if key != name}


def handshake(**changes: Any) -> Handshake:
    fields: dict[str, Any] = {"path": "/vt", "path_parameters": {}, "query": {}, "headers": {}} | changes
    return Handshake(**fields)


def conversation(**config: Any) -> KrispConversation:
    """A codec whose configuration was taken and whose session is open."""
    made = KrispConversation(handshake(query={"authorization": "api-key k"}))
    made.receive(json.dumps({"config": CONFIG | config}))
    assert made.render(Opened("s_1", STARTED_MS), 0) == []
    return made


def opened(**config: Any) -> Open:
    made = KrispConversation(handshake())
    (command,) = made.receive(json.dumps({"config": CONFIG | config}))
    assert isinstance(command, Open)
    return command


def transcript(**changes: Any) -> ev.Transcript:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3, "revision": 1, "final": True,
        "text": "Hello, how are you?", "language": "en", "start_ms": 1000, "duration_ms": 436,
    }  # fmt: skip
    return ev.Transcript(**fields | changes)


def translation(**changes: Any) -> ev.Translation:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3, "revision": 1, "final": True,
        "language": "fr-FR", "text": "Bonjour", "source_language": "en", "source_text": "Hello",
        "start_ms": 1000, "duration_ms": 436,
    }  # fmt: skip
    return ev.Translation(**fields | changes)


def chunk(audio: bytes) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s_1",
        track=0,
        epoch=1,
        utterance=3,
        language="fr-FR",
        sample_offset=0,
        audio=audio,
        last=True,
    )


def rendered(made: KrispConversation, event: ev.Event) -> Any:
    (frame,) = made.render(event, 0)
    assert isinstance(frame, str)
    return json.loads(frame)


@pytest.mark.parametrize(
    ("query", "headers", "credential"),
    [
        ({"authorization": "api-key abc"}, {}, "abc"),
        ({"authorization": "Api-Key abc"}, {}, "abc"),
        ({}, {"authorization": "API-KEY abc"}, "abc"),
        ({}, {"authorization": "Bearer abc"}, "abc"),
        ({}, {"authorization": "Basic abc"}, ""),
        ({}, {}, ""),
    ],
)
def test_the_credential_is_read_from_header_or_query_in_any_case(
    query: dict[str, str], headers: dict[str, str], credential: str
) -> None:
    assert KrispConversation(handshake(query=query, headers=headers)).credential == credential


def test_the_key_may_stand_in_the_first_message() -> None:
    (command,) = KrispConversation(handshake()).receive(json.dumps({"api_key": "abc", "config": CONFIG}))
    assert isinstance(command, Open)
    assert command.credential == "abc"


def test_the_defaults_are_those_of_the_page() -> None:
    spec = opened().spec
    assert (spec.interim, spec.final, spec.translate, spec.speech) == (False, True, True, True)
    assert spec.tracks == (ev.TrackSpec(track=0, source_languages=("en-US",), target_languages=("fr-FR",)),)
    assert spec.voices == (ev.VoiceChoice(voice="male"),)


def test_every_parameter_reaches_the_spec() -> None:
    spec = opened(
        audio={"format": "pcm_s16le", "sample_rate": 16000, "channels": 1},
        vocabulary=["special", "terms"],
        translation_dictionary=[{"source": "copay", "target": "quote-part"}],
        transcript={"interim": True, "final": False, "translate": False},
        features={"background_voice_cancellation": True, "other": False},
        metadata={"reference_id": "ref", "desk": 7},
    ).spec
    assert spec.vocabulary == ("special", "terms")
    assert spec.dictionary == (ev.Term(source="copay", target="quote-part"),)
    assert (spec.interim, spec.final, spec.translate) == (True, False, False)
    assert spec.features == ("background_voice_cancellation",)
    assert spec.metadata == {"reference_id": "ref", "desk": "7"}
    assert spec.reference_id == "ref"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("{", "JSON"),
        ("[]", "JSON object"),
        ("{}", "config"),
        ('{"config": 3}', "config"),
        (json.dumps({"config": {k: v for k, v in CONFIG.items() if k != "voice"}}), "config.voice"),
        (
            json.dumps({"config": {k: v for k, v in CONFIG.items() if k != "source_language"}}),
            "source_language",
        ),
        (json.dumps({"config": CONFIG | {"source_language": "english!"}}), "source_language"),
        (json.dumps({"config": CONFIG | {"target_language": ""}}), "target_language"),
        (json.dumps({"config": CONFIG | {"voice": 7}}), "config.voice"),
        (json.dumps({"config": CONFIG | {"audio": {"format": "mp3"}}}), "audio.format"),
        (json.dumps({"config": CONFIG | {"audio": {"sample_rate": 44100}}}), "audio.sample_rate"),
        (json.dumps({"config": CONFIG | {"audio": {"channels": 2}}}), "audio.channels"),
        (json.dumps({"config": CONFIG | {"audio": {"sample_rate": "16000"}}}), "audio.sample_rate"),
        (json.dumps({"config": CONFIG | {"vocabulary": "word"}}), "vocabulary"),
        (json.dumps({"config": CONFIG | {"translation_dictionary": [{"source": "a"}]}}), "target"),
        (json.dumps({"config": CONFIG | {"transcript": {"interim": "yes"}}}), "transcript.interim"),
        ("[" * 100_000, "JSON"),
        (json.dumps({"config": CONFIG | {"x": "y" * 300_000}}), "characters"),
    ],
)
def test_a_bad_configuration_is_a_precise_400(message: str, said: str) -> None:
    made = KrispConversation(handshake())
    with pytest.raises(PeerError) as caught:
        made.receive(message)
    (frame,) = made.refuse(caught.value, 0)
    error = json.loads(frame)["error"]
    assert (error["code"], error["reason"]) == (400, "Bad Request")
    assert said in error["description"]


def test_a_refused_configuration_still_echoes_its_reference_id() -> None:
    made = KrispConversation(handshake())
    with pytest.raises(PeerError) as caught:
        made.receive(json.dumps({"config": {"metadata": {"reference_id": "ref"}}}))
    assert json.loads(made.refuse(caught.value, 0)[0])["error"]["reference_id"] == "ref"


def test_binary_is_audio_and_later_text_is_refused() -> None:
    made = conversation()
    assert made.receive(b"\0\0") == [Audio(b"\0\0")]
    with pytest.raises(PeerError):
        made.receive("{}")


def test_a_final_transcript_has_every_field_of_the_page() -> None:
    made = conversation(metadata={"reference_id": "askdnl"})
    assert rendered(made, transcript()) == {
        "transcript": {
            "text": "Hello, how are you?",
            "final": True,
            "start": "2026-03-25T19:24:46.370+00:00",
            "duration": 436,
            "utterance_id": "s_1-0-3",
            "reference_id": "askdnl",
        }
    }


def test_a_translation_is_linked_to_its_transcript() -> None:
    made = conversation()
    linked = rendered(made, translation())["translate"]
    assert linked == {"text": "Bonjour", "final": True, "utterance_id": "s_1-0-3"}
    assert rendered(made, transcript())["transcript"]["utterance_id"] == linked["utterance_id"]


def test_the_switches_decide_what_is_sent() -> None:
    silent = conversation(transcript={"interim": False, "final": False, "translate": False})
    loud = conversation(transcript={"interim": True, "final": True, "translate": True})
    for event in (transcript(final=False), transcript(), translation()):
        assert silent.render(event, 0) == []
        assert len(loud.render(event, 0)) == 1


def test_speech_is_binary_and_an_empty_chunk_is_nothing() -> None:
    assert conversation().render(chunk(b"\1\2"), 0) == [b"\1\2"]
    assert conversation().render(chunk(b""), 0) == []


def test_a_failure_is_an_error_that_names_the_utterance() -> None:
    failure = ev.Failure(
        session_id="s_1", track=0, epoch=1, utterance=3, stage=ev.Stage.TRANSLATION, language="fr-FR",
        code=FaultCode.ENGINE_FAILED, message="the engine did not answer",
    )  # fmt: skip
    error = rendered(conversation(), failure)["error"]
    assert (error["code"], error["reason"]) == (500, "Internal Server Error")
    assert "utterance 3" in error["description"]


@pytest.mark.parametrize("code", list(FaultCode))
def test_every_fault_has_one_of_the_five_documented_codes(code: FaultCode) -> None:
    made = conversation()
    error = error_for(code, "why")
    (frame,) = made.refuse(error, 0)
    body = json.loads(frame)["error"]
    assert body["code"] in (400, 401, 402, 429, 500)
    assert body["description"] == "why"
    assert made.close_code(error) in (1008, 1011, 1013)
    assert made.close_code(None) == 1000


def request(**changes: Any) -> HttpRequest:
    fields: dict[str, Any] = {
        "method": "GET", "path": "/v2/sdk/voice-translation/session/token", "path_parameters": {},
        "query": {}, "headers": {"authorization": "api-key drg_1"}, "body": b"", "source": "", "base_url": "",
        "new_id": "x", "build": "b",
    }  # fmt: skip
    return HttpRequest(**fields | changes)


def test_the_token_endpoint_asks_for_a_token_of_that_many_minutes() -> None:
    exchange = Krisp.routes[0].handle(request(query={"expiration_ttl": "100"}))
    question = next(exchange)
    assert isinstance(question, rpc.IssueTokenRequest)
    assert (question.credential, question.ttl_ms) == ("drg_1", 6_000_000)
    with pytest.raises(StopIteration) as done:
        exchange.send(rpc.IssueTokenReply(token="t", expires_at_ms=STARTED_MS, key_id="k_1"))
    answer: HttpResponse = done.value.value
    assert answer.body == {
        "data": {
            "session_key": "t",
            "expires_at": "2026-03-25T19:24:45.370+00:00",
            "key_id": "k_1",
            "status": "active",
            "type": "session",
        }
    }


@pytest.mark.parametrize("ttl", ["4", "1441", "-5", "1e3", "", "٣٠", "9" * 30])
def test_a_time_to_live_out_of_bounds_is_a_400(ttl: str) -> None:
    route = Krisp.routes[0]
    with pytest.raises(PeerError) as caught:
        next(route.handle(request(query={"expiration_ttl": ttl})))
    assert route.refuse(caught.value).status == 400


def test_the_token_endpoint_without_a_key_is_a_401() -> None:
    route = Krisp.routes[0]
    with pytest.raises(PeerError) as caught:
        next(route.handle(request(headers={})))
    assert route.refuse(caught.value).status == 401


def test_a_rate_limit_over_http_says_when_to_come_back() -> None:
    answer = Krisp.routes[0].refuse(DragomanError(FaultCode.RATE_LIMITED, "slow", retry_after_ms=2500))
    assert (answer.status, answer.headers) == (429, {"Retry-After": "2"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
KEYS = st.sampled_from(
    ["audio", "source_language", "target_language", "voice", "vocabulary", "translation_dictionary",
     "transcript", "features", "metadata"]
)  # fmt: skip


@given(st.one_of(
    st.text(max_size=200),
    st.binary(max_size=50),
    JSON.map(json.dumps),
    st.dictionaries(KEYS, JSON).map(lambda c: json.dumps({"config": CONFIG | c})),
))  # fmt: skip
def test_whatever_comes_first_is_taken_or_refused_in_the_documented_form(frame: str | bytes) -> None:
    made = KrispConversation(handshake())
    try:
        made.receive(frame)
    except PeerError as exc:
        (answer,) = made.refuse(exc, 0)
        assert json.loads(answer)["error"]["code"] == 400

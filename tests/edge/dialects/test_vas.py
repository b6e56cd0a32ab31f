"""The VAS dialect as its pages document it (seed: vas-voice-translation-events.txt); no socket, no clock."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError, error_for
from dragoman_edge.dialects.vas import Vas
from dragoman_edge.dialects.vas.conversation import VasConversation
from dragoman_edge.dialects.vas.sentences import MOST_SENTENCES, MOST_SPEAKERS
from dragoman_edge.dialects.vas.tasks import MOST_OPEN
from dragoman_edge.model.commands import JOBS, Answer, Audio, Command, End, Flush, Open, TextRequest, Update
from dragoman_edge.model.events import Opened, Outcome, ServerEvent, Throttled
from dragoman_edge.model.http import Handshake, HttpRequest, HttpResponse
from dragoman_edge.resume.checkpoint import pack

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
    (answer,) = commands
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


# Tickets


def asked(headers: dict[str, str], fault: DragomanError | None = None) -> tuple[Any, HttpResponse | None]:
    route = Vas().routes[0]
    request = HttpRequest(
        method="POST", path=route.path, path_parameters={}, query={}, headers=headers, body=b"",
        source="::1", base_url="http://edge", new_id="n", build="b", now_ms=NOW,
    )  # fmt: skip
    exchange = route.handle(request)
    question: Any = None
    try:
        question = next(exchange)
        if fault is not None:
            exchange.throw(fault)
        exchange.send(rpc.IssueTokenReply(token="T" * 32))
    except StopIteration as done:
        return question, done.value
    return question, None


def test_a_ticket_is_good_for_a_minute_and_one_use() -> None:
    question, response = asked({"x-api-key": "drg_1"})
    assert (question.credential, question.ttl_ms, question.single_use) == ("drg_1", 60_000, True)
    assert response == HttpResponse(200, {"ticket": "T" * 32, "expires_in": 60})


@pytest.mark.parametrize(
    ("headers", "fault", "status", "code"),
    [
        ({}, None, 401, "auth_missing_api_key"),
        ({"x-api-key": "no key, this"}, None, 401, "auth_invalid_key_format"),
        ({"x-api-key": "k" * 513}, None, 401, "auth_invalid_key_format"),
        ({"x-api-key": "k"}, FaultCode.INVALID_CREDENTIAL, 401, "auth_invalid_api_key"),
        ({"x-api-key": "k"}, FaultCode.UNAVAILABLE, 500, "ticket_validation_failed"),
    ],
)
def test_without_a_good_key_the_whole_envelope_comes(
    headers: dict[str, str], fault: FaultCode | None, status: int, code: str
) -> None:
    _, response = asked(headers, error_for(fault, "why") if fault else None)
    assert response is not None and response.status == status
    body: Any = response.body
    assert body["data"]["error_code"] == body["error_code"] == code
    assert body["data"]["request_id"] == "req_n"
    assert body["data"]["timestamp"] == "2026-01-15T10:30:45.123Z"


def test_the_ticket_is_taken_from_the_subprotocol_that_is_accepted() -> None:
    made = VasConversation(handshake("chat", "ticket.abc"))
    assert (made.subprotocol, made.credential) == ("ticket.abc", "abc")


def test_without_a_ticket_nothing_is_taken() -> None:
    made = VasConversation(handshake("chat"))
    with pytest.raises(PeerError) as caught:
        made.receive(action("start", **START))
    assert caught.value.code is FaultCode.MISSING_CREDENTIAL


def test_a_key_is_no_ticket() -> None:
    with pytest.raises(PeerError) as caught:
        VasConversation(handshake()).admitted("")
    assert caught.value.code is FaultCode.INVALID_CREDENTIAL


# Start


def test_start_opens_a_session_into_several_languages() -> None:
    spec = opened(transcription_languages=["en-US", "de-DE"]).spec
    (track,) = spec.tracks
    assert track.source_languages == ("en-US", "de-DE")
    assert track.target_languages == ("es-ES", "fr-FR")
    assert (spec.interim, spec.translate, spec.speech, track.two_way) == (True, True, False, False)


def test_start_takes_a_language_as_text_and_no_targets() -> None:
    spec = opened(transcription_languages="en_us", translation_languages=[]).spec
    assert spec.tracks[0].source_languages == ("en-US",)
    assert not spec.translate


def test_a_plain_recording_is_not_translated() -> None:
    assert opened(type="record").spec.tracks[0].target_languages == ()


def test_a_conversation_goes_both_ways_and_is_spoken() -> None:
    spec = opened(**TALK).spec
    assert spec.tracks[0].source_languages == spec.tracks[0].target_languages == ("en-US", "es-ES")
    assert spec.tracks[0].two_way
    assert spec.speech
    assert not opened(**TALK, tts_enabled=False).spec.speech


def test_voices_are_chosen_by_language() -> None:
    spec = opened(tts_mode="sync", tts_config={"es-es": {"voice": "male", "speaking_rate": 1.2}}).spec
    assert spec.speech
    assert spec.voices == (ev.VoiceChoice(language="es-ES", voice="male", rate=1.2),)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recognition_mode": "multi_speaker"}, "diarization_not_supported"),
        (
            {"recognition_mode": "multi_speaker", "transcription_languages": ["en", "de"]},
            "diarization_multilang_conflict",
        ),
        ({"audio_format": "webm"}, "audio_format_invalid"),
        ({"type": "party"}, "invalid_request"),
        ({"transcription_languages": []}, "invalid_request"),
        ({"transcription_languages": ["en", "de", "fr"]}, "invalid_request"),
        ({"transcription_languages": ["!"]}, "language_not_supported"),
        ({"translation_languages": ["x"]}, "language_not_supported"),
        ({"translation_languages": ["es"] * 11}, "invalid_request"),
        ({"recognition_mode": "many"}, "invalid_request"),
        ({"tts_config": {"es": {"speaking_rate": 9}}}, "invalid_request"),
        ({"type": "conversation"}, "conversation_language_conflict"),
        ({"type": "conversation", "translation_languages": ["en-GB"]}, "conversation_language_conflict"),
    ],
)
def test_a_start_that_cannot_be_is_answered_and_another_may_follow(
    changes: dict[str, Any], code: str
) -> None:
    made = fresh()
    assert refused(made, action("start", **START | changes)) == code
    (command,) = made.receive(action("start", **START))
    assert isinstance(command, Open)


def test_the_session_says_what_it_is() -> None:
    made = fresh()
    made.receive(action("start", **START))
    started, connected = shown(made, Opened("s_1", NOW))
    data = started["data"]
    assert data["task_id"] == data["recording_id"] != data["session_id"] == "s_1"
    assert (data["recording_type"], data["recognition_mode"]) == ("transcribe", "single")
    assert connected["data"] == {
        "action": "stt_event", "event": "connected", "message": "STT service connected",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["audio", "pause", "stop", "tts_play", "rename_speaker", "broadcast_go_live"]
)
def test_before_the_start_and_after_the_end_there_is_no_session(name: str) -> None:
    assert refused(fresh(), action(name)) == "session_not_started"
    made = running()
    assert told(made.receive(action("stop"))[:1])["message"] == "Speech recognition stopped"
    assert refused(made, action(name)) == "session_not_started"


def test_a_session_starts_once() -> None:
    assert refused(running(), action("start", **START)) == "session_already_started"


# Audio


def test_audio_is_base64_or_binary() -> None:
    made = running()
    pcm = bytes(range(8))
    assert made.receive(action("audio", audio=base64.b64encode(pcm).decode())) == [Audio(pcm)]
    assert made.receive(pcm) == [Audio(pcm)]


@pytest.mark.parametrize("audio", ["?", "AAA", "AAAA", "é"])
def test_what_is_no_audio_is_answered(audio: str) -> None:
    assert refused(running(), action("audio", audio=audio)) == "audio_data_invalid"


def test_a_paused_session_hears_nothing() -> None:
    made = running()
    flush, answer = made.receive(action("pause"))
    assert flush == Flush()
    assert told([answer]) == {"action": "status", "message": "Speech recognition paused"}
    assert made.receive(b"\0\0") == []
    assert told(made.receive(action("resume")))["message"] == "Speech recognition resumed"
    assert made.receive(b"\0\0") == [Audio(b"\0\0")]


def test_stop_ends_the_audio_and_the_task_is_complete_with_the_last_result() -> None:
    made = running()
    answer, end = made.receive(action("stop"))
    assert told([answer]) == {"action": "status", "message": "Speech recognition stopped"}
    assert end == End()
    (complete,) = shown(made, ev.Usage(session_id="s_1", sequence=9, closing=True))
    assert complete["data"]["action"] == "task_complete"


def test_who_wants_a_summary_is_told_that_there_is_none() -> None:
    answer, _ = running(summary_template="meeting").receive(action("stop"))
    assert isinstance(answer, Answer)
    _, summary = [json.loads(frame)["data"] for frame in answer.frames]
    assert (summary["action"], summary["error_code"]) == ("summary_error", "summary_failed")


def test_a_ping_is_answered_and_keeps_a_session_alive() -> None:
    ping = json.dumps({"type": "health", "data": {"action": "ping"}})
    made = fresh()
    assert told(made.receive(ping)) == {"action": "pong"}
    made.receive(action("start", **START))
    assert made.receive(ping)[0] == Audio(b"")


# Results


def test_a_transcript_is_the_origin_of_a_result() -> None:
    (message,) = shown(running(), transcript())
    assert message == {
        "type": "voice-translation",
        "data": {
            "action": "result",
            "origin": {
                "sid": 1,
                "language": "en-US",
                "text": "Hello, you",
                "is_final": True,
                "speaker_id": "0",
                "detected_language": "en-US",
                "start_time": "01:05",
            },
        },
    }


def test_translations_are_keyed_by_language() -> None:
    made = running()
    shown(made, transcript())
    (message,) = shown(made, translation(language="fr-FR"))
    assert message["data"] == {
        "action": "result",
        "translations": {"fr-FR": {"sid": 1, "text": "Hola, tú", "is_final": True}},
    }


def test_in_a_conversation_the_language_tells_who_spoke() -> None:
    made = running(**TALK)
    assert shown(made, transcript(language="es"))[0]["data"]["origin"]["speaker_id"] == "2"
    assert shown(made, transcript(language="en"))[0]["data"]["origin"]["speaker_id"] == "1"


def test_the_errors_of_a_sentence_have_its_number() -> None:
    made = running()
    shown(made, transcript())
    (message,) = shown(made, failure(ev.Stage.TRANSLATION))
    data = message["data"]
    assert message["type"] == "error"
    assert (data["error_code"], data["severity"], data["context"]) == (
        "translation_failed", "warning", "translation",
    )  # fmt: skip
    assert (data["sid"], data["timestamp"]) == (1, "2026-01-15T10:30:45.123Z")
    assert data["request_id"].startswith("req_")
    assert data["details"] == {"translation_language": "es-ES", "source_lang": "en-US"}
    (message,) = shown(made, failure(ev.Stage.STT))
    assert (message["data"]["error_code"], message["data"]["sid"]) == ("stt_failed", 1)


def test_an_error_before_the_session_has_the_time_of_the_handshake() -> None:
    assert told(fresh().receive("{"))["timestamp"] == "2026-01-15T10:30:45.123Z"


def test_who_sends_too_fast_is_warned_once() -> None:
    made = running()
    (message,) = shown(made, Throttled(active=True))
    data = message["data"]
    assert (data["error_code"], data["severity"]) == ("rate_limit_exceeded", "warning")
    assert not shown(made, Throttled(active=False)) + shown(made, Throttled(active=True))


def test_a_recogniser_that_is_not_replaced_is_an_stt_event_before_the_error() -> None:
    made = running()
    shown(made, ev.Status(session_id="s_1", state=ev.State.RECOVERING))
    event, error = map(json.loads, made.refuse(error_for("busy", "none is free"), NOW))
    assert (event["data"]["action"], event["data"]["event"]) == ("stt_event", "error")
    assert error["data"]["severity"] == "fatal"
    shown(made, ev.Status(session_id="s_1", state=ev.State.CONNECTED))
    assert len(made.refuse(error_for("busy", "none is free"), NOW)) == 1


def test_request_ids_differ() -> None:
    made = fresh()
    frames = [made.receive("{")[0] for _ in range(3)]
    ids = {json.loads(f.frames[0])["data"]["request_id"] for f in frames if isinstance(f, Answer)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("state", "event"), [(ev.State.RECOVERING, "disconnected"), (ev.State.CONNECTED, "connected")]
)
def test_a_lost_recogniser_is_an_stt_event(state: ev.State, event: str) -> None:
    (message,) = shown(running(), ev.Status(session_id="s_1", state=state))
    assert (message["data"]["action"], message["data"]["event"]) == ("stt_event", event)


def test_a_server_that_stops_warns() -> None:
    (message,) = shown(running(), ev.Status(session_id="s_1", state=ev.State.DRAINING))
    assert (message["data"]["error_code"], message["data"]["severity"]) == ("service_restarting", "warning")


# Speech


def test_speech_of_a_sentence_becomes_one_mp3_with_its_words() -> None:
    made = running(tts_mode="sync")
    said(made, 1)
    assert shown(made, chunk()) == []
    comma = ev.Boundary(offset_ms=1000, duration_ms=100, text_offset=5, text_length=1)
    shown(made, translation(text="Hola , tú"))
    (message,) = shown(made, chunk(last=True, boundaries=(comma,)))
    data = message["data"]
    assert (data["action"], data["sid"], data["language"], data["format"]) == ("tts_ready", 1, "es-ES", "mp3")
    assert (data["transcript"], data["text"], data["duration_ms"]) == ("sentence 1", "Hola , tú", 2088)
    assert len(base64.b64decode(data["audio"])) > 1000
    assert data["boundaries"] == [
        {"offset_ms": 69, "duration_ms": 300, "text_offset": 0, "word_length": 4, "text": "Hola",
         "boundary_type": "WordBoundary"},
        {"offset_ms": 1069, "duration_ms": 100, "text_offset": 5, "word_length": 1, "text": ",",
         "boundary_type": "PunctuationBoundary"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "error"),
    [("engine_failed", "tts_synthesis_failed"), ("insufficient_credits", "tts_quota_exceeded")],
)
def test_speech_that_fails_is_a_tts_error(code: str, error: str) -> None:
    made = running(tts_mode="sync")
    said(made, 1)
    (message,) = shown(made, failure(ev.Stage.TTS, code=code))
    assert message["data"]["error"] == error
    assert message["data"]["transcript"] == "sentence 1"


def test_a_sentence_is_played_on_demand() -> None:
    made = running()
    said(made, 1, 2)
    (job,) = made.receive(action("tts_play", sid=2, language="es-ES"))
    assert job == TextRequest(
        1, "frase 2", "en-US", ("es-ES",), speech=True, translated=True, source_text="sentence 2"
    )
    assert shown(made, translation(track=JOBS, utterance=1)) == []
    assert shown(made, chunk(track=JOBS, utterance=1)) == []
    (message,) = shown(made, chunk(track=JOBS, utterance=1, last=True))
    assert (message["data"]["action"], message["data"]["sid"]) == ("tts_ready", 2)


@pytest.mark.parametrize(("sid", "language"), [(1, "de-DE"), (9, "es-ES")])
def test_what_was_not_translated_cannot_be_played(sid: int, language: str) -> None:
    made = running()
    said(made, 1)
    data = told(made.receive(action("tts_play", sid=sid, language=language)))
    assert (data["action"], data["error"]) == ("tts_error", "translation_not_found")
    assert data["message"] == f"No translation available for language: {language}"


def test_speech_can_be_stopped() -> None:
    made = running(tts_mode="sync")
    said(made, 1)
    shown(made, chunk())
    made.receive(action("tts_play", sid=1))
    assert told(made.receive(action("tts_stop")))["message"] == "TTS stopped"
    assert shown(made, chunk(last=True)) == []
    assert shown(made, chunk(track=JOBS, last=True)) == []
    said(made, 2)
    assert shown(made, chunk(utterance=2, last=True)) != []


def test_the_mode_of_speech_is_changed_when_the_mesh_has_done_it() -> None:
    made = running()
    (update,) = made.receive(action("tts_mode", tts_mode="sync"))
    assert isinstance(update, Update)
    assert update.spec.speech
    assert agreed(made, [update]) == [{"action": "tts_mode_changed", "tts_mode": "sync"}]


def test_a_refused_change_changes_nothing() -> None:
    made = running()
    (update,) = made.receive(action("tts_mode", tts_mode="sync"))
    assert isinstance(update, Update)
    (message,) = shown(made, Outcome(update.tag, PeerError(FaultCode.UNSUPPORTED_VOICE, "no voice")))
    assert (message["data"]["error_code"], message["data"]["severity"]) == ("tts_voice_not_found", "error")
    (update,) = made.receive(action("config", terminology=["x"]))
    assert isinstance(update, Update)
    assert not update.spec.speech


# Words


def test_words_may_be_set_before_the_start() -> None:
    made = fresh()
    data = told(made.receive(action("config", terminology=["Krasnov"], translation_dict={"a": "b"})))
    assert data["updated"] == ["terminology", "translation_dict"]
    assert "terminology_effective" not in data
    (command,) = made.receive(action("start", **START))
    assert isinstance(command, Open)
    assert command.spec.vocabulary == ("Krasnov",)
    assert command.spec.dictionary == (ev.Term(source="a", target="b"),)


def test_terminology_counts_from_the_next_sentence() -> None:
    made = running()
    commands = made.receive(action("config", terminology=[{"term": "x"}], fuzzy_correction=[["a", "b"]]))
    (data,) = agreed(made, commands)
    assert data["updated"] == ["terminology", "fuzzy_correction"]
    assert data["terminology_effective"] == "next_turn"


@pytest.mark.parametrize("kind", ["transcribe", "broadcast"])
def test_the_recogniser_puts_right_what_is_misheard(kind: str) -> None:
    made = fresh()
    made.receive(action("config", fuzzy_correction=[{"wrong": "hello", "correct": "Hallo"}]))
    (command,) = made.receive(action("start", **START | {"recording_type": kind}))
    assert isinstance(command, Open)
    assert command.spec.corrections == (ev.Term(source="hello", target="Hallo"),)
    assert command.spec.vocabulary == ("Hallo",)


@pytest.mark.parametrize(
    "data", [{}, {"terminology": [1]}, {"translation_dict": 3}, {"fuzzy_correction": ["a"]}]
)
def test_words_that_make_no_sense_are_answered(data: dict[str, Any]) -> None:
    assert refused(fresh(), action("config", **data)) == "invalid_request"


# Sentences again


def test_a_sentence_is_translated_again() -> None:
    made = running()
    said(made, 1)
    (job,) = made.receive(action("retranslate", sid=1, translation_language="de-DE"))
    assert job == TextRequest(1, "sentence 1", "en-US", ("de-DE",), duration_ms=900)
    (message,) = shown(made, translation(track=JOBS, language="de-DE", text="Satz"))
    assert message["data"] == {
        "action": "translation",
        "translations": {"de-DE": {"sid": 1, "text": "Satz", "is_final": True, "is_retranslation": True}},
    }
    assert made.receive(action("tts_play", sid=1, language="de-DE")) != []


def test_a_retranslation_that_fails_is_an_error_of_the_sentence() -> None:
    made = running()
    said(made, 3)
    made.receive(action("retranslate", sid=3))
    (message,) = shown(made, failure(ev.Stage.TRANSLATION, track=JOBS))
    assert (message["data"]["error_code"], message["data"]["sid"]) == ("retranslation_failed", 3)


def test_a_sentence_that_is_not_known_is_not_translated_again() -> None:
    assert refused(running(), action("retranslate", sid=1)) == "sentence_not_found"


def test_another_language_translates_all_sentences_again() -> None:
    made = running()
    said(made, 1, 2)
    update, first, second = made.receive(action("switch_language", translation_language="de-DE"))
    assert isinstance(update, Update)
    assert update.spec.tracks[0].target_languages == ("de-DE",)
    assert isinstance(first, TextRequest)
    assert isinstance(second, TextRequest)
    (begun,) = agreed(made, [update])
    assert (begun["action"], begun["total_segments"]) == ("language_switch_start", 2)
    (one,) = shown(made, translation(track=JOBS, utterance=1, language="de-DE", text="Satz"))
    assert one["data"] == {
        "action": "batch_retranslation",
        "sid": 1,
        "translations": {"de-DE": {"sid": 1, "text": "Satz", "is_final": True, "is_retranslation": True}},
    }
    (done,) = shown(made, failure(ev.Stage.TRANSLATION, track=JOBS, utterance=2))
    assert done["data"] == {
        "action": "language_switch_done",
        "translation_language": "de-DE",
        "success_count": 1,
        "failed_count": 1,
        "failed_sids": [2],
        "message": "Language switch complete",
    }


def test_another_language_before_anything_was_said_is_done_at_once() -> None:
    made = running()
    begun, done = agreed(made, made.receive(action("switch_language", translation_language="de")))
    assert (begun["total_segments"], done["success_count"]) == (0, 0)
    assert "failed_sids" not in done


def test_a_refused_language_shows_no_translations() -> None:
    made = running()
    said(made, 1)
    update, _ = made.receive(action("switch_language", translation_language="xx"))
    assert isinstance(update, Update)
    (message,) = shown(made, Outcome(update.tag, PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "no")))
    assert message["data"]["error_code"] == "language_not_supported"
    assert shown(made, failure(ev.Stage.TRANSLATION, track=JOBS)) == []


def test_a_job_that_is_not_taken_leaves_its_number() -> None:
    made = running()
    said(made, 1)
    made.receive(action("retranslate", sid=1))
    (message,) = shown(made, Outcome("", PeerError(FaultCode.RATE_LIMITED, "too many"), 1))
    assert message["data"]["error_code"] == "retranslation_failed"
    (job,) = made.receive(action("retranslate", sid=1))
    assert isinstance(job, TextRequest)
    assert job.number == 1


def test_only_the_last_sentences_are_kept_and_only_so_many_are_translated_at_once() -> None:
    made = running()
    said(made, *range(1, MOST_SENTENCES + 2))
    assert refused(made, action("retranslate", sid=1)) == "sentence_not_found"
    assert len(made.receive(action("switch_language", translation_language="de"))) == MOST_SENTENCES + 1
    for _ in range(MOST_OPEN - MOST_SENTENCES):
        made.receive(action("retranslate", sid=2))
    assert refused(made, action("retranslate", sid=2)) == "rate_limit_exceeded"


# Conversations


def test_a_conversation_is_turned_round() -> None:
    made = running(**TALK, conversation_mode="manual")
    commands = made.receive(action("switch_language", language="es-ES", translation_language="en-US"))
    (update,) = commands
    assert isinstance(update, Update)
    (track,) = update.spec.tracks
    assert (track.source_languages, track.target_languages, track.two_way) == (("es-ES",), ("en-US",), False)
    assert agreed(made, commands) == [
        {
            "action": "language_switched",
            "language": "es-ES",
            "translation_language": "en-US",
            "message": "Language switched",
        }
    ]


def test_in_manual_mode_only_who_speaks_is_heard() -> None:
    made = running(**TALK)
    commands = made.receive(action("switch_conversation_mode", conversation_mode="manual"))
    assert agreed(made, commands) == [{"action": "conversation_mode_changed", "conversation_mode": "manual"}]
    assert made.receive(b"\0\0") == []
    flush, update = made.receive(action("start_speaking", speaker=2))
    assert flush == Flush()
    assert isinstance(update, Update)
    assert update.spec.tracks[0].source_languages == ("es-ES",)
    assert agreed(made, [update])[0]["message"] == "Speaking started"
    assert made.receive(b"\0\0") == [Audio(b"\0\0")]
    flush, answer = made.receive(action("stop_speaking"))
    assert (flush, told([answer])["message"]) == (Flush(), "Speaking stopped")
    assert made.receive(b"\0\0") == []
    assert told(made.receive(action("start_speaking", language="es-ES")))["message"] == "Speaking started"


def test_a_speaker_who_cannot_be_heard_in_his_language_is_not_heard() -> None:
    made = running(**TALK, conversation_mode="manual")
    _, update = made.receive(action("start_speaking", speaker=2))
    assert isinstance(update, Update)
    (message,) = shown(made, Outcome(update.tag, PeerError(FaultCode.UNAVAILABLE, "away")))
    assert message["data"]["error_code"] == "service_unavailable"
    assert made.receive(b"\0\0") == []


def test_speakers_change_their_language() -> None:
    made = running(**TALK)
    commands = made.receive(action("set_speaker_language", speaker=1, language="fr-FR"))
    assert agreed(made, commands) == [
        {"action": "speaker_language_changed", "speaker_language_map": {"1": "fr-FR", "2": "es-ES"}}
    ]


def test_the_speech_of_a_conversation_is_set() -> None:
    made = running(**TALK)
    config = {"es-ES": {"voice": "male", "speaking_rate": 1.2}}
    commands = made.receive(action("set_tts", tts_enabled=False, tts_config=config))
    assert agreed(made, commands) == [{"action": "tts_updated", "tts_enabled": False, "tts_config": config}]


@pytest.mark.parametrize(
    ("start", "name", "data", "code"),
    [
        (START, "set_tts", {"tts_enabled": True}, "conversation_required"),
        (START, "switch_conversation_mode", {"mode": "auto"}, "conversation_required"),
        (START, "set_speaker_language", {"speaker": 1, "language": "fr"}, "conversation_required"),
        (START, "start_speaking", {}, "conversation_required"),
        (START, "broadcast_announcement", {"message": "x"}, "broadcast_required"),
        (START, "dance", {}, "unknown_action"),
        (START | {"type": "record"}, "switch_language", {"translation_language": "fr"},
         "translation_not_available"),
        (TALK, "start_speaking", {}, "conversation_mode_invalid"),
        (TALK, "set_speaker_language", {"speaker": 3, "language": "fr"}, "speaker_not_found"),
        (TALK, "set_speaker_language", {"speaker": 1, "language": "es"}, "conversation_language_conflict"),
        (TALK, "switch_language", {"translation_language": "fr"}, "invalid_request"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_answered(start: Any, name: str, data: Any, code: str) -> None:
    assert refused(running(**start), action(name, **data)) == code


# Speakers


def test_a_speaker_gets_a_name() -> None:
    made = running()
    said(made, 1, 2)
    data = told(made.receive(action("rename_speaker", speaker_id="0", new_label="Ann")))
    assert data == {
        "action": "speaker_renamed", "speaker_id": "0", "new_label": "Ann", "affected_sids": [1, 2],
    }  # fmt: skip
    assert shown(made, transcript(utterance=3))[0]["data"]["origin"]["speaker_label"] == "Ann"
    told_again = shown(made, translation(utterance=3))[0]["data"]["translations"]["es-ES"]
    assert (told_again["speaker_id"], told_again["speaker_label"]) == ("0", "Ann")
    data = told(made.receive(action("rename_speaker", speaker_id="Ann", new_label="Bea")))
    assert data["speaker_id"] == "0"


def test_a_sentence_gets_another_speaker_and_speakers_become_one() -> None:
    made = running()
    said(made, 1, 2)
    data = told(made.receive(action("reassign_speaker", sid=2, new_speaker_id="Guest-2")))
    assert data == {
        "action": "speaker_reassigned", "sid": 2, "old_speaker_id": "0", "new_speaker_id": "Guest-2",
        "new_speaker_label": "Guest-2",
    }  # fmt: skip
    data = told(made.receive(action("merge_speakers", source_speaker_id="0", target_speaker_id="Guest-2")))
    assert data == {
        "action": "speakers_merged", "source_speaker_id": "0", "target_speaker_id": "Guest-2",
        "affected_sids": [1],
    }  # fmt: skip
    assert shown(made, transcript(utterance=3))[0]["data"]["origin"]["speaker_id"] == "Guest-2"


def test_speakers_that_are_not_known_are_answered() -> None:
    made = running()
    said(made, 1)
    assert refused(made, action("rename_speaker", speaker_id="9", new_label="x")) == "speaker_not_found"
    assert refused(made, action("merge_speakers", source="0", target="0")) == "speaker_merge_invalid"
    for number in range(MOST_SPEAKERS - 1):
        made.receive(action("reassign_speaker", sid=1, speaker_id=f"g{number}"))
    assert refused(made, action("reassign_speaker", sid=1, speaker_id="one more")) == "speaker_limit_exceeded"


# What is wrong with messages


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "invalid_request"),
        ("[]", "invalid_request"),
        ("{}", "unknown_type"),
        ('{"type": "voice-translation"}', "unknown_action"),
        ('{"type": "voice-translation", "data": {"action": ["a"]}}', "unknown_action"),
        ("x" * (1 << 22), "message_too_large"),
        (b"\0\0", "session_not_started"),
    ],
)
def test_a_message_that_is_none_is_answered(frame: str | bytes, code: str) -> None:
    assert refused(fresh(), frame) == code


def test_what_cannot_be_sent_is_not_echoed() -> None:
    made = fresh()
    broken = action("start", **START).replace('"es-ES"', '"\\ud800"')
    (answer,) = made.receive(broken)
    assert isinstance(answer, Answer)
    assert str(answer.frames[0]).encode()


def test_an_internal_error_says_which_message_it_was() -> None:
    made = running()
    made.receive(action("pause"))
    (frame,) = made.refuse(error_for("internal", "unexpected error"), NOW)
    data = json.loads(frame)["data"]
    assert (data["error_code"], data["severity"]) == ("internal_error", "fatal")
    assert data["details"] == {"message_type": "voice-translation", "action": "pause"}


def test_tickets_that_cannot_be_checked_are_told_so() -> None:
    made = VasConversation(handshake())
    (frame,) = made.refuse(error_for("unavailable"), NOW)
    assert json.loads(frame)["data"]["error_code"] == "ticket_validation_failed"


@pytest.mark.parametrize("code", list(FaultCode))
def test_every_fault_has_an_envelope_and_a_close_code(code: FaultCode) -> None:
    made, error = fresh(), error_for(code, "why", retry_after_ms=1500)
    (frame,) = made.refuse(error, NOW)
    data = json.loads(frame)["data"]
    assert data["severity"] == "fatal"
    assert {"error_code", "message", "context", "request_id", "timestamp"} <= set(data)
    assert made.close_code(error) in (1008, 1011, 1013)
    response = Vas().routes[0].refuse(error)
    assert 400 <= response.status <= 599
    assert response.headers == {"Retry-After": "1"}


def test_a_normal_end_is_1000() -> None:
    assert fresh().close_code(None) == 1000


TEXTS = st.text(max_size=8) | st.sampled_from(["es-ES", "fr", "0", "1", "2", "a\ud800", "sync", "manual"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["start", "config", "audio", "pause", "resume", "stop", "retranslate", "switch_language", "set_name",
     "rename_speaker", "reassign_speaker", "merge_speakers", "tts_play", "tts_stop", "tts_mode", "set_tts",
     "start_speaking", "stop_speaking", "switch_conversation_mode", "set_speaker_language",
     "broadcast_go_live", "broadcast_announcement", "set_standby_message"]
)  # fmt: skip
FIELDS = st.sampled_from(
    ["sid", "language", "translation_language", "transcription_languages", "translation_languages", "type",
     "audio_format", "tts_config", "tts_mode", "tts_enabled", "speaker_id", "new_label", "name", "mode",
     "source_speaker_id", "target_speaker_id", "terminology", "fuzzy_correction", "translation_dict", "audio",
     "speaker", "recognition_mode"]
)  # fmt: skip
ACTIONS = st.builds(
    lambda name, data: {"type": "voice-translation", "data": {**data, "action": name}},
    NAMES,
    st.dictionaries(FIELDS, VALUES, max_size=4),
)
FRAMES = (
    st.text(max_size=40)
    | st.binary(max_size=40)
    | VALUES.map(json.dumps)
    | ACTIONS.map(json.dumps)
    | st.sampled_from([action("start", **START), action("start", **TALK), action("tts_play", sid=1)])
)
EVENTS = st.sampled_from(
    [
        Opened("s_1", NOW), Throttled(True), Outcome("change 1"), Outcome("", error_for("rate_limited"), 1),
        Outcome("change 2", error_for("unsupported_language")), Outcome(""), transcript(), translation(),
        transcript(utterance=2, final=False), translation(track=JOBS), chunk(), chunk(last=True),
        chunk(track=JOBS, last=True), chunk(track=JOBS, audio=b"", last=True), translation(text=""),
        *(failure(stage, track=track) for stage in ev.Stage for track in (0, JOBS)),
        *(ev.Status(session_id="s_1", state=state) for state in ev.State),
        *(ev.Usage(session_id="s_1", sequence=1, closing=closing) for closing in (False, True)),
    ]
)  # fmt: skip


@given(st.lists(FRAMES | EVENTS, max_size=12), st.booleans())
def test_nothing_but_a_peer_error_leaves_the_codec(steps: list[Any], started: bool) -> None:
    made = running() if started else fresh()
    for step in steps:
        if not isinstance(step, str | bytes):
            for frame in made.render(step, NOW):
                assert str(frame).encode()
            continue
        try:
            commands = made.receive(step)
        except PeerError as exc:
            assert made.refuse(exc, NOW)
            continue
        for command in commands:
            if isinstance(command, Open | Update):
                assert pack(command.spec)
            for frame in command.frames if isinstance(command, Answer) else ():
                assert str(frame).encode()

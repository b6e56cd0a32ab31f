"""How the speakers of the load generator talk to each API."""

import base64
from typing import Any

import pytest

from dragoman_cli.load.speaker import BINARY, Heard, WishError, Wishes
from dragoman_cli.load.speakers import SPEAKERS
from tests.cli.load.speaking import ANSWERS, SOUND, URL, asked, heard, message, speaker


@pytest.mark.parametrize("name", SPEAKERS)
def test_every_speaker_has_an_address_and_sends_the_audio_it_is_given(name: str) -> None:
    made = speaker(name)
    assert made.address.startswith("ws://127.0.0.1:8080")
    kind, payload = made.audio(SOUND)
    assert payload == SOUND if kind == BINARY else base64.b64encode(SOUND).decode() in payload.decode()


@pytest.mark.parametrize("name", ["krisp", "pinch", "kallglot"])
def test_an_api_with_one_target_language_does_not_drop_the_others_silently(name: str) -> None:
    with pytest.raises(WishError, match="one language, not 2"):
        SPEAKERS[name](URL, "k", Wishes(targets=("es-ES", "fr-FR")))


def test_a_native_final_tells_when_its_speech_ended() -> None:
    body = {"type": "transcript", "track": 0, "utterance": 3, "final": True, "text": "hello"}
    assert heard("native", **body, start_ms=1000, duration_ms=500) == Heard(
        "final", "0/3", 1000, 1500, text="hello"
    )


def test_a_krisp_final_tells_the_time_of_day() -> None:
    start = "1970-01-01T00:00:10+00:00"
    body = {"utterance_id": "u", "final": True, "text": "hello", "start": start, "duration": 250}
    assert heard("krisp", transcript=body) == Heard("final", "u", unix_ms=10_250.0)


def test_a_pinch_session_is_asked_for_and_its_socket_needs_no_key() -> None:
    ask = asked("pinch", Wishes(speech=False))
    assert (ask.method, ask.url, ask.body) == ("GET", f"{URL}/v1/session", None)
    assert ask.headers == {"Authorization": "Bearer k"}
    assert ask.query == {
        "sourceLanguage": "en-US",
        "targetLanguage": "es-ES",
        "audioOutputEnabled": "false",
        "finalizeMode": "sentence",
    }
    made = ask.then(ANSWERS["pinch"])
    assert (made.address, made.headers, made.first) == (ANSWERS["pinch"]["ws_url"], {}, [])
    assert made.audio(SOUND) == (BINARY, SOUND)
    assert [message(sent) for sent in made.last] == [{"type": "finalize"}]


def test_pinch_results_belong_together_by_their_correlation_id() -> None:
    common = {"correlation_id": "seg_1_4", "timestamp": 1.5}
    assert heard("pinch", type="ready", session_id="ss_1") == Heard("ready")
    for final, kind in ((False, "interim"), (True, "final")):
        assert heard("pinch", type="original_transcript", text="a", is_final=final, **common) == Heard(
            kind, "seg_1_4"
        )
    told = {"type": "translated_transcript", "text": "b", "original_text": "a", **common}
    assert heard("pinch", **told, is_final=True) == Heard("translation", "seg_1_4")
    assert heard("pinch", **told, is_final=False) is None
    assert speaker("pinch").hear(BINARY, bytes(8)) == Heard("speech")
    assert heard("pinch", type="error", error="no " * 100, timestamp=1.5) == Heard(
        "error", text=("no " * 27)[:80]
    )
    assert heard("pinch", type="metadata_ack", applied={}) is None


def test_a_kallglot_session_is_made_and_its_token_opens_the_socket() -> None:
    ask = asked("kallglot")
    assert (ask.method, ask.url) == ("POST", f"{URL}/v1/sessions")
    assert ask.headers == {"Authorization": "Bearer k"}
    wanted = {"mode": "bidirectional_translation", "source_language": "en-US", "target_language": "es-ES"}
    assert ask.body == wanted
    assert asked("kallglot", Wishes(speech=False)).body == wanted | {"mode": "translation"}
    made = ask.then(ANSWERS["kallglot"])
    assert made.address == ANSWERS["kallglot"]["stream"]["url"]
    assert made.headers == {"Authorization": "Bearer kst_1"}
    assert message(made.audio(SOUND)) == {
        "type": "audio",
        "data": base64.b64encode(SOUND).decode(),
        "encoding": "pcm_16",
        "sample_rate": 16_000,
        "channels": 1,
    }
    assert [message(sent) for sent in made.last] == [{"type": "end"}]


def test_kallglot_results_belong_together_by_their_segment() -> None:
    assert heard("kallglot", type="status", status="connecting", message="") is None
    assert heard("kallglot", type="status", status="connected", message="") == Heard("ready")
    for final, kind in ((False, "interim"), (True, "final")):
        told = {"type": "transcript", "id": "seg_004", "text": "a", "is_final": final, "start_time": 0.032}
        assert heard("kallglot", **told) == Heard(kind, "seg_004", 32)
    translated = {"type": "translation", "id": "seg_004", "text": "b"}
    assert heard("kallglot", **translated, is_final=True) == Heard("translation", "seg_004")
    assert heard("kallglot", **translated, is_final=False) is None
    audio = {"type": "audio", "id": "audio_004_480", "data": "", "segment_id": "seg_004"}
    assert heard("kallglot", **audio) == Heard("speech", "seg_004")
    told = {"type": "error", "code": "rate_limit_exceeded", "message": "", "recoverable": True}
    assert heard("kallglot", **told) == Heard("error", text="rate_limit_exceeded")
    assert heard("kallglot", type="control", action="throttle") is None


def test_a_vas_ticket_opens_the_socket_and_start_begins() -> None:
    ask = asked("vas", Wishes(targets=("es-ES", "fr-FR")))
    assert (ask.method, ask.url, ask.body) == ("POST", f"{URL}/api/v1/auth/ticket", None)
    assert ask.headers == {"X-API-Key": "k"}
    made = ask.then(ANSWERS["vas"])
    assert made.address == "ws://127.0.0.1:8080/ws"
    assert made.headers == {"Sec-WebSocket-Protocol": "ticket." + "t" * 32}
    start = {
        "action": "start",
        "type": "transcribe",
        "transcription_languages": ["en-US"],
        "translation_languages": ["es-ES", "fr-FR"],
        "tts_mode": "sync",
    }
    assert [message(sent)["data"] for sent in made.first] == [start]
    (silent,) = speaker("vas", Wishes(speech=False)).first
    assert message(silent)["data"]["tts_mode"] == "async"
    sound = {"action": "audio", "audio": base64.b64encode(SOUND).decode()}
    assert message(made.audio(SOUND)) == {"type": "voice-translation", "data": sound}
    assert [message(sent)["data"] for sent in made.last] == [{"action": "stop"}]


def test_vas_results_belong_together_by_their_sid_and_language() -> None:
    def event(**data: Any) -> Heard | None:
        return heard("vas", type="voice-translation", data=data)

    assert event(action="session_started", session_id="s") == Heard("ready")
    for final, kind in ((False, "interim"), (True, "final")):
        origin = {"sid": 4, "text": "a", "is_final": final, "start_time": "00:01"}
        assert event(action="result", origin=origin) == Heard(kind, "4")
    translated = {"sid": 4, "text": "b", "is_final": True}
    assert event(action="result", translations={"fr-FR": translated}) == Heard("translation", "4/fr-FR")
    assert event(action="result", translations={"fr-FR": translated | {"is_final": False}}) is None
    assert event(action="tts_ready", sid=4, language="fr-FR", audio="") == Heard("speech", "4/fr-FR")
    assert event(action="tts_error", sid=4, language="fr-FR", error="tts_synthesis_failed") == Heard(
        "error", text="tts_synthesis_failed"
    )
    assert event(action="stt_event", event="connected", message="") is None
    told = {"error_code": "stt_failed", "severity": "warning", "message": ""}
    assert heard("vas", type="error", data=told) == Heard("error", text="stt_failed")
    assert heard("vas", type="health", data={"action": "pong"}) is None

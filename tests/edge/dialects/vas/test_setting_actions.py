"""Actions that change a running session."""

from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_edge.dialects.vas import setting_actions
from dragoman_edge.dialects.vas.live_settings import LiveSettings
from dragoman_edge.dialects.vas.results import Results
from dragoman_edge.dialects.vas.settings import Settings
from dragoman_edge.model.commands import JOBS, Audio, Flush, Open, TextRequest, Update
from tests.support.vas_codec import (
    START,
    TALK,
    action,
    agreed,
    failure,
    fresh,
    refused,
    running,
    said,
    shown,
    told,
    translation,
)


def test_the_mode_of_speech_is_changed_when_the_mesh_has_done_it() -> None:
    made = running()
    (update,) = made.receive(action("tts_mode", tts_mode="sync"))
    assert isinstance(update, Update)
    assert update.spec.speech
    assert agreed(made, [update]) == [{"action": "tts_mode_changed", "tts_mode": "sync"}]


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


@pytest.mark.parametrize(
    ("spoken", "target", "sources", "active"),
    [
        ("en-US", "es-ES", ("en-US", "es-ES"), 1),
        ("es-ES", "en-US", ("en-US", "es-ES"), 2),
        ("fr", "de", ("fr", "de"), 1),
        ("es-ES", "fr", ("es-ES", "fr"), 1),
    ],
)
def test_another_pair_begins_with_its_first_speaker(
    spoken: str, target: str, sources: tuple[str, str], active: int
) -> None:
    live = LiveSettings()
    live.begin(Settings(recording_type="conversation", sources=("en-US", "es-ES"), active=2))
    data = {"language": spoken, "translation_language": target}
    setting_actions.ACTIONS["switch_language"](live, Results(), data)
    assert (live.wanted.sources, live.wanted.active) == (sources, active)

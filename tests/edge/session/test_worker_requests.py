"""What workers are told of a session, and what operators read of it: no texts, no values of settings."""

import json

import pytest

from dragoman_contract import events as ev
from dragoman_edge.session.worker_requests import configuration, recogniser_spec, work_order
from tests.support.factories import TRACK, grant, spec

ENGINES = ev.Enrichment(
    stt=ev.EngineChoice(engine="whisper", settings={"key": "secret-1", "beam": "5"}),
    translation=ev.EngineChoice(engine="deepl", settings={"key": "secret-2"}),
    tts=ev.EngineChoice(settings={"pitch": "2"}),
    metadata={"team": "blue"},
)
RICH = spec(
    speech=True,
    final=False,
    endpointing=ev.Endpointing(silence_ms=300),
    vocabulary=("dragoman", "valkey"),
    dictionary=(ev.Term(source="kettle", target="té"),),
    corrections=(ev.Term(source="dragon man", target="dragoman"),),
    context="a private talk",
    labels=(ev.Label(language="es", text="formal"),),
    voices=(ev.VoiceChoice(language="es", voice="carlos", rate=1.5),),
    features=(ev.DENOISE, "other"),
    reference_id="call 7",
)
GRANT = grant(enrichment=ENGINES)


def test_a_recogniser_is_told_how_to_hear() -> None:
    track = ev.TrackSpec(track=1, source_languages=("en", "de"), target_languages=("es",), two_way=True)
    told = recogniser_spec(RICH, track, GRANT, english=True)
    assert (told.source_languages, told.two_way, told.translate_to_english) == (("en", "de"), True, True)
    assert (told.interim, told.endpointing.silence_ms, told.context) == (True, 300, "a private talk")
    assert (told.vocabulary, told.corrections) == (RICH.vocabulary, RICH.corrections)
    assert told.settings == {"key": "secret-1", "beam": "5"} and told.denoise


def test_noise_is_suppressed_only_when_the_client_asked_for_it() -> None:
    assert not recogniser_spec(spec(features=("other",)), TRACK, GRANT, english=False).denoise


@pytest.mark.parametrize(
    ("translate", "speech", "targets"),
    [(True, True, ("es",)), (True, False, ("es",)), (False, True, ("es",)), (False, False, ())],
)
def test_only_what_is_wanted_is_ordered(translate: bool, speech: bool, targets: tuple[str, ...]) -> None:
    order = work_order(spec(translate=translate, speech=speech), TRACK, GRANT)
    assert (order.target_languages, order.speech) == (targets, speech)


def test_a_work_order_has_everything_translation_and_speech_need() -> None:
    order = work_order(RICH, TRACK, GRANT)
    assert (order.voices, order.dictionary, order.context, order.labels) == (
        RICH.voices,
        RICH.dictionary,
        RICH.context,
        RICH.labels,
    )
    assert (order.translation, order.tts) == (ENGINES.translation, ENGINES.tts)


def test_operators_read_what_was_chosen() -> None:
    assert configuration(RICH, GRANT) == {
        "account": "a_1",
        "key_id": "k_1",
        "tier": "t",
        "dialect": "test",
        "tracks": [{"source": ["en"], "targets": ["es"]}],
        "stt": {
            "engine": "whisper", "settings": ["beam", "key"], "interim": True, "final": False,
            "vocabulary": 2, "corrections": 1,
        },
        "translation": {"engine": "deepl", "settings": ["key"], "wanted": True, "dictionary": 1},
        "tts": {
            "engine": "default", "settings": ["pitch"], "wanted": True,
            "voices": [{"language": "es", "voice": "carlos", "rate": 1.5}],
        },
        "features": [ev.DENOISE, "other"],
        "metadata": {"team": "blue"},
        "reference_id": "call 7",
    }  # fmt: skip


def test_operators_read_no_text_and_no_secret() -> None:
    told = json.dumps(configuration(RICH, GRANT))
    for private in ("secret", "dragoman", "dragon man", "kettle", "private talk", "formal"):
        assert private not in told

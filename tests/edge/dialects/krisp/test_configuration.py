"""The first message, and the spec that follows from it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.errors import PeerError
from dragoman_edge.dialects.krisp.conversation import KrispConversation
from tests.support.krisp_codec import (
    CONFIG,
    handshake,
    opened,
)


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

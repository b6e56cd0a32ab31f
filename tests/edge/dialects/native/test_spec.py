"""The spec that a `start` begins with and an `update` turns it into."""

from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.native.messages import Change, Start
from dragoman_edge.dialects.native.spec import changed_spec, start_spec


def begun(**fields: Any) -> ev.Spec:
    return start_spec(Start.model_validate({"type": "start", "spoken": "en", "to": ["es"]} | fields))


def after(spec: ev.Spec, **fields: Any) -> ev.Spec:
    return changed_spec(spec, Change.model_validate({"type": "update"} | fields))


def test_one_track_is_told_at_once() -> None:
    spec = begun(spoken=["en_us", "de"], to=["pt_br"], two_way=True)
    assert spec.tracks == (
        ev.TrackSpec(source_languages=("en-US", "de"), target_languages=("pt-BR",), two_way=True),
    )
    assert spec.dialect == "native" and spec.interim and spec.final and spec.translate and spec.speech


def test_two_tracks_have_numbers_and_speakers() -> None:
    tracks = [{"speaker": "Ann", "spoken": "en", "to": ["es"]}, {"speaker": "Bea", "to": ["en", "fr"]}]
    assert begun(tracks=tracks).tracks == (
        ev.TrackSpec(track=0, speaker="Ann", source_languages=("en",), target_languages=("es",)),
        ev.TrackSpec(track=1, speaker="Bea", source_languages=(), target_languages=("en", "fr")),
    )


def test_every_option_reaches_the_spec() -> None:
    spec = begun(
        interim=False,
        speech=False,
        voices={"es": "male", "*": {"voice": "female", "rate": 1.5}},
        endpointing={"silence_ms": 300, "vad_signals": True},
        vocabulary=["Krasnov"],
        dictionary=[{"source": "a", "target": "b"}],
        context="a call",
        labels={"es_mx": "casual"},
        features=["x", ev.DENOISE, "y"],
        metadata={"desk": "7"},
        reference_id="r",
    )
    assert (spec.interim, spec.speech, spec.context, spec.reference_id) == (False, False, "a call", "r")
    assert spec.voices == (
        ev.VoiceChoice(language="es", voice="male"),
        ev.VoiceChoice(voice="female", rate=1.5),
    )
    assert spec.endpointing == ev.Endpointing(silence_ms=300, vad_signals=True)
    assert spec.vocabulary == ("Krasnov",) and spec.dictionary == (ev.Term(source="a", target="b"),)
    assert spec.labels == (ev.Label(language="es-MX", text="casual"),)
    assert spec.features == ("x", "y", ev.DENOISE) and spec.metadata == {"desk": "7"}


@pytest.mark.parametrize("fields", [{"denoise": True}, {"features": [ev.DENOISE]}])
def test_noise_is_suppressed_when_either_says_so(fields: dict[str, Any]) -> None:
    assert begun(**fields).features == (ev.DENOISE,)
    assert begun().features == ()


@pytest.mark.parametrize(
    "fields", [{"spoken": "!!"}, {"to": ["no tag"]}, {"labels": {"!!": "x"}}, {"voices": {"!!": "male"}}]
)
def test_what_is_no_tag_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(PeerError) as refused:
        begun(**fields)
    assert refused.value.code is FaultCode.UNSUPPORTED_LANGUAGE


def test_a_change_of_nothing_changes_nothing() -> None:
    spec = begun(vocabulary=["x"], context="c", features=["x", ev.DENOISE], voices={"es": "male"})
    assert after(spec) == spec


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"interim": False}, "interim", False),
        ({"final": False}, "final", False),
        ({"translate": False}, "translate", False),
        ({"speech": False}, "speech", False),
        ({"context": ""}, "context", ""),
        ({"denoise": True}, "features", ("x", ev.DENOISE)),
        ({"vocabulary": ["y"]}, "vocabulary", ("y",)),
        ({"dictionary": []}, "dictionary", ()),
        ({"voices": {"*": "female"}}, "voices", (ev.VoiceChoice(voice="female"),)),
    ],
)
def test_only_what_is_named_changes(fields: dict[str, Any], name: str, value: object) -> None:
    spec = begun(
        vocabulary=["x"], dictionary=[{"source": "a", "target": "b"}], context="c", features=["x"],
        voices={"es": "male"}, stability="steady",
    )  # fmt: skip
    changed = after(spec, **fields)
    assert getattr(changed, name) == value != getattr(spec, name)
    others = [field for field in spec.__slots__ if field != name]
    assert [getattr(changed, field) for field in others] == [getattr(spec, field) for field in others]


def test_targets_change_on_one_track_or_on_all() -> None:
    spec = begun(tracks=[{"spoken": "en", "to": ["es"]}, {"speaker": "Bea", "spoken": "es", "to": ["en"]}])
    assert [track.target_languages for track in after(spec, to=["fr_fr"], track=1).tracks] == [
        ("es",),
        ("fr-FR",),
    ]
    both = after(spec, to=["de"]).tracks
    assert [track.target_languages for track in both] == [("de",), ("de",)]
    assert [(track.speaker, track.source_languages) for track in both] == [("", ("en",)), ("Bea", ("es",))]


@pytest.mark.parametrize(
    ("first", "then", "stability"),
    [
        ({}, {}, "live"),
        ({"interim": False}, {}, "final"),
        ({"interim": False, "stability": "steady"}, {}, "steady"),
        ({}, {"interim": False}, "final"),
        ({"interim": False}, {"interim": True}, "live"),
        ({"stability": "steady"}, {"interim": False}, "steady"),
        ({}, {"stability": "final"}, "final"),
        ({"stability": "final"}, {"stability": "live", "interim": False}, "live"),
    ],
)
def test_who_wants_no_interims_wants_no_tentative_translations_unless_told(
    first: dict[str, Any], then: dict[str, Any], stability: str
) -> None:
    assert after(begun(**first), **then).stability == stability


def test_known_speakers_are_enrolled_or_come_with_their_voice() -> None:
    known = [{"id": "sp_1"}, {"name": "Ana", "print": "Af8=", "spoken_ms": 900}]
    made = begun(speakers={"max": 3, "known": known})
    assert made.speakers == 3
    assert made.known_speakers == (
        ev.KnownSpeaker(id="sp_1"),
        ev.KnownSpeaker(name="Ana", print=b"\x01\xff", spoken_ms=900),
    )


@pytest.mark.parametrize(
    "known",
    [
        [{}],
        [{"name": "Ana"}],
        [{"print": "Af8="}],
        [{"name": "Ana", "print": "?"}],
        [{"id": "sp_1", "name": "Ana"}],
        [{"id": "sp 1"}],
        [{"id": "sp_1"}, {"id": "sp_1"}],
        [{"name": "Ana", "print": "Af8="}, {"name": "Ana", "print": "AQ=="}],
        [{"name": "Ana", "print": "A" * 1400}],
    ],
    ids=[
        "nothing",
        "no voice",
        "no name",
        "no base64",
        "both",
        "no id",
        "an id twice",
        "a name twice",
        "much",
    ],
)
def test_other_known_speakers_are_refused(known: list[dict[str, str]]) -> None:
    with pytest.raises(PeerError) as caught:
        begun(speakers={"known": known})
    assert caught.value.code == FaultCode.BAD_REQUEST

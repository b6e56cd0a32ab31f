"""The spec that follows from the claims of a token."""

from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.kallglot.claims import Claims
from tests.support.kallglot_codec import CLAIMS, opening


@pytest.mark.parametrize(
    ("mode", "targets", "translate", "speech"),
    [("translation", ("en-US",), True, False), ("transcription", ("en-US",), False, False)],
)
def test_the_one_way_modes(mode: str, targets: tuple[str, ...], translate: bool, speech: bool) -> None:
    spec = opening(mode=mode).spec
    assert (spec.translate, spec.speech) == (translate, speech)
    (track,) = spec.tracks
    assert (track.source_languages, track.target_languages, track.two_way) == (("de",), targets, False)


def claims(**changes: Any) -> Claims:
    return Claims.model_validate(CLAIMS | changes)


def test_two_channels_are_the_customer_and_the_agent() -> None:
    assert claims().spec(channels=2).tracks == (
        ev.TrackSpec(track=0, speaker="customer", source_languages=("de",), target_languages=("en-US",)),
        ev.TrackSpec(track=1, speaker="agent", source_languages=("en-US",), target_languages=("de",)),
    )
    assert [track.speaker for track in claims(mode="transcription").spec(channels=2).tracks] == [
        "customer",
        "agent",
    ]


@pytest.mark.parametrize(
    ("known", "tracks"),
    [
        ({"source_language": ""}, [((), ("en-US",), True), (("en-US",), ("fr",), False)]),
        ({"target_language": ""}, [(("de",), ("fr",), False), ((), ("de",), True)]),
    ],
)
def test_who_speaks_a_detected_language_is_translated_for_the_other(
    known: dict[str, str], tracks: list[Any]
) -> None:
    made = claims(**known)
    assert made.one_detected and not claims().one_detected
    spec = made.spec(2, heard="fr")
    assert [(t.source_languages, t.target_languages, t.two_way) for t in spec.tracks] == tracks
    assert [(t.track, t.speaker) for t in spec.tracks] == [(0, "customer"), (1, "agent")]


def test_one_way_nothing_is_to_be_detected_for_an_answer() -> None:
    made = claims(mode="translation", source_language="")
    assert not made.one_detected and made.spec(1).tracks[0].source_languages == ()


def test_a_known_language_is_known_by_any_of_its_names() -> None:
    assert claims().known("de-AT") and claims().known("en") and not claims().known("fr")
    assert not claims(source_language="", target_language="").known("fr")


def test_what_is_no_tag_makes_no_spec() -> None:
    with pytest.raises(PeerError) as refused:
        claims(source_language="no tag at all").spec(1)
    assert refused.value.code is FaultCode.UNSUPPORTED_LANGUAGE


@pytest.mark.parametrize("channels", [1, 2])
def test_a_recording_keeps_audio_and_texts_and_without_it_nothing_is_kept(channels: int) -> None:
    keep = claims(recording=True).spec(channels, heard="fr").keep
    topics = ("started", "ended", "transcript", "recording")  # of its webhooks
    assert keep == ev.Keep(text=True, audio=True, callback_topics=topics)
    assert claims(recording=False).spec(channels).keep is claims().spec(channels).keep is None


def test_voices_are_told_apart_where_two_share_a_channel() -> None:
    both, one = claims(by_voice=True), claims(by_voice=True, mode="translation")
    assert [both.spec(1).speakers, both.spec(2).speakers, one.spec(1).speakers] == [2, 0, 0]
    assert both.model_copy(update={"by_voice": False}).spec(1).speakers == 0

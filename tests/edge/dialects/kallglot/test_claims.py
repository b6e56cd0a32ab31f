"""The spec that follows from the claims of a token."""

import pytest

from tests.support.kallglot_codec import opening


@pytest.mark.parametrize(
    ("mode", "targets", "translate", "speech"),
    [("translation", ("en-US",), True, False), ("transcription", ("en-US",), False, False)],
)
def test_the_one_way_modes(mode: str, targets: tuple[str, ...], translate: bool, speech: bool) -> None:
    spec = opening(mode=mode).spec
    assert (spec.translate, spec.speech) == (translate, speech)
    (track,) = spec.tracks
    assert (track.source_languages, track.target_languages, track.two_way) == (("de",), targets, False)

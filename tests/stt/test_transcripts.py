"""A transcript names its language as the client did."""

import pytest

from dragoman_stt.transcripts import tag


@pytest.mark.parametrize(
    ("heard", "wanted", "shown"),
    [
        ("en", ("en-US", "es"), "en-US"),
        ("no", ("nb-NO",), "nb-NO"),
        ("zh", ("en", "cmn-Hant"), "cmn-Hant"),
        ("he", ("iw",), "iw"),
        ("tl", ("fil-PH",), "fil-PH"),
        ("no", ("nn", "en"), "nn"),
        ("ar", ("arz", "en"), "arz"),
        ("fr", ("en-US",), "fr"),
        ("jv", (), "jv"),
    ],
)
def test_a_language_is_told_by_the_tag_that_the_client_used(
    heard: str, wanted: tuple[str, ...], shown: str
) -> None:
    assert tag(heard, wanted) == shown

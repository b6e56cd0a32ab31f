"""A transcript names its language as the client did, and a final what was said before it."""

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_stt.decodes import Order, Result
from dragoman_stt.engines.base import Hypothesis
from dragoman_stt.transcripts import MOST_PRECEDING, Preceding, event_of, tag


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


def final(text: str, language: str = "en-US", *, final: bool = True) -> ev.Transcript:
    return ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=1, revision=1, final=final, text=text, language=language,
        start_ms=0, duration_ms=1,
    )  # fmt: skip


def told(preceding: Preceding, event: ev.Transcript) -> str:
    out = preceding.tell(event)
    assert isinstance(out, ev.Transcript) and out.text == event.text
    return out.preceding


def test_a_final_is_told_what_was_said_just_before() -> None:
    preceding = Preceding()
    assert told(preceding, final("One.")) == ""
    assert told(preceding, final("Nothing yet", final=False)) == ""
    assert told(preceding, final("Two.")) == "One."
    assert told(preceding, final("Three.", "en-GB")) == "One. Two."


def test_of_what_was_said_in_another_language_nothing() -> None:
    preceding = Preceding()
    assert [told(preceding, final(*said)) for said in (("One.",), ("Dos.", "es"), ("Tres.", "es"))] == [
        *("", ""),
        "Dos.",
    ]


@pytest.mark.parametrize("said", ["some words", "some more words", "a b c d e f g"])
def test_it_is_bounded_and_begins_with_a_word(said: str) -> None:
    preceding = Preceding()
    for _ in range(100):
        before = told(preceding, final(said))
    assert MOST_PRECEDING - 10 < len(before) <= MOST_PRECEDING
    assert before.split()[0] in said.split()


def test_languages_without_spaces_are_cut_anywhere() -> None:
    preceding = Preceding()
    assert told(preceding, final("話" * 500)) == ""
    assert told(preceding, final("話")) == "話" * MOST_PRECEDING


def test_failures_pass_as_they_are() -> None:
    ended = ev.TrackEnded(session_id="s", track=0, epoch=1, last_utterance=1)
    assert Preceding().tell(ended) is ended


def test_speech_in_a_language_that_was_not_named_is_labelled_and_not_translated() -> None:
    order = Order(rpc.RecogniserSpec(source_languages=("en-US",)), ev.WorkOrder(target_languages=("es",)))
    start = rpc.StartTrack(session_id="s", track=0, epoch=1, first_utterance=1, first_sample=0)
    for other, targets in ((True, ()), (False, ("es",))):
        heard = Hypothesis("bonjour", "fr" if other else "en", 0.9, other=other)
        event = event_of(Result(1, 1, True, heard, 7, 0, 0, 16_000, 16_000, order), start, order)
        assert isinstance(event, ev.Transcript)
        assert (event.language, event.work.target_languages) == ("fr" if other else "en-US", targets)

"""How much one listener gets of a text that is still growing."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.events import Stability
from dragoman_edge.model.stability import MOST_OPEN, StabilityFilter

TRANSLATION = ev.Translation(
    session_id="s", track=0, epoch=1, utterance=1, revision=1, final=False, language="es", text="",
    source_language="en", source_text="", start_ms=0, duration_ms=0,
)  # fmt: skip
TRANSCRIPT = ev.Transcript(
    session_id="s", track=0, epoch=1, utterance=1, revision=1, final=False, text="", language="en",
    start_ms=0, duration_ms=0,
)  # fmt: skip


def translation(text: str, concluded: int = 0, *, final: bool = False, utterance: int = 1) -> ev.Translation:
    return replace(TRANSLATION, text=text, concluded_length=concluded, final=final, utterance=utterance)


def transcript(text: str, stable: int = 0, *, final: bool = False) -> ev.Transcript:
    return replace(TRANSCRIPT, text=text, stable_length=stable, final=final)


def test_live_is_all_of_it() -> None:
    keep = StabilityFilter(Stability.LIVE)
    event = translation("uno dos", 3)
    assert keep.take(event) is event


@pytest.mark.parametrize("stability", [Stability.FINAL, Stability.UNSPECIFIED])
def test_final_is_without_tentative_translations(stability: Stability) -> None:
    keep = StabilityFilter(stability)
    interim, last = transcript("one two"), translation("uno", final=True)
    assert keep.take(translation("uno", 3)) is None
    assert keep.take(last) is last and keep.take(interim) is interim


def test_steady_is_what_is_concluded_as_it_grows() -> None:
    keep = StabilityFilter(Stability.STEADY)
    assert keep.take(translation("uno dos")) is None
    grown = keep.take(translation("uno dos tres", 7))
    assert grown is not None and (grown.text, grown.concluded_length) == ("uno dos", 7)
    assert keep.take(translation("uno dos cuatro", 7)) is None
    last = keep.take(translation("Uno dos tres.", final=True))
    assert last is not None and last.text == "uno dos tres."


def test_steady_transcripts_grow_by_what_is_stable() -> None:
    keep = StabilityFilter(Stability.STEADY)
    assert keep.take(transcript("one two")) is None
    grown = keep.take(transcript("one two three", 7))
    assert grown is not None and grown.text == "one two"
    last = keep.take(transcript("One too three.", final=True))
    assert last is not None and last.text.startswith("one two")


def test_other_events_pass() -> None:
    status = ev.Status(session_id="s", state=ev.State.ENDED)
    assert all(StabilityFilter(stability).take(status) is status for stability in Stability)


def test_what_is_remembered_is_bounded_and_goes_on_at_another_edge() -> None:
    keep = StabilityFilter(Stability.STEADY)
    for utterance in range(1, MOST_OPEN + 10):
        keep.take(translation("uno dos", 3, utterance=utterance))
    assert len(keep.snapshot()) == MOST_OPEN
    other = StabilityFilter(Stability.STEADY)
    other.restore(keep.snapshot())
    last = other.take(translation("Dos uno dos.", final=True, utterance=MOST_OPEN))
    assert last is not None and last.text.startswith("uno")


@given(st.data())
def test_nothing_that_a_steady_listener_was_shown_changes(data: Any) -> None:
    """Utterances, kinds and languages by turns, with whatever concluded part; interims after finals too."""
    keep = StabilityFilter(Stability.STEADY)
    had: dict[object, str] = {}
    words = st.lists(st.sampled_from(["uno", "dos", "Uno", "dos,", "天気"]), max_size=5).map(" ".join)
    over: set[object] = set()
    for _ in range(data.draw(st.integers(1, 30))):
        utterance, final = data.draw(st.integers(1, 3)), data.draw(st.booleans())
        kind = data.draw(st.sampled_from([transcript, translation]))
        text = data.draw(words)
        event = replace(kind(text, data.draw(st.integers(0, len(text))), final=final), utterance=utterance)
        key = (kind, utterance)
        if key in over:  # the order lets no interim out behind its final
            continue
        got = keep.take(event)
        if got is not None:
            assert got.text.startswith(had.get(key, ""))
            had[key] = got.text
        if final:
            over.add(key)

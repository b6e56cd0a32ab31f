"""One event in the forms that viewers of each stability see."""

from dataclasses import replace

from dragoman_contract import events as ev
from dragoman_contract.events import Stability
from dragoman_edge.broadcast.variants import Variants
from dragoman_edge.model.events import Announcement
from tests.edge.model.test_stability import transcript, translation

ALL = {Stability.LIVE, Stability.STEADY, Stability.FINAL}


def test_what_is_the_same_for_all_is_one_form() -> None:
    made = Variants()
    for event in (Announcement("hello"), translation("uno", final=True), transcript("one", final=True)):
        assert made.of(event) == [(event, frozenset(ALL))]


def test_tentative_translations_are_for_those_who_want_them() -> None:
    made, event = Variants(), translation("uno dos tres", 3)
    steady, live = made.of(event)
    assert isinstance(steady[0], ev.Translation) and steady[0].text == "uno"
    assert steady[1] == {Stability.STEADY} and live == (event, frozenset({Stability.LIVE}))


def test_viewers_of_finals_see_no_interim_transcript() -> None:
    made, event = Variants(), transcript("one two", 0)
    assert made.of(event) == [(event, frozenset({Stability.LIVE}))]


def test_a_final_that_differs_from_what_steady_viewers_saw_begins_with_it_for_them() -> None:
    made = Variants()
    made.of(transcript("one two three", 7))
    last = transcript("One too three.", final=True)
    forms = made.of(last)
    assert forms[-1][0] == last and forms[-1][1] == {Stability.FINAL, Stability.LIVE}
    assert forms[0][0] == replace(last, text="one two three.")

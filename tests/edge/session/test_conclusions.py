"""What is concluded of a tentative translation stays; what is shown of the rest."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_edge.session.conclusions import DOUBTFUL, MORE, MOST_OPEN, TRUSTED, Conclusions

BASE = ev.Translation(
    session_id="s", track=0, epoch=1, utterance=1, revision=1, final=False, language="es", text="",
    source_language="en", source_text="", start_ms=0, duration_ms=0,
)  # fmt: skip
WORDS = ["uno", "dos", "tres.", "cuatro", "Uno", "今日は", "天気。"]


def tentative(text: str, utterance: int = 1, final: bool = False, language: str = "es") -> ev.Translation:
    return replace(BASE, text=text, utterance=utterance, final=final, language=language)


def shown(made: Conclusions, text: str, certain: float = 1.0) -> tuple[str, str] | None:
    """The concluded and the tentative part."""
    event = made.take(tentative(text), certain)
    if event is None:
        return None
    return event.text[: event.concluded_length], event.text[event.concluded_length :]


def test_the_first_words_are_shown_at_once_and_later_ones_behind_a_mask() -> None:
    made = Conclusions(mask=1)
    assert shown(made, "la casa blanca es") == ("", "la casa")
    assert shown(made, "la casa blanca es grande hoy") == ("la casa blanca", " es grande")


def test_what_two_agree_on_is_concluded_and_stays_when_the_next_says_otherwise() -> None:
    made = Conclusions(mask=0)
    shown(made, "la casa es blanca")
    assert shown(made, "la casa es verde y") == ("la casa es", " verde y")
    assert shown(made, "una casa es verde y grande") == ("la casa es", " verde y grande")
    final = made.take(tentative("Una casa es verde.", final=True), 1.0)
    assert final is not None and final.text == "la casa es verde."


def test_what_is_shown_stays_until_two_in_a_row_say_otherwise() -> None:
    made = Conclusions(mask=0)
    assert shown(made, "la casa verde", 0.0) == ("", "la casa")
    assert shown(made, "la cama verde de ella", 0.0) is None
    assert shown(made, "la cama verde de ella es", 0.0) == ("", "la cama verde de ella es")
    assert shown(made, "la cama", 0.0) is None  # nor does it shrink at the first word


def test_no_more_is_shown_than_some_words_behind_what_is_certain() -> None:
    made = Conclusions(mask=1, beyond=2)
    assert shown(made, "uno dos tres cuatro cinco seis siete ocho", 0.5) == ("", "uno dos")
    assert shown(made, "uno dos tres cuatro cinco seis siete ocho", 0.4) == ("uno dos tres", " cuatro cinco")
    assert shown(Conclusions(mask=0, beyond=0), "uno dos tres", 0.0) == ("", "uno dos")


def test_what_a_final_leaves_out_is_what_the_next_utterance_begins_with() -> None:
    made = Conclusions(mask=0)
    shown(made, "la casa es verde, y el perro")
    shown(made, "la casa es verde, y el perro ladra mucho", 0.4)
    assert made.take(tentative("la casa es verde,", final=True), 1.0)
    event = made.take(tentative("y el perro ladra mucho hoy", utterance=2), 1.0)
    assert event is not None and event.text == "y el perro ladra mucho hoy"
    assert event.text[: event.concluded_length] == "y el perro ladra"


def test_a_word_that_was_concluded_too_early_is_not_said_again_by_the_next_utterance() -> None:
    made = Conclusions(mask=0)
    shown(made, "una copia y los archivos")
    assert shown(made, "una copia y los archivos de ella") == ("una copia y los", " archivos de ella")
    final = made.take(tentative("una copia,", final=True), 1.0)
    assert final is not None and final.text == "una copia y los"
    event = made.take(tentative("y los archivos de ella", utterance=2), 1.0)
    assert event is not None and event.text == "archivos de ella"
    final = made.take(tentative("Y los archivos de ella.", utterance=2, final=True), 1.0)
    assert final is not None and final.text == "archivos de ella."
    event = made.take(tentative("y los otros", utterance=3, final=True), 1.0)
    assert event is not None and event.text == "y los otros"


def test_an_utterance_that_says_no_more_than_was_concluded_is_not_empty() -> None:
    made = Conclusions(mask=0)
    shown(made, "una copia y los")
    shown(made, "una copia y los archivos")
    made.take(tentative("una copia", final=True), 1.0)
    final = made.take(tentative("y", utterance=2, final=True), 1.0)
    assert final is not None and final.text == "y"


def test_what_a_final_left_out_is_forgotten_where_the_next_utterance_says_something_else() -> None:
    made = Conclusions(mask=0)
    shown(made, "la casa es verde para")
    shown(made, "la casa es verde para un perro", 0.4)
    assert made.take(tentative("la casa es verde.", final=True), 1.0)
    event = made.take(tentative("a pesar de la lluvia", utterance=2), 0.0)
    assert event is not None and event.text == "a pesar"


def test_what_a_final_left_out_is_forgotten_where_another_utterance_follows() -> None:
    made = Conclusions(mask=0)
    shown(made, "la casa es verde, y el perro")
    shown(made, "la casa es verde, y el perro ladra", 0.4)
    assert made.take(tentative("la casa es verde,", final=True), 1.0)
    event = made.take(tentative("y el perro ladra mucho", utterance=3), 1.0)
    assert event is not None and (event.text, event.concluded_length) == ("y el", 0)


def test_nothing_is_said_twice() -> None:
    made = Conclusions(mask=1)
    assert shown(made, "la casa") == ("", "la casa")
    assert shown(made, "la casa blanca") == ("la", " casa")
    assert shown(made, "la casa blanca", certain=0.1) is None


def test_no_more_is_concluded_than_of_the_source_is_certain() -> None:
    made = Conclusions(mask=0)
    shown(made, "uno dos tres cuatro")
    assert shown(made, "uno dos tres cuatro", certain=0.5) == ("uno dos", " tres cuatro")
    assert shown(made, "uno dos tres cuatro", certain=0.0) is None


def test_of_a_doubtful_source_nothing_is_concluded_that_was_not_as_certain_before() -> None:
    def doubtful(made: Conclusions, text: str, certain: float) -> str:
        event = made.take(tentative(text), certain, DOUBTFUL - 0.1)
        return "" if event is None else event.text[: event.concluded_length]

    made = Conclusions(mask=0)
    doubtful(made, "uno dos tres cuatro", 0.5)
    assert doubtful(made, "uno dos tres cuatro cinco", 1.0) == "uno dos"
    assert doubtful(made, "uno dos tres cuatro cinco seis", 1.0) == "uno dos tres cuatro"


def test_what_is_shown_does_not_change_for_a_doubtful_text_but_grows() -> None:
    made = Conclusions(mask=0)

    def seen(text: str, confidence: float) -> str | None:
        event = made.take(tentative(text), 0.0, confidence)
        return None if event is None else event.text

    assert seen("la casa verde", DOUBTFUL) == "la casa"
    assert seen("la cama verde", DOUBTFUL - 0.1) is None
    assert seen("la cama verde de", DOUBTFUL - 0.1) is None  # two in a row are not enough
    assert seen("la casa verde", DOUBTFUL - 0.1) == "la casa verde"
    assert seen("la cama verde", DOUBTFUL) is None
    assert seen("la cama verde de", DOUBTFUL) == "la cama verde de"


def test_a_text_that_is_believed_more_changes_at_once_what_is_shown() -> None:
    made = Conclusions(mask=0)

    def seen(text: str, confidence: float) -> str | None:
        event = made.take(tentative(text), 0.0, confidence)
        return None if event is None else event.text

    assert seen("la casa verde", 0.3) == "la casa"
    assert seen("la cama verde", 0.3 + MORE) == "la cama verde"
    assert seen("la casa verde", 0.7) == "la casa verde"
    assert seen("la cama verde", 0.75) is None


def test_a_text_that_recognition_trusts_is_shown_but_for_its_last_word() -> None:
    trusting, doubting = Conclusions(mask=1, beyond=1), Conclusions(mask=1, beyond=1)
    text = "uno dos tres cuatro cinco"
    for made, first, later in (
        (trusting, "uno dos tres cuatro", "uno dos tres cuatro cinco"),
        (doubting, "uno dos", "uno dos tres cuatro"),
    ):
        confidence = TRUSTED if made is trusting else TRUSTED - 0.1
        event = made.take(tentative(text), 0.0, confidence)
        assert event is not None and event.text == first
        event = made.take(tentative(f"{text} seis"), 0.4, confidence)
        assert event is not None and event.text == later


def test_only_the_first_sentence_is_concluded_before_the_final() -> None:
    made = Conclusions(mask=0)
    shown(made, "Es verde. Y la casa es grande")
    assert shown(made, "Es verde. Y la casa es grande.") == ("Es verde.", " Y la casa es grande")


def test_only_whole_clauses_are_concluded_since_an_utterance_may_end_behind_one() -> None:
    made = Conclusions(mask=0)
    shown(made, "Ayer, la casa es grande")
    assert shown(made, "Ayer, la casa es grande y verde") == ("Ayer,", " la casa es grande y verde")
    final = made.take(tentative("Ayer.", final=True), 1.0)
    assert final is not None and final.text == "Ayer,"


def test_a_stop_at_the_end_of_an_interim_is_not_shown() -> None:
    made = Conclusions(mask=0)
    assert shown(made, "Bom dia.") == ("", "Bom dia")
    assert shown(made, "Bom dia e bem") == ("Bom", " dia e bem")


def test_what_listeners_have_of_an_open_utterance_is_known() -> None:
    made = Conclusions(mask=0)
    shown(made, "la casa blanca")
    assert [made.shown(0, "es", 1), made.shown(0, "fr", 1), made.shown(0, "es", 2)] == ["la casa", "", ""]
    made.take(tentative("la casa.", final=True), 1.0)
    assert made.shown(0, "es", 1) == ""


def test_lanes_and_utterances_are_apart_and_bounded() -> None:
    made = Conclusions(mask=0)
    for utterance in range(1, 3 * MOST_OPEN):
        for language in ("es", "fr"):
            made.take(tentative("a b c d", utterance, language=language), 1.0)
            made.take(tentative("a b c d e", utterance, language=language), 1.0)
    assert len(made.snapshot()) == 2 * MOST_OPEN
    made.take(tentative("x", 3 * MOST_OPEN, final=True), 1.0)
    assert {row[1] for row in made.snapshot()} == {"fr"}


def test_another_edge_goes_on_with_what_was_concluded() -> None:
    made, other = Conclusions(mask=0), Conclusions(mask=0)
    shown(made, "la casa es blanca")
    shown(made, "la casa es verde")
    other.restore(made.snapshot())
    final = other.take(tentative("Una casa es verde.", final=True), 1.0)
    assert final is not None and final.text == "la casa es verde."


CONFIDENCE = st.sampled_from([0.0, DOUBTFUL - 0.1, DOUBTFUL, TRUSTED])
SAID = st.tuples(st.lists(st.sampled_from(WORDS), max_size=7), st.floats(0, 1), CONFIDENCE)


@given(st.lists(SAID, min_size=1, max_size=8), st.integers(0, 3))
def test_what_was_concluded_never_changes(said: list[tuple[list[str], float, float]], mask: int) -> None:
    made = Conclusions(mask)
    concluded = ""
    for number, (words, certain, confidence) in enumerate(said, 1):
        event = made.take(tentative(" ".join(words), final=number == len(said)), certain, confidence)
        if event is None:
            continue
        assert event.text.startswith(concluded)
        concluded = event.text if event.final else event.text[: event.concluded_length]

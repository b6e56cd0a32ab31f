"""What is known to be misheard is put right in the text, in its stable part and in its words."""

from dragoman_contract import events as ev
from dragoman_stt.corrections import corrected

RIGHT = (
    ev.Term(source="comfy u i", target="ComfyUI"),
    ev.Term(source="hello", target="Hallo"),
    ev.Term(source="hello there", target="Hi"),
)


def transcript(text: str, stable: int = 0, final: bool = False) -> ev.Transcript:
    words = tuple(
        ev.Word(text=word, start_ms=100 * n, end_ms=100 * n + 90, probability=0.9 - n / 100)
        for n, word in enumerate(text.split())
    )
    return ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=1, revision=1, final=final, text=text, language="en",
        start_ms=0, duration_ms=900, stable_length=stable, words=words if final else (),
    )  # fmt: skip


def test_whole_words_in_any_case_and_the_longest_first() -> None:
    assert corrected(transcript("Hello, othello. HELLO there!"), RIGHT).text == "Hallo, othello. Hi!"


def test_words_keep_their_times_and_those_of_a_phrase_become_one() -> None:
    event = corrected(transcript("I use Comfy U I, hello!", final=True), RIGHT)
    assert event.text == "I use ComfyUI, Hallo!"
    assert [(w.text, w.start_ms, w.end_ms) for w in event.words] == [
        ("I", 0, 90), ("use", 100, 190), ("ComfyUI,", 200, 490), ("Hallo!", 500, 590),
    ]  # fmt: skip
    assert event.words[2].probability == 0.9 - 4 / 100


def test_the_stable_part_is_that_of_the_text_that_is_shown() -> None:
    event = corrected(transcript("use comfy u i now please", stable=len("use comfy u i now")), RIGHT)
    assert event.text[: event.stable_length] == "use ComfyUI now"


def test_a_phrase_that_only_begins_in_the_stable_part_is_not_stable() -> None:
    event = corrected(transcript("well hello there", stable=len("well hello")), RIGHT)
    assert (event.text, event.text[: event.stable_length]) == ("well Hi", "well ")


def test_without_corrections_the_transcript_is_as_it_was() -> None:
    event = transcript("hello", final=True)
    assert corrected(event, ()) is event
    assert corrected(transcript("nothing", final=True), RIGHT) == transcript("nothing", final=True)


def test_a_thousand_corrections_are_looked_up_and_not_tried() -> None:
    many = tuple(ev.Term(source=f"wrong{n}", target=f"right{n}") for n in range(1000))
    assert corrected(transcript("so wrong999 is wrong1"), many).text == "so right999 is right1"

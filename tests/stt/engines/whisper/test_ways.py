"""What is doubtful of a decode, and which attempt is kept."""

from dragoman_stt.engines.base import DecodeOptions
from dragoman_stt.engines.whisper.legs import Leg, Segment
from dragoman_stt.engines.whisper.model import Encoded
from dragoman_stt.engines.whisper.ways import SMALL_LOSS, Attempt, believed, best, judged

SPEECH = DecodeOptions(final=True, speech=((0, 4000),))


def leg(text: str, end: float = 4.0, *, cut: bool = False, silent: bool = False) -> Leg:
    """A decode that covers the window up to second `end`."""
    segments = (Segment(0.0, end, (1, 2, 3)),) if text else ()
    return Leg(0.0, end, segments, text, -0.3, cut, silent, Encoded(None, 0))


def attempt(text: str, loss: float, logprob: float = -0.3, *doubts: str) -> Attempt:
    """A window decoded in some way."""
    return Attempt((), text, logprob, loss, doubts)


def test_a_decode_that_covers_all_speech_is_not_doubted() -> None:
    assert judged((leg("it was a dark and stormy night"),), SPEECH).doubts == ()


def test_speech_that_nothing_covers_is_doubted_by_its_length() -> None:
    short = judged((leg("it was a dark and stormy", 2.0),), SPEECH)
    assert short.doubts == ("uncovered",)
    assert short.loss == 2.0


def test_a_cut_a_thin_a_crammed_and_a_repeated_text_are_doubted() -> None:
    assert judged((leg("it was a dark and stormy night", cut=True),), SPEECH).doubts == ("cut",)
    assert judged((leg("oh"),), SPEECH).doubts == ("thin",)
    assert judged((leg("word " * 40),), SPEECH).doubts == ("repeat", "crammed")


def test_words_that_were_agreed_on_are_missed() -> None:
    told = DecodeOptions(final=True, speech=((0, 4000),), agreed="it was a dark and stormy night in the town")
    assert judged((leg("it was a dark and stormy night"),), told).doubts == ("agreed",)


def test_where_the_model_hears_nobody_no_speech_is_missed() -> None:
    assert judged((leg("", silent=True),), SPEECH).doubts == ()
    assert judged((leg(""),), SPEECH).doubts == ("uncovered",)


def test_the_attempt_that_loses_least_is_kept_and_of_two_the_likelier() -> None:
    options = DecodeOptions()
    assert best([attempt("a", 2.0), attempt("b", 0.5)], options).text == "b"
    assert best([attempt("a", 0.5, -0.9), attempt("b", 0.5, -0.2)], options).text == "b"


def test_two_ways_that_say_the_same_are_believed_unless_much_is_missing() -> None:
    def again(loss: float, doubt: str = "uncovered") -> bool:
        return believed(attempt("a b", loss, -0.6, doubt), [attempt("A b.", loss, -0.6, doubt)])

    assert again(2 * SMALL_LOSS - 0.1) and not again(2 * SMALL_LOSS)
    assert again(SMALL_LOSS - 0.1, "repeat") and not again(SMALL_LOSS, "repeat")
    assert not believed(attempt("a b", 0.5, -0.6, "uncovered"), [attempt("a", 0.5, -0.6, "uncovered")])


def test_a_loop_is_not_believed_because_another_way_goes_round_it_too() -> None:
    loop = attempt("a b a b", 7.0, -0.2, "cut", "repeat", "crammed")
    assert not believed(loop, [loop])
    said_twice = attempt("a b a b", 4.0, -0.2, "repeat", "crammed")
    assert believed(said_twice, [said_twice])


def test_after_nothing_only_what_is_clear_is_believed() -> None:
    nothing, unclear = attempt("", 3.0), attempt("you", 0.0, -0.9)
    assert best([nothing, unclear], DecodeOptions()).text == ""
    assert best([nothing, attempt("you", 0.0, -0.2, "repeat")], DecodeOptions()).text == ""
    assert best([nothing, attempt("you", 0.0, -0.2)], DecodeOptions()).text == "you"
    assert best([nothing, unclear], DecodeOptions(agreed="you")).text == "you"


def test_after_nothing_a_likely_text_is_believed_where_voice_activity_heard_much() -> None:
    nothing, unclear = attempt("", 3.0), attempt("to both of today's events", 0.0, -0.9)
    much, little = DecodeOptions(speech=((0, 2000),)), DecodeOptions(speech=((0, 1900),))
    assert best([nothing, unclear], much).text == unclear.text
    assert best([nothing, unclear], little).text == ""
    assert best([nothing, attempt("you", 0.0, -1.1)], much).text == ""

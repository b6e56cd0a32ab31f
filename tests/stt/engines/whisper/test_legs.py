"""What the tokens of a decode with times say."""

from dataclasses import replace

from dragoman_stt.engines.base import HeardWord
from dragoman_stt.engines.whisper.legs import Leg, Segment, filled, segments_of
from dragoman_stt.engines.whisper.model import Encoded

END, FIRST = 100, 200  # tokens: text below, times from here on


def leg(end: float, *segments: Segment) -> Leg:
    """A decode from the beginning of a window."""
    return Leg(0.0, end, segments, "", -0.1, False, False, Encoded(None, 0))


def test_text_between_two_times_is_a_segment() -> None:
    assert segments_of([200, 1, 2, 250, 260, 3, 300], FIRST, END) == (
        Segment(0.0, 1.0, (1, 2)),
        Segment(1.2, 2.0, (3,)),
    )


def test_a_segment_that_the_decode_did_not_finish_has_no_end() -> None:
    assert segments_of([200, 1, 150, 2], FIRST, END) == (Segment(0.0, None, (1, 2)),)
    assert segments_of([200, 250], FIRST, END) == ()


def test_a_decode_stopped_early_where_speech_follows_its_last_segment() -> None:
    speech = ((0, 5000),)
    assert leg(2.0, Segment(0.0, 2.0, (1,))).stopped_early(speech)
    assert not leg(4.8, Segment(0.0, 4.8, (1,))).stopped_early(speech)
    assert not leg(5.0).stopped_early(speech)


def test_a_decode_covers_its_segments() -> None:
    assert leg(3.0, Segment(0.5, 1.0, (1,)), Segment(1.5, None, (2,))).covers() == [(500, 1000), (1500, 3000)]


def test_a_hole_before_the_first_word_is_filled_and_nothing_else_counts_as_covered() -> None:
    word = HeardWord(" town", 2000, 2400, 0.9)
    heard = replace(leg(3.0, Segment(0.0, 3.0, (1,))), text=" town", words=(word,))
    filler = replace(leg(1.0), text=" all", words=(HeardWord(" all", 0, 300, 0.9),))
    legs = filled((heard,), filler)
    assert "".join(one.text for one in legs) == " all town"
    assert [span for one in legs for span in one.covers()] == [(0, 300), (2000, 2400)]

"""Speech goes out not far ahead of its playing, and stops when told."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_edge.model.events import HeardSpeech, SpeechSkipped
from dragoman_edge.server.speech_out import MOST_WAITING_S, PIECE, SpeechOut

CHUNK = ev.SpeechChunk(
    session_id="s", track=0, epoch=1, utterance=1, language="es", sample_offset=0, audio=b"", last=False
)
TRANSLATION = ev.Translation(
    session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, language="es", text="x",
    source_language="en", source_text="", start_ms=0, duration_ms=0,
)  # fmt: skip


def chunk(seconds: float, offset: float = 0.0, utterance: int = 1, *, last: bool = False) -> ev.SpeechChunk:
    audio = bytes(int(seconds * SAMPLE_RATE) * BYTES_PER_SAMPLE)
    start = int(offset * SAMPLE_RATE)
    return replace(CHUNK, audio=audio, sample_offset=start, utterance=utterance, last=last)


def due(made: SpeechOut, now: float) -> float:
    """Seconds of speech that may go."""
    out = 0.0
    while (piece := made.due(now)) is not None:
        out += len(piece.audio) / BYTES_PER_SAMPLE / SAMPLE_RATE
    return out


def test_no_more_is_sent_than_may_be_ahead() -> None:
    made = SpeechOut(1.0)
    assert made.wait_s(0.0) is None
    made.put(chunk(5.0))
    assert due(made, 10.0) == 1.2  # the piece that reaches over the bound is whole
    assert made.wait_s(10.0) is not None and 0.1 < (made.wait_s(10.0) or 0) < 0.3
    assert round(due(made, 11.0), 6) == 1.0
    assert round(due(made, 99.0), 6) == 1.2


def test_what_may_go_is_not_cut() -> None:
    made = SpeechOut(1.0)
    for offset in (0.0, 0.6):
        made.put(chunk(0.6, offset))
    whole, cut, over = made.due(0.0), made.due(0.0), made.due(0.0)
    assert whole is not None and len(whole.audio) == int(0.6 * SAMPLE_RATE) * BYTES_PER_SAMPLE
    assert cut is not None and len(cut.audio) == int(0.4 * SAMPLE_RATE) * BYTES_PER_SAMPLE
    assert over is not None and len(over.audio) == PIECE * BYTES_PER_SAMPLE
    assert over.sample_offset == SAMPLE_RATE and made.due(0.0) is None


def test_outputs_are_played_beside_each_other() -> None:
    made = SpeechOut(0.5)
    made.put(chunk(2.0))
    made.put(replace(chunk(2.0), language="fr"))
    assert round(due(made, 0.0), 6) == 1.2


def test_without_a_bound_chunks_go_as_they_are() -> None:
    made = SpeechOut(float("inf"))
    whole = chunk(7.0, last=True)
    made.put(whole)
    assert made.due(0.0) is whole and made.due(0.0) is None


def test_at_the_end_all_of_it_goes() -> None:
    made = SpeechOut(0.2)
    made.put(chunk(5.0, last=True))
    due(made, 0.0)
    made.end()
    assert round(due(made, 0.0), 6) == 4.6


def test_a_stop_tells_what_was_heard_and_gives_up_the_rest() -> None:
    made = SpeechOut(1.0)
    made.put(chunk(3.0))
    due(made, 10.0)
    heard, left = made.stop(10.5)
    assert heard == [HeardSpeech(0, 1, "es", SAMPLE_RATE // 2)]
    assert sum(len(piece.audio) for piece in left) == round(1.8 * SAMPLE_RATE) * BYTES_PER_SAMPLE
    told = made.put(chunk(1.0, offset=3.0, last=True))
    assert told == SpeechSkipped(0, 1, "es", 3 * SAMPLE_RATE, SAMPLE_RATE, True)
    assert made.put(chunk(1.0, utterance=2)) is None and made.due(10.5) is not None
    assert made.stop(99.0)[0] == []


def test_a_stop_is_for_the_speech_of_what_was_shown() -> None:
    made = SpeechOut(1.0)
    made.begun(TRANSLATION)
    made.stop(0.0)
    assert made.put(chunk(1.0)) is not None
    assert made.put(chunk(1.0, utterance=2)) is None


def test_muted_nothing_is_played() -> None:
    made = SpeechOut(1.0)
    made.muted = True
    assert made.put(chunk(1.0, utterance=7)) is not None
    made.muted = False
    assert made.put(chunk(1.0, utterance=8)) is None


def test_what_waits_is_bounded() -> None:
    made = SpeechOut(0.2)
    for second in range(int(MOST_WAITING_S) + 30):
        made.put(chunk(1.0, offset=second))
    due(made, 0.0)
    assert (
        sum(len(piece.audio) for piece in made.stop(0.0)[1])
        <= MOST_WAITING_S * SAMPLE_RATE * BYTES_PER_SAMPLE
    )


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1)), max_size=20))
def test_every_sample_goes_out_once_and_in_order(steps: list[tuple[float, float]]) -> None:
    made, now, place, heard = SpeechOut(0.5), 0.0, 0, 0
    for seconds, pause in steps:
        made.put(replace(chunk(seconds), sample_offset=place))
        place += int(seconds * SAMPLE_RATE)
        now += pause
        while (piece := made.due(now)) is not None:
            assert piece.sample_offset == heard
            heard += len(piece.audio) // BYTES_PER_SAMPLE
    made.end()
    while (piece := made.due(now)) is not None:
        heard += len(piece.audio) // BYTES_PER_SAMPLE
    assert heard == place

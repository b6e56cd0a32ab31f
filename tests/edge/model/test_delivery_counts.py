"""What of a session's results goes out to a client that has some of them already."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_edge.model.delivery_counts import Counts, DeliveryCounts


def transcript(number: int) -> ev.Transcript:
    return ev.Transcript(
        session_id="s",
        track=0,
        epoch=1,
        utterance=number,
        revision=1,
        final=True,
        text=str(number),
        language="en",
        start_ms=0,
        duration_ms=1,
    )


def translation(number: int, text: str) -> ev.Translation:
    return ev.Translation(
        session_id="s",
        track=0,
        epoch=1,
        utterance=number,
        revision=1,
        final=True,
        language="es",
        text=text,
        source_language="en",
        source_text="",
        start_ms=0,
        duration_ms=1,
    )


def chunk(number: int, offset: int, samples: int) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s",
        track=0,
        epoch=1,
        utterance=number,
        language="es",
        sample_offset=offset,
        audio=b"".join((offset + n).to_bytes(2, "little") for n in range(samples)),
        last=False,
    )


EVENTS = st.lists(
    st.one_of(
        st.builds(transcript, st.just(1)),
        st.builds(translation, st.just(1), st.sampled_from(["", "hola"])),
        st.builds(chunk, st.just(1), st.just(0), st.integers(0, 50)),
    ),
    max_size=40,
)


def counted(events: list[ev.Event], known: DeliveryCounts) -> tuple[list[ev.Event], DeliveryCounts]:
    state = DeliveryCounts()
    out = [state.take(event, known) for event in events]
    return [event for event in out if event is not None], state


@given(EVENTS, st.integers(0, 40))
def test_what_was_got_before_and_after_a_break_is_everything_once(events: list[ev.Event], cut: int) -> None:
    _, got = counted(events[:cut], DeliveryCounts())
    rest, all_of_it = counted(events, got)
    _, whole = counted(events, DeliveryCounts())
    _, second = counted(rest, DeliveryCounts())
    assert all_of_it == whole
    for kind in ("finals", "translations", "samples"):
        assert total(got, second, kind) == {k: n for k, n in getattr(whole, kind).items() if n}


def total(got: DeliveryCounts, second: DeliveryCounts, kind: str) -> Counts:
    sums: Counts = {}
    for counts in (getattr(got, kind), getattr(second, kind)):
        for output, count in counts.items():
            sums[output] = sums.get(output, 0) + count
    return {output: count for output, count in sums.items() if count}


def test_speech_is_cut_to_the_sample() -> None:
    state = DeliveryCounts()
    known = DeliveryCounts.of_one_output(None, None, 4)
    assert state.take(chunk(1, 100, 10), known) == chunk(1, 104, 6)


def test_what_a_client_does_not_count_is_taken_from_the_record() -> None:
    client = DeliveryCounts.of_one_output(None, 2, None)
    record = DeliveryCounts({"0": 5}, {"0/es": 6}, {"0/es": 7})
    assert client.or_else(record) == DeliveryCounts({"0": 5}, {"": 2}, {"0/es": 7})


def test_a_record_is_within_what_a_client_has() -> None:
    record = DeliveryCounts({"0": 2, "1": 3}, {"0/es": 2, "0/fr": 1}, {})
    assert record.within(DeliveryCounts.of_one_output(5, 3, None))
    assert not record.within(DeliveryCounts.of_one_output(4, 3, None))
    assert record.within(DeliveryCounts({"0": 2, "1": 4}, {"0/es": 2, "0/fr": 1}, {"0/es": 9}))
    assert not record.within(DeliveryCounts({"0": 2, "1": 4}, {"0/es": 9}, {}))
    assert record.within(DeliveryCounts())


def test_outputs_are_counted_apart() -> None:
    state, known = DeliveryCounts(), DeliveryCounts(translations={"0/es": 1})
    assert state.take(translation(1, "hola"), known) is None
    french = replace(translation(1, "salut"), language="fr")
    assert state.take(french, known) == french


def test_a_correction_that_the_client_has_does_not_come_again() -> None:
    made = ev.SpeakerCorrection(
        session_id="s", track=0, epoch=1, utterance=1, speaker=2, speaker_confidence=0.9, before=1
    )
    known = DeliveryCounts(corrections={"0": 1})
    state = DeliveryCounts()
    assert [state.take(made, known), state.take(made, known)] == [None, made]
    assert not state.within(known) and known.within(state)
    assert DeliveryCounts().or_else(state).corrections == {"0": 2}

"""What of a session's results goes out to a client that has some of them already."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_edge.delivered import NOT_COUNTED, Delivered


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


def counted(events: list[ev.Event], known: Delivered) -> tuple[list[ev.Event], Delivered]:
    state = Delivered()
    out = [state.take(event, known) for event in events]
    return [event for event in out if event is not None], state


@given(EVENTS, st.integers(0, 40))
def test_what_was_got_before_and_after_a_break_is_everything_once(events: list[ev.Event], cut: int) -> None:
    _, got = counted(events[:cut], Delivered())
    rest, all_of_it = counted(events, got)
    _, whole = counted(events, Delivered())
    _, second = counted(rest, Delivered())
    assert all_of_it == whole
    assert got.finals + second.finals == whole.finals
    assert got.translations + second.translations == whole.translations
    assert got.samples + second.samples == whole.samples


def test_a_chunk_of_which_a_part_was_heard_is_cut() -> None:
    state = Delivered()
    assert state.take(chunk(1, 100, 10), Delivered(samples=4)) == chunk(1, 104, 6)


def test_a_kind_that_the_client_does_not_count_goes_on_from_the_record() -> None:
    client = Delivered(NOT_COUNTED, 2, NOT_COUNTED)
    assert client.or_else(Delivered(5, 6, 7)) == Delivered(5, 2, 7)
    assert Delivered(5, 2, 7).within(client)

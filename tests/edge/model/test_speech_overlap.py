"""Of speech that is partly known only the rest is new."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_edge.model.speech_overlap import length, split, without_head


def chunk(offset: int, samples: int, *marks: int) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s",
        track=0,
        epoch=1,
        utterance=1,
        language="es",
        sample_offset=offset,
        audio=b"".join(number.to_bytes(2, "little") for number in range(samples)),
        last=False,
        boundaries=tuple(
            ev.Boundary(offset_ms=at, duration_ms=1, text_offset=0, text_length=1) for at in marks
        ),
    )


@given(st.integers(0, 1000), st.integers(0, 200), st.integers(-50, 300))
def test_head_and_rest_are_the_whole(offset: int, samples: int, skip: int) -> None:
    whole = chunk(offset, samples)
    rest = without_head(whole, skip)
    cut = length(whole) - length(rest)
    assert cut == min(max(0, skip), samples)
    assert rest.sample_offset == offset + cut
    assert whole.audio[2 * cut :] == rest.audio


def test_a_boundary_goes_with_the_part_in_which_it_begins() -> None:
    rest = without_head(chunk(0, 320, 0, 9, 10, 15), 160)
    assert [mark.offset_ms for mark in rest.boundaries] == [10, 15]


@given(st.integers(0, 1000), st.integers(91, 200), st.integers(1, 90))
def test_the_two_parts_are_the_whole_and_only_the_second_is_the_end(
    offset: int, samples: int, most: int
) -> None:
    whole = replace(chunk(offset, samples), last=True)
    head, rest = split(whole, most)
    assert head.audio + rest.audio == whole.audio and length(head) == most
    assert (head.last, rest.last) == (False, True)
    assert (head.sample_offset, rest.sample_offset) == (offset, offset + most)


def test_each_boundary_is_in_one_part() -> None:
    parts = split(chunk(0, 480, 0, 9, 10, 25), 160)
    assert [[mark.offset_ms for mark in part.boundaries] for part in parts] == [[0, 9], [10, 25]]

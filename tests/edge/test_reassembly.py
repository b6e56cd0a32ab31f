"""The order of results: each once, in order, failures for what is lost; whatever the bus does in between."""

import itertools
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_edge.reassembly import Reassembler

WAIT_MS = 1000
LANGUAGES = ("es", "fr")


def final(n: int, epoch: int = 1, languages: tuple[str, ...] = ("es",), speech: bool = True) -> ev.Transcript:
    return ev.Transcript(
        session_id="s", track=0, epoch=epoch, utterance=n, revision=9, final=True, text=f"said {n}",
        language="en", start_ms=0, duration_ms=1, covered_samples=n * 100,
        work=ev.WorkOrder(target_languages=languages, speech=speech),
    )  # fmt: skip


def interim(n: int, revision: int, epoch: int = 1) -> ev.Transcript:
    return replace(final(n, epoch), final=False, revision=revision, work=ev.WorkOrder())


def translation(n: int, language: str = "es", epoch: int = 1) -> ev.Translation:
    return ev.Translation(
        session_id="s", track=0, epoch=epoch, utterance=n, revision=9, final=True, language=language,
        text=f"{language} {n}", source_language="en", source_text="", start_ms=0, duration_ms=1,
    )  # fmt: skip


def sound(n: int, language: str, samples: int) -> bytes:
    """Speech in which every sample tells where it belongs."""
    seed = n * 1000 + len(language) + LANGUAGES.index(language) * 100
    return b"".join(((seed + i) % 30_000).to_bytes(2, "little") for i in range(samples))


def chunk(n: int, start: int, end: int, total: int, language: str = "es", epoch: int = 1) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s", track=0, epoch=epoch, utterance=n, language=language, sample_offset=start,
        audio=sound(n, language, total)[2 * start : 2 * end], last=end == total,
    )  # fmt: skip


def ended(last: int, epoch: int = 1) -> ev.TrackEnded:
    return ev.TrackEnded(session_id="s", track=0, epoch=epoch, last_utterance=last)


def failure(n: int, stage: ev.Stage, language: str = "", epoch: int = 1) -> ev.Failure:
    return ev.Failure(
        session_id="s", track=0, epoch=epoch, utterance=n, stage=stage, language=language,
        code=FaultCode.ENGINE_FAILED, message="",
    )  # fmt: skip


def feed(order: Reassembler, *events: ev.Event, now: int = 0) -> list[Any]:
    return [out for event in events for out in order.accept(event, now)]


def made() -> Reassembler:
    return Reassembler(tracks=[0], max_wait_ms=WAIT_MS)


def test_finals_that_come_out_of_order_go_out_in_order() -> None:
    order = made()
    assert feed(order, final(2), final(3)) == []
    assert feed(order, final(1)) == [final(1), final(2), final(3)]


def test_an_interim_passes_while_its_utterance_is_the_open_one() -> None:
    order = made()
    assert feed(order, interim(1, 1), interim(1, 2)) == [interim(1, 1), interim(1, 2)]
    assert feed(order, interim(1, 2), interim(1, 1), interim(2, 1)) == []
    feed(order, final(1))
    assert feed(order, interim(1, 3)) == []
    assert feed(order, interim(2, 1)) == [interim(2, 1)]


def test_a_translation_waits_for_its_transcript_and_its_turn() -> None:
    order = made()
    assert feed(order, translation(2), translation(1)) == []
    assert feed(order, final(1)) == [final(1), translation(1)]
    assert feed(order, final(2)) == [final(2), translation(2)]


def test_speech_waits_for_its_translation_and_for_the_speech_before_it() -> None:
    order = made()
    feed(order, final(1), final(2), translation(1), translation(2))
    assert feed(order, chunk(2, 0, 10, 10)) == []
    assert feed(order, chunk(1, 5, 10, 10)) == []
    assert feed(order, chunk(1, 0, 5, 10)) == [chunk(1, 0, 5, 10), chunk(1, 5, 10, 10), chunk(2, 0, 10, 10)]


def test_speech_that_is_made_again_goes_on_where_it_broke_off() -> None:
    order = made()
    feed(order, final(1), translation(1), chunk(1, 0, 4, 10))
    assert feed(order, chunk(1, 0, 7, 10)) == [chunk(1, 4, 7, 10)]
    assert feed(order, chunk(1, 0, 10, 10)) == [chunk(1, 7, 10, 10)]


def test_languages_do_not_wait_for_each_other() -> None:
    order = made()
    feed(order, final(1, languages=LANGUAGES), final(2, languages=LANGUAGES))
    assert feed(order, translation(2, "fr")) == []
    assert feed(order, translation(1, "es")) == [translation(1, "es")]


def test_a_failed_translation_takes_its_place_and_that_of_its_speech() -> None:
    order = made()
    feed(order, final(1), final(2))
    lost = failure(1, ev.Stage.TRANSLATION, "es")
    assert feed(order, translation(2), lost) == [lost, translation(2)]
    assert feed(order, chunk(2, 0, 1, 1)) == [chunk(2, 0, 1, 1)]


def test_failed_speech_takes_the_place_of_the_rest() -> None:
    order = made()
    feed(order, final(1), final(2), translation(1), translation(2), chunk(1, 0, 2, 9), chunk(2, 0, 1, 1))
    lost = failure(1, ev.Stage.TTS, "es")
    assert feed(order, lost) == [lost, chunk(2, 0, 1, 1)]


def test_a_failed_transcript_takes_the_place_of_all_its_work() -> None:
    order = made()
    lost = failure(1, ev.Stage.STT)
    assert feed(order, final(2), lost) == [lost, final(2)]
    assert feed(order, translation(2)) == [translation(2)]


def test_a_gap_is_filled_after_the_wait_and_what_comes_late_is_dropped() -> None:
    order = made()
    feed(order, final(1), final(2), translation(2))
    assert order.expire(WAIT_MS - 1) == []
    lost, following = order.expire(WAIT_MS)
    assert isinstance(lost, ev.Failure)
    assert (lost.utterance, lost.stage, lost.code) == (1, ev.Stage.TRANSLATION, FaultCode.TIMEOUT)
    assert following == translation(2)
    assert feed(order, translation(1)) == []


def test_a_missing_transcript_is_waited_for_only_so_long() -> None:
    order = made()
    feed(order, final(2))
    lost, following = order.expire(WAIT_MS)
    assert isinstance(lost, ev.Failure)
    assert (lost.stage, lost.utterance, following) == (ev.Stage.STT, 1, final(2))


def test_events_of_a_replaced_recogniser_are_dropped() -> None:
    order = made()
    feed(order, final(1), final(3))
    order.new_epoch(0, 2)
    assert feed(order, final(2), interim(2, 5), ended(9)) == []
    assert feed(order, interim(2, 1, epoch=2)) == [interim(2, 1, epoch=2)]
    assert feed(order, final(2, epoch=2)) == [final(2, epoch=2)]
    assert feed(order, translation(2), translation(1)) == [translation(1)]
    assert feed(order, translation(2, epoch=2)) == [translation(2, epoch=2)]
    assert order.next_utterance(0) == 3


def test_the_work_of_a_final_that_was_released_before_the_failover_still_counts() -> None:
    order = made()
    feed(order, final(1))
    order.new_epoch(0, 2)
    assert feed(order, translation(1), chunk(1, 0, 1, 1)) == [translation(1), chunk(1, 0, 1, 1)]


def test_the_end_comes_after_everything_that_is_due() -> None:
    order = made()
    assert feed(order, ended(1), final(1), translation(1)) == [final(1), translation(1)]
    assert not order.complete
    assert feed(order, chunk(1, 0, 1, 1)) == [chunk(1, 0, 1, 1), ended(1)]
    assert order.complete


def test_a_track_on_which_nothing_was_said_is_complete_at_once() -> None:
    order = made()
    assert feed(order, ended(0)) == [ended(0)]
    assert order.complete


def test_beats_tell_what_is_covered_and_are_not_shown() -> None:
    order = made()
    beat = ev.Beat(session_id="s", track=0, epoch=1, worker_id="w", received_samples=900, covered_samples=800)
    assert feed(order, beat, replace(beat, epoch=0, covered_samples=9999)) == []
    assert order.covered_samples(0) == 800


def test_too_much_held_fails_the_oldest_gap_at_once() -> None:
    order = Reassembler(tracks=[0], max_wait_ms=10**9, max_held=10)
    out = feed(order, *(final(n) for n in range(2, 14)))
    assert isinstance(out[0], ev.Failure)
    assert out[1] == final(2)


def test_a_long_session_leaves_nothing_behind() -> None:
    order = made()
    for n in range(1, 2000):
        once = (final(n), translation(n), chunk(n, 0, 2, 2))
        feed(order, *once, *once)
    assert order.held == 0
    assert order.next_deadline() is None


# Arbitrary interleavings


@st.composite
def session(draw: st.DrawFn) -> list[ev.Event]:
    """All events of a true session in an order in which they were made."""
    events: list[ev.Event] = []
    count = draw(st.integers(1, 5))
    for n in range(1, count + 1):
        languages = tuple(draw(st.sets(st.sampled_from(LANGUAGES), max_size=2)))
        speech = draw(st.booleans())
        events.append(final(n, languages=languages, speech=speech))
        for language in languages:
            events.append(translation(n, language))
            if speech:
                events += speech_of(draw, n, language)
    return [*events, ended(count)]


def speech_of(draw: st.DrawFn, n: int, language: str) -> list[ev.Event]:
    """The speech of an utterance, made once or twice with other cuts; at least one time to its end."""
    total = draw(st.integers(0, 12))
    out: list[ev.Event] = []
    for _ in range(draw(st.integers(1, 2))):
        cuts = sorted({0, total, *draw(st.lists(st.integers(0, total), max_size=3))})
        pairs = list(itertools.pairwise(cuts)) or [(0, 0)]
        out += [chunk(n, a, b, total, language) for a, b in pairs]
    return out


def check(truth: list[ev.Event], got: list[Any]) -> None:
    """Every stream of `got` is that of `truth`: each once, in order."""
    finals = [e for e in truth if isinstance(e, ev.Transcript)]
    assert [e for e in got if isinstance(e, ev.Transcript) and e.final] == finals
    for language in LANGUAGES:
        wanted = [e for e in truth if isinstance(e, ev.Translation) and e.language == language]
        assert [e for e in got if isinstance(e, ev.Translation) and e.language == language] == wanted
        spoken: dict[int, bytes] = {}
        for e in got:
            if isinstance(e, ev.SpeechChunk) and e.language == language:
                assert len(spoken.get(e.utterance, b"")) == 2 * e.sample_offset
                spoken[e.utterance] = spoken.get(e.utterance, b"") + e.audio
        made_speech = {e.utterance for e in truth if isinstance(e, ev.SpeechChunk) and e.language == language}
        assert set(spoken) == made_speech
        assert list(spoken) == sorted(spoken)
        totals = {n: max(c.sample_offset + len(c.audio) // 2 for c in truth
                         if isinstance(c, ev.SpeechChunk) and (c.utterance, c.language) == (n, language))
                  for n in made_speech}  # fmt: skip
        assert all(audio == sound(n, language, totals[n]) for n, audio in spoken.items())


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_order_and_any_repeats_give_the_same_result(data: st.DataObject) -> None:
    truth = data.draw(session())
    repeated = truth + data.draw(st.lists(st.sampled_from(truth), max_size=6))
    noise = [replace(e, epoch=0) for e in data.draw(st.lists(st.sampled_from(truth), max_size=4))]  # type: ignore[call-arg]
    order = made()
    got = feed(order, *data.draw(st.permutations(repeated + noise)))
    check(truth, got)
    assert order.complete
    assert order.next_deadline() is None
    assert order.held == 0


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_is_lost_becomes_a_failure_and_everything_else_still_comes(data: st.DataObject) -> None:
    truth = data.draw(session())
    lost = (
        data.draw(st.lists(st.sampled_from(range(len(truth) - 1)), max_size=3, unique=True))
        if len(truth) > 1
        else []
    )
    kept = [e for i, e in enumerate(truth) if i not in lost]
    order = made()
    got = feed(order, *data.draw(st.permutations(kept)))
    now = 0
    while not order.complete and now < 100 * WAIT_MS:
        now += WAIT_MS
        got += order.expire(now)
    assert order.complete
    numbers = [e.utterance for e in got if isinstance(e, ev.Transcript)
               or (isinstance(e, ev.Failure) and e.stage is ev.Stage.STT)]  # fmt: skip
    assert numbers == list(range(1, len(numbers) + 1))
    for language in LANGUAGES:
        texts = [e.utterance for e in got if isinstance(e, ev.Translation) and e.language == language]
        assert texts == sorted(set(texts))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_failover_at_any_point_repeats_nothing_and_loses_nothing(data: st.DataObject) -> None:
    truth = [e for e in data.draw(session()) if not isinstance(e, ev.TrackEnded)]
    cut = data.draw(st.integers(0, len(truth)))
    order = made()
    got = feed(order, *truth[:cut])
    order.new_epoch(0, 2)
    following = order.next_utterance(0)
    # The new recogniser says again what was not out; the workers do that work again.
    redone = [e if e.utterance < following else replace(e, epoch=2) for e in truth]  # type: ignore[union-attr,call-arg]
    late = truth[cut:]
    count = max((e.utterance for e in truth), default=0)  # type: ignore[union-attr]
    got += feed(order, *data.draw(st.permutations([*late, *redone, ended(count, epoch=2)])))
    check([replace(e, epoch=1) for e in truth], [replace(e, epoch=1) for e in got])  # type: ignore[call-arg]
    assert order.complete

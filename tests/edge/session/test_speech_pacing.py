"""A session whose speech has fallen behind is spoken faster, within a bound."""

from dataclasses import replace
from typing import Any

import pytest
from nats.errors import ConnectionClosedError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_edge.session.speech_pacing import MOST, PAUSE_MS, SpeechBacklog, SpeechPacing
from tests.support.fake_bus import FakeMesh

FINAL = ev.Transcript(
    session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, text="x", language="en",
    start_ms=0, duration_ms=0,
)  # fmt: skip


def chunk(seconds: float, language: str = "es", track: int = 0) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s", track=track, epoch=1, utterance=1, language=language, sample_offset=0,
        audio=bytes(2 * int(seconds * SAMPLE_RATE)), last=True,
    )  # fmt: skip


def rate_after(seconds: float) -> float:
    """The rate with so much speech before the next utterance's; the bound is a second."""
    backlog = SpeechBacklog(1.0)
    backlog.released(chunk(seconds), 10.0)
    return dict(backlog.released(FINAL, 10.0)).get((0, "es"), 1.0)


@pytest.mark.parametrize(("behind", "rate"), [(0.5, 1.0), (1.0, 1.0), (1.4, 1.1), (2.0, MOST), (60.0, MOST)])
def test_the_further_behind_the_faster_up_to_a_bound(behind: float, rate: float) -> None:
    assert rate_after(behind) == pytest.approx(rate)


def test_it_is_told_when_it_changes_and_when_it_has_caught_up() -> None:
    backlog = SpeechBacklog(1.0)
    backlog.released(chunk(3.0), 0.0)
    assert backlog.released(FINAL, 0.0) == [((0, "es"), MOST)]
    assert backlog.released(FINAL, 0.1) == []
    assert backlog.released(FINAL, 9.0) == [((0, "es"), 1.0)]
    assert backlog.released(FINAL, 9.1) == []


def test_speech_that_has_been_played_is_no_backlog() -> None:
    backlog = SpeechBacklog(1.0)
    for second in range(30):
        backlog.released(chunk(0.9), float(second))
        assert backlog.released(FINAL, second + 0.5) == []


def test_languages_and_tracks_are_apart_and_interims_decide_nothing() -> None:
    backlog = SpeechBacklog(1.0)
    backlog.released(chunk(9.0, "fr"), 0.0)
    backlog.released(chunk(9.0, "de", track=1), 0.0)
    assert backlog.released(replace(FINAL, final=False), 0.0) == []
    assert backlog.released(FINAL, 0.0) == [((0, "fr"), MOST)]


async def test_workers_are_told_on_the_subject_of_the_output() -> None:
    mesh, sent = FakeMesh(), []

    async def note(subject: str, payload: bytes) -> None:
        sent.append((subject, codec.decode(rpc.SpeechPace, payload)))

    mesh.nc.on_publish = note
    pacing = SpeechPacing(mesh.bus, "s", 0.1)
    pacing.released(chunk(9.0))
    pacing.released(FINAL)
    await pacing.send()
    await pacing.send()
    told = rpc.SpeechPace(session_id="s", track=0, language="es", rate=MOST, pause_ms=PAUSE_MS)
    assert sent == [(subjects.speech_pace("s", 0, "es"), told)]


async def test_pauses_shrink_only_where_it_is_spoken_no_faster() -> None:
    mesh, sent = FakeMesh(), []

    async def note(_: str, payload: bytes) -> None:
        sent.append(codec.decode(rpc.SpeechPace, payload))

    mesh.nc.on_publish = note
    pacing = SpeechPacing(mesh.bus, "s", 5.0)
    pacing.released(chunk(8.0))
    pacing.released(FINAL)
    await pacing.send()
    assert [(told.rate < MOST, told.pause_ms) for told in sent] == [(True, 0)]


async def test_a_bus_that_takes_nothing_ends_nothing() -> None:
    mesh = FakeMesh()

    async def refuse(*_: Any) -> None:
        raise ConnectionClosedError

    mesh.nc.on_publish = refuse
    pacing = SpeechPacing(mesh.bus, "s", 0.1)
    pacing.released(chunk(9.0))
    pacing.released(FINAL)
    await pacing.send()

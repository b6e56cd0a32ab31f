"""The streams of the mesh as a table, made where they are missing."""

from dataclasses import replace

import pytest
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType
from nats.js.errors import BadRequestError

from dragoman_contract import subjects
from dragoman_kit import streams
from dragoman_kit.settings import CommonSettings
from dragoman_kit.streams import STREAMS
from tests.support.recording_bus import RecordingStreams

BY_NAME = {stream.name: stream for stream in STREAMS}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "AGAIN_S", 0.001)
    monkeypatch.setattr(streams, "RACE_S", 0.001)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_stream_is_bounded_in_bytes_and_in_time(stream: streams.Stream) -> None:
    config = stream.config(CommonSettings(nats_replicas=3))
    assert (config.max_bytes or 0) > 0 and (config.max_age or 0) > 0 and config.num_replicas == 3


def test_a_resume_reads_back_what_a_longer_window_needs() -> None:
    long = CommonSettings(resume_window_s=600)
    events = BY_NAME[subjects.EVENTS_STREAM]
    assert events.config(CommonSettings()).max_age == 600
    assert events.config(long).max_age == 2400
    assert BY_NAME[subjects.SPEECH_STREAM].config(long).max_age == 1200
    assert BY_NAME[subjects.USAGE_STREAM].config(long).max_age == 7 * 24 * 3600


def test_speech_and_notes_of_work_in_hand_are_kept_in_memory() -> None:
    kept = [s.name for s in STREAMS if s.storage is StorageType.MEMORY]
    assert kept == [subjects.SPEECH_STREAM, subjects.BEGUN_STREAM]


def test_a_full_stream_refuses_what_must_not_be_lost() -> None:
    configs = [stream.config(CommonSettings()) for stream in STREAMS]
    assert {c.name for c in configs if c.discard is DiscardPolicy.NEW} == {
        subjects.SESSIONS_STREAM,
        subjects.RESOURCES_STREAM,
        subjects.CHANNELS_STREAM,
        subjects.KEPT_STREAM,
        subjects.RECORDINGS_STREAM,
        subjects.ORDERS_STREAM,
    }


def test_only_records_on_their_way_to_the_archive_go_when_they_are_acknowledged() -> None:
    configs = [stream.config(CommonSettings()) for stream in STREAMS]
    work = {c.name for c in configs if c.retention is RetentionPolicy.WORK_QUEUE}
    assert work == {subjects.KEPT_STREAM, subjects.RECORDINGS_STREAM}


def test_a_repeat_is_dropped_within_two_minutes() -> None:
    assert {s.name for s in STREAMS if s.duplicates_s != 120} == {subjects.DEAD_STREAM}


def test_shared_consumers_read_streams_of_the_table() -> None:
    for consumer in streams.CONSUMERS:
        prefix = BY_NAME[consumer.stream].subjects.partition("*")[0]
        assert all(one.startswith(prefix) for one in consumer.filters)


async def test_consumers_are_made_with_the_streams() -> None:
    js = RecordingStreams()
    await streams.ensure(js, CommonSettings())  # type: ignore[arg-type]
    assert set(js.consumers) == {consumer.durable for consumer in streams.CONSUMERS}
    # To give up is the worker's, so that it is told.
    assert {config.max_deliver for config in js.consumers.values()} == {-1}


async def test_a_service_that_may_not_makes_nothing() -> None:
    js = RecordingStreams()
    await streams.ensure(js, CommonSettings(nats_provision=False))  # type: ignore[arg-type]
    assert js.calls == []


async def test_those_that_are_missing_are_made() -> None:
    js = RecordingStreams()
    known = STREAMS[0].config(CommonSettings())
    js.streams[STREAMS[0].name] = known
    await streams.ensure(js, CommonSettings())  # type: ignore[arg-type]
    assert set(js.streams) == set(BY_NAME) and js.streams[STREAMS[0].name] is known


async def test_a_stream_of_an_older_version_learns_direct_reads() -> None:
    js = RecordingStreams()
    for stream in STREAMS:
        js.streams[stream.name] = replace(stream, direct=False).config(CommonSettings())
    await streams.ensure(js, CommonSettings())  # type: ignore[arg-type]
    direct = {name for name, config in js.streams.items() if config.allow_direct}
    assert direct == {
        subjects.EVENTS_STREAM,
        subjects.SPEECH_STREAM,
        subjects.SESSIONS_STREAM,
        subjects.ORDERS_STREAM,
        subjects.BEGUN_STREAM,
    }
    assert js.calls.count("update_stream") == 5


async def test_a_race_and_a_server_without_a_leader_are_waited_out() -> None:
    js = RecordingStreams()
    js.failures += [BadRequestError(), NatsTimeoutError(), TimeoutError()]
    await streams.ensure(js, CommonSettings())  # type: ignore[arg-type]
    assert set(js.streams) == set(BY_NAME)

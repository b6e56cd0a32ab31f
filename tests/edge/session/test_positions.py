"""How far a session is: what goes out again to a client that has some of it already, what is written down."""

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_edge.media.replay_buffer import ReplayBuffer
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Open
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from dragoman_edge.resume.checkpoint import SessionCheckpoint, TrackCheckpoint, hashed, session_of
from dragoman_edge.session.context import Takeover
from dragoman_edge.session.positions import Positions, reassembler, used_before
from tests.support.factories import spec
from tests.support.mesh_events import chunk, feed, final, translation

WANTED = Open(spec(), AudioFormat(sample_rate=8000), AudioFormat(sample_rate=24_000), resumable=True)
USED = {"recognised_ms": 1000, "translated_ms": 200, "synthesised_ms": 30}
ONE = DeliveryCounts({"0": 1}, {"0/es": 1}, {"0/es": 4})


def link(**known: Any) -> Any:
    ring = ReplayBuffer(10**6, start=known.pop("end", 900))
    return SimpleNamespace(
        **(
            {
                "track": 0,
                "epoch": 2,
                "worker_id": "w_1",
                "ended": False,
                "ring": ring,
                "voices": {},
                "unsure": {},
            }
            | known
        )
    )


def written(positions: Positions) -> SessionCheckpoint:
    return positions.record(spec(), {"EVENTS": 5}, {"version": 1}, [link()], USED)


def takeover(record: SessionCheckpoint, received: DeliveryCounts) -> Takeover:
    return Takeover(record, "s_1.secret", received, None, {})


def new() -> Positions:
    return Positions("s_1", "a_1", WANTED, None)


def test_a_record_has_what_another_edge_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.5)
    positions = new()
    record = written(positions)
    assert (record.session_id, record.account_id, record.usage) == ("s_1", "a_1", USED)
    assert (record.since, record.cursor) == ({"EVENTS": 5}, {"version": 1})
    assert record.wanted() == spec()
    assert record.formats() == (WANTED.audio_in, WANTED.audio_out)
    assert record.links == [TrackCheckpoint(track=0, epoch=2, worker_id="w_1", ended=False, end=900)]
    assert (record.started_at_ms, record.at_ms) == (1_700_000_000_500, 1_700_000_000_500)
    assert not record.ended


def test_a_token_is_given_only_for_what_can_be_resumed_and_only_its_hash_is_written() -> None:
    positions = new()
    assert session_of(positions.token) == "s_1"
    record = written(positions)
    assert record.token_hash == hashed(positions.token)
    assert positions.token.partition(".")[2] not in record.model_dump_json()
    assert Positions("s_1", "a_1", Open(spec()), None).token == ""


def test_every_hold_on_a_session_writes_under_another_name() -> None:
    positions = new()
    assert written(positions).writer == written(positions).writer != written(new()).writer


def test_results_are_counted_as_they_are_released() -> None:
    positions = new()
    for event in (final(1), translation(1), chunk(1, 0, 4, 9)):
        assert positions.take(event) == event
    assert written(positions).got() == ONE


def test_a_client_that_resumes_gets_only_what_it_lacks() -> None:
    first = new()
    for event in (final(1), translation(1), chunk(1, 0, 4, 9)):
        first.take(event)
    behind = DeliveryCounts({"0": 1}, {"0/es": 2}, {"0/es": 6})  # it has got more since the record
    again = Positions("s_1", "a_1", WANTED, takeover(written(first), behind))
    assert again.take(final(2)) == final(2)
    assert again.take(translation(2)) is None
    assert again.take(translation(3)) == translation(3)
    assert again.take(chunk(1, 4, 9, 9)) == chunk(1, 6, 9, 9)


def test_where_the_client_does_not_count_the_record_does() -> None:
    first = new()
    first.take(final(1))
    again = Positions("s_1", "a_1", WANTED, takeover(written(first), DeliveryCounts()))
    assert again.take(final(2)) == final(2)
    assert written(again).got().finals == {"0": 2}


def test_a_session_that_was_taken_over_keeps_its_token_and_its_age() -> None:
    record = written(new()).model_copy(update={"started_at_ms": 77})
    again = Positions("s_1", "a_1", WANTED, takeover(record, DeliveryCounts()))
    assert (again.token, again.started_at_ms) == ("s_1.secret", 77)
    assert written(again).started_at_ms == 77


def test_what_was_written_shortly_before_a_client_left_is_not_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = new()
    monkeypatch.setattr("time.monotonic", lambda: 1000.0)
    positions.mark_sent(final(1), 10.0)
    positions.mark_sent(final(2), 19.0)
    positions.client_left(20.0)
    assert written(positions).confirmed["finals"] == {"": 0, "0": 1}  # as it was when the client left
    assert asdict(DeliveryCounts(**written(positions).confirmed))["finals"] == {"": 0, "0": 1}


def test_a_new_session_orders_its_tracks_from_the_beginning() -> None:
    tracks = tuple(ev.TrackSpec(track=n, source_languages=("en",)) for n in (0, 1))
    order = reassembler([one.track for one in tracks], None, 1000, now_ms=5)
    assert order.has(0) and order.has(1) and order.next_utterance(1) == 1


def test_a_session_that_was_taken_over_goes_on_where_its_record_stands() -> None:
    before = ReorderBuffer(tracks=[0])
    feed(before, final(1), final(2))
    record = written(new()).model_copy(update={"cursor": before.snapshot()})
    tracks = tuple(ev.TrackSpec(track=n, source_languages=("en",)) for n in (0, 1))
    order = reassembler([one.track for one in tracks], takeover(record, DeliveryCounts()), 1000, now_ms=5)
    assert (order.next_utterance(0), order.next_utterance(1)) == (3, 1)
    assert order.expire(1004) == [] and order.expire(1005)


def test_usage_after_the_record_counts_again() -> None:
    known = ev.Usage(session_id="s_1", sequence=9, recognised_ms=5000, translated_ms=900, synthesised_ms=80)
    taken = takeover(written(new()), DeliveryCounts())
    assert used_before(known, None) is known and used_before(None, taken) is None
    again = used_before(known, taken)
    assert again == ev.Usage(
        session_id="s_1", sequence=9, recognised_ms=1000, translated_ms=200, synthesised_ms=30
    )


def test_the_voices_of_a_track_go_along() -> None:
    voice = ev.Voice(speaker=2, print=bytes([127, 0, 255]), spoken_ms=900)
    record = new().record(spec(), {"EVENTS": 5}, {}, [link(voices={2: voice})], USED)
    again = TrackCheckpoint.model_validate_json(record.links[0].model_dump_json())
    assert again.known_voices() == {2: voice}


def test_voices_and_names_of_speakers_and_of_unsure_utterances_reach_another_edge() -> None:
    ada = ev.Voice(speaker=2, print=b"\x01\xff", spoken_ms=4000, name="Ada")
    guest, own = (
        ev.Voice(speaker=1, print=b"\x02", spoken_ms=9),
        ev.Voice(speaker=1, print=b"\x03", spoken_ms=500),
    )
    held = link(voices={1: guest, 2: ada}, unsure={7: own})
    record = new().record(spec(), {"EVENTS": 5}, {"version": 1}, [held], USED)
    (known,) = SessionCheckpoint.model_validate_json(record.model_dump_json()).links
    assert (known.known_voices(), known.unsure_voices()) == ({1: guest, 2: ada}, {7: own})

"""A track's recogniser: taken, fed, told when to flush and end, sent again what it missed, replaced."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from structlog.testing import capture_logs

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.audio import MAX_PCM_BYTES, SAMPLE_RATE, AudioFrame
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge import metrics
from dragoman_edge.media import recogniser
from dragoman_edge.media.recogniser import LEAVE_WITHIN_S, RESEND_EVERY_S, RecogniserSession

SPEC = rpc.RecogniserSpec(source_languages=("en",))
WORK = ev.WorkOrder(target_languages=("es",))
FULL = rpc.Fault(code=FaultCode.BUSY, message="full")


def wanted(epoch: int) -> bool:
    """The successor counts."""
    return True


Answer = rpc.TrackStarted | MeshError


class Carrier:
    """Keeps what is sent to recognisers."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, AudioFrame]] = []
        self.controls: list[tuple[str, rpc.TrackControl]] = []

    def put(self, worker_id: str, frame: AudioFrame) -> None:
        self.frames.append((worker_id, frame))

    async def control(self, worker_id: str, session_id: str, track: int, message: rpc.TrackControl) -> None:
        assert (session_id, track) == ("s_1", 3)
        self.controls.append((worker_id, message))

    def told(self) -> list[tuple[str, ev.Action, int]]:
        return [(worker, message.action, message.epoch) for worker, message in self.controls]

    def sent(self) -> list[tuple[int, int, int]]:
        """Epoch, number and first sample of each frame."""
        return [(frame.epoch, frame.sequence, frame.sample_offset) for _, frame in self.frames]


class Fleet:
    """Answers requests for recognisers, one after the other: w_1, w_2, … unless `answers` says otherwise."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, rpc.StartTrack]] = []
        self.answers: list[Answer] = []

    async def request(self, subject: str, message: rpc.StartTrack, reply: type, wait_s: float) -> Any:
        assert reply is rpc.TrackStarted and wait_s == recogniser.ALLOCATE_WAIT_S
        message = codec.decode(rpc.StartTrack, codec.encode(message))
        self.asked.append((subject, message))
        answer = self.answers.pop(0) if self.answers else rpc.TrackStarted(worker_id=f"w_{message.epoch}")
        if isinstance(answer, MeshError):
            raise answer
        return answer


class Track:
    """A link of track 3 with its fakes and a clock that stands still."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, backlog_s: float = 60) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        self.fleet, self.carrier = Fleet(), Carrier()
        bus: Any = self.fleet
        carrier: Any = self.carrier
        self.link = RecogniserSession(bus, carrier, "s_1", 3, "whisper", SPEC, WORK, backlog_s)

    async def heartbeat(
        self, received: int, covered: int = 0, epoch: int = 1, worker: str = "w_1", draining: bool = False,
        at_rest: bool = False,
    ) -> None:  # fmt: skip
        event = ev.Heartbeat(
            session_id="s_1", track=3, epoch=epoch, worker_id=worker, received_samples=received,
            covered_samples=covered, draining=draining, at_rest=at_rest,
        )  # fmt: skip
        await self.link.on_heartbeat(event, covered)


@pytest.fixture
def track(monkeypatch: pytest.MonkeyPatch) -> Track:
    return Track(monkeypatch)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Track]:
    return lambda **options: Track(monkeypatch, **options)


def pcm(samples: int) -> bytes:
    return bytes(2 * samples)


# Taking one


async def test_a_recogniser_is_asked_for_with_the_next_epoch(track: Track) -> None:
    await track.link.start(first_utterance=4, first_sample=900)
    ((subject, asked),) = track.fleet.asked
    assert subject == subjects.allocate("whisper")
    assert (asked.session_id, asked.track, asked.epoch) == ("s_1", 3, 1)
    assert (asked.first_utterance, asked.first_sample, asked.spec, asked.work) == (4, 900, SPEC, WORK)
    assert (track.link.worker_id, track.link.epoch, track.link.heartbeat_at) == ("w_1", 1, 1000.0)
    await track.link.start()
    again = track.fleet.asked[1][1]
    assert (again.epoch, again.first_utterance, again.first_sample) == (2, 1, 0)


async def test_before_one_is_taken_there_is_none(track: Track) -> None:
    link = track.link
    assert (link.worker_id, link.epoch, link.heartbeats, link.heartbeat_at) == ("", 0, 0, 0.0)
    assert (link.ended, link.leaving_at, link.leaves_now) == (False, 0.0, False)
    await track.heartbeat(0, epoch=1, worker="")  # of a track that this edge has not heard of
    assert (link.worker_id, link.epoch) == ("", 0) and not track.carrier.frames


async def test_the_last_request_is_known_whether_or_not_it_was_answered(track: Track) -> None:
    assert track.link.asked is None
    track.fleet.answers = [MeshError(FaultCode.BUSY, "full")] * 2
    with pytest.raises(MeshError):
        await track.link.start(first_utterance=4, first_sample=900)
    assert track.link.asked == track.fleet.asked[-1][1] and track.link.epoch == 0


async def test_the_request_has_a_span_of_its_own(track: Track, monkeypatch: pytest.MonkeyPatch) -> None:
    spans: list[tuple[str, dict[str, object]]] = []

    def span(name: str, **about: object) -> AbstractContextManager[None]:
        spans.append((name, about))
        return nullcontext()

    monkeypatch.setattr("dragoman_edge.media.recogniser.telemetry.span", span)
    await track.link.start()
    assert spans == [("edge.allocate", {"track": 3, "epoch": 1})]


async def test_the_next_one_that_has_room_is_taken(track: Track) -> None:
    track.fleet.answers = [MeshError(FaultCode.TIMEOUT, "stuck"), rpc.TrackStarted(fault=FULL)]
    await track.link.start()
    anyone = subjects.allocate_any("whisper")
    assert [subject for subject, _ in track.fleet.asked] == [subjects.allocate("whisper"), anyone, anyone]
    assert track.link.worker_id == "w_1"


async def test_a_fleet_that_is_full_says_so_at_once(track: Track) -> None:
    track.fleet.answers = [MeshError(FaultCode.TIMEOUT, "stuck"), MeshError(FaultCode.BUSY, "nobody")]
    with pytest.raises(MeshError) as refused:
        await track.link.start()
    assert refused.value.code is FaultCode.BUSY and refused.value.retry_after_ms == 5000
    assert len(track.fleet.asked) == 2 and (track.link.epoch, track.link.worker_id) == (0, "")


async def test_three_that_do_not_answer_are_no_recogniser(track: Track) -> None:
    track.fleet.answers = [MeshError(FaultCode.TIMEOUT, "stuck")] * 3
    with pytest.raises(MeshError) as refused:
        await track.link.start()
    assert refused.value.code is FaultCode.BUSY and len(track.fleet.asked) == 3


async def test_three_that_are_full_are_no_recogniser(track: Track) -> None:
    track.fleet.answers = [rpc.TrackStarted(fault=FULL)] * 3
    with pytest.raises(MeshError) as refused, capture_logs() as logs:
        await track.link.start()
    assert (refused.value.code, refused.value.message) == (FaultCode.BUSY, "no recogniser is free")
    assert [(line["code"], line["reason"]) for line in logs] == [(FaultCode.BUSY, "full")]


async def test_what_a_recogniser_refuses_is_told_and_nobody_else_asked(track: Track) -> None:
    fault = rpc.Fault(code=FaultCode.UNSUPPORTED_LANGUAGE, message="not that one")
    track.fleet.answers = [rpc.TrackStarted(fault=fault)]
    with pytest.raises(PeerError) as refused:
        await track.link.start()
    assert (refused.value.code, refused.value.message) == (FaultCode.UNSUPPORTED_LANGUAGE, "not that one")
    assert len(track.fleet.asked) == 1


async def test_a_track_that_joins_begins_where_the_others_are(track: Track) -> None:
    await track.link.join(8000)
    assert track.fleet.asked[0][1].first_sample == 8000
    await track.link.send(pcm(10))
    assert track.carrier.sent() == [(1, 0, 8000)]


async def test_an_adopted_recogniser_goes_on_as_it_is(track: Track) -> None:
    track.link.adopt("w_9", 4, 5000, ended=True)
    assert not track.fleet.asked
    await track.link.send(pcm(10))
    assert track.carrier.sent() == [(4, 0, 5000)]
    assert (track.link.worker_id, track.link.epoch, track.link.ended) == ("w_9", 4, True)
    assert (track.link.ring.end, track.link.heartbeat_at) == (5010, 1000.0)


# Audio


async def test_audio_is_numbered_and_kept(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    await track.link.send(pcm(50))
    assert track.carrier.sent() == [(1, 0, 0), (1, 1, 100)]
    worker, frame = track.carrier.frames[1]
    assert (worker, frame.session_id, frame.track, frame.pcm) == ("w_1", "s_1", 3, pcm(50))
    assert (track.link.ring.start, track.link.ring.end) == (0, 150)
    assert track.link.ring.arrival(120) == 1000.0


async def test_long_audio_is_cut_to_what_a_message_takes(track: Track) -> None:
    await track.link.start()
    await track.link.send(bytes(2 * MAX_PCM_BYTES + 10))
    assert [len(frame.pcm) for _, frame in track.carrier.frames] == [MAX_PCM_BYTES, MAX_PCM_BYTES, 10]


async def test_silence_is_put_where_the_client_has_nothing(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    await track.link.pad_silence(100)
    await track.link.pad_silence(90)
    assert len(track.carrier.frames) == 1
    await track.link.pad_silence(130)
    assert track.carrier.sent()[1:] == [(1, 1, 100)] and track.carrier.frames[1][1].pcm == pcm(30)


async def test_no_more_silence_than_the_backlog_is_made(make: Callable[..., Track]) -> None:
    track = make(backlog_s=1)
    await track.link.start()
    await track.link.pad_silence(10 * SAMPLE_RATE)
    assert track.link.ring.end == SAMPLE_RATE


# What the client asks for


async def test_flush_end_and_cancel_say_after_which_audio(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(70))
    await track.link.flush()
    await track.link.end()
    await track.link.cancel()
    assert track.carrier.told() == [
        ("w_1", ev.Action.FLUSH, 1), ("w_1", ev.Action.END, 1), ("w_1", ev.Action.CANCEL, 1),
    ]  # fmt: skip
    assert {message.after_sample for _, message in track.carrier.controls} == {70}
    assert all(message.spec is None and message.work is None for _, message in track.carrier.controls)
    assert track.link.ended


async def test_nobody_is_cancelled_before_one_was_taken(track: Track) -> None:
    await track.link.cancel()
    assert not track.carrier.controls


async def test_an_update_is_told_and_told_again_on_demand(track: Track) -> None:
    await track.link.start()
    await track.link.resend_update()
    assert not track.carrier.controls
    spec, work = rpc.RecogniserSpec(source_languages=("de",)), ev.WorkOrder(target_languages=("fr",))
    await track.link.update(spec, work)
    await track.link.resend_update()
    assert [(message.action, message.spec, message.work) for _, message in track.carrier.controls] == [
        (ev.Action.UPDATE, spec, work)
    ] * 2
    await track.link.start()
    assert (track.fleet.asked[-1][1].spec, track.fleet.asked[-1][1].work) == (spec, work)


# Heartbeats


async def test_a_heartbeat_is_a_sign_of_life_and_frees_what_is_covered(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    await track.link.send(pcm(100))
    track.now += 1
    await track.heartbeat(200, covered=100)
    assert (track.link.heartbeat_at, track.link.ring.start) == (1001.0, 100)


async def test_heartbeats_are_counted_whoever_has_the_track(track: Track) -> None:
    await track.link.start()
    for number in range(1, 3):
        await track.heartbeat(0)
        assert track.link.heartbeats == number
    await track.heartbeat(0, worker="w_late")  # it does not have it
    await track.heartbeat(0, epoch=2, worker="w_8")
    assert track.link.heartbeats == 3


async def test_what_two_heartbeats_expect_though_it_was_sent_is_sent_again(track: Track) -> None:
    await track.link.start()
    for _ in range(3):
        await track.link.send(pcm(100))
    await track.heartbeat(100)
    assert len(track.carrier.frames) == 3
    track.now = 0.0  # whatever the clock shows
    await track.heartbeat(100)
    assert track.carrier.sent()[3:] == [(1, 3, 100), (1, 4, 200)]


async def test_what_is_on_its_way_is_not_sent_again(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    await track.heartbeat(100)  # it has everything
    await track.link.send(pcm(100))
    await track.heartbeat(100)  # the second piece is younger than the heartbeat before
    assert len(track.carrier.frames) == 2
    await track.heartbeat(100)
    assert len(track.carrier.frames) == 3


async def test_audio_is_sent_again_once_a_second_at_most(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    for _ in range(4):
        await track.heartbeat(0)
    assert len(track.carrier.frames) == 2
    track.now += RESEND_EVERY_S
    await track.heartbeat(0)
    assert len(track.carrier.frames) == 3


async def test_the_end_is_told_again_while_the_recogniser_heartbeats(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    await track.link.end()
    await track.heartbeat(100)
    assert len(track.carrier.controls) == 1  # a moment ago
    track.now += RESEND_EVERY_S
    await track.heartbeat(100)
    await track.heartbeat(100)
    assert [action for _, action, _ in track.carrier.told()] == [ev.Action.END] * 2


async def test_the_end_follows_audio_that_is_sent_again(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    await track.link.end()
    await track.heartbeat(0)
    track.now += RESEND_EVERY_S
    await track.heartbeat(0)
    assert len(track.carrier.frames) == 2
    assert [action for _, action, _ in track.carrier.told()] == [ev.Action.END] * 2


async def test_a_recogniser_that_wants_what_is_gone_counts_as_lost(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    await track.link.send(pcm(100))
    await track.heartbeat(50, covered=100)
    assert track.link.heartbeat_at == 0.0 and len(track.carrier.frames) == 2


async def test_one_that_was_taken_by_the_edge_before_at_its_very_end_is_adopted(track: Track) -> None:
    await track.link.start()
    await track.heartbeat(0, epoch=2, worker="w_8")
    assert (track.link.worker_id, track.link.epoch) == ("w_8", 2) and not track.carrier.controls


async def test_a_heartbeat_of_a_newer_epoch_without_a_worker_changes_nothing(track: Track) -> None:
    await track.link.start()
    await track.heartbeat(0, epoch=2, worker="")
    assert (track.link.worker_id, track.link.epoch) == ("w_1", 1)


async def test_one_whose_answer_came_too_late_is_let_go(track: Track) -> None:
    await track.link.start()
    track.now += 1
    await track.heartbeat(0, worker="w_late")
    assert track.carrier.told() == [("w_late", ev.Action.CANCEL, 1)]
    assert (track.link.worker_id, track.link.heartbeat_at) == ("w_1", 1000.0)


# Leaving one that is about to stop


async def test_a_draining_recogniser_is_left_between_two_utterances(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(3 * SAMPLE_RATE))
    await track.heartbeat(SAMPLE_RATE, at_rest=True)
    assert not track.link.leaves_now  # it does not want to stop
    await track.heartbeat(2 * SAMPLE_RATE, draining=True)
    assert not track.link.leaves_now  # an utterance is open
    await track.heartbeat(2 * SAMPLE_RATE, draining=True, at_rest=True)
    assert track.link.leaves_now


async def test_a_draining_recogniser_is_left_in_the_end(track: Track) -> None:
    await track.link.start()
    await track.heartbeat(2 * SAMPLE_RATE, draining=True)
    track.now += LEAVE_WITHIN_S
    await track.heartbeat(2 * SAMPLE_RATE, draining=True)
    assert not track.link.leaves_now
    track.now += 0.1
    assert track.link.leaves_now


async def test_the_next_one_does_not_want_to_leave(track: Track) -> None:
    await track.link.start()
    await track.heartbeat(0, draining=True, at_rest=True)
    assert track.link.leaves_now
    await track.link.replace(1, 0, wanted)
    assert not track.link.leaves_now and track.link.leaving_at == 0.0


# Replacing one


async def test_a_successor_gets_what_no_final_covers(track: Track) -> None:
    await track.link.start()
    for _ in range(3):
        await track.link.send(pcm(100))
    await track.link.replace(first_utterance=5, first_sample=150, counts=wanted)
    asked = track.fleet.asked[-1][1]
    assert (asked.epoch, asked.first_utterance, asked.first_sample) == (2, 5, 150)
    assert track.carrier.sent()[3:] == [(2, 0, 100), (2, 1, 200)]
    assert {worker for worker, _ in track.carrier.frames[3:]} == {"w_2"}
    assert track.carrier.told() == [("w_1", ev.Action.CANCEL, 1)]


async def test_a_successor_begins_where_audio_is_still_kept(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    await track.link.send(pcm(100))
    await track.heartbeat(200, covered=100)
    await track.link.replace(1, 20, wanted)
    assert track.fleet.asked[-1][1].first_sample == 100
    assert track.carrier.sent()[2:] == [(2, 0, 100)]


async def test_the_same_worker_again_is_not_cancelled(track: Track) -> None:
    await track.link.start()
    track.fleet.answers = [rpc.TrackStarted(worker_id="w_1")]
    await track.link.replace(1, 0, wanted)
    assert not track.carrier.controls and track.link.epoch == 2


async def test_a_successor_hears_of_the_end(track: Track) -> None:
    await track.link.start()
    await track.link.end()
    await track.link.replace(1, 0, wanted)
    assert track.carrier.told()[1:] == [("w_1", ev.Action.CANCEL, 1), ("w_2", ev.Action.END, 2)]


async def test_a_successor_is_let_go_when_its_predecessor_is_back(track: Track) -> None:
    await track.link.start()
    for _ in range(2):
        await track.link.send(pcm(100))
    track.now += 1
    asked: list[int] = []

    def counts(epoch: int) -> bool:
        asked.append(epoch)
        return False

    assert await track.link.replace(1, 0, counts) is False
    assert asked == [2] and track.carrier.told() == [("w_2", ev.Action.CANCEL, 2)]
    assert (track.link.worker_id, track.link.epoch, track.link.heartbeat_at) == ("w_1", 1, 1000.0)
    await track.link.send(pcm(100))
    assert track.carrier.sent() == [(1, 0, 0), (1, 1, 100), (1, 2, 200)]
    assert await track.link.replace(1, 0, wanted) is True


async def test_without_a_successor_everything_stays(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    track.fleet.answers = [MeshError(FaultCode.BUSY, "full")] * 2
    with pytest.raises(MeshError):
        await track.link.replace(1, 0, wanted)
    assert (track.link.worker_id, track.link.epoch) == ("w_1", 1) and not track.carrier.controls
    assert (track.link.ring.start, track.link.ring.end) == (0, 100)


async def test_heartbeats_of_the_lost_one_do_not_count_for_its_successor(track: Track) -> None:
    await track.link.start()
    await track.link.send(pcm(100))
    await track.heartbeat(0)
    await track.link.replace(1, 0, wanted)
    frames = len(track.carrier.frames)
    await track.heartbeat(0, epoch=2, worker="w_2")  # its first: what was sent may be on its way
    assert len(track.carrier.frames) == frames


# Bounds, and what operators are told


def missing_s() -> float:
    return float(metrics.MISSING_SECONDS._value.get())


@pytest.mark.parametrize("begins", ["adopted", "joined", "started"])
async def test_what_is_kept_is_bounded_wherever_the_track_begins(
    make: Callable[..., Track], begins: str
) -> None:
    track = make(backlog_s=1)
    if begins == "adopted":
        track.link.adopt("w_9", 4, 500, ended=False)
    elif begins == "joined":
        await track.link.join(500)
    else:
        await track.link.start()
    await track.link.send(pcm(SAMPLE_RATE - 1))
    assert not track.link.ring.full
    await track.link.send(pcm(1))
    assert track.link.ring.full


async def test_an_adopted_recogniser_is_sent_again_what_two_heartbeats_expect(track: Track) -> None:
    track.link.adopt("w_9", 4, 500, ended=False)
    await track.link.send(pcm(100))
    await track.heartbeat(500, epoch=4, worker="w_9")
    assert len(track.carrier.frames) == 1
    await track.heartbeat(500, epoch=4, worker="w_9")
    assert len(track.carrier.frames) == 2


async def test_audio_that_nobody_has_any_more_is_told_in_seconds(track: Track) -> None:
    await track.link.start()
    before = missing_s()
    with capture_logs() as logs:
        await track.link.pad_silence(0)
        assert not logs
        await track.link.pad_silence(1)
        assert len(track.carrier.frames) == 1
        await track.link.pad_silence(1 + SAMPLE_RATE)
    assert [line["seconds"] for line in logs] == [0.0, 1.0]
    assert missing_s() - before == pytest.approx(1 + 1 / SAMPLE_RATE)


async def test_what_a_successor_cannot_be_given_is_told_and_what_it_is_given(track: Track) -> None:
    await track.link.start()
    for _ in range(2):
        await track.link.send(pcm(SAMPLE_RATE))
    await track.heartbeat(2 * SAMPLE_RATE, covered=SAMPLE_RATE)
    missing, replayed = missing_s(), float(metrics.REPLAYED_SECONDS._value.get())
    with capture_logs() as logs:
        await track.link.replace(1, SAMPLE_RATE, wanted)
        await track.link.replace(1, SAMPLE_RATE // 2, wanted)
    told = [(line["event"], line.get("seconds", line.get("replayed_s"))) for line in logs]
    assert told == [("recogniser replaced", 1.0), ("audio is missing", 0.5), ("recogniser replaced", 1.0)]
    assert missing_s() - missing == pytest.approx(0.5)
    assert float(metrics.REPLAYED_SECONDS._value.get()) - replayed == pytest.approx(2.0)

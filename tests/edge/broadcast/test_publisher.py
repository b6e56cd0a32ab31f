"""The host's side of a broadcast: what is published when, the door, the figures, the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from nats.errors import Error as NatsError
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.broadcast import publisher as module
from dragoman_edge.broadcast.definition import BroadcastStanding
from dragoman_edge.broadcast.publisher import BroadcastPublisher
from dragoman_edge.model.broadcasts import BroadcastWish
from dragoman_edge.model.commands import JOBS, BroadcastAction, BroadcastCommand
from dragoman_edge.model.events import Audience, BroadcastAck, ServerEvent, ViewerJoined, ViewerLeft
from tests.support.broadcasts import Stored, transcript, translation
from tests.support.factories import spec
from tests.support.recording_bus import until
from tests.support.waiting import WAIT_S

SPANISH = (("es", 1),)  # who watches
GO_LIVE = BroadcastCommand(BroadcastAction.GO_LIVE)
SPEC = spec(tracks=(ev.TrackSpec(source_languages=("en",), target_languages=("es", "fr")),))


@dataclass
class OnAir:
    """A broadcast with its publisher, and what viewers' edges and the host hear."""

    stored: Stored
    publisher: BroadcastPublisher
    token: str
    said: list[ServerEvent]
    clock: list[int]  # the track time, last
    events: list[ev.Event] = field(default_factory=list)
    notices: list[rpc.BroadcastNotice] = field(default_factory=list)

    async def heard(self, subject: str, payload: bytes) -> None:
        if subject == subjects.broadcast_event(self.token):
            self.events.append(codec.decode_event(payload))
        if subject == subjects.broadcast_notice(self.token):
            self.notices.append(codec.decode(rpc.BroadcastNotice, payload))

    async def standing(self) -> BroadcastStanding:
        """As every edge finds it."""
        return await self.stored.broadcasts.standing(self.token)

    async def flush(self) -> None:
        """What waits for the bus goes out."""
        await self.publisher.leave()

    async def go_live(self, at_ms: int = 0) -> None:
        """From this track time on."""
        self.clock.append(at_ms)
        await self.publisher.direct(GO_LIVE)

    async def report(self, *viewers: str, **fields: Any) -> rpc.AdmissionReply:
        """The answer to the report of a viewers' edge."""
        shown = tuple(rpc.Viewer(id=name, source="::1", language="es") for name in viewers)
        usual: dict[str, Any] = {"edge_id": "e_2", "all": True, "viewers": shown}
        message = rpc.AdmissionReport(**usual | fields)
        answer = await self.stored.mesh.nc.request(
            subjects.broadcast_admission(self.token), codec.encode(message), timeout=WAIT_S
        )
        return codec.decode(rpc.AdmissionReply, answer.data)


@asynccontextmanager
async def on_air(*, resumed: bool = False, standing: BroadcastStanding | None = None,
                 wish: BroadcastWish | None = None,
                 before: tuple[ev.Event, ...] = ()) -> AsyncIterator[OnAir]:  # fmt: skip
    stored = Stored()
    for event in before:
        await stored.mesh.store_event(event)
    token = (await stored.made(wish or BroadcastWish())).token
    if standing is not None:
        await stored.broadcasts.store(token, standing)
    said: list[ServerEvent] = []
    clock = [0]
    made = BroadcastPublisher(stored.mesh.bus, stored.broadcasts, token, SPEC, said.append, lambda: clock[-1])
    one = OnAir(stored, made, token, said, clock)
    stored.mesh.nc.on_publish = one.heard
    await made.begin(resumed)
    yield one
    await made.leave()
    assert stored.mesh.nc.errors == []


# The beginning


async def test_viewers_edges_are_called_and_the_host_is_told_what_it_hosts() -> None:
    async with on_air() as one:
        told = one.publisher.on_air
        assert (told.token, told.audience) == (one.token, Audience())
        assert told.state.target_languages == ("es", "fr") and told.state.show is ev.Show.STANDBY
        await one.flush()
        assert one.notices == [rpc.BroadcastNotice(state=told.state, call=True)]
        standing = await one.standing()
        assert standing.started_at_ms and standing.source_languages == ("en",)


async def test_a_broadcast_that_is_not_there_is_not_begun() -> None:
    stored = Stored()
    made = BroadcastPublisher(stored.mesh.bus, stored.broadcasts, "zzzz", SPEC, print, lambda: 0)
    with pytest.raises(PeerError) as refused:
        await made.begin(False)
    assert refused.value.code is FaultCode.UNKNOWN_SESSION
    await made.leave()


async def test_without_the_bus_it_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored()
    token = (await stored.made()).token

    async def broken(*_: object, **__: object) -> None:
        raise NatsError

    monkeypatch.setattr(stored.mesh.nc, "subscribe", broken)
    made = BroadcastPublisher(stored.mesh.bus, stored.broadcasts, token, SPEC, print, lambda: 0)
    with pytest.raises(MeshError) as failed:
        await made.begin(False)
    assert failed.value.code is FaultCode.UNAVAILABLE


# Results


async def test_a_rehearsal_is_for_nobody() -> None:
    async with on_air() as one:
        one.publisher.released(transcript())
        await one.flush()
        assert one.events == []


async def test_only_what_was_said_live_is_for_viewers() -> None:
    async with on_air() as one:
        await one.go_live(5000)
        before, after = transcript("a", 1, start_ms=3000), transcript("b", 2, start_ms=4500)
        for event in (before, translation("x", 1), after, translation("y", 2), translation("x again", 1)):
            one.publisher.released(event)
        other = transcript("c", 1, track=1, start_ms=6000)  # each track has its own first sentence
        one.publisher.released(other)
        await one.flush()
        assert one.events == [after, translation("y", 2), other]


async def test_a_host_that_comes_back_goes_on_at_once() -> None:
    live = BroadcastStanding(show=ev.Show.LIVE, live_from_ms=5000, started_at_ms=1)
    async with on_air(resumed=True, standing=live) as one:
        one.publisher.released(translation("x", 7))
        await one.flush()
        assert one.events == [translation("x", 7)]
        assert (await one.standing()).started_at_ms == 1


async def test_what_is_the_hosts_business_is_not_sent() -> None:
    word = ev.Word(text="one", start_ms=0, end_ms=9, probability=1.0)
    work = ev.WorkOrder(target_languages=("es",))
    rich = transcript(words=(word,), alternatives=(ev.Alternative(language="es", text="x"),), work=work)
    async with on_air() as one:
        await one.go_live()
        one.publisher.released(rich)
        one.publisher.released(translation(work=work, engine="bergamot"))
        one.publisher.released(transcript(track=JOBS))
        one.publisher.released(ev.Status(session_id="s_1", state=ev.State.CONNECTED))
        failed = ev.Failure(
            session_id="s_1", track=0, epoch=1, utterance=1, stage=ev.Stage.TTS, code="timeout", message=""
        )
        one.publisher.released(failed)
        await one.flush()
        assert one.events == [transcript(), translation(), failed]


async def test_a_bus_that_takes_nothing_costs_results_and_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    lost = REGISTRY.get_sample_value("dragoman_edge_shown_lost_total") or 0
    async with on_air() as one:
        for number in range(5):
            one.publisher._notify(rpc.BroadcastNotice(announcement=str(number)))
        await one.flush()
        assert [notice.announcement for notice in one.notices] == ["", "0"]
        assert REGISTRY.get_sample_value("dragoman_edge_shown_lost_total") == lost + 4

        async def broken(*_: object) -> None:
            raise NatsError

        monkeypatch.setattr(one.stored.mesh.nc, "publish", broken)
        one.publisher._notify(rpc.BroadcastNotice())
        await one.flush()
        assert REGISTRY.get_sample_value("dragoman_edge_shown_lost_total") == lost + 5


# The host's word


async def test_going_live_is_told_once_and_remembered() -> None:
    async with on_air() as one:
        await one.go_live(1234)
        state = one.publisher.on_air.state
        assert (state.show, state.live_from_ms) == (ev.Show.LIVE, 1234)
        await one.go_live(9999)
        assert one.said == [
            BroadcastAck(BroadcastAction.GO_LIVE, state, True),
            BroadcastAck(BroadcastAction.GO_LIVE, state, False),
        ]
        await one.flush()
        assert [notice.state for notice in one.notices[1:]] == [state]
        assert (await one.standing()).live_at_ms and (await one.standing()).show is ev.Show.LIVE


async def test_a_word_to_the_viewers_changes_nothing() -> None:
    async with on_air() as one:
        await one.publisher.direct(BroadcastCommand(BroadcastAction.ANNOUNCE, "hear, hear"))
        (ack,) = one.said
        assert isinstance(ack, BroadcastAck) and not ack.changed
        await one.flush()
        assert one.notices[1:] == [rpc.BroadcastNotice(announcement="hear, hear")]


async def test_a_standby_message_is_remembered_for_who_comes_later() -> None:
    async with on_air() as one:
        for _ in range(2):
            await one.publisher.direct(BroadcastCommand(BroadcastAction.STANDBY_MESSAGE, "Soon"))
        assert [ack.changed for ack in one.said if isinstance(ack, BroadcastAck)] == [True, False]
        assert (await one.standing()).standby_message == "Soon"


async def test_viewers_hear_of_other_languages_when_the_host_changes_them() -> None:
    async with on_air() as one:
        one.publisher.follow(SPEC)
        changed = replace(SPEC, tracks=(replace(SPEC.tracks[0], target_languages=("de",)),))
        one.publisher.follow(changed)
        await one.flush()
        assert [n.state.target_languages for n in one.notices[1:] if n.state] == [("de",)]


# The door


async def test_who_comes_and_who_goes_is_told_to_the_host() -> None:
    async with on_air(wish=BroadcastWish(max_viewers=1)) as one:
        reply = await one.report("v_1", "v_2")
        assert (reply.admitted, reply.queued, reply.state) == (("v_1",), 1, one.publisher.on_air.state)
        joined = ViewerJoined("v_1", "::1", "es", Audience(1, 1, 1, 1, SPANISH))
        assert one.said == [joined]
        await one.report(all=False, viewers=(), left=("v_1",))
        assert one.said[1:] == [
            ViewerJoined("v_2", "::1", "es", Audience(1, 0, 1, 2, SPANISH)),
            ViewerLeft("v_1", Audience(1, 0, 1, 2, SPANISH)),
        ]


async def test_it_is_watched_once_it_is_live_and_somebody_is_there() -> None:
    async with on_air() as one:
        await one.report("v_1")
        assert not one.publisher.watched
        await one.go_live()
        assert one.publisher.watched
        await one.report(all=False, viewers=(), left=("v_1",))
        assert not one.publisher.watched


async def test_an_edge_whose_viewer_was_let_in_meanwhile_is_called() -> None:
    async with on_air(wish=BroadcastWish(max_viewers=1)) as one:
        await one.report("v_1")
        await one.report("v_2", edge_id="e_3")
        await one.report(all=False, viewers=(), left=("v_1",))
        await one.flush()
        assert one.notices[-1] == rpc.BroadcastNotice(call=True)


async def test_at_another_edge_nobody_new_is_let_in_before_all_are_known() -> None:
    async with on_air(resumed=True) as one:
        assert (await one.report("v_1")).queued == 1


async def test_changes_of_speakers_and_new_translations_reach_the_viewers_once_it_is_live() -> None:
    change = rpc.SpeakerChange(kind=rpc.SpeakerChangeKind.RENAME, speaker="Guest-1", label="Ann")
    again = rpc.KeptTranslation(track=0, utterance=2, language="es", text="dos", revision=1)
    async with on_air() as one:
        one.publisher.rename(change)
        one.publisher.translated_again(again)
        await one.go_live()
        one.publisher.released(transcript(utterance=2, start_ms=10))
        one.publisher.rename(change)
        one.publisher.translated_again(replace(again, utterance=1))  # of the rehearsal
        one.publisher.translated_again(again)
        late = await one.report("v_1", catch_up=True)
        await one.flush()
        assert [notice.speakers for notice in one.notices if notice.speakers] == [change]
        assert [notice.translation for notice in one.notices if notice.translation] == [again]
        assert late.speakers == (change, change)


async def test_only_so_many_are_told_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TOLD", 2)
    async with on_air() as one:
        await one.report("v_1", "v_2", "v_3")
        assert len(one.said) == 2 and one.publisher.on_air.audience.viewers == 3


async def test_a_host_that_is_back_hears_the_figures_of_a_moment_ago() -> None:
    before = BroadcastStanding(session_id="s_1", started_at_ms=1, viewers=4, queued=2, peak=5, total=9)
    async with on_air(resumed=True, standing=before) as one:
        told = one.publisher.on_air.audience
        assert (told.viewers, told.queued, told.peak, told.total) == (4, 2, 5, 9)
    async with on_air(standing=before) as one:
        assert one.publisher.on_air.audience.viewers == 0


async def test_a_report_that_cannot_be_read_or_answered_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_air() as one:
        with capture_logs() as lines:
            await one.stored.mesh.nc.publish(subjects.broadcast_admission(one.token), b"\xff", reply="x")
            publish = one.stored.mesh.nc.publish

            async def broken(subject: str, payload: bytes, reply: str = "", **more: Any) -> None:
                if not reply:
                    raise NatsError
                await publish(subject, payload, reply, **more)

            monkeypatch.setattr(one.stored.mesh.nc, "publish", broken)
            door = subjects.broadcast_admission(one.token)
            await broken(door, codec.encode(rpc.AdmissionReport(edge_id="e_2", all=True)), reply="x")
        assert [line["event"] for line in lines] == [
            "report of viewers dropped",
            "report of viewers not answered",
        ]


# Time and the end


async def test_figures_are_told_when_they_change_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOOR_S", "COUNT_S"):
        monkeypatch.setattr(module, name, 0.001)
    async with on_air() as one:
        running = asyncio.create_task(one.publisher.run())
        await one.report("v_1")
        await until(lambda: any(isinstance(event, Audience) for event in one.said))
        await until(lambda: one.notices)
        await asyncio.sleep(0.01)  # counted some more times
        running.cancel()
        assert [event for event in one.said if isinstance(event, Audience)] == [Audience(1, 0, 1, 1, SPANISH)]
        assert (await one.standing()).peak == 1


async def test_viewers_of_an_edge_that_is_gone_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DOOR_S", 0.001)
    monkeypatch.setattr("dragoman_edge.broadcast.admission.GONE_S", -1.0)
    async with on_air() as one:
        await one.report("v_1")
        running = asyncio.create_task(one.publisher.run())
        await until(lambda: isinstance(one.said[-1], ViewerLeft))
        running.cancel()


async def test_what_was_not_stored_is_stored_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_air() as one:
        store, failures = one.stored.broadcasts.store, iter([MeshError(FaultCode.UNAVAILABLE)])

        async def failing(token: str, standing: BroadcastStanding) -> None:
            if (failure := next(failures, None)) is not None:
                raise failure
            await store(token, standing)

        monkeypatch.setattr(one.stored.broadcasts, "store", failing)
        with capture_logs() as lines:
            await one.go_live()
        assert [line["event"] for line in lines] == ["broadcast not stored"]
        assert (await one.standing()).show is ev.Show.STANDBY
        await one.publisher._count()
        assert (await one.standing()).show is ev.Show.LIVE


async def test_the_end_comes_after_everything_else() -> None:
    async with on_air() as one:
        await one.go_live()
        one.publisher.released(transcript())
        await one.publisher.end()
        assert one.events == [transcript()]
        assert one.notices[-1].state is not None and one.notices[-1].state.show is ev.Show.ENDED
        standing = await one.standing()
        assert standing.ended_at_ms and standing.show is ev.Show.ENDED
        assert not any(
            sub.pattern == subjects.broadcast_admission(one.token) for sub in one.stored.mesh.nc.subscriptions
        )


async def test_who_leaves_lets_another_edge_go_on() -> None:
    async with on_air() as one:
        await one.go_live()
        await one.publisher.leave()
        await one.publisher.leave()
        assert not (await one.standing()).ended_at_ms
        assert one.notices[-1].state == one.publisher.on_air.state


async def test_an_edge_that_begins_to_listen_gets_what_was_said_last() -> None:
    async with on_air() as one:
        await one.go_live()
        for event in (transcript("one"), translation("uno")):
            one.publisher.released(event)
        reply = await one.report("v_1", catch_up=True)
        assert [codec.decode_event(event) for event in reply.said] == [transcript("one"), translation("uno")]
        assert (await one.report("v_1")).said == ()


async def test_an_edge_that_takes_a_host_over_tells_what_was_said_at_the_one_before() -> None:
    live = BroadcastStanding(show=ev.Show.LIVE, session_id="s_1", live_from_ms=1500)
    spoken = (
        transcript("rehearsal"), translation("ensayo"), transcript("two", 2, start_ms=1000),
        translation("dos", 2),
    )  # fmt: skip
    async with on_air(resumed=True, standing=live, before=spoken) as one:
        one.publisher.released(translation("dos", 2))  # is read back, too
        one.publisher.released(transcript("three", 3))
        reply = await one.report("v_1", catch_up=True)
        assert [codec.decode_event(event) for event in reply.said] == [*spoken[2:], transcript("three", 3)]


async def test_a_host_that_begins_anew_has_said_nothing() -> None:
    live = BroadcastStanding(show=ev.Show.LIVE, session_id="s_1")
    async with on_air(standing=live, before=(transcript("one"),)) as one:
        assert (await one.report("v_1", catch_up=True)).said == ()

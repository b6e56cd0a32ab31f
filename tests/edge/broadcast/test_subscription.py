"""One broadcast at a replica: what its viewers get, and what the host's edge hears."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from nats.errors import Error as NatsError
from structlog.testing import capture_logs

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.broadcast import subscription as module
from dragoman_edge.broadcast.definition import BroadcastStanding
from dragoman_edge.broadcast.subscription import BroadcastSubscription, SubscriptionContext
from dragoman_edge.broadcast.viewer_stream import ViewerStream
from dragoman_edge.model.viewers import ViewerRequest
from tests.support.broadcasts import Host, Lines, Stored, lines_until, read, transcript, translation
from tests.support.recording_bus import until


@dataclass
class Replica:
    """One subscription, its host and its encoder."""

    stored: Stored
    subscription: BroadcastSubscription
    host: Host
    encoder: Lines
    forgotten: list[BroadcastSubscription]
    changes: list[int]

    entered: int = 0

    def enter(self, **watch: Any) -> ViewerStream:
        """One more viewer, later than those before."""
        stream = ViewerStream(ViewerRequest(self.subscription.token, **watch), "::1", 1 << 16)
        self.entered += 1
        stream.since_ms += self.entered
        self.subscription.enter(stream)
        return stream

    @property
    def listening(self) -> bool:
        """Whether the events of the broadcast are subscribed to."""
        shown = subjects.broadcast_show(self.subscription.token)
        return any(one.pattern == shown for one in self.stored.mesh.nc.subscriptions)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports follow each other at once."""
    for name in ("REPORT_S", "GATHER_S", "SUBSCRIBE_RETRY_S"):
        monkeypatch.setattr(module, name, 0.002)
    monkeypatch.setattr(module, "LINGER_S", 0.0)


@asynccontextmanager
async def replica(
    *, hosted: bool = True, limit: int = 0, host_back_s: float = 60.0, longest_s: float = 3600.0,
    standing: BroadcastStanding | None = None,
) -> AsyncIterator[Replica]:  # fmt: skip
    stored, encoder = Stored(), Lines()
    forgotten: list[BroadcastSubscription] = []
    changes: list[int] = []
    definition = await stored.made()
    context = SubscriptionContext(
        stored.mesh.bus, stored.broadcasts, "e_1", host_back_s, longest_s,
        changed=lambda: changes.append(1), forget=forgotten.append,
    )  # fmt: skip
    known = standing or BroadcastStanding()
    if standing is not None:
        await stored.broadcasts.store(definition.token, standing)
    host = Host(stored.mesh, definition.token, limit)
    if hosted:
        await host.begin()
    made = BroadcastSubscription(context, definition, known, encoder)
    yield Replica(stored, made, host, encoder, forgotten, changes)
    await made.close()
    assert stored.mesh.nc.errors == []


async def test_the_first_viewer_is_reported_and_let_in() -> None:
    async with replica() as one:
        assert one.subscription.waiting == 0
        stream = one.enter()
        assert one.subscription.waiting == 1
        assert await lines_until(stream, "placed 0 of 0") == ["state live", "placed 0 of 0"]
        first = one.host.reports[0]
        assert first.all and [viewer.id for viewer in first.viewers] == [stream.id]
        assert one.subscription.waiting == 0 and one.changes and one.listening


async def test_a_result_is_rendered_once_for_all_who_watch() -> None:
    async with replica(limit=2) as one:
        watching = [one.enter(), one.enter()]
        for stream in watching:
            await lines_until(stream, "placed 0 of 0")
        waiting = one.enter()
        await lines_until(waiting, "placed 1 of 1")
        before = one.encoder.rendered
        await one.host.show(transcript("one"))
        await one.host.show(transcript("one"))  # of a host that came back
        await one.host.notify(announcement="hear, hear")
        for stream in watching:
            found = await lines_until(stream, "announcement hear, hear")
            assert found == ["said one", "announcement hear, hear"]
        assert one.encoder.rendered == before + 2
        await one.host.notify(state=replace(one.host.state, standby_message="Soon"))
        assert await read(waiting) == ["state live"]


async def test_viewers_get_the_language_that_they_asked_for_as_the_host_wrote_it() -> None:
    async with replica() as one:
        spanish, french, both = one.enter(language="es"), one.enter(language="fr"), one.enter()
        for stream in (spanish, french, both):
            await lines_until(stream, "placed 0 of 0")
        await one.host.show(translation("uno"))
        await one.host.show(translation("un", language="fr"))
        await one.host.show(transcript("one"))
        assert await lines_until(spanish, "said one") == ["translated uno", "said one"]
        assert await lines_until(french, "said one") == ["translated un", "said one"]
        assert await lines_until(both, "said one") == ["translated uno", "translated un", "said one"]


async def test_a_place_that_gets_free_is_the_next_viewers() -> None:
    async with replica(limit=1) as one:
        first, second = one.enter(), one.enter()
        await lines_until(first, "placed 0 of 1")
        await lines_until(second, "placed 1 of 1")
        one.subscription.leave(first)
        await lines_until(second, "placed 0 of 0")
        assert first.id in {name for report in one.host.reports for name in report.left}


async def test_who_comes_late_or_back_gets_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINGER_S", 60.0)
    async with replica() as one:
        first = one.enter(language="es")
        await lines_until(first, "placed 0 of 0")
        for event in (transcript("one"), translation("uno"), translation("un", language="fr")):
            await one.host.show(event)
        await lines_until(first, "translated uno")
        late = one.enter(language="es")
        assert (await lines_until(late, "translated uno"))[-2:] == ["said one", "translated uno"]
        for stream in (first, late):
            one.subscription.leave(stream)
        await until(lambda: not one.subscription._roster.pending)
        await one.host.show(transcript("two", utterance=2))
        back = one.enter(language="es", last_id="said one")
        assert (await lines_until(back, "said two"))[-2:] == ["translated uno", "said two"]
        assert one.forgotten == []


async def test_the_first_viewer_here_gets_what_was_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica() as one:
        said = (transcript("one"), translation("uno"), translation("un", language="fr"))
        told = one.host.answer
        one.host.answer = lambda report: replace(
            told(report), said=tuple(codec.encode_event(event) for event in said) if report.catch_up else ()
        )
        stream = one.enter(language="es")
        assert (await lines_until(stream, "translated uno"))[-2:] == ["said one", "translated uno"]
        for event in (translation("uno"), transcript("two", utterance=2)):
            await one.host.show(event)
        assert (await lines_until(stream, "said two")) == ["said two"]  # and nothing twice
        await until(lambda: len(one.host.reports) > 1)
        assert [report.catch_up for report in one.host.reports][:2] == [True, False]


async def test_a_viewer_who_comes_back_takes_the_place_of_its_old_stream() -> None:
    async with replica(limit=1) as one:
        old = one.enter(key="k" * 16)
        await lines_until(old, "placed 0 of 0")
        back = one.enter(key="k" * 16)
        assert back.id == old.id and await read(old) is None
        await lines_until(back, "placed 0 of 0")
        one.subscription.leave(old)
        await one.host.show(transcript("one"))
        await lines_until(back, "said one")
        assert not any(report.left for report in one.host.reports)


async def test_with_the_last_viewer_the_subscription_is_over() -> None:
    async with replica() as one:
        stream = one.enter()
        await lines_until(stream, "placed 0 of 0")
        one.subscription.leave(stream)
        one.subscription.leave(stream)
        await until(lambda: one.forgotten)
        assert one.forgotten == [one.subscription] and not one.listening
        assert one.host.reports[-1].left == (stream.id,)


async def test_the_end_of_a_broadcast_is_the_end_of_its_streams() -> None:
    async with replica() as one:
        stream = one.enter()
        await lines_until(stream, "placed 0 of 0")
        await one.host.notify(state=replace(one.host.state, show=ev.Show.ENDED))
        assert await read(stream) == ["state ended"] and await read(stream) is None
        await until(lambda: one.forgotten)


async def test_a_state_that_was_overtaken_is_not_shown() -> None:
    async with replica() as one:
        stream = one.enter()
        await lines_until(stream, "placed 0 of 0")
        await one.host.notify(state=replace(one.host.state, show=ev.Show.STANDBY))
        await one.host.notify(state=one.host.state)  # the same again
        await one.host.notify(announcement="x")
        assert await lines_until(stream, "announcement x") == ["announcement x"]


async def test_a_new_edge_of_the_host_hears_of_every_viewer() -> None:
    async with replica() as one:
        stream = one.enter()
        await lines_until(stream, "placed 0 of 0")
        await until(lambda: len(one.host.reports) > 1 and not one.host.reports[-1].all)
        count = len(one.host.reports)
        await one.host.notify(call=True)
        await until(lambda: len(one.host.reports) > count)
        assert not any(report.all for report in one.host.reports[count:])
        await one.host.notify(state=one.host.state, call=True)
        await until(lambda: any(report.all for report in one.host.reports[count:]))


async def test_an_edge_that_does_not_know_this_one_is_told_of_every_viewer() -> None:
    async with replica() as one:
        replies = iter([rpc.AdmissionReply(unknown=True)])
        admitted = one.host.answer
        one.host.answer = lambda report: next(replies, None) or admitted(report)
        await lines_until(one.enter(), "placed 0 of 0")
        assert [report.all for report in one.host.reports[:2]] == [True, True]


async def test_an_answer_that_cannot_be_read_is_asked_for_again() -> None:
    async with replica(hosted=False) as one:
        door = subjects.broadcast_admission(one.subscription.token)

        async def babble(msg: Any) -> None:
            await one.stored.mesh.nc.publish(msg.reply, b"\xff")

        babbling = await one.stored.mesh.nc.subscribe(door, cb=babble)
        stream = one.enter()
        await until(lambda: one.changes)
        await babbling.unsubscribe()
        await one.host.begin()
        await lines_until(stream, "placed 0 of 0")
        assert one.host.reports[0].all


async def test_without_a_host_viewers_wait_and_who_watches_goes_on() -> None:
    async with replica(hosted=False) as one:
        stream = one.enter()
        assert await lines_until(stream, "placed None of 0") == ["placed None of 0"]
        await one.host.begin()
        await lines_until(stream, "placed 0 of 0")
        await one.host.leave()
        late = one.enter()
        await lines_until(late, "placed None of 0")
        await one.host.show(transcript("one"))
        assert await read(stream) == ["said one"]


async def test_a_host_that_does_not_come_back_has_ended_the_broadcast() -> None:
    begun = BroadcastStanding(session_id="s_1", show=ev.Show.LIVE, started_at_ms=1)
    async with replica(hosted=False, host_back_s=-1.0, standing=begun) as one:
        stream = one.enter()
        assert "state ended" in await lines_until(stream, "state ended")
        assert (await one.stored.broadcasts.standing(one.subscription.token)).ended_at_ms


async def test_an_end_that_was_missed_is_found() -> None:
    ended = BroadcastStanding(show=ev.Show.ENDED, started_at_ms=1, ended_at_ms=2)
    async with replica(hosted=False, host_back_s=-1.0, standing=ended) as one:
        one.subscription._state = replace(ended.state, show=ev.Show.LIVE)  # as it was when this edge looked
        await lines_until(one.enter(), "state ended")


async def test_nobody_stays_for_ever() -> None:
    async with replica(longest_s=-1.0) as one:
        stream = one.enter()
        await lines_until(stream, "placed 0 of 0")
        assert await read(stream) is None


async def test_a_quiet_stream_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_ALIVE_S", -1.0)
    async with replica() as one:
        assert ": keep-alive" in await lines_until(one.enter(), ": keep-alive")


@pytest.mark.parametrize(
    ("standing", "known"),
    [
        (BroadcastStanding(), ["en", "es-MX", "fr", ""]),
        (BroadcastStanding(source_languages=("de",), target_languages=("it",)), ["de-AT", "it", ""]),
    ],
)
async def test_a_language_that_nothing_will_come_in_is_refused(
    standing: BroadcastStanding, known: list[str]
) -> None:
    async with replica(standing=standing) as one:
        for language in known:
            one.subscription.check(ViewerRequest("a3f9", language))
        with pytest.raises(PeerError) as refused:
            one.subscription.check(ViewerRequest("a3f9", "ja"))
        assert refused.value.code is FaultCode.UNSUPPORTED_LANGUAGE


async def test_what_cannot_be_read_is_dropped() -> None:
    async with replica() as one:
        stream = one.enter()
        await lines_until(stream, "placed 0 of 0")
        with capture_logs() as lines:
            for subject in (subjects.broadcast_event, subjects.broadcast_notice):
                await one.stored.mesh.nc.publish(subject(one.subscription.token), b"\xff")
        assert [line["event"] for line in lines] == ["message for viewers dropped"] * 2
        await one.host.show(transcript("one"))
        assert await read(stream) == ["said one"]


async def test_a_bus_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica() as one:
        subscribe, failures = one.stored.mesh.nc.subscribe, iter([NatsError()])

        async def failing(*args: Any, **options: Any) -> Any:
            if (failure := next(failures, None)) is not None:
                raise failure
            return await subscribe(*args, **options)

        monkeypatch.setattr(one.stored.mesh.nc, "subscribe", failing)
        await lines_until(one.enter(), "placed 0 of 0")


async def test_a_bug_ends_the_streams_and_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica() as one:

        def broken(_: rpc.AdmissionReport) -> rpc.AdmissionReply:
            return rpc.AdmissionReply(admitted=("nobody here",))

        one.host.answer = broken
        monkeypatch.setattr(one.subscription, "_keep_alive", lambda: 1 / 0)
        with capture_logs() as lines:
            stream = one.enter()
            assert await read(stream) is None
        assert [line["event"] for line in lines] == ["unexpected error among viewers"]
        assert one.forgotten == [one.subscription]


async def test_a_replica_that_stops_closes_its_streams() -> None:
    async with replica() as one:
        stream = one.enter()
        await lines_until(stream, "placed 0 of 0")
        await one.subscription.close()
        assert await read(stream) is None and not one.listening
        assert len(asyncio.all_tasks()) == 1

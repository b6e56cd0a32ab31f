"""A session put together: its client is told of what is released, and only of what it asked for."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.media.recogniser import RecogniserSession
from dragoman_edge.model.commands import JOBS, Open, TextRequest
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.model.events import Opened, Resumed
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.session.assembly import Assembly, Hooks
from dragoman_edge.session.context import Takeover
from dragoman_edge.session.state import Move, Phase, SessionState
from tests.support.factories import WINDOW_S, edge_context, grant, spec
from tests.support.fake_bus import FakeMesh
from tests.support.mesh_events import chunk, ended, final, interim, rough, translation

USAGE = ev.Usage(session_id="s_1", sequence=4, recognised_ms=1000, translated_ms=0, synthesised_ms=0)


class Assembled:
    """The parts of a session over a bus in memory; nobody runs them."""

    def __init__(
        self, wanted: Open | None = None, taken: Takeover | None = None, usage: ev.Usage | None = None
    ) -> None:
        self.mesh = FakeMesh()
        self.state = SessionState(Phase.OPENING)
        self.said: list[Any] = []
        self.failed: list[BaseException] = []
        hooks = Hooks(
            self.failed.append, lambda: self.said.append("complete"), _steer, _nobody, self.said.append
        )
        self.made = Assembly(
            edge_context(self.mesh), wanted or Open(spec()), grant(), usage, taken, self.state, hooks
        )

    async def live(self) -> Assembly:
        await self.made.results.listen()
        self.state.move(Move.BEGIN)
        await self.made.recognisers.start()
        return self.made

    async def sent(self) -> list[Any]:
        """What waits for the client."""
        self.made.send_queue.close()
        found = []
        while (item := await self.made.send_queue.get()) is not None:
            found.append(item)
        self.mesh.fall_silent()
        return found


async def _steer(event: ev.Heartbeat | ev.EndSession) -> None: ...


def _nobody() -> SessionCheckpoint | None:
    return None


async def test_what_is_released_is_metered_and_sent() -> None:
    assembled = Assembled(Open(spec(speech=True)))
    made = await assembled.live()
    events: list[ev.Event] = [interim(1, 1), final(1), translation(1), chunk(1, 0, 16_000, 16_000)]
    for event in events:
        await made.results.take(event)
    assert made.meter.figures() == {"recognised_ms": 0, "translated_ms": 1, "synthesised_ms": 1000}
    assert made.times.result > 0
    assert await assembled.sent() == events


async def test_the_end_of_a_track_is_not_the_clients_business() -> None:
    assembled = Assembled()
    made = await assembled.live()
    await made.results.take(ended(0))
    assert await assembled.sent() == [] and assembled.said == ["complete"]


async def test_a_client_is_told_of_its_session() -> None:
    plain, resumable = Assembled(), Assembled(Open(spec(), resumable=True))
    opened = plain.made.opened(None)
    assert isinstance(opened, Opened)
    assert (opened.session_id, opened.resume_token, opened.resume_window_ms) == ("s_1", "", 0)
    assert opened.resumed is None and opened.on_air is None
    known = resumable.made.opened(Resumed(spec(), 7))
    assert known.resume_token.startswith("s_1.") and known.resume_window_ms == WINDOW_S * 1000
    assert known.resumed == Resumed(spec(), 7) and known.notices == ()


async def test_a_state_is_told_to_the_client() -> None:
    assembled = Assembled()
    assembled.made.tell(ev.State.RECOVERING)
    assert await assembled.sent() == [ev.Status(session_id="s_1", state=ev.State.RECOVERING)]


async def test_a_record_is_enough_to_go_on_elsewhere() -> None:
    first = Assembled(Open(spec(), resumable=True), usage=USAGE)
    made = await first.live()
    await made.intake.audio(bytes(32_000))
    await made.results.take(final(1, speech=False))
    first.mesh.fall_silent()
    record = SessionCheckpoint.model_validate_json(made.record().model_dump_json())
    assert record.usage["recognised_ms"] == 2000
    taken = Takeover(record, made.positions.token, DeliveryCounts(), None, {})
    again = Assembled(Open(record.wanted(), resumable=True), taken, replace(USAGE, sequence=9)).made
    assert again.results.order.next_utterance(0) == 2
    assert again.meter.figures()["recognised_ms"] == 2000
    assert again.opened(None).resume_token == made.positions.token


async def test_an_edge_that_fails_while_it_takes_a_session_loses_neither_recognisers_nor_results() -> None:
    """Its first record says nothing of links that it does not have yet."""
    first = Assembled(Open(spec(), resumable=True))
    made = await first.live()
    record = made.record().model_copy(update={"since": {"DRAGOMAN_EVENTS": 7}})
    taken = Takeover(record, made.positions.token, DeliveryCounts(), None, {})
    again = Assembled(Open(record.wanted(), resumable=True), taken).made
    (known,) = record.links
    assert known.worker_id and known.epoch == 1
    assert (again.record().links, again.record().since) == ([known], record.since)
    await again.adopt(taken)
    assert again.record().links[0].worker_id == known.worker_id


# Changes


async def test_a_track_joins_and_all_hear_of_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    assembled = Assembled()
    made = await assembled.live()
    updated: list[int] = []
    update = RecogniserSession.update

    async def noted(link: RecogniserSession, *orders: Any) -> None:
        updated.append(link.track)
        await update(link, *orders)

    monkeypatch.setattr(RecogniserSession, "update", noted)
    both = spec(tracks=tuple(ev.TrackSpec(track=n, source_languages=("de",)) for n in (0, 1)))
    await made.update(both)
    assert made.spec is both and updated == [0, 1]
    assert [started.spec.source_languages for started in assembled.mesh.started] == [("en",), ("de",)]
    assembled.mesh.fall_silent()


async def test_a_track_without_a_recogniser_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assembled = Assembled()
    made = await assembled.live()
    before = made.spec

    async def full(track: ev.TrackSpec) -> None:
        raise MeshError(FaultCode.BUSY, "full")

    monkeypatch.setattr(made.recognisers, "join", full)
    with pytest.raises(MeshError):
        await made.update(spec(tracks=tuple(ev.TrackSpec(track=n) for n in (0, 1))))
    assert made.spec is before
    assembled.mesh.fall_silent()


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.update(spec(interim=False)),
        lambda made: made.job(TextRequest(1, "hello", "en", ("es",))),
        lambda made: made.direct(None),
    ],
    ids=["update", "job", "broadcast"],
)
async def test_nothing_is_changed_after_the_end(change: Callable[[Assembly], Awaitable[None]]) -> None:
    assembled = Assembled()
    before = assembled.made.spec
    await change(assembled.made)
    assert assembled.made.spec is before and not assembled.mesh.stored


async def test_a_text_is_translated_beside_the_speech() -> None:
    assembled = Assembled()
    made = await assembled.live()
    await made.job(TextRequest(1, "hello", "en", ("es",)))
    await made.results.take(translation(1, track=JOBS))
    assert await assembled.sent() == [translation(1, track=JOBS)]
    assert len(assembled.mesh.stored) == 1


async def test_a_steady_client_is_shown_what_is_concluded_also_at_the_next_edge() -> None:
    """What was shown goes into the record; the final begins with it wherever it is released."""
    wanted = Open(spec(stability=ev.Stability.STEADY), resumable=True)
    here = Assembled(wanted)
    made = await here.live()
    for revision, text in enumerate(("uno dos tres", "uno dos tres cuatro"), 1):
        heard = replace(interim(1, revision), text="one two three four " * revision, stable_length=99)
        await made.results.take(heard)
        await made.results.take(replace(rough(1, revision), text=text))
    record = made.record()
    shown = [item.text for item in await here.sent() if isinstance(item, ev.Translation)]
    assert shown == ["uno dos"]
    there = Assembled(wanted, Takeover(record, "token", DeliveryCounts(), None, {}))
    there.state.move(Move.BEGIN)
    there.made.results.release([replace(translation(1), text="Un dos tres cuatro.")])
    (last,) = [item for item in await there.sent() if isinstance(item, ev.Translation)]
    assert last.text == "uno dos tres cuatro."

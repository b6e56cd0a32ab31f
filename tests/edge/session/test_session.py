"""One session over a bus in memory: its life, its recognisers, who may end it."""

import asyncio
from typing import Any

import pytest
from prometheus_client import REGISTRY

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.model.commands import Open
from dragoman_edge.model.events import Opened
from dragoman_edge.session import ownership, recognisers, running_parts
from dragoman_edge.session.report import ClientGoneError
from dragoman_edge.session.session import Session
from dragoman_edge.session.state import IllegalMoveError, Move, Phase
from tests.support.edge_under_test import until
from tests.support.factories import edge_context
from tests.support.fake_bus import ACCOUNT, FakeMesh
from tests.support.waiting import WAIT_S


@pytest.fixture(autouse=True)
def ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_parts, "TICK_S", 0.02)
    monkeypatch.setattr(ownership, "RECORD_EVERY_S", 0.1)


TRACK = ev.TrackSpec(source_languages=("en",), target_languages=("es",))
SECOND = bytes(32_000)


class RunningSession:
    """A session that runs, and what its client was sent."""

    def __init__(self, mesh: FakeMesh, resumable: bool, speech: bool, settings: dict[str, Any]) -> None:
        self.mesh = mesh
        self.spec = ev.Spec(dialect="test", tracks=(TRACK,), translate=True, speech=speech, interim=True)
        grant = ev.Grant(
            session_id="s_1", account_id=ACCOUNT, key_id="k", tier="t", lease_ttl_ms=60_000,
            credits_remaining=1,
        )  # fmt: skip
        wanted = Open(self.spec, resumable=resumable)
        self.live = Session(edge_context(mesh, **settings), wanted, rpc.OpenReply(grant=grant))
        self.sent: list[Any] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        await self.live.begin()
        self._tasks = [asyncio.create_task(self.live.run()), asyncio.create_task(self._write())]

    async def _write(self) -> None:
        while (item := await self.live.send_queue.get()) is not None:
            self.sent.append(item)
            self.live.mark_sent(item)

    async def over(self) -> str:
        """Wait for its end; what accounts were told."""
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(*self._tasks)
        self.mesh.fall_silent()
        return self.mesh.closed[-1].reason if self.mesh.closed else ""

    def of(self, kind: type[Any]) -> list[Any]:
        return [item for item in self.sent if isinstance(item, kind)]


async def session(
    mesh: FakeMesh, resumable: bool = False, speech: bool = False, **settings: Any
) -> RunningSession:
    made = RunningSession(mesh, resumable, speech, settings)
    await made.begin()
    return made


def final(utterance: int = 1, spec: ev.Spec | None = None, epoch: int = 1) -> ev.Transcript:
    speech = spec is not None and spec.speech
    return ev.Transcript(
        session_id="s_1", track=0, epoch=epoch, utterance=utterance, revision=1, final=True, text="hello",
        language="en", start_ms=0, duration_ms=500, covered_samples=8000,
        work=ev.WorkOrder(target_languages=("es",), speech=speech),
    )  # fmt: skip


def translation(utterance: int = 1, speech: bool = False) -> ev.Translation:
    return ev.Translation(
        session_id="s_1", track=0, epoch=1, utterance=utterance, revision=1, final=True, language="es",
        text="hola", source_language="en", source_text="hello", start_ms=0, duration_ms=500,
        work=ev.WorkOrder(target_languages=("es",), speech=speech),
    )  # fmt: skip


def chunk(offset: int, last: bool) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s_1", track=0, epoch=1, utterance=1, language="es", sample_offset=offset,
        audio=bytes(3200), last=last,
    )  # fmt: skip


async def test_a_session_from_its_beginning_to_its_settlement() -> None:
    mesh = FakeMesh(last_utterance=1)
    made = await session(mesh)
    await made.live.audio(SECOND)
    await mesh.store_event(final())
    await made.live.finish()
    assert made.live.state.phase is Phase.ENDING
    await mesh.store_event(translation())
    assert await made.over() == "ended"
    assert made.live.outcome.result() is None and str(made.live.state.phase) == Phase.ENDED
    assert isinstance(made.sent[0], Opened)
    assert [made.of(kind)[-1].text for kind in (ev.Transcript, ev.Translation)] == ["hello", "hola"]
    assert made.of(ev.Status)[-1].state is ev.State.ENDED
    assert mesh.closed[0].usage.recognised_ms == 1000 and mesh.closed[0].usage.closing


async def test_it_is_settled_once_whatever_comes_after() -> None:
    mesh = FakeMesh()
    made = await session(mesh)
    made.live.fail(PeerError(FaultCode.BAD_REQUEST, "no"))
    made.live.fail(ClientGoneError(goodbye=True))
    assert await made.over() == "bad_request"
    made.live.fail(RuntimeError("too late"))
    await made.live.finish()
    made.live.detach()
    assert made.live.state.phase is Phase.ENDED and len(mesh.closed) == 1
    with pytest.raises(IllegalMoveError):
        made.live.state.move(Move.SETTLE)


async def test_a_bug_counts_more_than_the_refusal_before_it() -> None:
    made = await session(FakeMesh())
    made.live.fail(PeerError(FaultCode.BAD_REQUEST, "no"))
    made.live.fail(RuntimeError("a bug"))
    assert await made.over() == "internal"


async def test_a_step_of_the_end_that_fails_does_not_keep_accounts_from_hearing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await session(FakeMesh())

    async def broken() -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(made.live.made.recognisers, "release", broken)
    await made.live.finish(PeerError(FaultCode.IDLE, "no audio"))
    assert await made.over() == "idle"


# Recognisers


async def test_a_recogniser_that_is_silent_is_replaced() -> None:
    mesh = FakeMesh(silent=True)
    made = await session(mesh, heartbeat_timeout_s=0.3)
    await until(lambda: len(made.of(ev.Status)) >= 2)
    states = [status.state for status in made.of(ev.Status)]
    assert states[:2] == [ev.State.RECOVERING, ev.State.CONNECTED] and mesh.started[1].epoch == 2
    made.live.fail(ClientGoneError(goodbye=True))
    await made.over()


async def test_a_recogniser_that_ended_as_it_was_told_is_not_replaced_while_speech_is_to_come() -> None:
    """W17: long speech was cut, and another recogniser asked for every two seconds."""
    mesh = FakeMesh(last_utterance=1)
    made = await session(mesh, speech=True, heartbeat_timeout_s=1.0, finish_s=1.2)
    await made.live.audio(SECOND)
    await mesh.store_event(final(spec=made.spec))
    await made.live.finish()
    await mesh.store_event(translation(speech=True))
    for part in range(6):  # longer than `finish_s` in all, and never so long between two
        await asyncio.sleep(0.25)
        await mesh.store_event(chunk(part * 1600, last=part == 5))
    assert await made.over() == "ended"
    assert len(mesh.started) == 1
    assert len(made.of(ev.SpeechChunk)) == 6
    assert ev.State.RECOVERING not in [status.state for status in made.of(ev.Status)]


async def test_a_recogniser_that_dies_after_it_was_told_to_end_is_replaced() -> None:
    mesh = FakeMesh(ends=False)
    made = await session(mesh, heartbeat_timeout_s=0.3)
    await made.live.finish()
    mesh.fall_silent()
    mesh.ends = True
    await until(lambda: len(mesh.started) == 2)
    assert await made.over() == "ended"


async def test_results_that_do_not_come_end_the_session_in_the_end() -> None:
    mesh = FakeMesh(last_utterance=1)
    made = await session(mesh, finish_s=0.3)
    labels = {"dialect": made.live.spec.dialect, "stage": "translation", "code": "timeout"}
    before = REGISTRY.get_sample_value("dragoman_edge_failures_total", labels) or 0
    await mesh.store_event(final())
    await made.live.finish()
    assert await made.over() == "timeout"
    assert isinstance(made.live.outcome.result(), MeshError)
    assert (REGISTRY.get_sample_value("dragoman_edge_failures_total", labels) or 0) == before + 1


async def test_a_mixed_fleet_is_asked_again_until_one_can(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = FakeMesh(refusal=rpc.Fault(code=FaultCode.UNSUPPORTED_LANGUAGE), silent=True)
    made = await session(mesh, heartbeat_timeout_s=0.2)
    await until(lambda: ev.State.RECOVERING in [status.state for status in made.of(ev.Status)])
    await asyncio.sleep(0.5)
    mesh.refusal, mesh.silent = None, False
    await until(lambda: ev.State.CONNECTED in [status.state for status in made.of(ev.Status)])
    made.live.fail(ClientGoneError(goodbye=True))
    assert await made.over() == "ended"


async def test_a_successor_that_refuses_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognisers, "REFUSED_TRIES_S", 0.3)
    mesh = FakeMesh(refusal=rpc.Fault(code=FaultCode.UNSUPPORTED_LANGUAGE), silent=True)
    made = await session(mesh, heartbeat_timeout_s=0.2)
    assert await made.over() == "internal"


# Money


async def test_a_lease_that_is_refused_lets_what_is_in_hand_go_out() -> None:
    mesh = FakeMesh(renewal=rpc.Fault(code=FaultCode.INSUFFICIENT_CREDITS), last_utterance=1)
    made = RunningSession(mesh, False, False, {})
    made.live.made.lease._grant = ev.Grant(  # renewed soon
        session_id="s_1", account_id=ACCOUNT, key_id="k", tier="t", lease_ttl_ms=300, credits_remaining=1
    )
    await made.begin()
    await mesh.store_event(final())
    await until(lambda: made.live.state.phase is Phase.ENDING)
    await mesh.store_event(translation())
    assert await made.over() == "insufficient_credits"
    assert [item.text for item in made.of(ev.Translation)] == ["hola"]


# Without its client


async def test_a_session_whose_client_does_not_come_back() -> None:
    mesh = FakeMesh()
    made = await session(mesh, resumable=True)
    made.live.made.deadlines._window_s = 0.3
    made.live.detach()
    assert made.live.state.phase is Phase.DETACHED
    assert await made.over() == "session_ended"


async def test_a_session_that_is_taken_away_is_not_settled_here() -> None:
    mesh = FakeMesh()
    made = await session(mesh, resumable=True)
    made.live.detach()
    given, links = made.live.taken_away()
    assert given.records[0].session_id == "s_1" and links[0].worker_id
    assert await made.over() == ""
    assert made.live.state.phase is Phase.HANDED_OVER and not mesh.closed
    assert ev.Action.CANCEL not in [control.action for control in mesh.controls]


async def test_another_edge_is_given_the_session_when_it_asks() -> None:
    mesh = FakeMesh()
    made = await session(mesh, resumable=True)
    answer = await mesh.nc.request("dragoman.v1.session.s_1.handover", b"", timeout=WAIT_S)
    assert b'"session_id":"s_1"' in answer.data
    assert await made.over() == ""
    assert made.live.state.phase is Phase.HANDED_OVER


async def test_an_edge_that_lost_a_session_leaves_it_alone() -> None:
    mesh = FakeMesh()
    made = await session(mesh, resumable=True)
    stolen = made.live.made.record().model_copy(update={"writer": "h_other"})
    await mesh.js.publish("dragoman.v1.session.s_1.record", stolen.model_dump_json().encode(), 1, {})
    assert await made.over() == ""
    assert made.live.state.phase is Phase.HANDED_OVER
    error = made.live.outcome.result()
    assert error is not None and error.code is FaultCode.DRAINING


async def test_a_replica_that_stops_hands_over_what_can_be_resumed_and_ends_the_rest() -> None:
    kept, ended = FakeMesh(), FakeMesh()
    resumable, other = await session(kept, resumable=True), await session(ended)
    await asyncio.gather(resumable.live.drain(), other.live.drain())
    assert (await resumable.over(), await other.over()) == ("", "draining")
    assert all(made.live.outcome.result().code is FaultCode.DRAINING for made in (resumable, other))  # type: ignore[union-attr]


async def test_a_session_at_rest_is_cut_without_what_came_after_its_last_sentence() -> None:
    mesh = FakeMesh()
    made = await session(mesh)
    await until(lambda: made.live.at_rest)
    await made.live.audio(SECOND)
    await made.live.drain()
    assert await made.over() == "draining"
    assert ev.Action.END not in [control.action for control in mesh.controls]
    assert [usage.closing for usage in made.of(ev.Usage)] == [True]


async def test_a_session_that_waits_for_a_result_gets_it_before_it_is_cut() -> None:
    mesh = FakeMesh(last_utterance=1)
    made = await session(mesh)
    await until(lambda: made.live.at_rest)
    await mesh.store_event(final())
    await until(lambda: bool(made.of(ev.Transcript)))
    assert not made.live.at_rest
    await made.live.drain()
    await mesh.store_event(translation())
    assert await made.over() == "draining"
    assert [one.text for one in made.of(ev.Translation)] == ["hola"]


async def test_what_did_not_begin_is_settled_as_that() -> None:
    mesh = FakeMesh()
    made = RunningSession(mesh, False, False, {})
    mesh.started.append(rpc.StartTrack(session_id="", track=0, epoch=0, first_utterance=1, first_sample=0))
    mesh.refusal = rpc.Fault(code=FaultCode.ENGINE_FAILED)
    with pytest.raises(MeshError):
        await made.live.begin()
    await made.live.give_up()
    assert [closed.reason for closed in mesh.closed] == ["not_begun"]
    assert made.live.state.phase is Phase.ENDED and not mesh.nc.subscriptions

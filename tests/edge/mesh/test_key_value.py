"""What REST endpoints remember, in a stream in memory; on a server: test_key_value_nats.py."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.mesh.key_value import KeyValueStore
from dragoman_edge.model.requests import EndLive, Find, IsLive, Keep, Names
from dragoman_edge.resume.checkpoint import SessionCheckpoint, pack, store
from tests.support.factories import SPEC
from tests.support.fake_bus import FakeMesh, FakeStreams

LIVE_FOR_S = 5.0


def resources(mesh: FakeMesh) -> KeyValueStore:
    return KeyValueStore(mesh.bus, LIVE_FOR_S)


class BrokenStreams(FakeStreams):
    """A JetStream that answers everything with one failure."""

    def __init__(self, failure: Exception) -> None:
        super().__init__()
        self._failure = failure

    async def publish(self, *_: Any, **__: Any) -> Any:
        raise self._failure

    get_last_msg = stream_info = purge_stream = get_msg = publish


async def test_the_newest_value_of_a_key_is_found() -> None:
    made = resources(FakeMesh())
    assert await made.answer(Find("acc_1.a.b")) is None
    assert await made.answer(Keep("acc_1.a.b", "1")) == "1"
    assert await made.answer(Keep("acc_1.a.b", "2")) == "2"
    assert await made.answer(Find("acc_1.a.b")) == "2"


async def test_only_the_first_is_kept_where_only_a_new_one_is_wanted() -> None:
    made = resources(FakeMesh())
    tries = [made.keep("acc_1.once", str(n), only_new=True) for n in range(5)]
    assert await asyncio.gather(*tries) == ["0"] * 5


async def test_names_are_those_of_one_prefix_in_order() -> None:
    made = resources(FakeMesh())
    for name in ("c", "a", "b"):
        await made.keep(f"acc_1.session.{name}", name)
    await made.keep("acc_2.session.d", "d")
    await made.keep("acc_1.other.e", "e")
    assert await made.answer(Names("acc_1.session")) == ["a", "b", "c"]
    assert await made.answer(Names("acc_3.session")) == []


async def test_a_session_is_ended_by_an_event() -> None:
    mesh, ends = FakeMesh(), []

    async def heard(subject: str, payload: bytes) -> None:
        ends.append(subject)

    mesh.nc.on_publish = heard
    await resources(mesh).answer(EndLive("s_1"))
    assert len(ends) == 1 and "s_1" in ends[0]


@pytest.mark.parametrize(
    ("age_ms", "ended", "live"), [(0, False, True), (0, True, False), (60_000, False, False)]
)
async def test_a_session_is_live_while_its_record_is_young(age_ms: int, ended: bool, live: bool) -> None:
    mesh = FakeMesh()
    assert await resources(mesh).answer(IsLive("s_1")) is False
    await store(mesh.bus, record(age_ms, ended=ended), 0)
    assert await resources(mesh).answer(IsLive("s_1")) is live


def record(age_ms: int, *, ended: bool) -> SessionCheckpoint:
    return SessionCheckpoint(
        session_id="s_1", account_id="acc_1", token_hash="h", spec=pack(SPEC), audio_in={}, audio_out={},
        started_at_ms=1, at_ms=int(time.time() * 1000) - age_ms, since={}, delivered={}, cursor={},
        links=[], usage={}, ended=ended,
    )  # fmt: skip


# Reservations


async def test_a_life_is_claimed_by_one_and_ends_once() -> None:
    made = resources(FakeMesh())
    assert [await made.claim("acc_1", "sess_1") for _ in range(3)] == [True, False, False]
    await made.end("acc_1", "sess_1", "first")
    await made.end("acc_1", "sess_1", "second")
    life = await made.life("acc_1", "sess_1")
    assert life.reason == "first" and life.ended_at_ms >= life.started_at_ms > 0


async def test_a_life_that_did_not_begin_may_be_claimed_again() -> None:
    made = resources(FakeMesh())
    assert await made.claim("acc_1", "sess_1")
    await made.unclaim("acc_1", "sess_1")
    assert await made.claim("acc_1", "sess_1")


async def test_a_life_that_nobody_claimed_begins_now() -> None:
    life = await resources(FakeMesh()).life("acc_1", "sess_1")
    assert life.started_at_ms > 0 and not life.ended_at_ms and not life.claim


# Outages


CALLS: list[Callable[[KeyValueStore], Awaitable[Any]]] = [
    lambda made: made.answer(Keep("a.b", "1")),
    lambda made: made.answer(Keep("a.b", "1", only_new=True)),
    lambda made: made.answer(Find("a.b")),
    lambda made: made.answer(Names("a")),
    lambda made: made.unclaim("acc_1", "s"),
    lambda made: made.claim("acc_1", "s"),
    lambda made: made.end("acc_1", "s", "x"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("failure", [NatsError(), TimeoutError()])
async def test_without_the_bus_nothing_is_remembered(
    call: Callable[[KeyValueStore], Awaitable[Any]], failure: Exception
) -> None:
    mesh = FakeMesh(js=BrokenStreams(failure))
    with pytest.raises(MeshError) as failed:
        await call(resources(mesh))
    assert (failed.value.code, failed.value.retry_after_ms) == (FaultCode.UNAVAILABLE, 1000)


async def test_another_error_of_the_stream_is_no_value_that_is_there() -> None:
    mesh = FakeMesh(js=BrokenStreams(APIError(code=503, err_code=10023)))
    with pytest.raises(MeshError) as failed:
        await resources(mesh).keep("a.b", "1", only_new=True)
    assert failed.value.code is FaultCode.UNAVAILABLE


@pytest.mark.parametrize("only_new", [True, False])
async def test_a_full_stream_is_told_apart_from_an_outage(only_new: bool) -> None:
    mesh = FakeMesh(js=BrokenStreams(APIError(code=503, err_code=10077)))
    with pytest.raises(MeshError) as failed:
        await resources(mesh).keep("a.b", "1", only_new=only_new)
    assert failed.value.code is FaultCode.BUSY and failed.value.retry_after_ms


async def test_an_end_that_cannot_be_sent_is_an_outage() -> None:
    mesh = FakeMesh()

    async def broken(event: ev.Event) -> None:
        raise NatsError

    mesh.publish_event = broken  # type: ignore[method-assign]
    with pytest.raises(MeshError):
        await resources(mesh).answer(EndLive("s_1"))

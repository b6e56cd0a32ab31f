"""What REST endpoints remember, on a real nats-server."""

import asyncio

import pytest
from nats.js.api import DiscardPolicy

from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.mesh.key_value import KeyValueStore
from dragoman_edge.model.requests import Find, IsLive, Keep, Names
from dragoman_kit.bus import Bus
from dragoman_kit.settings import CommonSettings
from dragoman_kit.streams import ensure


@pytest.fixture
def resources(bus: Bus) -> KeyValueStore:
    return KeyValueStore(bus, live_for_s=5)


async def test_the_newest_value_of_a_key_is_found(resources: KeyValueStore) -> None:
    assert await resources.answer(Find("acc_1.a.b")) is None
    assert await resources.answer(Keep("acc_1.a.b", "1")) == "1"
    assert await resources.answer(Keep("acc_1.a.b", "2")) == "2"
    assert await resources.answer(Find("acc_1.a.b")) == "2"


async def test_of_many_at_once_only_the_first_is_kept(resources: KeyValueStore) -> None:
    tries = [resources.keep("acc_1.once", str(n), only_new=True) for n in range(20)]
    assert len(set(await asyncio.gather(*tries))) == 1


async def test_names_are_those_of_one_account_in_order(resources: KeyValueStore) -> None:
    for name in ("c", "a", "b"):
        await resources.keep(f"acc_1.session.{name}", name)
    await resources.keep("acc_2.session.d", "d")
    await resources.keep("acc_1.other.e", "e")
    assert await resources.answer(Names("acc_1.session")) == ["a", "b", "c"]
    assert await resources.answer(Names("acc_3.session")) == []


async def test_a_life_is_claimed_by_one_and_ends_once(resources: KeyValueStore) -> None:
    claims = await asyncio.gather(*(resources.claim("acc_1", "sess_1") for _ in range(10)))
    assert claims.count(True) == 1
    await resources.end("acc_1", "sess_1", "first")
    await resources.end("acc_1", "sess_1", "second")
    assert not await resources.claim("acc_1", "sess_1")
    life = await resources.life("acc_1", "sess_1")
    assert life.reason == "first"
    assert life.ended_at_ms >= life.started_at_ms > 0


async def test_a_life_that_did_not_begin_may_be_claimed_again(resources: KeyValueStore) -> None:
    assert await resources.claim("acc_1", "sess_1")
    await resources.unclaim("acc_1", "sess_1")
    assert await resources.claim("acc_1", "sess_1")


async def test_a_session_without_a_record_is_not_live(resources: KeyValueStore) -> None:
    assert await resources.answer(IsLive("sess_1")) is False


async def test_a_flood_leaves_what_others_stored(bus: Bus, resources: KeyValueStore) -> None:
    config = (await bus.js.stream_info(subjects.RESOURCES_STREAM)).config
    await bus.js.update_stream(config.evolve(max_bytes=256 << 10))
    await resources.keep("acc_2.session.s", "theirs")
    assert await resources.claim("acc_2", "sess_2")
    with pytest.raises(MeshError) as caught:
        for number in range(64):
            await resources.keep(f"acc_1.session.{number}", "x" * (16 << 10))
    assert caught.value.code is FaultCode.BUSY and caught.value.retry_after_ms
    assert await resources.find("acc_2.session.s") == "theirs"
    await resources.keep("acc_2.session.s", "still")
    assert await resources.find("acc_2.session.s") == "still"
    await resources.unclaim("acc_2", "sess_2")


async def test_an_older_stream_learns_to_refuse(bus: Bus) -> None:
    config = (await bus.js.stream_info(subjects.RESOURCES_STREAM)).config
    assert config.discard == DiscardPolicy.NEW
    await bus.js.update_stream(config.evolve(discard=DiscardPolicy.OLD))
    await ensure(bus.js, CommonSettings())
    assert (await bus.js.stream_info(subjects.RESOURCES_STREAM)).config.discard == DiscardPolicy.NEW


async def test_without_the_bus_nothing_is_remembered(bus: Bus, resources: KeyValueStore) -> None:
    await bus.nc.close()
    for ask in (Find("a.b"), Keep("a.b", "1"), Keep("a.b", "1", only_new=True), Names("a"), IsLive("s")):
        with pytest.raises(MeshError) as caught:
            await resources.answer(ask)
        assert caught.value.code is FaultCode.UNAVAILABLE

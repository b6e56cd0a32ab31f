"""Whether the recognisers have room, as they tell each other."""

import time

from dragoman_contract import codec
from dragoman_contract.rpc import WorkerLoad
from dragoman_contract.subjects import WORKER_LOADS
from dragoman_edge.mesh.fleet import STALE_S, Fleet
from tests.support.fake_bus import FakeMesh


def load(name: str, *, room: bool) -> WorkerLoad:
    return WorkerLoad(worker_id=name, tracks=1, room=room)


def test_nobody_knows_before_one_was_heard() -> None:
    assert not Fleet().full(0)


def test_one_with_room_is_enough() -> None:
    fleet = Fleet()
    fleet.heard(load("a", room=False), 0)
    assert fleet.full(0)
    fleet.heard(load("b", room=True), 0)
    assert not fleet.full(0)
    fleet.heard(load("b", room=False), 1)
    assert fleet.full(1)


def test_a_word_does_not_count_for_ever() -> None:
    fleet = Fleet()
    fleet.heard(load("a", room=True), 0)
    assert fleet.full(STALE_S)
    fleet.heard(load("b", room=False), STALE_S)
    assert fleet.full(STALE_S)


async def test_workers_are_listened_to_and_what_is_no_load_is_not() -> None:
    mesh, fleet = FakeMesh(), Fleet()
    await fleet.listen(mesh.bus)
    await mesh.nc.publish(WORKER_LOADS, codec.encode(load("a", room=False)))
    assert fleet.full(time.monotonic())
    await mesh.nc.publish(WORKER_LOADS, b"\xff not a load")
    await mesh.nc.publish(WORKER_LOADS, codec.encode(load("a", room=True)))
    assert not fleet.full(time.monotonic()) and mesh.nc.errors == []

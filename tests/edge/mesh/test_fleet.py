"""Whether the recognisers have room, as they tell each other."""

from dragoman_contract.rpc import WorkerLoad
from dragoman_edge.mesh.fleet import STALE_S, Fleet


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

"""What of a session runs as long as it does, and whose refusals end its audio alone."""

import asyncio

import pytest

from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_edge.model.commands import Open
from dragoman_edge.session import running_parts
from dragoman_edge.session.running_parts import heed, parts_of, tick
from tests.support.assembled import Assembled
from tests.support.factories import spec
from tests.support.waiting import WAIT_S


class Refusing:
    """A part that raises one after the other."""

    def __init__(self, *raises: Exception) -> None:
        self._raises = list(raises)

    async def run(self) -> None:
        raise self._raises.pop(0)


async def finish(error: DragomanError) -> None: ...


def names(wanted: Open, resumable: bool) -> list[str]:
    parts = parts_of(Assembled(wanted).made, resumable, finish)
    for part in parts.values():
        part.close()
    return list(parts)


async def test_a_session_runs_what_it_was_opened_with() -> None:
    assert names(Open(spec()), resumable=False) == ["lease", "limits", "tick"]
    assert names(Open(spec()), resumable=True) == ["lease", "limits", "tick", "ownership"]


async def test_what_a_part_refuses_ends_the_audio_and_it_goes_on() -> None:
    refusals = [MeshError(FaultCode.INSUFFICIENT_CREDITS, "no"), PeerError(FaultCode.IDLE, "no audio")]
    finished: list[DragomanError] = []

    async def note(error: DragomanError) -> None:
        finished.append(error)

    with pytest.raises(RuntimeError, match="a bug"):
        await heed(Refusing(*refusals, RuntimeError("a bug")), note)
    assert finished == refusals


async def test_a_client_that_takes_nothing_is_not_waited_for() -> None:
    with pytest.raises(PeerError) as caught:
        await heed(Refusing(PeerError(FaultCode.TOO_SLOW, "slow")), finish)
    assert caught.value.code is FaultCode.TOO_SLOW


async def test_all_who_look_at_the_time_do_so_at_each_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_parts, "TICK_S", 0.0)
    looked: list[str] = []
    made = Assembled().made
    for part, due in ((made.intake, None), (made.results, True), (made.recognisers, None)):

        async def look(name: str = type(part).__name__, due: bool | None = due) -> bool | None:
            looked.append(name)
            return due

        monkeypatch.setattr(part, "tick", look)

    async def resend() -> None:
        looked.append("update")

    def check(now: float) -> None:
        raise PeerError(FaultCode.IDLE, "no audio")

    monkeypatch.setattr(made.recognisers, "resend_update", resend)
    monkeypatch.setattr(made.deadlines, "check", check)
    with pytest.raises(PeerError):
        async with asyncio.timeout(WAIT_S):
            await tick(made)
    assert looked == ["Intake", "Results", "update", "Recognisers"]

"""The fleet as operators see it: recognisers heard of, capabilities asked for, bounds kept."""

import time
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import pytest
from nats.aio.msg import Msg

from dragoman_accounts.fleet import STALE_S, Fleet
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError
from tests.support.fake_bus import FakeClient

T = TypeVar("T")
PAIRS = [rpc.LanguagePair(source="en", target=to) for to in ("es", "de", "pt")]


class Bus:
    """Answers what services would; a service without an answer is away."""

    def __init__(self, **answers: list[rpc.CapabilitiesReply]) -> None:
        self.nc = FakeClient()
        self._answers = answers

    async def request(self, subject: str, asked: rpc.CapabilitiesRequest, reply: type[T]) -> T:
        pages = self._answers.get(subject.rpartition(".")[2])
        if pages is None:
            raise MeshError(FaultCode.BUSY, "no service is free to answer")
        return cast(T, pages[asked.page])


async def listening(**answers: list[rpc.CapabilitiesReply]) -> Fleet:
    fleet = Fleet()
    await fleet.listen(cast(Any, Bus(**answers)))
    return fleet


async def test_all_pages_of_all_services_are_one_view() -> None:
    fleet = await listening(
        stt=[rpc.CapabilitiesReply(source_languages=("es", "en"), build="1")],
        translation=[
            rpc.CapabilitiesReply(pairs=tuple(PAIRS[:2]), pages=2, build="2"),
            rpc.CapabilitiesReply(pairs=tuple(PAIRS[2:]), pages=2),
        ],
        tts=[rpc.CapabilitiesReply(voices=(rpc.VoiceInfo(id="v", language="es"),), build="3")],
    )
    view = await fleet.view()
    assert view.languages == ("en", "es")
    assert [pair.target for pair in view.pairs] == ["de", "es", "pt"]
    assert [voice.id for voice in view.voices] == ["v"]
    assert (view.builds, view.away) == ({"stt": "1", "translation": "2", "tts": "3"}, ())


async def test_a_service_that_does_not_answer_is_away() -> None:
    view = await (await listening(stt=[rpc.CapabilitiesReply()])).view()
    assert view.away == ("translation", "tts") and view.pairs == ()


async def test_without_a_bus_nothing_is_known() -> None:
    with pytest.raises(MeshError, match="the bus cannot be reached"):
        await Fleet().view()


async def test_recognisers_are_shown_while_they_are_heard_of(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet, now = await listening(), time.monotonic()
    fleet.heard(rpc.WorkerLoad(worker_id="b", tracks=2, room=True), now)
    fleet.heard(rpc.WorkerLoad(worker_id="a", tracks=1), now)
    fleet.heard(rpc.WorkerLoad(worker_id="gone", tracks=1), now - STALE_S)
    shown = (await fleet.view()).recognisers
    assert [(one.id, one.tracks, one.room) for one in shown] == [("a", 1, False), ("b", 2, True)]
    monkeypatch.setattr("dragoman_accounts.fleet.MAX_WORKERS", 1)
    fleet.heard(rpc.WorkerLoad(worker_id="c"), now)
    assert [one.id for one in (await fleet.view()).recognisers] == ["c"]


async def test_loads_come_by_the_bus_and_nonsense_is_left() -> None:
    fleet = await listening()
    load = codec.encode(rpc.WorkerLoad(worker_id="a", tracks=3))
    for data in (b"\xff\xff", load):
        await fleet._on_load(cast(Msg, SimpleNamespace(data=data, subject=subjects.WORKER_LOADS)))
    assert [one.tracks for one in (await fleet.view()).recognisers] == [3]

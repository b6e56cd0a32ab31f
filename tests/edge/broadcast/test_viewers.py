"""All viewers of a replica: let in, counted, and told when it stops."""

import pytest
from prometheus_client import REGISTRY

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.broadcast import subscription
from dragoman_edge.broadcast.viewers import Viewers
from dragoman_edge.model.viewers import ViewerRequest
from dragoman_edge.settings import EdgeSettings
from tests.support.broadcasts import Host, Lines, Stored, lines_until, read, transcript
from tests.support.recording_bus import until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports follow each other at once."""
    for name in ("REPORT_S", "GATHER_S"):
        monkeypatch.setattr(subscription, name, 0.002)
    monkeypatch.setattr(subscription, "LINGER_S", 0.0)


def viewers(stored: Stored, most: int = 10, **limits: int) -> Viewers:
    settings = EdgeSettings(port=0, max_viewers=most, **limits)  # type: ignore[arg-type]
    return Viewers(stored.mesh.bus, stored.broadcasts, settings, "e_1", 30.0)


def refusals(code: FaultCode) -> float:
    return REGISTRY.get_sample_value("dragoman_edge_viewers_refused_total", {"reason": code}) or 0.0


def gauge(place: str) -> float | None:
    return REGISTRY.get_sample_value("dragoman_edge_viewers", {"place": place})


async def test_all_viewers_of_a_broadcast_share_one_subscription() -> None:
    stored = Stored()
    token = (await stored.made()).token
    host, made = await Host(stored.mesh, token).begin(), viewers(stored)
    encoders: list[Lines] = []

    def encoder() -> Lines:
        encoders.append(Lines())
        return encoders[-1]

    watch = ViewerRequest(token)
    async with made.stream(watch, "::1", encoder) as one, made.stream(watch, "::2", encoder) as two:
        assert made.waiting == 2
        for stream in (one, two):
            await lines_until(stream, "placed 0 of 0")
        await host.show(transcript("one"))
        assert await read(one) == await read(two) == ["said one"]
        assert len(encoders) == 1 and made.waiting == 0
    await until(lambda: not made._subscriptions)
    async with made.stream(watch, "::1", encoder) as one:  # it begins anew
        await lines_until(one, "placed 0 of 0")
        assert len(encoders) == 2
    await made.close()


async def test_a_viewer_who_may_not_watch_leaves_nothing_behind() -> None:
    stored = Stored()
    token, made = (await stored.made()).token, viewers(stored)
    before = refusals(FaultCode.UNSUPPORTED_LANGUAGE), refusals(FaultCode.UNKNOWN_SESSION)
    for watch in (ViewerRequest(token, "ja"), ViewerRequest("zzzz")):
        with pytest.raises(PeerError):
            async with made.stream(watch, "::1", Lines):
                pass
    after = refusals(FaultCode.UNSUPPORTED_LANGUAGE), refusals(FaultCode.UNKNOWN_SESSION)
    assert [late - early for early, late in zip(before, after, strict=True)] == [1, 1]
    assert made._subscriptions == {} and made._places.taken == 0


async def test_a_replica_takes_only_so_many() -> None:
    stored = Stored()
    token, made = (await stored.made()).token, viewers(stored, most=1)
    await Host(stored.mesh, token).begin()
    before = refusals(FaultCode.BUSY)
    async with made.stream(ViewerRequest(token), "::1", Lines):
        with pytest.raises(MeshError) as refused:
            async with made.stream(ViewerRequest(token), "::2", Lines):
                pass
        assert (refused.value.code, refused.value.retry_after_ms) == (FaultCode.BUSY, 5000)
    async with made.stream(ViewerRequest(token), "::2", Lines):
        pass
    assert refusals(FaultCode.BUSY) == before + 1
    await made.close()


@pytest.mark.parametrize("limit", ["max_viewers_per_broadcast", "max_viewers_per_address"])
async def test_no_broadcast_and_no_address_takes_all_places(limit: str) -> None:
    stored = Stored()
    flooded, other = (await stored.made()).token, (await stored.made()).token
    made = viewers(stored, **{limit: 1})
    for token in (flooded, other):
        await Host(stored.mesh, token).begin()
    async with made.stream(ViewerRequest(flooded), "::1", Lines):
        with pytest.raises(MeshError) as refused:
            async with made.stream(ViewerRequest(flooded), "::1", Lines):
                pass
        assert refused.value.code is FaultCode.BUSY
        async with made.stream(ViewerRequest(other), "::2", Lines):
            pass
    await made.close()


async def test_who_watches_and_who_waits_is_measured() -> None:
    stored = Stored()
    token, made = (await stored.made()).token, viewers(stored)
    await Host(stored.mesh, token, limit=1).begin()
    async with (
        made.stream(ViewerRequest(token), "::1", Lines) as one,
        made.stream(ViewerRequest(token), "::2", Lines) as two,
    ):
        await until(lambda: {one.position, two.position} == {0, 1})
        await until(lambda: (gauge("watching"), gauge("waiting")) == (1, 1))
    await until(lambda: (gauge("watching"), gauge("waiting")) == (0, 0))
    await made.close()


async def test_a_replica_that_stops_sends_its_viewers_elsewhere() -> None:
    stored = Stored()
    token, made = (await stored.made()).token, viewers(stored)
    await Host(stored.mesh, token).begin()
    async with made.stream(ViewerRequest(token), "::1", Lines) as one:
        await lines_until(one, "placed 0 of 0")
        await made.close()
        assert await read(one) is None
        with pytest.raises(MeshError) as refused:
            async with made.stream(ViewerRequest(token), "::1", Lines):
                pass
        assert (refused.value.code, refused.value.retry_after_ms) == (FaultCode.DRAINING, 1000)

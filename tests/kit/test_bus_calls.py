"""The bus over a client that fails as nats-py does: durable publishing, requests, connecting, closing."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.aio.client import Client
from nats.errors import ConnectionClosedError, NoRespondersError, SlowConsumerError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import APIError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit import bus as module
from dragoman_kit.bus import Bus
from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings
from dragoman_kit.streams import STREAMS
from tests.support.mesh_events import final, interim
from tests.support.recording_bus import RecordingStreams, WorkMessage


class Nats:
    """A client that answers, or raises, what it is told to."""

    def __init__(self) -> None:
        self.js = RecordingStreams()
        self.options: dict[str, Any] = {}
        self.stats = {"reconnects": 0}
        self.is_connected = True
        self.answer: bytes | Exception = b""
        self.fails: Exception | None = None
        self.asked: list[str] = []
        self.published: list[tuple[str, bytes]] = []
        self.steps: list[str] = []

    def jetstream(self, timeout: float) -> RecordingStreams:
        return self.js

    async def connect(self, **options: Any) -> None:
        self.options = options

    async def publish(self, subject: str, payload: bytes) -> None:
        self.published.append((subject, payload))

    async def request(self, subject: str, *_: Any, **__: Any) -> SimpleNamespace:
        self.asked.append(subject)
        if isinstance(self.answer, Exception):
            raise self.answer
        return SimpleNamespace(data=self.answer)

    async def flush(self, timeout: float) -> None:  # noqa: ASYNC109  as nats-py
        self.steps.append("flush")
        if self.fails:
            raise self.fails

    async def close(self) -> None:
        self.steps.append("close")
        if self.fails:
            raise RuntimeError("the transport is closed")


@pytest.fixture
def nats() -> Nats:
    return Nats()


@pytest.fixture
def bus(nats: Nats, monkeypatch: pytest.MonkeyPatch) -> Bus:
    monkeypatch.setattr(module, "PUBLISH_AGAIN_S", 0.001)
    return Bus(cast(Client, nats), cast(Any, nats.js))


async def test_an_interim_goes_out_on_its_subject(bus: Bus, nats: Nats) -> None:
    await bus.publish_event(interim(1, 2))
    assert nats.published == [(subjects.event(interim(1, 2)), codec.encode_event(interim(1, 2)))]


async def test_a_durable_event_is_repeated_under_its_message_id_until_the_stream_has_it(
    bus: Bus, nats: Nats
) -> None:
    nats.js.failures += [NatsTimeoutError(), APIError(), TimeoutError()]
    await bus.store_event(final(1))
    ((subject, payload, headers),) = nats.js.published
    assert (subject, payload) == (subjects.event(final(1)), codec.encode_event(final(1)))
    assert headers[subjects.MESSAGE_ID_HEADER] == subjects.message_id(final(1))


async def test_a_bus_that_takes_nothing_is_given_up_when_patience_ends(bus: Bus, nats: Nats) -> None:
    nats.js.failures += [NatsTimeoutError()] * 2
    with pytest.raises(MeshError) as caught:
        await bus.store_event(final(1), patience_s=-1)
    assert caught.value.code is FaultCode.UNAVAILABLE and nats.js.calls == ["publish"]


async def test_a_dead_letter_says_why_and_where_it_has_to_go_again(bus: Bus, nats: Nats) -> None:
    message = WorkMessage(b"payload", subject="dragoman.v1.event.s1.final.0.transcript")
    await bus.dead_letter("tts", "s1", message.msg, "timeout")
    ((subject, payload, headers),) = nats.js.published
    assert (subject, payload) == (subjects.dead("tts", "s1"), b"payload")
    assert headers[subjects.REASON_HEADER] == "timeout"
    assert headers[subjects.SUBJECT_HEADER] == message.subject
    assert headers[subjects.MESSAGE_ID_HEADER] == "dead.tts.7.s1"


async def test_an_answer_is_decoded(bus: Bus, nats: Nats) -> None:
    nats.answer = codec.encode(rpc.CapabilitiesReply(build="7"))
    reply = await bus.request("who", rpc.CapabilitiesRequest(), rpc.CapabilitiesReply)
    assert reply.build == "7" and nats.asked == ["who"]


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (NoRespondersError(), FaultCode.BUSY),
        (NatsTimeoutError(), FaultCode.TIMEOUT),
        (ConnectionClosedError(), FaultCode.UNAVAILABLE),
    ],
)
async def test_a_request_without_an_answer_says_why(
    bus: Bus, nats: Nats, failure: Exception, code: FaultCode
) -> None:
    nats.answer = failure
    with pytest.raises(MeshError) as caught:
        await bus.request("who", rpc.CapabilitiesRequest(), rpc.CapabilitiesReply)
    assert caught.value.code is code


@pytest.mark.parametrize("fails", [None, NatsTimeoutError()])
async def test_closing_flushes_first_and_never_raises(bus: Bus, nats: Nats, fails: Exception | None) -> None:
    nats.fails = fails
    await bus.close()
    assert nats.steps == ["flush", "close"]


# Connecting


async def connected(
    monkeypatch: pytest.MonkeyPatch, **settings: Any
) -> tuple[Bus, Nats, Health, dict[str, Callable[..., Awaitable[None]]]]:
    nats, health = Nats(), Health("edge", "test")
    monkeypatch.setattr(module, "client", lambda: nats)
    bus = await module.connect(CommonSettings(**settings), "edge", health)
    return bus, nats, health, {name: nats.options[f"{name}_cb"] for name in CALLBACKS}


CALLBACKS = ("error", "disconnected", "reconnected")


async def test_it_makes_the_streams_and_never_gives_up_reconnecting(monkeypatch: pytest.MonkeyPatch) -> None:
    bus, nats, _, _ = await connected(monkeypatch, nats_url="nats://a,nats://b")
    assert set(nats.js.streams) == {stream.name for stream in STREAMS}
    assert nats.options["servers"] == ["nats://a", "nats://b"]
    assert nats.options["max_reconnect_attempts"] == -1
    assert (nats.options["user"], nats.options["tls"]) == (None, None)
    assert nats.options["inbox_prefix"] == "_INBOX.edge"
    assert bus.connected


async def test_the_answers_of_a_user_go_to_an_inbox_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    _, nats, _, _ = await connected(monkeypatch, nats_user="tts", nats_password="secret")
    assert (nats.options["inbox_prefix"], nats.options["password"]) == ("_INBOX.tts", "secret")


async def test_readiness_names_the_servers_without_their_password(monkeypatch: pytest.MonkeyPatch) -> None:
    _, nats, health, _ = await connected(monkeypatch, nats_url="nats://u:secret@one:4222,nats://two")
    assert await health.problems() == {}
    nats.is_connected = False
    (problem,) = (await health.problems()).values()
    assert "one:4222,two" in problem and "secret" not in problem


async def test_a_server_that_restarted_gets_its_streams_back(monkeypatch: pytest.MonkeyPatch) -> None:
    _, nats, _, callbacks = await connected(monkeypatch)
    await callbacks["disconnected"]()
    assert module.CONNECTED._value.get() == 0
    nats.js.streams.clear()
    await callbacks["reconnected"]()
    assert module.CONNECTED._value.get() == 1
    assert set(nats.js.streams) == {stream.name for stream in STREAMS}


async def test_an_overflow_is_a_gap_of_its_subscription_and_a_reconnect_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Subscription:
        pass

    bus, nats, _, callbacks = await connected(monkeypatch)
    slow, quick = cast(Any, Subscription()), cast(Any, Subscription())
    for _ in range(2):
        await callbacks["error"](SlowConsumerError(subject="x", reply="", sid=1, sub=slow))
    await callbacks["error"](ConnectionClosedError())
    assert (bus.gap_count(slow), bus.gap_count(quick), bus.gap_count(None)) == (2, 0, 0)
    nats.stats["reconnects"] = 1
    assert (bus.gap_count(slow), bus.gap_count(quick), bus.gap_count(None)) == (3, 1, 1)

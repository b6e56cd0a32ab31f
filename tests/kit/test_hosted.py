"""The client of hosted engines against a real server that breaks in every way."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client import generate_latest
from pydantic import BaseModel

from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_kit import logging as logs
from dragoman_kit.hosted import Blocking, Hosted, HostedSettings
from tests.hosted.stand import KEY, Stand, standing, until

app = FastAPI()
TEXT = "secret words"


class Said(BaseModel):
    said: str


@app.post("/say")
async def say() -> Said:
    return Said(said="yes")


@pytest.fixture
def server() -> Iterator[Stand]:
    with standing(app) as stand:
        yield stand


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def settings(server: Stand, **more: Any) -> HostedSettings:
    few = {"timeout_s": 2.0, "connect_timeout_s": 5.0, "wait_s": 0.2, "failures": 3, **more}
    return HostedSettings(url=server.url, key=KEY, **few)


@pytest.fixture
async def hosted(server: Stand) -> AsyncIterator[Hosted]:
    made = Hosted("far", settings(server), clock=Clock(), largest=100_000)
    yield made
    await made.close()


async def ask(hosted: Hosted) -> str:
    return (await hosted.ask("POST", "/say", Said, json={"text": TEXT})).said


async def fault(hosted: Hosted) -> DragomanError:
    with pytest.raises(DragomanError) as caught:
        await ask(hosted)
    return caught.value


async def test_the_key_goes_with_the_request(hosted: Hosted, server: Stand) -> None:
    assert await ask(hosted) == "yes"
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("mood", "kind", "code"),
    [
        (500, MeshError, FaultCode.ENGINE_FAILED),
        (502, MeshError, FaultCode.ENGINE_FAILED),
        (401, MeshError, FaultCode.ENGINE_FAILED),
        (403, MeshError, FaultCode.ENGINE_FAILED),
        (404, MeshError, FaultCode.ENGINE_FAILED),
        (429, MeshError, FaultCode.BUSY),
        (503, MeshError, FaultCode.BUSY),
        (504, MeshError, FaultCode.TIMEOUT),
        (400, PeerError, FaultCode.BAD_REQUEST),
        (422, PeerError, FaultCode.BAD_REQUEST),
        (413, PeerError, FaultCode.TOO_LARGE),
        ("slow", MeshError, FaultCode.TIMEOUT),
        ("drip", MeshError, FaultCode.TIMEOUT),
        ("truncated", MeshError, FaultCode.ENGINE_FAILED),
        ("huge", MeshError, FaultCode.ENGINE_FAILED),
        (b"", MeshError, FaultCode.ENGINE_FAILED),
        (b"<html>", MeshError, FaultCode.ENGINE_FAILED),
        (b'{"said": 1}', MeshError, FaultCode.ENGINE_FAILED),
        (b'{"else": ""}', MeshError, FaultCode.ENGINE_FAILED),
        (b"[" * 90_000, MeshError, FaultCode.ENGINE_FAILED),
        (b'{"said": ' + b"9" * 90_000 + b"}", MeshError, FaultCode.ENGINE_FAILED),
    ],
)
async def test_each_fault_is_one_of_ours(
    mood: Any, kind: type, code: FaultCode, hosted: Hosted, server: Stand
) -> None:
    server.moods.append(mood)
    error = await fault(hosted)
    assert (type(error), error.code) == (kind, code)
    assert await ask(hosted) == "yes"


async def test_an_endless_answer_is_not_read_to_its_end(hosted: Hosted, server: Stand) -> None:
    server.moods.append("huge")
    await fault(hosted)
    assert server.sent < 64


async def test_an_answer_that_claims_to_be_compressed_is_not_unpacked(hosted: Hosted, server: Stand) -> None:
    async def bomb(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-encoding", b"gzip")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"\x1f\x8b"})

    server.app = bomb  # type: ignore[assignment]
    assert (await fault(hosted)).code is FaultCode.ENGINE_FAILED


async def test_a_redirect_takes_the_key_nowhere(hosted: Hosted, server: Stand) -> None:
    with standing(app) as other:
        server.moods.append(f"{other.url}/say")
        assert (await fault(hosted)).code is FaultCode.ENGINE_FAILED
        assert not other.asked


async def test_a_server_that_is_down_cannot_be_reached(hosted: Hosted, server: Stand) -> None:
    server.stop()
    assert (await fault(hosted)).code is FaultCode.ENGINE_FAILED
    server.start()
    assert await ask(hosted) == "yes"


async def test_a_server_that_takes_no_connection_is_a_time_out(server: Stand) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        full = [socket.socket() for _ in range(3)]
        for filler in full:
            filler.setblocking(False)
            filler.connect_ex(address)
        hosted = Hosted("far", HostedSettings(url=f"http://127.0.0.1:{address[1]}", connect_timeout_s=0.1))
        assert (await fault(hosted)).code is FaultCode.TIMEOUT
        await hosted.close()
        for filler in full:
            filler.close()


async def test_who_gives_up_ends_the_servers_work(hosted: Hosted, server: Stand) -> None:
    server.moods.append("slow")
    task = asyncio.create_task(ask(hosted))
    await until(lambda: bool(server.asked))
    task.cancel()
    await asyncio.wait({task})
    await until(lambda: bool(server.gone))
    assert await ask(hosted) == "yes"


async def test_no_more_than_so_many_are_asked_at_once(server: Stand) -> None:
    hosted = Hosted("far", settings(server, at_once=2, timeout_s=30))
    server.always = "slow"
    tasks = [asyncio.create_task(ask(hosted)) for _ in range(2)]
    await until(lambda: len(server.asked) == 2)
    assert (await fault(hosted)).code is FaultCode.BUSY
    assert len(server.asked) == 2
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await hosted.close()


async def test_it_is_left_alone_after_failures_tried_once_and_asked_again(server: Stand) -> None:
    clock = Clock()
    hosted = Hosted("breaks", settings(server), clock=clock)
    server.moods += [500, 500, 500]
    for _ in range(3):
        await fault(hosted)
    shut = await fault(hosted)
    assert (shut.code, shut.retry_after_ms) == (FaultCode.BUSY, 5000)
    assert len(server.asked) == 3
    assert 'dragoman_hosted_breaker{engine="breaks"} 2.0' in generate_latest().decode()
    clock.now = 5
    server.moods.append(500)
    await fault(hosted)
    assert (await fault(hosted)).retry_after_ms == 10_000
    clock.now = 15
    assert await ask(hosted) == await ask(hosted) == "yes"
    assert 'dragoman_hosted_breaker{engine="breaks"} 0.0' in generate_latest().decode()
    await hosted.close()


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_heeded(status: int, server: Stand) -> None:
    clock = Clock()
    hosted = Hosted("far", settings(server), clock=clock)
    server.retry_after = "30"
    server.moods.append(status)
    await fault(hosted)
    clock.now = 29
    assert (await fault(hosted)).code is FaultCode.BUSY and len(server.asked) == 1
    clock.now = 30
    assert await ask(hosted) == "yes"
    await hosted.close()


async def test_requests_at_fault_do_not_open_the_breaker(hosted: Hosted, server: Stand) -> None:
    server.moods += [400] * 10
    for _ in range(10):
        await fault(hosted)
    assert await ask(hosted) == "yes"


async def test_an_engine_may_know_better_what_a_refusal_means(server: Stand) -> None:
    def explain(status: int, body: Any) -> DragomanError | None:
        wrong = "no:" in body.get("error", {}).get("message", "")
        return PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "not this one") if wrong else None

    hosted = Hosted("far", settings(server), explain=explain)
    server.moods.append(400)
    assert (await fault(hosted)).code is FaultCode.UNSUPPORTED_LANGUAGE
    await hosted.close()


async def test_neither_key_nor_text_is_told_anywhere(
    server: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    logs.setup("test", "debug", "json")
    try:
        hosted = Hosted("quiet", settings(server, failures=100))
        server.moods += [None, 400, 401, 500, "truncated", "slow", TEXT.encode(), f"{server.url}/x"]
        said = []
        for _ in range(len(server.moods)):
            try:
                await ask(hosted)
            except DragomanError as exc:
                said.append(f"{exc!r} {exc.__cause__!r} {exc.message}")
                logs.get("t").exception("seen")
        await hosted.close()
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    seen = " ".join(said) + capsys.readouterr().err + generate_latest().decode() + repr(vars(hosted))
    assert len(said) == 7 and "hosted engine failed" in seen
    assert KEY not in seen and TEXT not in seen


def test_engines_in_threads_have_the_same_client(server: Stand) -> None:
    blocking = Blocking(lambda: Hosted("far", settings(server)))
    assert blocking.ask("POST", "/say", Said).said == "yes"
    server.moods += [500, b"abc"]
    with pytest.raises(MeshError):
        blocking.ask("POST", "/say", Said)
    assert b"".join(blocking.stream("POST", "/say")) == b"abc"
    server.moods.append("huge")
    begun = blocking.stream("POST", "/say")
    assert next(begun)
    begun.close()  # type: ignore[attr-defined]
    assert blocking.ask("POST", "/say", Said).said == "yes"
    blocking.close()


async def test_a_consumer_may_take_its_time(server: Stand) -> None:
    hosted = Hosted("far", settings(server, timeout_s=1.0), largest=10 << 20)
    server.app = pieces  # type: ignore[assignment]
    got = b""
    async for chunk in hosted.stream("POST", "/say"):
        got += chunk
        await asyncio.sleep(0.5)
    assert got == b"abc"
    await hosted.close()


async def pieces(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in (b"a", b"b", b"c", b""):
        await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": piece, "more_body": bool(piece)})

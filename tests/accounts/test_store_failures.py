"""The door to the store over a client that fails: what is repeated, and the one error of the rest."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import (
    BusyLoadingError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError

from dragoman_accounts import scripts
from dragoman_accounts.store import Store, connect
from dragoman_contract.errors import FaultCode, MeshError


class Client:
    """Answers in order; what is an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Any, ...]] = []
        self.reconnects = 0
        self.closed: list[str] = []
        self.hangs = False
        self.connection_pool: Any = SimpleNamespace(disconnect=self.disconnect)

    async def disconnect(self, inuse_connections: bool) -> None:
        assert not inuse_connections
        self.reconnects += 1

    async def execute_command(self, *parts: Any) -> Any:
        self.asked.append(parts)
        if self.hangs:
            await asyncio.sleep(60)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def evalsha(self, *parts: Any) -> Any:
        return await self.execute_command("evalsha", *parts)

    async def eval(self, *parts: Any) -> Any:
        return await self.execute_command("eval", *parts)

    def pipeline(self, transaction: bool) -> "Client":
        assert not transaction
        self.steps: list[tuple[Any, ...]] = []
        pipe = Client()
        pipe.execute_command = lambda *parts: self.steps.append(parts)  # type: ignore[assignment, method-assign]
        pipe.execute = lambda: self.execute_command("pipeline", *self.steps)  # type: ignore[attr-defined]
        return pipe

    async def aclose(self) -> None:
        self.closed.append("client")


async def failing(client: Client, **options: Any) -> MeshError:
    with pytest.raises(MeshError) as caught:
        await Store(client, **options).command("GET", "x")
    return caught.value


async def test_a_script_is_named_by_its_hash_and_gets_one_key_and_one_document() -> None:
    client = Client(["ok", 1], "ok")
    store = Store(client)
    assert await store.script("open", "slot", session="s") == ["ok", 1]
    assert await store.script("end", "slot") == ["ok"]
    assert client.asked[0] == ("evalsha", scripts.load()["open"].sha, 1, "slot", '{"session":"s"}')


async def test_a_server_that_forgot_a_script_is_told_it() -> None:
    client = Client(NoScriptError(), ["ok"])
    assert await Store(client).script("open", "slot") == ["ok"]
    assert client.asked[1][:2] == ("eval", scripts.load()["open"].source)


async def test_several_commands_are_one_round_trip() -> None:
    client = Client((1, 2))
    assert await Store(client).pipeline(("GET", "a"), ("GET", "b")) == [1, 2]
    assert client.asked == [("pipeline", ("GET", "a"), ("GET", "b"))]


@pytest.mark.parametrize(
    "failure",
    [
        OutOfMemoryError(),
        ResponseError("NOREPLICAS Not enough good replicas"),
        ResponseError("MISCONF disk"),
        BusyLoadingError(),
        RedisConnectionError("redis://u:secret@host"),
        OSError("secret"),
    ],
)
async def test_a_store_that_cannot_now_is_away_and_worth_another_try(failure: Exception) -> None:
    error = await failing(Client(failure))
    assert (error.code, error.retry_after_ms) == (FaultCode.UNAVAILABLE, 1000)
    assert "secret" not in str(error)


async def test_a_script_that_fails_is_ours_and_tells_nothing() -> None:
    error = await failing(Client(ResponseError("ERR user_script:12: a secret")))
    assert (error.code, error.message) == (FaultCode.INTERNAL, "an internal error happened")


async def test_a_server_that_became_a_replica_is_left_once() -> None:
    client = Client(ReadOnlyError(), "value")
    assert await Store(client).command("GET", "x") == "value" and client.reconnects == 1
    assert (await failing(Client(ReadOnlyError(), ReadOnlyError()))).code is FaultCode.UNAVAILABLE
    cluster = Client(ReadOnlyError(), "value")
    cluster.connection_pool = None
    assert await Store(cluster).command("GET", "x") == "value" and cluster.closed == ["client"]


async def test_a_call_that_hangs_or_waits_for_a_slot_ends_in_time() -> None:
    client = Client()
    client.hangs = True
    store = Store(client, limit=1, timeout_s=0.02)
    results = await asyncio.gather(*(store.ping() for _ in range(3)), return_exceptions=True)
    assert [getattr(result, "code", None) for result in results] == [FaultCode.UNAVAILABLE] * 3
    assert len(client.asked) == 1


async def test_the_connections_to_sentinels_are_closed_too() -> None:
    client, watcher = Client(), Client()
    client.connection_pool.sentinel_manager = SimpleNamespace(sentinels=[watcher])
    await Store(client).close()
    assert client.closed == watcher.closed == ["client"]


async def test_a_url_says_where_the_store_is() -> None:
    plain = connect("redis://u:p@host:1/2", connections=3)
    assert plain.connection_pool.connection_kwargs["db"] == 2 and plain.connection_pool.max_connections == 3
    cluster = connect("redis+cluster://host:1")
    assert type(cluster).__name__ == "RedisCluster"
    watched = connect("rediss+sentinel://u:p%40@one:1,two/mesh/3?sentinel_password=s")
    manager = watched.connection_pool.sentinel_manager
    places = [sentinel.connection_pool.connection_kwargs for sentinel in manager.sentinels]
    assert [(place["host"], place["port"]) for place in places] == [("one", 1), ("two", 26379)]
    assert watched.connection_pool.service_name == "mesh"
    own = watched.connection_pool.connection_kwargs
    assert (own["db"], own["username"], own["password"]) == (3, "u", "p@")


@pytest.mark.parametrize("url", ["", "http://host", "redis+sentinel://host:1"])
async def test_a_url_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="redis"):
        connect(url)

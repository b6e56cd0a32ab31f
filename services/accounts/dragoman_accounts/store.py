"""The one door to Redis: bounded, timed, and with every failure turned into one error of the contract."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from prometheus_client import Counter
from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import (
    ClusterDownError,
    MasterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from dragoman_accounts import scripts
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.logging import get

log = get(__name__)

FAILURES = Counter("dragoman_store_failures_total", "Failed calls to the store", ["kind"])
for _kind in ("timeout", "refused", "error"):
    FAILURES.labels(_kind)
# Replies that mean "not now" although a server answered; redis-py has classes for some and words for others.
_TRANSIENT = (OutOfMemoryError, MasterDownError, ClusterDownError, TryAgainError)
_TRANSIENT_WORDS = ("NOREPLICAS", "MISCONF", "BUSY ", "UNKILLABLE")
RETRY_AFTER_MS = 1000
Step = tuple[Any, ...]


class Store:
    """Scripts and plain commands on Redis.

    Args:
        client: a connection of redis-py to one server, a Sentinel's master or a cluster.
        limit: how many calls may be under way at once; more wait.
        timeout_s: how long a call may take in all, waiting and repeats included.
        clock: replaces the scripts' clock, for tests.
    """

    def __init__(
        self, client: Any, *, limit: int = 64, timeout_s: float = 1.0, clock: str | None = None
    ) -> None:
        self._client = client
        self._slots = asyncio.Semaphore(limit)
        self._timeout_s = timeout_s
        self._scripts = scripts.load(clock)

    async def script(self, name: str, slot: str, /, **args: Any) -> list[Any]:
        """Run a script on the one key (`slot`) that its others begin with. A single answer comes as a list.

        Raises:
            MeshError: `UNAVAILABLE`, when Redis is away or not able; `INTERNAL`, when the script failed.
        """
        body = json.dumps(args, separators=(",", ":"))
        answer = await self._guard(lambda: self._evaluate(name, slot, body))
        return answer if isinstance(answer, list) else [answer]

    async def command(self, *parts: Any) -> Any:
        """One plain command.

        Raises:
            MeshError: as `script`.
        """
        return await self._guard(lambda: self._execute(*parts))

    async def pipeline(self, *steps: Step) -> list[Any]:
        """Several plain commands in one round trip (in a cluster: one per node), without a transaction.

        Raises:
            MeshError: as `script`.
        """

        async def run() -> list[Any]:
            pipe = self._client.pipeline(transaction=False)
            for step in steps:
                pipe.execute_command(*step)
            answers: list[Any] = await pipe.execute()
            return answers

        return list(await self._guard(run))

    async def names(self, pattern: str) -> AsyncIterator[str]:
        """Names of keys, of every node of a cluster; one that is made or goes meanwhile may be missing.

        Raises:
            MeshError: as `script`.
        """
        try:
            async for name in self._client.scan_iter(match=pattern, count=1000):
                yield str(name)
        except (RedisError, OSError) as exc:
            raise _away(type(exc).__name__) from exc

    async def ping(self) -> None:
        """Ask whether writes would be taken.

        Raises:
            MeshError: they would not.
        """
        await self._guard(lambda: self._execute("SET", "dragoman:ping", "1", "PX", "60000"))

    async def close(self) -> None:
        """Drop the connections."""
        await self._client.aclose()
        # A Sentinel's client does not close its connections to the Sentinels themselves.
        manager = getattr(getattr(self._client, "connection_pool", None), "sentinel_manager", None)
        for watcher in manager.sentinels if manager else ():
            await watcher.aclose()

    async def _execute(self, *parts: Any) -> Any:
        return await self._client.execute_command(*parts)

    async def _evaluate(self, name: str, slot: str, body: str) -> Any:
        script = self._scripts[name]
        try:
            return await self._client.evalsha(script.sha, 1, slot, body)
        except NoScriptError:
            # A server that was restarted or promoted knows no scripts; EVAL teaches it.
            return await self._client.eval(script.source, 1, slot, body)

    async def _guard(self, call: Callable[[], Awaitable[Any]]) -> Any:
        try:
            async with asyncio.timeout(self._timeout_s), self._slots:
                return await self._writable(call)
        except TimeoutError as exc:
            raise _away("timeout") from exc
        except ResponseError as exc:
            if isinstance(exc, _TRANSIENT) or any(word in str(exc) for word in _TRANSIENT_WORDS):
                raise _away("refused") from exc
            log.error("the store refused a call", reply=str(exc)[:200])
            FAILURES.labels("error").inc()
            raise MeshError(FaultCode.INTERNAL, "an internal error happened") from exc
        except (RedisError, OSError) as exc:
            raise _away(type(exc).__name__) from exc

    async def _writable(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Once more on new connections after READONLY: the name may lead to the new master by now."""
        try:
            return await call()
        except ReadOnlyError:
            await self._reconnect()
        try:
            return await call()
        except ReadOnlyError as exc:
            raise RedisConnectionError("the server is a replica") from exc

    async def _reconnect(self) -> None:
        pool = getattr(self._client, "connection_pool", None)
        if pool is not None:
            await pool.disconnect(inuse_connections=False)
        else:
            await self._client.aclose()


def _away(kind: str) -> MeshError:
    FAILURES.labels(kind).inc()
    return MeshError(
        FaultCode.UNAVAILABLE, "the accounts service cannot reach its store", retry_after_ms=RETRY_AFTER_MS
    )


def connect(url: str, *, connections: int = 64, timeout_s: float = 1.0) -> Any:
    """Make a client of the store; nothing is sent yet.

    `url` is `redis://`, `rediss://`, `unix://`, `redis+cluster://HOST:PORT`, or
    `redis+sentinel://HOST:PORT,HOST:PORT/SERVICE[/DB]`; user and password as in any URL.

    Raises:
        ValueError: the URL is none of these.
    """
    options: dict[str, Any] = {
        "decode_responses": True,
        "protocol": 2,
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "max_connections": connections,
        # Every script may run twice, so a call whose answer was lost is simply repeated.
        "retry": Retry(ExponentialBackoff(cap=0.1, base=0.01), 3),
        "health_check_interval": 15,
    }
    scheme = urlsplit(url).scheme
    if scheme in ("redis", "rediss", "unix"):
        errors: Sequence[type[Exception]] = (RedisConnectionError, RedisTimeoutError)
        return Redis.from_url(url, retry_on_error=list(errors), **options)
    if scheme in ("redis+cluster", "rediss+cluster"):
        return RedisCluster.from_url(url.replace("+cluster", "", 1), **options)
    if scheme in ("redis+sentinel", "rediss+sentinel"):
        return _sentinel(url, options)
    raise ValueError(
        "the URL of the store must begin with redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://"
    )


def _sentinel(url: str, options: dict[str, Any]) -> Any:
    parts = urlsplit(url)
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    service, _, db = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("a Sentinel URL names its service: redis+sentinel://HOST:PORT/SERVICE")
    extra = dict(parse_qsl(parts.query))
    credentials: dict[str, Any] = {"username": unquote(user) or None, "password": unquote(password) or None}
    sentinel_password = extra.get("sentinel_password")
    watchers = [_host_port(host) for host in hosts.split(",")]
    timeouts = {k: options[k] for k in ("socket_timeout", "socket_connect_timeout")}
    make: Any = Sentinel
    sentinel = make(watchers, sentinel_kwargs={**timeouts, "password": sentinel_password})
    tls: dict[str, Any] = {"ssl": True} if parts.scheme.startswith("rediss") else {}
    return sentinel.master_for(service, db=int(db or 0), **credentials, **options, **tls)


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return (host, int(port)) if host else (port, 26379)

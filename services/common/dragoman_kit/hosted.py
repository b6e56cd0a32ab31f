"""Engines over HTTP: one client with its bounds, its key and its circuit breaker.

The core is asynchronous, so that a request has one time limit from its first byte to its last, and ends, the
server's work with it, when nobody waits for its answer any more. `Blocking` gives it to engines in threads.
"""

import asyncio
import re
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from prometheus_client import Counter, Gauge, Histogram
from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_kit.breaker import Breaker, Limits, State
from dragoman_kit.hosted_faults import TROUBLE, Bad, Refused, asked_s, fault, json_object, meaning
from dragoman_kit.logging import get

log = get(__name__)
REQUESTS = Counter("dragoman_hosted_requests_total", "Requests to hosted engines", ["engine", "outcome"])
SECONDS = Histogram(
    "dragoman_hosted_seconds",
    "Duration of a request to a hosted engine",
    ["engine"],
    buckets=(0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20),
)
BREAKER = Gauge(
    "dragoman_hosted_breaker", "State of the circuit breaker: 0 = closed, 1 = half open, 2 = open", ["engine"]
)
LARGEST_ERROR = 65_536  # bytes of an error's body that are looked at
MUCH = 1 << 20  # bytes of an answer that is text
GRACE_S = 5.0

Answer = TypeVar("Answer", bound=BaseModel)
T = TypeVar("T")
# From the status and the body of a refusal to the error that it means, where the engine knows better.
Explain = Callable[[int, Mapping[str, Any]], DragomanError | None]


class HostedSettings(BaseSettings):
    """Settings of every hosted engine; a subclass sets its `env_prefix` and is a field of the service's."""

    model_config = SettingsConfigDict(extra="ignore")

    url: str = Field("", description="Base URL of the server, e.g. http://127.0.0.1:8080/v1")
    key: SecretStr = Field(SecretStr(""), description="API key of the server; empty = none")
    timeout_s: float = Field(8, gt=0, le=60, description="Time-out of a request")
    connect_timeout_s: float = Field(2, gt=0, le=30, description="Time-out of a connection attempt")
    at_once: int = Field(8, ge=1, le=256, description="Concurrent requests")
    wait_s: float = Field(2, ge=0, le=30, description="Longest wait of a request for a free slot")
    failures: int = Field(
        5, ge=1, le=100, description="Consecutive failures after which the circuit breaker opens"
    )
    pause_s: float = Field(
        5, gt=0, le=60, description="First pause of the open circuit breaker; doubles up to 60 s"
    )

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must be an http:// or https:// address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must be an address alone; a key has a setting of its own")
        return url.rstrip("/")

    @field_validator("key")
    @classmethod
    def _fits_a_header(cls, key: SecretStr) -> SecretStr:
        bare = key.get_secret_value().strip()  # files and Secrets often end with a line break
        if not re.fullmatch(r"[\x21-\x7e]*", bare):
            raise ValueError("must be printable ASCII without spaces")
        return SecretStr(bare)


class Hosted:
    """One server. `name` is told in metrics and logs; `scheme` goes before the key; empty = no header."""

    def __init__(
        self,
        name: str,
        settings: HostedSettings,
        *,
        scheme: str = "Bearer",
        largest: int = MUCH,
        explain: Explain = lambda status, body: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.settings = settings
        self._largest = largest
        self._explain = explain
        self._clock = clock
        self._breaker = Breaker(Limits(in_a_row=settings.failures, pause_s=settings.pause_s))
        self._slots = asyncio.Semaphore(settings.at_once)
        key = settings.key.get_secret_value()
        # Compressed answers could be far larger than what is counted on the way.
        headers = {"Accept-Encoding": "identity", "User-Agent": "dragoman"}
        if key and scheme:
            headers["Authorization"] = f"{scheme} {key}"
        self._client = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(settings.timeout_s, connect=settings.connect_timeout_s),
            limits=httpx.Limits(max_connections=settings.at_once),
            follow_redirects=False,  # the key and the texts go to nobody else
        )
        BREAKER.labels(name).set(State.CLOSED)
        for outcome in ("ok", "unreachable", "timeout", "open"):
            REQUESTS.labels(name, outcome)

    async def ask(self, method: str, path: str, answer: type[Answer], **content: Any) -> Answer:
        """A request and its whole answer; `content` as of httpx: `json`, `data`, `files`, `params`.

        Raises:
            MeshError: `TIMEOUT`, `ENGINE_FAILED`; `BUSY`, when nothing may be asked now.
            PeerError: the request is at fault.
        """
        async with self._turn():
            chunks = [chunk async for chunk in self._chunks(method, path, content)]
            return answer.model_validate_json(b"".join(chunks))

    async def stream(self, method: str, path: str, **content: Any) -> AsyncGenerator[bytes, None]:
        """Ask, and yield the answer in pieces as they come."""
        async with self._turn():
            async for chunk in self._chunks(method, path, content):
                yield chunk

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def _chunks(self, method: str, path: str, content: dict[str, Any]) -> AsyncIterator[bytes]:
        patience = _Patience(self.settings.timeout_s)
        request = self._client.build_request(method, self.settings.url + path, **content)
        async with patience.waiting():
            response = await self._client.send(request, stream=True)
        try:
            if not response.is_success:
                async with patience.waiting():
                    raise await self._refusal(response)
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise Bad("encoded")
            size, chunks = 0, response.aiter_raw()
            while True:
                async with patience.waiting():
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                if (size := size + len(chunk)) > self._largest:
                    raise Bad("too_large")
                yield chunk
        finally:
            await response.aclose()

    async def _refusal(self, response: httpx.Response) -> Refused:
        body, size = b"", 0
        async for chunk in response.aiter_raw():
            body, size = body + chunk[:LARGEST_ERROR], size + len(chunk)
            if size > LARGEST_ERROR:
                break
        status = response.status_code
        return Refused(
            status,
            self._explain(status, json_object(body)) or meaning(status),
            asked_s(response.headers.get("Retry-After", "")),
        )

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """A place among those at once, if the breaker lets it; whatever happens is counted."""
        await self._enter()
        started, outcome = self._clock(), "abandoned"
        try:
            yield
            outcome = "ok"
            self._breaker.passed()
        except TROUBLE as exc:
            error, outcome, counts, pause_s = fault(exc)
            if counts:
                self._failed(outcome, pause_s)
            else:
                self._breaker.passed()
            raise error from None  # the cause holds the address and the answer
        finally:
            if outcome == "abandoned":
                self._breaker.abandoned()
            self._slots.release()
            REQUESTS.labels(self.name, outcome).inc()
            SECONDS.labels(self.name).observe(self._clock() - started)
            BREAKER.labels(self.name).set(self._breaker.state)

    async def _enter(self) -> None:
        self._refuse_while_open(self._breaker.wait_s(self._clock()))
        try:
            async with asyncio.timeout(self.settings.wait_s):
                await self._slots.acquire()
        except TimeoutError:
            REQUESTS.labels(self.name, "busy").inc()
            raise MeshError(FaultCode.BUSY, "too many requests wait for the engine") from None
        if not self._breaker.enter(self._clock()):
            self._slots.release()
            self._refuse_while_open(max(0.001, self._breaker.wait_s(self._clock())))

    def _refuse_while_open(self, wait_s: float) -> None:
        if wait_s > 0:
            REQUESTS.labels(self.name, "open").inc()
            message = "the engine failed too often and is left alone"
            raise MeshError(FaultCode.BUSY, message, retry_after_ms=round(wait_s * 1000))

    def _failed(self, outcome: str, pause_s: float) -> None:
        before = self._breaker.state
        self._breaker.failed(self._clock(), pause_s)
        log.warning("hosted engine failed", engine=self.name, outcome=outcome)
        if self._breaker.state is State.OPEN and before is not State.OPEN:
            seconds = round(self._breaker.wait_s(self._clock()), 1)
            log.warning("hosted engine is left alone", engine=self.name, seconds=seconds)


class Blocking:
    """A `Hosted` for engines that block: its event loop runs in a thread of its own."""

    def __init__(self, make: Callable[[], Hosted]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hosted", daemon=True)
        self._thread.start()
        self._hosted = make()
        settings = self._hosted.settings
        self._patience_s = settings.wait_s + settings.timeout_s + GRACE_S

    def ask(self, method: str, path: str, answer: type[Answer], **content: Any) -> Answer:
        """Ask from a thread, as `Hosted.ask` does from the event loop."""
        return self._wait(self._hosted.ask(method, path, answer, **content))

    def stream(self, method: str, path: str, **content: Any) -> Iterator[bytes]:
        """Stream from a thread, as `Hosted.stream` does; nothing is requested before it is consumed."""
        chunks = self._hosted.stream(method, path, **content)
        try:
            while (chunk := self._wait(_next(chunks))) is not None:
                yield chunk
        finally:  # not waited for: a generator may be collected in any thread
            asyncio.run_coroutine_threadsafe(chunks.aclose(), self._loop)

    def close(self) -> None:
        """Let the connections, the loop and its thread go."""
        self._wait(self._hosted.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(GRACE_S)
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(self._patience_s)
        except TimeoutError:  # its own limits come first, unless the loop itself has no time
            future.cancel()
            raise MeshError(FaultCode.TIMEOUT, "the engine did not answer in time") from None


class _Patience:
    """The time that is left to wait for a server; what its consumer takes meanwhile does not count."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[None]:
        """Raises: TimeoutError."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._left):
                yield
        finally:
            self._left -= clock() - began


async def _next(chunks: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(chunks, None)

"""A host and viewers of a broadcast, as clients see it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from tests.conformance.edges import ready
from tests.conformance.test_vas import START, Client, connected, ticket
from tests.support.waiting import WAIT_S

__all__ = ["BROADCAST", "START", "Refused", "Stream", "host", "made", "ready", "viewer"]

Data = dict[str, Any]
BROADCAST: Data = START | {"type": "broadcast", "translation_languages": ["es-ES", "fr-FR"]}


class Stream:
    """One viewer; `seen` is the `data` of every event."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._lines = response.aiter_lines()
        self.seen: list[Data] = []
        self.comments = 0
        self.ended = False

    async def next(self, wanted: Callable[[Data], bool]) -> Data:
        """The first event to come that is wanted."""
        async with asyncio.timeout(WAIT_S):
            async for line in self._lines:
                self.comments += line.startswith(":")
                if not line.startswith("data: "):
                    continue
                data: Data = json.loads(line.removeprefix("data: "))["data"]
                self.seen.append(data)
                if wanted(data):
                    return data
        self.ended = True
        raise EOFError("the stream is over")

    async def event(self, action: str) -> Data:
        """The next event of a kind."""
        return await self.next(lambda data: data.get("action") == action)

    async def origin(self) -> Data:
        """The next final transcript."""
        data = await self.next(lambda data: data.get("origin", {}).get("is_final", False))
        origin: Data = data["origin"]
        return origin

    async def translation(self, language: str) -> Data:
        """The next translation into it that stays: a slow machine shows more of those that do not."""
        data = await self.next(
            lambda data: data.get("translations", {}).get(language, {}).get("is_final", False)
        )
        translation: Data = data["translations"][language]
        return translation

    async def leave(self) -> None:
        """Close it."""
        await self._response.aclose()

    async def rest(self) -> list[Data]:
        """Everything until the end of the stream."""
        with suppress(EOFError):
            await self.next(lambda _: False)
        return self.seen


@asynccontextmanager
async def viewer(edge: str, token: str, **query: str) -> AsyncIterator[Stream]:
    """Somebody who watches."""
    async with (
        httpx.AsyncClient(timeout=WAIT_S) as http,
        http.stream("GET", f"{edge}/broadcast/{token}/text", params=query) as response,
    ):
        if response.status_code != 200:
            raise Refused(response.status_code, json.loads(await response.aread()))
        yield Stream(response)


class Refused(Exception):
    """A viewer was not let in."""

    def __init__(self, status: int, body: Data) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.code = status, body["error_code"]


async def made(edge: str, key: str, **wish: Any) -> Data:
    """A new broadcast."""
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        response = await http.post(f"{edge}/api/v1/broadcasts", json=wish, headers={"X-API-Key": key})
    assert response.status_code == 201, response.text
    data: Data = response.json()["data"]
    return data


@asynccontextmanager
async def host(edge: str, key: str, token: str = "", **more: Any) -> AsyncIterator[tuple[Client, Data]]:
    """The host's socket and its `session_started`."""
    async with connected(edge, await ticket(edge, key)) as client:
        named = {"broadcast_id": token} if token else {}
        await client.do("start", **(BROADCAST | named | more))
        yield client, await client.event("session_started")

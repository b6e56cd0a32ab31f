"""Sessions of a chaos run that are kept with their audio, and what the archive has of them."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import httpx

from tests.support.recorded_sessions import RecordedSession

READ_S = 20.0
READERS = 8  # sessions that are compared at a time: each may wait for the archive
SPREAD_S = 2.0  # over which they begin


@dataclass(slots=True)
class Recorded:
    """The recorded sessions, and what is wrong with what was kept of them."""

    sessions: list[RecordedSession] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def plan(
        self, sessions: int, utterances: int, words: int, numbers: Iterator[int], silence: bytes
    ) -> None:
        """So many, each with words of its own."""
        for _ in range(sessions):
            said = [list(islice(numbers, words)) for _ in range(utterances)]
            self.sessions.append(RecordedSession(said, silence))

    async def speak(self, urls: Sequence[str], key: str) -> None:
        """All of them, at edges in turn."""
        await asyncio.gather(*(self._one(n, one, urls, key) for n, one in enumerate(self.sessions)))

    @staticmethod
    async def _one(number: int, one: RecordedSession, urls: Sequence[str], key: str) -> None:
        await asyncio.sleep(random.Random(number).uniform(0, SPREAD_S))
        first = number % len(urls)
        await one.speak([*urls[first:], *urls[:first]], key)

    async def compare(self, url: str, key: str) -> None:
        """Compare what is kept, once the archive has it."""
        headers = {"Authorization": f"Bearer {key}"}
        turns = asyncio.Semaphore(READERS)

        async def compared(one: RecordedSession) -> list[str]:
            async with turns:
                return await one.compare(http)

        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=READ_S) as http:
            for problems in await asyncio.gather(*map(compared, self.sessions)):
                self.problems += problems

    @property
    def wrong(self) -> int:
        """How many things are wrong."""
        return len(self.problems)

    def line(self) -> str:
        """For people; nothing where nothing was recorded."""
        if not self.sessions:
            return ""
        kept_s = sum(sum(one.acknowledged.values()) for one in self.sessions) / 1000
        resumes = sum(max(0, one.resumes) for one in self.sessions)
        told = "".join(f"{problem}\n" for problem in self.problems[:10])
        return (
            f"recorded {len(self.sessions)}   acknowledged {kept_s:.0f} s   resumes {resumes}"
            f"   wrong {self.wrong}\n{told}"
        )

"""Speakers who go on while things break, and begin again where their session is gone."""

import asyncio
import random

from dragoman_cli.audio_source import pace
from dragoman_cli.client import TranslateError, Wish, translate
from tests.chaos.harness import OPEN_TRIES
from tests.chaos.talk import Talk
from tests.chaos.world import World

QUIET_S = 75.0


async def speaker(world: World, number: int, most: int, silence: bytes, over: asyncio.Event) -> list[Talk]:
    """One who speaks until it is over; words are numbers that no other one says.

    When the store has lost the session, and its grace is over, the client is told and begins another one.
    """
    talks = [Talk(number * most, number * most + most)]
    await asyncio.sleep(random.Random(number).uniform(0, 2))
    for _ in range(OPEN_TRIES):
        talk = talks[-1]
        if await _spoke(world, talk, silence, over):
            if not talk.ended_by_loss or over.is_set():
                break
            talks.append(Talk(talk.first + len(talk.said), talk.end))
            talk.forget_unheard()
        else:
            await asyncio.sleep(1)
    return talks


async def _spoke(world: World, talk: Talk, silence: bytes, over: asyncio.Event) -> bool:
    """Whether there was a session."""
    url, wish = world.ways["clients - edge"].url, Wish("en-US", "es-ES", resume=True)
    audio = pace(talk.frames(silence, over))
    try:
        talk.results = await translate(url, world.made.key, wish, audio, talk.show, quiet_s=QUIET_S)
    except TranslateError as exc:
        talk.results = exc.results
        if not talk.results.resume_token:  # nothing is lost
            talk.said.clear()
            return False
        if not talk.results.errors:
            talk.results.errors.append({"description": str(exc)})
    return True

"""Clients of the tests of resumption: they speak until they are told to stop, and come back after a cut."""

import asyncio

from dragoman_cli.audio_source import pace
from dragoman_cli.client import Wish, translate
from dragoman_cli.results import Results
from tests.chaos.harness import PAUSE
from tests.chaos.talk import Talk
from tests.support.waiting import SETTLE_S, WAIT_S

WISH = Wish("en-US", "es-ES", resume=True)


def speaking(
    talk: Talk, key: str, over: asyncio.Event, url: str, *others: str, wish: Wish = WISH
) -> "asyncio.Task[Results]":
    """Start a client that says `talk` at `url` until `over`; it may go on at `others`."""
    audio = pace(talk.frames(PAUSE, over))
    client = translate(url, key, wish, audio, talk.show, quiet_s=WAIT_S, settle_s=SETTLE_S, others=others)
    return asyncio.create_task(client)

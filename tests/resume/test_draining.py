"""An edge stops while clients of every kind speak: who goes on elsewhere, who is cut, and when."""

import asyncio
import itertools
import os
import signal
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from dragoman_cli.client import TranslateError, Wish
from dragoman_cli.mesh import Mesh
from dragoman_cli.results import Results
from dragoman_scripted.tones import numbers
from tests.chaos.harness import Plan, Report, mesh
from tests.chaos.talk import WORDS, Talk
from tests.resume.clients import speaking
from tests.support.waiting import until

SESSIONS = int(os.environ.get("DRAINED_SESSIONS", "16"))
DRAIN_S = 4.0
GONE_WITHIN_S = 60.0
# Between finals, beside what lies between the utterances. On a machine of its own 2 s (docs/reliability.md).
LONGEST_GAP_S = float(os.environ.get("DRAINED_GAP_S", "30"))  # of a machine that has much else to do


@pytest.fixture(scope="module")
def made() -> Iterator[Mesh]:
    with mesh(Plan(replicas={"edge": 2}), DRAGOMAN_DRAIN_S=str(DRAIN_S)) as (running, _):
        yield running


@dataclass
class Deaf(Results):
    """A client that does not know the notice: it comes back when its socket is closed."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, False if name == "reconnect" else value)


async def stopped(made: Mesh, number: int) -> float:
    """Seconds from the signal to the end of an edge; another one is started in its place."""
    replica = [r for r in made.replicas if r.service == "edge"][number]
    before = replica.process.pid
    begun = time.monotonic()
    os.kill(before, signal.SIGTERM)
    await asyncio.to_thread(replica.process.wait, begun + 2 * GONE_WITHIN_S)
    gone_s = time.monotonic() - begun
    while replica.process.pid == before or not replica.process.alive:
        made.watch()
        await asyncio.sleep(0.1)
    await asyncio.to_thread(made.ready, replica)
    return gone_s


def gap_s(results: Results) -> float:
    """The longest time between finals, beside the usual one."""
    moments = sorted(u.transcript_at for u in results.utterances.values() if u.transcript_at)
    waits = [b - a for a, b in itertools.pairwise(moments)]
    return max(waits) - statistics.median(waits)


async def test_sessions_that_can_be_resumed_go_on_elsewhere(
    made: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the clients come back when they are told, half when their socket is closed."""
    kinds = itertools.cycle((Results, Deaf))
    monkeypatch.setattr("dragoman_cli.client.Results", lambda settle_s: next(kinds)(settle_s=settle_s))
    urls = [r.url for r in made.replicas if r.service == "edge"]
    over = asyncio.Event()
    talks = [Talk(1000 * n, 1000 * n + 900) for n in range(SESSIONS)]
    clients = [speaking(talk, made.key, over, urls[1], urls[0]) for talk in talks]
    await until(lambda: all(talk.seen["final"] > 1 for talk in talks), "every client has heard something")
    gone_s = await stopped(made, 1)
    before = [talk.seen["final"] for talk in talks]
    await until(
        lambda: all(talk.seen["final"] > count + 1 for talk, count in zip(talks, before, strict=True)),
        "every client hears something at the other edge",
    )
    over.set()
    report = Report()
    gaps = []
    for talk, results in zip(talks, await asyncio.gather(*clients), strict=True):
        report.compare(talk.said, results)
        gaps.append(gap_s(results))
    print(f"gone after {gone_s:.1f} s, longest gap {max(gaps):.2f} s, resumes {report.resumes}")
    assert report.clean, report.lines()
    assert report.resumes == SESSIONS
    assert gone_s < GONE_WITHIN_S and max(gaps) < LONGEST_GAP_S


async def test_others_are_cut_between_two_utterances_and_told(made: Mesh) -> None:
    urls = [r.url for r in made.replicas if r.service == "edge"]
    talk, over = Talk(45_000, 46_000), asyncio.Event()
    client = speaking(talk, made.key, over, urls[0], wish=Wish("en-US", "es-ES"))
    await until(lambda: talk.seen["final"] > 1, "the client has heard something")
    gone_s = await stopped(made, 0)
    with pytest.raises(TranslateError) as told:
        await client
    assert "stopping; connect again" in str(told.value)
    texts = list(told.value.results.utterances.values())
    read = [numbers(text.transcript) for text in texts]
    assert all(len(words) == WORDS for words in read), "an utterance was cut"
    assert [numbers(text.translation) for text in texts] == read
    assert [number for words in read for number in words] == talk.said[: len(read) * WORDS] and len(read) >= 2
    assert DRAIN_S < gone_s < GONE_WITHIN_S

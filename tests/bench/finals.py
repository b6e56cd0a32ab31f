"""How long after a final its translation is there: the real service and a real bus, at the rate of speech.

Each session says a sentence every 4 to 5 s. A delay counts from when the final is given to the bus until its
translation, stored, comes back from it.
"""

import asyncio
import contextlib
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from dragoman_cli.load.usage import Usage
from dragoman_cli.processes import Managed, start_nats, stop_all
from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_kit.bus import Bus, connect
from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings
from tests.bench.figures import Findings, quantile
from tests.bench.flores import tree
from tests.bench.sentences import spoken

APART_S = (4.0, 5.0)
READY_S = 120.0
LAST_S = 20.0  # for the last translations to come


@dataclass(slots=True)
class Watch:
    """When finals went, and how long until their translations came (ms)."""

    sent: dict[tuple[str, int], float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    engines: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def all_came(self) -> None:
        """Wait for the last translation."""
        while self.sent:
            self.came.clear()
            await self.came.wait()

    async def heard(self, msg: Any) -> None:
        """Of everything on the bus, translations and failures."""
        now = time.monotonic()
        event = codec.decode_event(msg.data)
        if isinstance(event, ev.Translation | ev.Failure):
            began = self.sent.pop((event.session_id, event.utterance), None)
            if began is not None and isinstance(event, ev.Translation):
                self.took.append(1000 * (now - began))
                self.engines[event.engine] = self.engines.get(event.engine, 0) + 1
            self.failed += isinstance(event, ev.Failure)
            self.came.set()


def measure(found: Findings, folder: Path, sessions: int, seconds: float, pair: tuple[str, str]) -> None:
    """Start a bus and the service, speak, and stop them."""
    server, url = start_nats(folder / "nats")
    port_file = folder / "translation.port"
    environment = os.environ | {
        "DRAGOMAN_NATS_URL": url,
        "DRAGOMAN_TRANSLATION_WARM": "-".join(pair),
        "DRAGOMAN_TRANSLATION_PORT_FILE": str(port_file),
    }
    command = [sys.executable, "-m", "dragoman_translation"]
    service = Managed("translation", command, folder / "translation.log", environment).start()
    try:
        asyncio.run(_measure(found, url, service, port_file, sessions, seconds, pair))
    finally:
        stop_all([service, server])


async def _measure(
    found: Findings,
    url: str,
    service: Managed,
    port_file: Path,
    sessions: int,
    seconds: float,
    pair: tuple[str, str],
) -> None:
    async with _bus(url) as bus:
        await asyncio.to_thread(_ready, port_file)
        watch = Watch()
        await bus.nc.subscribe(subjects.session_events("*"), cb=watch.heard)
        before, began = _cpu(service), time.monotonic()
        texts = iter(spoken(1440))
        until = began + seconds
        async with asyncio.TaskGroup() as group:
            for number in range(sessions):
                group.create_task(_speaker(bus, watch, f"s_{number}", texts, until, pair))
        spent, lasted = _cpu(service) - before, time.monotonic() - began
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(watch.all_came(), LAST_S)
    name = f"{sessions} sessions, {pair[0]} → {pair[1]}"
    for percentile in (50, 95, 99):
        value = quantile(watch.took, percentile)
        found.add(f"{name}: translation after its final p{percentile}", "ms", value)
    found.add(f"{name}: finals", "count", len(watch.took))
    found.add(f"{name}: not translated", "count", watch.failed + len(watch.sent))
    found.add(f"{name}: CPU of translation", "% of a core", 100 * spent / lasted)
    print(f"served by {watch.engines}", flush=True)


async def _speaker(
    bus: Bus, watch: Watch, session: str, texts: Any, until: float, pair: tuple[str, str]
) -> None:
    chance = random.Random(session)
    await asyncio.sleep(chance.uniform(0, APART_S[1]))
    utterance = 0
    while time.monotonic() < until:
        utterance += 1
        final = _final(session, utterance, next(texts), pair)
        watch.sent[session, utterance] = time.monotonic()
        await bus.store_event(final)
        await asyncio.sleep(chance.uniform(*APART_S))


def _final(session: str, utterance: int, text: str, pair: tuple[str, str]) -> ev.Transcript:
    return ev.Transcript(
        session_id=session,
        track=0,
        epoch=1,
        utterance=utterance,
        revision=1,
        final=True,
        text=text,
        language=pair[0],
        start_ms=utterance * 4500,
        duration_ms=4500,
        work=ev.WorkOrder(target_languages=(pair[1],)),
    )


@asynccontextmanager
async def _bus(url: str) -> AsyncIterator[Bus]:
    bus = await connect(CommonSettings(nats_url=url), "bench", Health("bench", "bench"))
    try:
        yield bus
    finally:
        await bus.close()


def _ready(port_file: Path) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{port_file.read_text().strip()}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("translation was not ready in time")


def _cpu(service: Managed) -> float:
    return sum(Usage.of(pid).cpu_s for pid in tree(service.pid))

"""Speech that ends the process of its translation worker, interims first. Real processes, a real bus."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from nats.aio.msg import Msg

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_kit.bus import Bus
from dragoman_scripted.engines import CRASH, TRANSLATION, trouble
from dragoman_scripted.tones import name
from tests.support.waiting import WAIT_S, metric, until

pytestmark = pytest.mark.integration
WORKERS = 3
SUSPECT = 'dragoman_translation_tentative_total{outcome="suspect"}'
SAID = ev.Transcript(
    session_id="s_1", track=0, epoch=1, utterance=1, revision=1, final=False, text=name(1), language="en",
    start_ms=0, duration_ms=100, work=ev.WorkOrder(target_languages=("es",)),
)  # fmt: skip
DEADLY = replace(SAID, text=name(trouble(TRANSLATION, CRASH)))


class Fleet:
    """Workers, and those of them that live."""

    def __init__(self, processes: list[Process], urls: list[str]) -> None:
        self._workers = list(zip(processes, urls, strict=True))

    def living(self) -> list[str]:
        return [url for process, url in self._workers if process.returncode is None]

    def suspects(self) -> float:
        return sum(metric(url, SUSPECT) for url in self.living())


@pytest.fixture
async def fleet(bus: Bus, own_nats_url: str, tmp_path: Path) -> AsyncIterator[Fleet]:
    ports = [tmp_path / f"{number}.port" for number in range(WORKERS)]
    environment = os.environ | {
        "DRAGOMAN_NATS_URL": own_nats_url,
        "DRAGOMAN_MODELS_FETCH": "false",
        "DRAGOMAN_TRANSLATION_ENGINES": "scripted",
    }
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "dragoman_translation"),
            env=environment | {"DRAGOMAN_TRANSLATION_PORT_FILE": str(port)},
        )
        for port in ports
    ]
    try:
        await until(lambda: all(map(_written, ports)), "every worker listens")
        made = Fleet(processes, [f"http://127.0.0.1:{port.read_text().strip()}" for port in ports])
        await until(lambda: all(map(_ready, made.living())), "every worker works")
        yield made
    finally:
        for process in processes:
            if process.returncode is None:
                process.terminate()
        await asyncio.gather(*(process.wait() for process in processes))


async def test_interims_and_the_final_of_deadly_speech_end_two_workers_in_all(bus: Bus, fleet: Fleet) -> None:
    heard: list[ev.Event] = []

    async def hear(msg: Msg) -> None:
        heard.append(codec.decode_event(msg.data))

    await bus.nc.subscribe(subjects.session_events("s_1"), cb=hear)
    await say(bus, DEADLY)
    await until(lambda: len(fleet.living()) == 2, "the first interim ends its worker")
    for revision in (2, 3):
        await say(bus, replace(DEADLY, revision=revision))
        await until(lambda: fleet.suspects() == revision - 1, "no later interim is translated")  # noqa: B023
    await bus.store_event(replace(DEADLY, revision=4, final=True))
    await until(lambda: any(isinstance(event, ev.Failure) for event in heard), "the final is given up")
    assert len(fleet.living()) == 1
    good = replace(SAID, utterance=2, final=True)
    await bus.store_event(good)
    await until(lambda: any(isinstance(event, ev.Translation) for event in heard), "the last worker works")
    assert len(fleet.living()) == 1


async def say(bus: Bus, interim: ev.Transcript) -> None:
    await bus.nc.publish(subjects.tentative("s_1", 0), codec.encode_event(interim))


def _written(port: Path) -> bool:
    return port.exists() and bool(port.read_text().strip())


def _ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/readyz", timeout=WAIT_S) as answer:
            return bool(answer.status == 200)
    except HTTPError:
        return False

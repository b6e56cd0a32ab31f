"""The whole mesh with a recogniser that keeps the state of its streams and finds the endpoints itself."""

from collections.abc import Iterator

import pytest

from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import numbers
from tests.chaos.harness import Plan, mesh
from tests.conformance.native import session

pytestmark = pytest.mark.mesh


@pytest.fixture(scope="module")
def made() -> Iterator[Mesh]:
    plan = Plan(replicas={"edge": 1, "stt": 1, "translation": 1, "tts": 1})
    with mesh(plan, DRAGOMAN_STT_ENGINE="scripted-streaming") as (running, _):
        yield running


async def test_what_a_streaming_engine_hears_is_shown_translated_and_spoken(made: Mesh) -> None:
    edge = next(r.url for r in made.replicas if r.service == "edge")
    async with session(edge, made.key) as talk:
        await talk.say([0x12, 0x34])
        interim = await talk.until("transcript", final=False)
        assert numbers(interim["text"]) == [0x12, 0x34][: len(numbers(interim["text"]))]
        assert interim["stable_length"] == len(interim["text"])
        final = await talk.until("transcript", final=True)
        assert numbers(final["text"]) == [0x12, 0x34]
        assert (await talk.until("translation", final=True))["text"] == "es:w0012 es:w0034"
        await talk.say([0x56])
        assert numbers((await talk.until("transcript", final=True))["text"]) == [0x56]

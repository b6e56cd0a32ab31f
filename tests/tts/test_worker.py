"""The worker on a real nats-server; speech over HTTP from a server that dies."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_kit.bus import Bus
from dragoman_scripted.engines import ScriptedSynthesiser
from dragoman_scripted.tones import pcm_to_words
from dragoman_tts.engines.base import Piece, Synthesiser, Voice
from dragoman_tts.engines.openai import OpenAI
from dragoman_tts.settings import OpenAISettings
from dragoman_tts.worker import TtsWorker
from tests.hosted import chat_server
from tests.hosted.stand import KEY, Stand, standing
from tests.support.waiting import WAIT_S


@pytest.fixture
def server() -> Iterator[Stand]:
    with standing(chat_server.application()) as stand:
        yield stand


@pytest.fixture
def hosted(server: Stand) -> Iterator[OpenAI]:
    made = OpenAI(OpenAISettings(url=f"{server.url}/v1", key=KEY, timeout_s=2, failures=2))
    yield made
    made.close()


def translation(utterance: int, **work: Any) -> ev.Translation:
    return ev.Translation(
        session_id="s_1", track=0, epoch=1, utterance=utterance, revision=1, final=True, language="es-ES",
        text="w0012 w0034", source_language="en", source_text="x", start_ms=0, duration_ms=1,
        work=ev.WorkOrder(speech=True, **work),
    )  # fmt: skip


@asynccontextmanager
async def listening(bus: Bus) -> AsyncIterator["asyncio.Queue[Any]"]:
    """What workers publish."""
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def on_message(msg: Any) -> None:
        event = codec.decode_event(msg.data)
        if not isinstance(event, ev.Translation):
            heard.put_nowait(event)

    await bus.nc.subscribe(subjects.session_events("s_1"), cb=on_message)
    yield heard


@asynccontextmanager
async def working(bus: Bus, *engines: Synthesiser) -> AsyncIterator["asyncio.Queue[Any]"]:
    """What the worker publishes, while it works."""
    worker = TtsWorker(bus, list(engines), 2, 80, "test")
    async with listening(bus) as heard, asyncio.TaskGroup() as group:
        group.create_task(worker.work.run())
        yield heard
        worker.work.stop()


async def speech(heard: "asyncio.Queue[Any]") -> bytes:
    pcm = b""
    while True:
        event = await asyncio.wait_for(heard.get(), WAIT_S)
        assert isinstance(event, ev.SpeechChunk), event
        pcm += event.audio
        if event.last:
            return pcm


def words(pcm: bytes) -> list[int]:
    return [number for number, _ in pcm_to_words(pcm)]


async def test_the_next_engine_speaks_when_the_server_is_down(
    bus: Bus, hosted: OpenAI, server: Stand
) -> None:
    async with working(bus, hosted, ScriptedSynthesiser()) as heard:
        await bus.store_event(translation(1))
        assert words(await speech(heard)) == []
        server.always = 500
        for utterance in (2, 3, 4):
            await bus.store_event(translation(utterance))
            assert words(await speech(heard)) == [0x12, 0x34]
    assert len(server.asked) == 3  # the fourth was not even tried


async def test_a_session_that_named_the_voice_is_spoken_to_all_the_same(
    bus: Bus, hosted: OpenAI, server: Stand
) -> None:
    server.always = 500
    choices = (ev.VoiceChoice(voice="openai-onyx"),)
    async with working(bus, ScriptedSynthesiser(), hosted) as heard:
        await bus.store_event(translation(1, voices=choices))
        assert words(await speech(heard)) == [0x12, 0x34]


async def test_a_tier_names_the_engine(bus: Bus, hosted: OpenAI, server: Stand) -> None:
    async with working(bus, ScriptedSynthesiser(), hosted) as heard:
        await bus.store_event(translation(1, tts=ev.EngineChoice(engine="openai")))
        assert words(await speech(heard)) == [] and len(server.asked) == 1


async def test_without_another_engine_the_failure_is_told(bus: Bus, hosted: OpenAI, server: Stand) -> None:
    server.always = 500
    async with working(bus, hosted) as heard:
        await bus.store_event(translation(1))
        failure = await asyncio.wait_for(heard.get(), WAIT_S)
    assert isinstance(failure, ev.Failure) and failure.stage is ev.Stage.TTS


async def test_a_reserved_engine_speaks_only_where_it_is_named(bus: Bus, server: Stand) -> None:
    settings = OpenAISettings(url=f"{server.url}/v1", key=KEY, only_named=True)
    reserved = OpenAI(settings)
    async with working(bus, reserved, ScriptedSynthesiser()) as heard:
        await bus.store_event(translation(1))
        assert words(await speech(heard)) == [0x12, 0x34] and not server.asked
        await bus.store_event(translation(2, tts=ev.EngineChoice(engine="openai")))
        assert words(await speech(heard)) == [] and len(server.asked) == 1
    told = TtsWorker(bus, [reserved, ScriptedSynthesiser()], 1, 80, "test").capabilities().voices
    assert {voice.engine for voice in told} == {"scripted"}
    reserved.close()


class Timed(ScriptedSynthesiser):
    """Remembers how fast it was to speak."""

    def __init__(self) -> None:
        self.speeds: list[float] = []

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        self.speeds.append(speed)
        return super().synthesise(text, voice, speed)


async def test_a_session_that_is_behind_is_spoken_faster_beside_its_own_rate(bus: Bus) -> None:
    engine = Timed()
    worker = TtsWorker(bus, [engine], 2, 80, "test")
    async with listening(bus) as heard, worker.announced(), asyncio.TaskGroup() as group:
        group.create_task(worker.work.run())
        pace = rpc.SpeechPace(session_id="s_1", track=0, language="es-ES", rate=1.2)
        await bus.nc.publish(subjects.speech_pace("s_1", 0, "es-ES"), codec.encode(pace))
        await bus.nc.flush()
        await bus.store_event(translation(1))
        await speech(heard)
        await bus.store_event(translation(2, voices=(ev.VoiceChoice(rate=1.5),)))
        await speech(heard)
        worker.work.stop()
    assert engine.speeds == [pytest.approx(1.2), pytest.approx(1.8)]

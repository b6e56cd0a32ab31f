"""What the worker publishes for a translation: speech, the next engine's speech, or a failure."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_tts.engines.base import Piece, Voice
from dragoman_tts.worker import OUTSTANDING, TtsWorker
from tests.support.recording_bus import RecordingBus, WorkMessage, work
from tests.tts.test_speech import Ramp


class Engine(Ramp):
    """One voice of each gender; fails as it is told to, after so many pieces."""

    def __init__(self, name: str, failure: DragomanError | None = None, after: int = 0) -> None:
        super().__init__(40)
        self.name = name
        self.failure = failure
        self.after = after
        self.voices_used: list[str] = []

    def voices(self) -> list[Voice]:
        return [Voice(f"{self.name}-{g}", "es-ES", g, 16_000, self.name) for g in ("female", "male")]

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        self.voices_used.append(voice.id)
        for _ in range(self.after):
            yield from super().synthesise(text, voice, speed)
        if self.failure is not None:
            raise self.failure
        yield from super().synthesise(text, voice, speed)


class Reserved(Engine):
    only_named = True


BROKEN = MeshError(FaultCode.ENGINE_FAILED, "no")


def translation(text: str = "Hola.", language: str = "es-ES", **order: Any) -> ev.Translation:
    return ev.Translation(
        session_id="s_1", track=2, epoch=3, utterance=4, revision=1, final=True, language=language,
        text=text, source_language="en", source_text="x", start_ms=0, duration_ms=1,
        work=ev.WorkOrder(**{"speech": True, **order}),
    )  # fmt: skip


async def done(event: ev.Translation, *engines: Engine, tries: int = 1) -> RecordingBus:
    bus = RecordingBus()
    worker = TtsWorker(bus.bus, list(engines), 1, 20, "7")
    await worker.process(event, work(event, tries).msg)
    return bus


def chunks(bus: RecordingBus) -> list[ev.SpeechChunk]:
    return sorted(
        (event for event in bus.stored if isinstance(event, ev.SpeechChunk)), key=lambda c: c.sample_offset
    )


async def test_speech_is_of_its_utterance_and_whole() -> None:
    said = chunks(await done(translation(), Engine("one")))
    assert {(c.session_id, c.track, c.epoch, c.utterance, c.language) for c in said} == {
        ("s_1", 2, 3, 4, "es-ES")
    }
    assert sum(len(c.audio) for c in said) == 40 * 32 and [c.last for c in said][-1]
    assert [c.last for c in said].count(True) == 1


async def test_what_is_not_to_be_spoken_is_not() -> None:
    engine = Engine("one")
    assert (await done(translation(speech=False), engine)).stored == [] and engine.asked == []


async def test_the_next_engine_speaks_in_a_voice_of_the_same_gender() -> None:
    first, second = Engine("one", BROKEN), Engine("two")
    said = chunks(await done(translation(voices=(ev.VoiceChoice(voice="male"),)), first, second))
    assert said and second.voices_used == ["two-male"]


async def test_without_a_next_engine_the_work_fails_to_be_tried_again() -> None:
    with pytest.raises(MeshError) as caught:
        await done(translation(), Engine("one", BROKEN), Engine("two", BROKEN))
    assert caught.value is BROKEN


async def test_work_that_comes_again_keeps_its_voice() -> None:
    second = Engine("two")
    with pytest.raises(MeshError):
        await done(translation(), Engine("one", BROKEN), second, tries=2)
    assert second.voices_used == []


async def test_an_engine_that_breaks_in_the_middle_is_not_replaced() -> None:
    second = Engine("two")
    with pytest.raises(ExceptionGroup):
        await done(translation(), Engine("one", BROKEN, after=20), second)
    assert second.voices_used == []


async def test_a_language_without_a_voice_is_told_to_the_session() -> None:
    (failure,) = (await done(translation(language="tlh"), Engine("one"))).stored
    assert isinstance(failure, ev.Failure)
    assert (failure.code, failure.stage, failure.language, failure.utterance) == (
        FaultCode.UNSUPPORTED_LANGUAGE, ev.Stage.TTS, "tlh", 4,
    )  # fmt: skip


async def test_a_reserved_engine_speaks_only_where_it_is_named() -> None:
    reserved, other = Reserved("dear"), Engine("cheap")
    await done(translation(), reserved, other)
    assert reserved.voices_used == [] and other.voices_used == ["cheap-female"]
    await done(translation(tts=ev.EngineChoice(engine="dear")), reserved, other)
    assert reserved.voices_used == ["dear-female"]
    told = TtsWorker(RecordingBus().bus, [reserved, other], 1, 20, "7").capabilities()
    assert {voice.engine for voice in told.voices} == {"cheap"} and told.build == "7"


async def test_only_so_many_chunks_wait_for_the_stream() -> None:
    waiting, most = 0, 0

    class Slow(RecordingBus):
        async def store_event(self, event: ev.Event, patience_s: float = 0) -> None:
            nonlocal waiting, most
            waiting += 1
            most = max(most, waiting)
            await asyncio.sleep(0)
            waiting -= 1

    bus = Slow()
    engine = Engine("one", after=200)
    await TtsWorker(bus.bus, [engine], 1, 20, "7").process(translation(), WorkMessage(b"").msg)
    assert 1 < most <= OUTSTANDING


async def test_work_that_is_given_up_fails_in_its_language() -> None:
    bus = RecordingBus()
    await TtsWorker(bus.bus, [Engine("one")], 1, 20, "7")._give_up(work(translation()).msg, "timeout")
    (failure,) = bus.stored
    assert isinstance(failure, ev.Failure)
    assert (failure.language, failure.message) == ("es-ES", "speech failed (timeout)")
    assert bus.dead == [("tts", "s_1", "timeout")]

"""What the worker publishes for a transcript: a translation or a failure for each language."""

from typing import Any, cast

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_translation.translate import Translation
from dragoman_translation.worker import PAGE, TranslationWorker
from tests.support.recording_bus import RecordingBus, work


class Engines:
    """Shouts; has so many pairs; fails in a language as it is told to."""

    def __init__(self, pairs: int = 1, failures: dict[str, Exception] | None = None) -> None:
        self.count = pairs
        self.failures = failures or {}

    def pairs(self) -> tuple[rpc.LanguagePair, ...]:
        return tuple(rpc.LanguagePair(source="en", target=f"x{n}") for n in range(self.count))

    async def translate(self, transcript: ev.Transcript, target: str) -> tuple[str, str]:
        if target in self.failures:
            raise self.failures[target]
        return transcript.text.upper(), "shout"


def transcript(*languages: str) -> ev.Transcript:
    return ev.Transcript(
        session_id="s_1", track=2, epoch=3, utterance=4, revision=5, final=True, text="hello", language="en",
        start_ms=10, duration_ms=20, work=ev.WorkOrder(target_languages=languages),
    )  # fmt: skip


def worker(bus: RecordingBus, engines: Engines, **more: Any) -> TranslationWorker:
    return TranslationWorker(bus.bus, cast(Translation, engines), 1, "7", **more)


async def test_each_language_has_its_translation_of_the_same_utterance() -> None:
    bus, wanted = RecordingBus(), []
    event = transcript("es", "fr")
    made = worker(bus, Engines(), want=lambda source, target: wanted.append((source, target)))
    await made.process(event, work(event).msg)
    first, second = (cast(ev.Translation, stored) for stored in bus.stored)
    assert (first.language, second.language) == ("es", "fr") and wanted == [("en", "es"), ("en", "fr")]
    assert (first.text, first.engine, first.source_text) == ("HELLO", "shout", "hello")
    assert (first.session_id, first.track, first.epoch, first.utterance, first.revision) == (
        "s_1",
        2,
        3,
        4,
        5,
    )
    assert (first.start_ms, first.duration_ms, first.final, first.work) == (10, 20, True, event.work)


async def test_a_language_that_cannot_be_is_told_and_the_others_go_on() -> None:
    bus = RecordingBus()
    event = transcript("tlh", "es")
    refusal = PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "no way")
    await worker(bus, Engines(failures={"tlh": refusal})).process(event, work(event).msg)
    failure, translation = bus.stored
    assert isinstance(failure, ev.Failure) and isinstance(translation, ev.Translation)
    assert (failure.language, failure.code, failure.stage) == ("tlh", refusal.code, ev.Stage.TRANSLATION)


async def test_a_failure_of_ours_has_the_work_tried_again() -> None:
    event = transcript("es")
    broken = MeshError(FaultCode.ENGINE_FAILED, "no")
    with pytest.raises(MeshError):
        await worker(RecordingBus(), Engines(failures={"es": broken})).process(event, work(event).msg)


async def test_work_that_is_given_up_fails_in_every_wanted_language() -> None:
    bus = RecordingBus()
    await worker(bus, Engines())._give_up(work(transcript("es", "fr")).msg, "timeout")
    assert [cast(ev.Failure, event).language for event in bus.stored] == ["es", "fr"]


@pytest.mark.parametrize(("count", "pages"), [(0, 0), (1, 1), (PAGE, 1), (PAGE + 1, 2)])
def test_pairs_come_in_pages(count: int, pages: int) -> None:
    made = worker(RecordingBus(), Engines(count))
    assert made.capabilities().pages == pages and made.capabilities().build == "7"
    found = [pair for page in range(max(1, pages)) for pair in made.capabilities(page).pairs]
    assert len(found) == count and made.capabilities(pages).pairs == ()

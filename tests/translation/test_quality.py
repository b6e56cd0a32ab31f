"""A wrong chain, a lost sentence or a mixed-up language is seen: real engines on sentences of our own.

The thresholds (chrF) are about ten points below what was measured; a sentence alone may be much worse.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import sacrebleu

from dragoman_contract import events as ev
from dragoman_translation.engines.apertium import Apertium
from dragoman_translation.engines.base import Job, Pair, Translator
from dragoman_translation.engines.bergamot import Bergamot
from dragoman_translation.translate import Translation
from tests.translation.quality_sentences import SENTENCES

pytestmark = pytest.mark.integration

MB = 1_000_000
LINES = {language: text.strip().splitlines() for language, text in SENTENCES.items()}
LEAST = {
    ("en", "pt"): 76, ("pt", "en"): 79, ("en", "es"): 66, ("es", "en"): 72, ("en", "fr"): 56,
    ("fr", "en"): 58, ("en", "ca"): 63, ("ca", "en"): 68, ("es", "ca"): 79, ("ca", "es"): 78,
    ("es", "fr"): 58, ("fr", "es"): 57, ("es", "pt"): 66, ("pt", "es"): 67, ("pt", "fr"): 55,
    ("fr", "pt"): 53, ("pt", "ca"): 63, ("ca", "pt"): 63, ("fr", "ca"): 53, ("ca", "fr"): 55,
}  # fmt: skip
WORST = 20  # of any sentence: less says something else, or says it in another language


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines(
    wheel_models: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Translator]]:
    """What an installation without a hub has."""
    folder = tmp_path_factory.mktemp("models")
    for path in wheel_models:
        (folder / path.name).symlink_to(path)
    made: dict[str, Translator] = {"bergamot": Bergamot(folder, 1, 400 * MB), "apertium": Apertium()}
    yield made
    for engine in made.values():
        await engine.close()


def transcript(text: str, language: str) -> ev.Transcript:
    return ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, text=text, language=language,
        start_ms=0, duration_ms=1000, work=ev.WorkOrder(),
    )  # fmt: skip


def chrf(said: list[str], language: str) -> float:
    return float(sacrebleu.corpus_chrf(said, [LINES[language]]).score)


def problems(said: list[str], language: str, least: float) -> list[str]:
    """What is wrong with translations into a language."""
    found = [] if chrf(said, language) >= least else [f"chrF {chrf(said, language):.1f} < {least}"]
    for text, reference in zip(said, LINES[language], strict=True):
        score = sacrebleu.sentence_chrf(text, [reference]).score
        if score < WORST:
            found.append(f"{score:.0f}: {text}")
    return found


async def translated(engines: dict[str, Translator], source: str, target: str) -> list[str]:
    translation = Translation(engines)
    return [(await translation.translate(transcript(text, source), target))[0] for text in LINES[source]]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("pair", LEAST)
async def test_a_translation_says_what_it_should(
    engines: dict[str, Translator], pair: tuple[str, str]
) -> None:
    source, target = pair
    assert Translation(engines).chains(*pair)[0].uses("bergamot") or "en" not in pair
    assert problems(await translated(engines, source, target), target, LEAST[pair]) == []


class WrongWay:
    """Takes one language for another."""

    name = "apertium"
    heeds: frozenset[str] = frozenset()

    def __init__(self, apertium: Translator, mixed: dict[str, str]) -> None:
        self._apertium = apertium
        self._mixed = mixed

    def pairs(self) -> list[Pair]:
        return self._apertium.pairs()

    async def warm(self, pairs: list[Pair]) -> None:
        await self._apertium.warm(pairs)

    async def translate(self, job: Job) -> str:
        target = self._mixed.get(job.target, job.target)
        return await self._apertium.translate(Job(job.text, job.source, target))

    async def close(self) -> None:
        """The real one is closed elsewhere."""


@pytest.mark.asyncio(loop_scope="module")
async def test_a_mixed_up_language_would_be_seen(engines: dict[str, Translator]) -> None:
    """Catalan for French, by an engine that takes one mode for another."""
    wrong = WrongWay(engines["apertium"], {"fr": "ca"})
    assert problems(await translated({"apertium": wrong}, "es", "fr"), "fr", LEAST["es", "fr"])


def test_a_lost_sentence_and_a_text_that_was_not_translated_would_be_seen() -> None:
    for language, least in (("es", LEAST["en", "es"]), ("pt", LEAST["en", "pt"])):
        said = list(LINES[language])
        assert problems(said, language, least) == []
        said[3] = ""
        assert len(problems(said, language, least)) == 1
        assert problems(LINES["en"], language, least)


def test_line_n_of_each_language_is_the_same_sentence() -> None:
    assert {len(lines) for lines in LINES.values()} == {25}
    assert all(len(set(lines)) == 25 for lines in LINES.values())

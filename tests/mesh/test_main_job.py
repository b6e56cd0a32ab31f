"""The main job on real parts: speech in at real-time pace; texts, order, identities and audio out."""

import asyncio
import time

import httpx
import numpy as np
import pytest

from dragoman_cli.audio_source import BYTES_PER_S, paced
from dragoman_cli.client import Wish, translate
from dragoman_cli.results import Results
from dragoman_contract.events import Transcript
from dragoman_translation.engines import load
from dragoman_translation.settings import TranslationSettings
from dragoman_translation.translate import Translation
from dragoman_tts.demo import say
from tests.mesh.conftest import Mesh
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh

SPOKEN = (
    "Good morning, and welcome to the house of the interpreters.",
    "Today a machine listens to your words.",
    "Thank you for your visit.",
)


def plain(text: str) -> list[str]:
    """Words without case and punctuation."""
    return "".join(c.lower() if c.isalnum() else " " for c in text).split()


def word_errors(said: str, heard: str) -> int:
    """Edit distance in words."""
    a, b = plain(said), plain(heard)
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


async def translated(texts: list[str]) -> list[str]:
    """What the engines themselves make of texts by the best chain to Spanish, outside of any mesh."""
    engines = load(TranslationSettings())
    translation = Translation(engines)
    try:
        return [(await translation.translate(final(text), "es-ES"))[0] for text in texts]
    finally:
        for engine in engines.values():
            await engine.close()


def final(text: str) -> Transcript:
    """A final of English."""
    return Transcript(
        session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, text=text,
        language="en", start_ms=0, duration_ms=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def spoken() -> bytes:
    """Three sentences with pauses, canonical audio."""
    pause = bytes(BYTES_PER_S)
    return pause[: BYTES_PER_S // 2] + pause.join(say(text, "en-us") for text in SPOKEN)


@pytest.fixture(scope="module")
def results(mesh: Mesh, spoken: bytes) -> Results:
    """One session through the public websocket."""
    wish = Wish("en-US", "es-ES", "female")
    return asyncio.run(translate(mesh.edge, mesh.key, wish, paced(spoken), quiet_s=WAIT_S))


def test_every_sentence_is_recognised(results: Results) -> None:
    heard = " ".join(u.transcript for u in results.utterances.values())
    said = " ".join(SPOKEN)
    assert word_errors(said, heard) <= len(plain(said)) // 10


async def test_each_translation_is_the_engines_of_its_transcript(results: Results) -> None:
    utterances = list(results.utterances.values())
    made = await translated([utterance.transcript for utterance in utterances])
    assert [plain(utterance.translation) for utterance in utterances] == [plain(text) for text in made]


def test_results_come_once_each_and_in_order(results: Results) -> None:
    ids = list(results.utterances)
    for kind in ("transcript", "translation"):
        assert [i for k, i in results.order if k == kind] == ids
    numbers = [int(i.rpartition("-")[2]) for i in ids]
    assert numbers == list(range(1, len(ids) + 1))
    assert results.errors == []


def test_a_translation_never_comes_before_its_transcript(results: Results) -> None:
    for i in results.utterances:
        assert results.order.index(("transcript", i)) < results.order.index(("translation", i))


def test_the_speech_is_sound_of_a_plausible_length(results: Results) -> None:
    samples = np.frombuffer(bytes(results.audio), "<i2")
    seconds = len(samples) / 16_000
    words = sum(len(plain(u.translation)) for u in results.utterances.values())
    assert 0.15 * words < seconds < 1.0 * words
    assert np.sqrt(np.mean(samples.astype(float) ** 2)) > 300


def test_the_session_is_charged_once_and_nothing_stays_held(mesh: Mesh, results: Results) -> None:
    headers = {"Authorization": f"Bearer {mesh.admin_token}"}
    deadline = time.monotonic() + WAIT_S
    while True:
        url = f"{mesh.admin_url}/v1/accounts/acc_development"
        balance = httpx.get(f"{url}/balance", headers=headers, timeout=WAIT_S).json()
        if balance["held"] == 0 or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    assert balance["held"] == 0
    assert balance["charged"] > 0
    assert balance["available"] == balance["topped"] - balance["charged"]
    assert httpx.get(f"{url}/reconciliation", headers=headers, timeout=WAIT_S).json()["problems"] == []


def test_silence_gives_no_text(mesh: Mesh) -> None:
    async def silence() -> Results:
        return await translate(
            mesh.edge, mesh.key, Wish("en-US", "es-ES"), paced(bytes(3 * BYTES_PER_S)), quiet_s=2
        )

    assert asyncio.run(silence()).utterances == {}

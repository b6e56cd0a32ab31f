"""A client of the native API that changes its mind in mid-sentence, and a translator slower than speech."""

import asyncio

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_scripted.engines import SLOW, TRANSLATION, trouble
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.conformance.native import PAUSE, Talk, session
from tests.support.waiting import WAIT_S

SENTENCE, NEXT = [*range(1, 13)], [*range(21, 27)]
HALF = 2 * BYTES_PER_S  # bytes of the first sentence that are said before


async def midway(made: Talk, **update: object) -> None:
    """Half a sentence, an update, the rest, and another sentence."""
    said = words_to_pcm(SENTENCE) + PAUSE
    await made.play(said[:HALF])
    await made.send(type="update", id="u", **update)
    await made.until("updated", id="u")
    await made.play(said[HALF:])
    await made.say(NEXT)
    await made.send(type="end")
    assert await made.over() == 1000


async def test_a_target_that_changes_in_mid_sentence_is_that_of_the_next_one(edge: str, key: str) -> None:
    async with session(edge, key, speech=False) as made:
        await midway(made, to=["fr-FR"])
    finals = made.of("translation", final=True)
    assert [(m["utterance"], m["language"], numbers(m["text"])) for m in finals] == [
        (1, "es-ES", SENTENCE),
        (2, "fr-FR", NEXT),
    ]
    tentative = {(m["utterance"], m["language"]) for m in made.of("translation", final=False)}
    assert tentative <= {(1, "es-ES"), (2, "fr-FR")}


async def test_a_voice_that_changes_in_mid_sentence_speaks_both_to_their_ends(edge: str, key: str) -> None:
    async with session(edge, key, voices={"es-ES": "male"}) as made:
        await midway(made, voices={"es-ES": "female"})
    ends = [(m["utterance"], m["last"]) for m in made.of("speech") if m["last"]]
    assert ends == [(1, True), (2, True)]
    assert [len(audio) > 0 for audio in made.speech.values()] == [True, True]


async def test_a_stability_that_changes_in_mid_sentence_takes_nothing_back(edge: str, key: str) -> None:
    async with session(edge, key, speech=False, stability="live") as made:
        await midway(made, stability="steady")
        after = made.messages[made.messages.index(made.of("updated")[0]) :]
    shown: dict[int, str] = {}
    for message in (m for m in after if m["type"] == "translation"):
        assert message["text"].startswith(shown.get(message["utterance"], ""))
        shown[message["utterance"]] = message["text"]
    assert [numbers(text) for text in shown.values()] == [SENTENCE, NEXT]


async def test_a_translator_slower_than_speech_is_asked_less_and_loses_nothing(edge: str, key: str) -> None:
    slow = [[trouble(TRANSLATION, SLOW), *range(n, n + 8)] for n in (1, 11)]
    async with session(edge, key, speech=False) as made:
        await made.say(*slow, speed=2)
        await made.send(type="end")
        async with asyncio.timeout(WAIT_S):
            assert await made.over() == 1000
    finals = made.of("translation", final=True)
    assert [numbers(m["text"]) for m in finals] == slow
    interims = len(made.of("transcript", final=False))
    assert len(made.of("translation", final=False)) < interims

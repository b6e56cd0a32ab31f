"""Chains, glossary and alternatives on real Apertium."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_translation.engines.apertium import Apertium
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.whisper import WhisperEnglish
from dragoman_translation.translate import Translation

pytestmark = pytest.mark.integration


@pytest.fixture
async def translation() -> AsyncIterator[Translation]:
    apertium = Apertium()
    yield Translation({"apertium": apertium, "whisper": WhisperEnglish()})
    await apertium.close()


def transcript(text: str, language: str = "en-US", english: str = "", **work: Any) -> ev.Transcript:
    return ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, text=text, language=language,
        start_ms=0, duration_ms=1000, work=ev.WorkOrder(**work),
        alternatives=(ev.Alternative(language="en", text=english),) if english else (),
    )  # fmt: skip


async def test_english_to_french_is_chained(translation: Translation) -> None:
    text, engine = await translation.translate(transcript("The house is white."), "fr-FR")
    assert engine == "apertium:en-es+apertium:es-fr"
    assert "maison" in text


@pytest.mark.parametrize("target", ["es-ES", "fr-FR"])
async def test_a_dictionary_term_comes_out_exactly_as_given(translation: Translation, target: str) -> None:
    terms = (ev.Term(source="referral", target="Überweisung"), ev.Term(source="copay", target="quote-part"))
    said = transcript("The doctor needs the referral and the Copay today.", dictionary=terms)
    text, _ = await translation.translate(said, target)
    assert "Überweisung" in text
    assert "quote-part" in text
    assert "zq" not in text.lower()


async def test_the_recognisers_english_is_used_where_nothing_else_can(translation: Translation) -> None:
    said = transcript("Das ist gut.", "de-DE", english="That is good.")
    assert await translation.translate(said, "en-GB") == ("That is good.", "whisper:de-en")


async def test_the_recognisers_english_is_the_pivot_of_a_chain(translation: Translation) -> None:
    said = transcript("Das Haus ist weiß.", "de-DE", english="The house is white.")
    text, engine = await translation.translate(said, "es-ES")
    assert engine == "whisper:de-en+apertium:en-es"
    assert "casa" in text.lower()


async def test_the_engine_that_a_key_wants_goes_first(translation: Translation) -> None:
    choice = ev.EngineChoice(engine="whisper")
    said = transcript("La casa es blanca.", "es-ES", english="ENGLISH", translation=choice)
    assert (await translation.translate(said, "en-US"))[0] == "ENGLISH"
    plain = transcript("La casa es blanca.", "es-ES", english="ENGLISH")
    assert (await translation.translate(plain, "en-US"))[1] == "apertium:es-en"


async def test_the_same_language_and_empty_text_pass_through(translation: Translation) -> None:
    assert (await translation.translate(transcript("Hello."), "en-GB"))[0] == "Hello."
    assert (await translation.translate(transcript(""), "es-ES"))[0] == ""


async def test_a_pair_without_a_way_is_unsupported(translation: Translation) -> None:
    with pytest.raises(PeerError) as caught:
        await translation.translate(transcript("hello"), "tlh")
    assert caught.value.code is FaultCode.UNSUPPORTED_LANGUAGE


async def test_pairs_say_when_they_want_the_recognisers_english(translation: Translation) -> None:
    pairs = {(p.source, p.target): p.english for p in translation.pairs()}
    assert pairs["en", "es"] is False
    assert pairs["de", "es"] is True


async def test_names_of_the_context_are_not_translated(translation: Translation) -> None:
    said = "Silver Lake sells the house."
    known, _ = await translation.translate(transcript(said, context="A call of Silver Lake."), "es-ES")
    plain, _ = await translation.translate(transcript(said), "es-ES")
    assert "Silver Lake" in known and "Silver Lake" not in plain


class Parrot:
    """Says what it was asked."""

    name = "parrot"
    heeds: frozenset[str] = frozenset({"label"})

    def pairs(self) -> list[Pair]:
        return [Pair("en", "es")]

    async def warm(self, pairs: list[Pair]) -> None:
        pass

    async def translate(self, job: Job) -> str:
        return f"{job.source_label}|{job.label}|{job.settings}|{job.text}"

    async def close(self) -> None:
        pass


async def test_labels_and_settings_are_part_of_what_is_asked() -> None:
    translation = Translation({"parrot": Parrot()})
    labels = (ev.Label(language="en", text="slang"), ev.Label(language="es-ES", text="pirate"))
    choice = ev.EngineChoice(settings={"tone": "dry"})
    asked: list[dict[str, Any]] = [{}, {"labels": labels}, {"translation": choice}, {}]
    texts = [(await translation.translate(transcript("Hey", **work), "es"))[0] for work in asked]
    assert texts == ["||{}|Hey", "slang|pirate|{}|Hey", "||{'tone': 'dry'}|Hey", "||{}|Hey"]


async def test_between_terms_stands_one_space() -> None:
    class Swallower(Parrot):
        async def translate(self, job: Job) -> str:
            return "…" if "Zq" in job.text else job.text.upper()

    said = transcript(
        "one two three", dictionary=(ev.Term(source="one", target="one"), ev.Term(source="two", target="two"))
    )
    assert (await Translation({"parrot": Swallower()}).translate(said, "es"))[0] == "one two THREE"

"""Hosted translators in chains with real Apertium: a tier names them, and others go on where they fail."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_translation.engines.apertium import Apertium
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.deepl import DeepL
from dragoman_translation.engines.openai import OpenAI
from dragoman_translation.hosted import DeepLSettings, OpenAISettings
from dragoman_translation.translate import Translation
from tests.hosted import chat_server, text_servers
from tests.hosted.stand import KEY, Stand, standing

pytestmark = pytest.mark.integration

NAMED: dict[str, Any] = {"translation": ev.EngineChoice(engine="openai", settings={"model": "large"})}


@pytest.fixture
def server() -> Iterator[Stand]:
    with standing(chat_server.application()) as stand:
        yield stand


@pytest.fixture
async def apertium() -> AsyncIterator[Apertium]:
    made = Apertium()
    yield made
    await made.close()


def openai(server: Stand, **more: Any) -> OpenAI:
    few = {"key": KEY, "model": "m", "languages": "en,es,fr,pt,ca,de", "failures": 3, "timeout_s": 1, **more}
    return OpenAI(OpenAISettings(url=f"{server.url}/v1", **few))


@pytest.fixture
async def hosted(server: Stand) -> AsyncIterator[OpenAI]:
    made = openai(server)
    yield made
    await made.close()


@pytest.fixture
async def reserved(server: Stand) -> AsyncIterator[OpenAI]:
    made = openai(server, only_named=True)
    yield made
    await made.close()


def transcript(text: str = "The house is white.", preceding: str = "", **work: Any) -> ev.Transcript:
    return ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, text=text, language="en-US",
        start_ms=0, duration_ms=1000, preceding=preceding, work=ev.WorkOrder(**work),
    )  # fmt: skip


async def test_the_next_chain_translates_when_the_server_fails(
    hosted: OpenAI, apertium: Apertium, server: Stand
) -> None:
    translation = Translation({"openai": hosted, "apertium": apertium})
    assert await translation.translate(transcript(), "es-ES") == ("La casa es blanca.", "openai:en-es")
    server.always = 500
    for number in range(5):
        text, by = await translation.translate(transcript(f"The house is white {number}."), "es-ES")
        assert by == "apertium:en-es" and "casa" in text
    assert len(server.asked) == 4  # three failures opened the breaker; no other pair of the server was tried


async def test_a_server_that_is_gone_is_passed_over(
    hosted: OpenAI, apertium: Apertium, server: Stand
) -> None:
    translation = Translation({"openai": hosted, "apertium": apertium})
    server.stop()
    assert (await translation.translate(transcript(), "fr"))[1] == "apertium:en-es+apertium:es-fr"
    server.start()
    assert (await translation.translate(transcript(), "fr"))[1] == "openai:en-fr"


async def test_a_refused_request_goes_to_the_next_chain(
    hosted: OpenAI, apertium: Apertium, server: Stand
) -> None:
    server.always = 400
    translation = Translation({"openai": hosted, "apertium": apertium})
    assert (await translation.translate(transcript(), "es"))[1].startswith("apertium:")


async def test_without_another_chain_the_failure_is_ours(hosted: OpenAI, server: Stand) -> None:
    server.always = "slow"
    with pytest.raises(MeshError) as caught:
        await Translation({"openai": hosted}).translate(transcript(), "es")
    assert caught.value.code is FaultCode.TIMEOUT and len(server.asked) == 1


async def test_a_reserved_engine_is_for_tiers_that_name_it(
    reserved: OpenAI, apertium: Apertium, server: Stand
) -> None:
    translation = Translation({"openai": reserved, "apertium": apertium})
    assert (await translation.translate(transcript(), "es"))[1] == "apertium:en-es"
    assert not server.asked
    assert (await translation.translate(transcript(**NAMED), "es"))[1] == "openai:en-es"
    assert server.asked[0].json["model"] == "large"
    server.always = 503
    assert (await translation.translate(transcript("A house.", **NAMED), "es"))[1] == "apertium:en-es"
    told = {(pair.source, pair.target): pair for pair in translation.pairs()}
    assert ("en", "de") not in told and told["en", "es"].chain == "apertium:en-es"


async def test_pairs_say_what_their_engine_heeds(hosted: OpenAI, apertium: Apertium) -> None:
    told = Translation({"openai": hosted, "apertium": apertium}).pairs()
    heeds = {pair.chain: pair.heeds for pair in told}
    assert heeds["openai:en-es"] == ("context", "dictionary", "label", "preceding")


async def test_everything_that_a_model_can_use_reaches_it(hosted: OpenAI, server: Stand) -> None:
    labels = (ev.Label(language="es", text="informal"), ev.Label(language="en", text="Scots"))
    said = transcript(preceding="Come in.", context="At the door.", labels=labels)
    await Translation({"openai": hosted}).translate(said, "es-MX")
    system = server.asked[0].json["messages"][0]["content"]
    assert all(part in system for part in ("Come in.", "At the door.", "informal", "Scots", "es-MX"))


async def test_the_clients_region_reaches_the_server() -> None:
    said = transcript("Come in, all of you.")
    with standing(text_servers.deepl()) as server:
        engine = DeepL(DeepLSettings(url=server.url, key=KEY))
        translation = Translation({"deepl": engine})
        texts = [(await translation.translate(said, tag))[0] for tag in ("pt-PT", "pt-BR", "pt")]
        await engine.close()
    assert [text.partition(":")[0] for text in texts] == ["PT-PT", "PT-BR", "PT-BR"]


async def test_a_term_of_the_dictionary_comes_out_as_given(hosted: OpenAI, server: Stand) -> None:
    terms = (ev.Term(source="referral", target="Überweisung"),)
    text, _ = await Translation({"openai": hosted}).translate(
        transcript("A referral.", dictionary=terms), "de"
    )
    assert "Überweisung" in text and "referral" not in text


async def test_what_is_not_cached_is_what_the_context_decides(hosted: OpenAI, server: Stand) -> None:
    translation = Translation({"openai": hosted})
    for context in ("", "", "A call.", "A call."):
        await translation.translate(transcript(context=context), "es")
    assert len(server.asked) == 2


async def test_a_reserved_engine_of_many_languages_does_not_slow_the_plan(server: Stand) -> None:
    class One:
        name = "one"
        heeds: frozenset[str] = frozenset()

        def pairs(self) -> list[Pair]:
            return [Pair("en", "es")]

        async def warm(self, pairs: list[Pair]) -> None:
            pass

        async def translate(self, job: Job) -> str:
            return "one"

        async def close(self) -> None:
            pass

    engine = OpenAI(OpenAISettings(url=server.url, only_named=True))
    assert len(engine.pairs()) > 2000
    assert [pair.chain for pair in Translation({"openai": engine, "one": One()}).pairs()] == ["one:en-es"]
    await engine.close()


async def test_an_interim_goes_to_no_hosted_engine_and_to_no_other_in_its_place(
    hosted: OpenAI, apertium: Apertium, server: Stand
) -> None:
    translation = Translation({"openai": hosted, "apertium": apertium})
    with pytest.raises(PeerError):
        await translation.translate(replace(transcript(), final=False), "es-ES")
    assert not server.asked
    assert (await translation.translate(transcript(), "es-ES"))[1].startswith("openai")

"""`dragoman doctor --pair`: what serves a pair, and what would do it better."""

from pathlib import Path
from typing import Any

import pytest

from dragoman_cli import pair
from dragoman_cli.rest import RestError
from dragoman_contract import codec, rpc, subjects
from dragoman_kit.bus import Bus
from dragoman_translation.engines.base import Pair
from tests.cli.conftest import Run

pytestmark = pytest.mark.integration

RULES = {"apertium": [Pair("en", "es", quality=43.9), Pair("es", "fr", quality=46.2)]}
OFFERED = [Pair("en", "es", quality=55.8), Pair("en", "fr", quality=69.0), Pair("de", "en", quality=66.0)]


def served(source: str, target: str) -> pair.Served:
    now = pair._planned(RULES, source, target)
    return pair.improved(now, RULES, OFFERED)


def test_the_chain_its_worth_and_the_better_model_are_told() -> None:
    found = served("en", "es")
    assert (found.chain, found.quality) == ("apertium:en-es", 43.9)
    assert (found.remedy, found.then) == ("dragoman models pull en-es", "bergamot:en-es")
    assert pair.lines(found)[-1].endswith("bergamot:en-es, expected chrF 56")


def test_a_pair_that_nothing_serves_may_be_served_by_two_models() -> None:
    found = served("de-DE", "fr-FR")
    assert (found.chain, found.quality) == ("", 0.0)
    assert found.remedy == "dragoman models pull de-en en-fr"
    assert "nothing serves it" in pair.lines(found)[1]


def test_what_no_model_can_do_has_no_remedy() -> None:
    assert pair.lines(served("en", "tlh")) == ["en → tlh, by what is installed here:", "  nothing serves it"]


@pytest.mark.parametrize(
    ("text", "both"),
    [("en-es", ("en", "es")), ("en-US:pt-BR", ("en-US", "pt-BR")), ("en-pt-BR", ("en", "pt-BR"))],
)
def test_a_pair_is_written_with_a_hyphen_or_a_colon(text: str, both: tuple[str, str]) -> None:
    assert pair.split(text) == both


@pytest.mark.parametrize("text", ["", "en", "-es", "en:"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(RestError):
        pair.split(text)


async def test_the_running_mesh_is_asked(bus: Bus, own_nats_url: str) -> None:
    pairs = (
        rpc.LanguagePair(source="en", target="es", chain="apertium:en-es", quality=43.9),
        rpc.LanguagePair(source="en", target="pt", chain="bergamot:en-pt", quality=69.2),
    )

    async def tell(msg: Any) -> None:
        page = codec.decode(rpc.CapabilitiesRequest, msg.data).page
        await msg.respond(codec.encode(rpc.CapabilitiesReply(pairs=pairs[page : page + 1], pages=2)))

    await bus.nc.subscribe(subjects.capabilities("translation"), cb=tell)
    told = await pair._ask(own_nats_url)
    assert told == pairs
    found = pair._found(told, "en-US", "pt-BR")
    assert (found.chain, found.quality, found.asked) == ("bergamot:en-pt", 69.2, "the running mesh")


async def test_a_mesh_that_does_not_answer_is_none() -> None:
    assert await pair._ask("nats://127.0.0.1:9") is None


def test_the_command_says_it(dragoman: Run, tmp_path: Path) -> None:
    said = dragoman("doctor", "--pair", "en-es", DRAGOMAN_MODELS_DIR=str(tmp_path))
    assert said.returncode == 0
    assert "apertium:en-es, expected chrF 44" in said.stdout
    assert "better: dragoman models pull en-es" in said.stdout

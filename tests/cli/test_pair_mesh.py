"""`dragoman doctor --pair`: what the running mesh says, or what is planned here."""

from types import SimpleNamespace
from typing import Any

import nats
import pytest
from nats.errors import NoServersError
from nats.errors import TimeoutError as NatsTimeoutError

from dragoman_cli import pair as module
from dragoman_cli.pair import Served, examine, lines
from dragoman_cli.rest import RestError
from dragoman_contract import codec, rpc
from dragoman_translation.engines import EngineError
from dragoman_translation.engines.base import Pair

PAGES = [
    (rpc.LanguagePair(source="en", target="es", chain="bergamot:en-es", quality=55.0),),
    (rpc.LanguagePair(source="en", target="pt-BR", chain="apertium:en-pt", quality=40.0),),
]


class Bus:
    failure: Exception | None = None
    closed = False

    async def request(self, subject: str, question: bytes, timeout: float) -> Any:  # noqa: ASYNC109
        if self.failure:
            raise self.failure
        page = codec.decode(rpc.CapabilitiesRequest, question).page
        return SimpleNamespace(data=codec.encode(rpc.CapabilitiesReply(pairs=PAGES[page], pages=len(PAGES))))

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    made = Bus()

    async def connect(url: str, **_: Any) -> Bus:
        if url == "nats://away":
            raise NoServersError
        return made

    monkeypatch.setattr(nats, "connect", connect)
    monkeypatch.setattr(module, "running_mesh", lambda: {"nats": "nats://here"})
    monkeypatch.setattr(module, "_installed", lambda: {"apertium": [Pair("en", "es", 44)]})
    monkeypatch.setattr(module, "_offered", list)
    return made


def test_the_running_mesh_is_asked_for_all_its_pages(bus: Bus) -> None:
    served = examine("en-US:pt")
    assert (served.chain, served.quality, served.asked) == ("apertium:en-pt", 40.0, "the running mesh")
    assert bus.closed and examine("en-tlh").chain == ""


@pytest.mark.parametrize("failure", [NatsTimeoutError(), TimeoutError()])
def test_a_mesh_that_does_not_answer_is_planned_for(bus: Bus, failure: Exception) -> None:
    bus.failure = failure
    served = examine("en-es")
    assert (served.chain, served.asked) == ("apertium:en-es", "what is installed here")


def test_without_a_mesh_what_is_installed_is_planned_with(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    for state in ({}, {"nats": "nats://away"}):
        monkeypatch.setattr(module, "running_mesh", lambda state=state: state)
        assert examine("en-es").asked == "what is installed here"


def test_a_better_chain_is_told_with_the_command_that_fetches_it(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_offered", lambda: [Pair("en", "es", 60)])
    served = examine("en-es")
    assert (served.remedy, served.then, served.then_quality) == (
        "dragoman models pull en-es", "bergamot:en-es", 60,
    )  # fmt: skip
    said = lines(served)
    assert said[0] == "en → es, by the running mesh:" and "better: dragoman models pull en-es" in said[2]
    assert lines(Served("en", "xx", "", 0, "x")) == ["en → xx, by x:", "  nothing serves it"]


@pytest.mark.parametrize("text", ["", "en", "-es", "en:", ":es"])
def test_what_is_no_pair_is_told(text: str) -> None:
    with pytest.raises(RestError, match="is not a pair of languages"):
        module.split(text)


def test_engines_that_cannot_be_had_here_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(settings: Any) -> dict[str, Any]:
        if settings.engines == "apertium":
            raise EngineError("none")
        return {settings.engines: SimpleNamespace(pairs=lambda: [Pair("en", "es")])}

    monkeypatch.setattr("dragoman_translation.engines.load", load)
    monkeypatch.setenv("DRAGOMAN_TRANSLATION_ENGINES", "bergamot, apertium")
    assert list(module._installed()) == ["bergamot"]


def test_only_models_that_a_pull_would_fetch_are_offered() -> None:
    offered = {(pair.source, pair.target) for pair in module._offered()}
    assert {("en", "es"), ("es", "en"), ("en", "pt")} <= offered

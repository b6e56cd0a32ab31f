"""Pairs that a server tells: asked when it is time, kept when it does not answer."""

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_translation.engines.base import Pair
from dragoman_translation.engines.served import (
    AGAIN_S,
    LONGEST,
    Served,
    between,
    check_length,
    directions,
    tags,
)
from dragoman_translation.hosted import OpenAISettings

SETTINGS = OpenAISettings(url="http://127.0.0.1:1")


class Server:
    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.answer: list[Pair] | MeshError = [Pair("en", "es")]
        self.served = Served("x", self.ask, [Pair("en", "fr")], 100.0, lambda: self.now)

    def ask(self) -> list[Pair]:
        self.asked += 1
        if isinstance(self.answer, MeshError):
            raise self.answer
        return self.answer


def test_it_is_asked_at_first_and_when_the_answer_is_old() -> None:
    server = Server()
    for now, asked in ((0, 1), (99, 1), (100, 2)):
        server.now = now
        assert server.served.pairs() == [Pair("en", "es")] and server.asked == asked


def test_a_server_that_is_silent_is_asked_again_soon_and_what_was_known_stays() -> None:
    server = Server()
    server.answer = MeshError(FaultCode.TIMEOUT, "")
    assert server.served.pairs() == [Pair("en", "fr")]
    server.now = AGAIN_S - 1
    server.served.pairs()
    assert server.asked == 1
    server.now, server.answer = AGAIN_S, [Pair("en", "de")]
    assert server.served.pairs() == [Pair("en", "de")]


def test_languages_of_a_setting_serve_each_other_once_whatever_their_regions() -> None:
    assert tags(" en, es,pt-BR,,") == ["en", "es", "pt-BR"]
    found = {(pair.source, pair.target) for pair in between(["en-US", "en-GB", "es"], SETTINGS)}
    assert found == {("en", "es"), ("es", "en")}
    (pair,) = directions([("en", "es"), ("en-GB", "es-MX")], SETTINGS)
    assert pair.quality > 0 and pair.cost_ms == SETTINGS.cost_ms


def test_a_text_that_is_too_long_is_sent_nowhere() -> None:
    check_length("x" * LONGEST)
    with pytest.raises(PeerError) as caught:
        check_length("x" * (LONGEST + 1))
    assert caught.value.code is FaultCode.TOO_LARGE

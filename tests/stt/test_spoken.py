"""The language of a track, as its finals tell."""

from typing import Any

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import ms_to_samples
from dragoman_stt.decodes import Activity, Order, Result
from dragoman_stt.engines.base import Hypothesis
from dragoman_stt.spoken import Spoken

ORDER = Order(rpc.RecogniserSpec(), ev.WorkOrder())


def result(language: str, ms: int, *, final: bool = True, **more: Any) -> Result:
    heard = Hypothesis(more.pop("text", "hola"), language, 0.9, **more)
    end = ms_to_samples(ms)
    return Result(1, 1, final, heard, 0, 0, 0, end, end, ORDER)


def test_one_short_utterance_does_not_change_the_language() -> None:
    spoken = Spoken()
    spoken.take([result("es", 700)])
    assert spoken.language == "es"  # nothing else is known
    spoken.take([Activity(True, 0), result("pt", 900), result("pt", 5000, final=False)])
    assert spoken.language == "es"
    spoken.take([result("pt", 2000)])
    assert spoken.language == "pt"


def test_nothing_is_learnt_of_silence_and_of_other_languages() -> None:
    spoken = Spoken()
    spoken.take([result("es", 3000, text=""), result("fr", 3000, other=True)])
    assert spoken.language == ""

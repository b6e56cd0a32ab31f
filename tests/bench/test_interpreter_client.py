"""The client of the benchmark notes what it is shown, and what a steady one would be."""

from typing import Any

from dragoman_contract.events import Stability
from tests.bench.interpreter_client import Heard


def translation(text: str, concluded: int, *, utterance: int = 1, final: bool = False) -> dict[str, Any]:
    return {
        "type": "translation", "track": 0, "utterance": utterance, "revision": 1, "final": final,
        "language": "es", "text": text, "concluded_length": concluded, "source_language": "en",
        "source_text": "one",
    }  # fmt: skip


def ended(utterance: int, at_ms: int) -> dict[str, Any]:
    return {
        "type": "transcript", "final": True, "utterance": utterance, "start_ms": 0, "duration_ms": at_ms
    }  # fmt: skip


def test_a_steady_client_is_shown_what_is_concluded() -> None:
    heard = Heard()
    for at, message in enumerate(
        [
            translation("uno dos", 0),
            translation("uno tres", 3),
            ended(1, 3000),
            translation("uno tres.", 9, final=True),
            ended(2, 9000),
            translation("cuatro", 6, utterance=2, final=True),
        ]
    ):
        heard.take(message, at)
    (live, _), (steady, _) = heard.texts(), heard.texts(Stability.STEADY)
    assert live.updates == [(0, "uno dos"), (1, "uno tres"), (3, "uno tres.")]
    assert steady.updates == [(1, "uno"), (3, "uno tres.")] and steady.source == "one"
    assert [one.utterance for one in heard.texts(until_s=5.0)] == [1]
    assert heard.finals() == [0.0, -4.0]

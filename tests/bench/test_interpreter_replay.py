"""A replay gives listeners what the edge would, at the times of its clock."""

from dragoman_contract import events as ev
from dragoman_contract.events import Stability
from dragoman_edge.settings import EdgeSettings
from tests.bench.interpreter_replay import ANSWER_S, Replay, Timed


def said(at: float, text: str, revision: int, stable: int = 0, final: bool = False) -> Timed:
    return at, ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=1, revision=revision, final=final, text=text,
        language="en", start_ms=0, duration_ms=0, stable_length=stable,
    )  # fmt: skip


async def shout(transcript: ev.Transcript) -> str:
    return transcript.text.upper()


async def test_interims_are_translated_and_shown_as_the_edge_does() -> None:
    made = Replay("pt", shout, EdgeSettings(tentative_mask=0))
    await made.play(
        [
            said(1.0, "the house", 1),
            said(2.0, "the house is white", 2, stable=9),
            said(3.0, "the house is white and", 3, stable=18),
            said(4.0, "The house is white.", 4, final=True),
        ]
    )
    live, steady, final = (made.shown[one][1] for one in (Stability.LIVE, Stability.STEADY, Stability.FINAL))
    assert [at for at, _ in live.updates] == [1.0 + ANSWER_S, 2.0 + ANSWER_S, 3.0 + ANSWER_S, 4.0 + ANSWER_S]
    assert live.updates[0][1] == "THE HOUSE" and live.updates[-1][1] == final.updates[0][1]
    assert [text for _, text in steady.updates] == ["THE", "THE HOUSE IS", "THE HOUSE IS WHITE."]
    assert made.asked == 3 and live.source == "The house is white."

"""Hints how fast to speak: the newest counts, within bounds."""

from dataclasses import replace
from typing import Any, cast

import pytest

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_kit.bus import Bus
from dragoman_tts import pace
from dragoman_tts.pace import FASTEST, SHORTEST_PAUSE_MS, Manner, Paces

TRANSLATION = ev.Translation(
    session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, language="es", text="x",
    source_language="en", source_text="", start_ms=0, duration_ms=0,
)  # fmt: skip


def hint(rate: float, session: str = "s", language: str = "es") -> rpc.SpeechPace:
    return rpc.SpeechPace(session_id=session, track=0, language=language, rate=rate)


def test_without_a_hint_it_is_spoken_as_it_is_wanted() -> None:
    made = Paces()
    made.take(hint(1.2, language="fr"))
    assert made.of(TRANSLATION).rate == 1.0


def test_the_newest_hint_counts_until_it_is_taken_back() -> None:
    made = Paces()
    for rate, expected in ((1.1, 1.1), (1.2, 1.2), (1.0, 1.0)):
        made.take(hint(rate))
        assert made.of(TRANSLATION).rate == expected


@pytest.mark.parametrize(("rate", "expected"), [(9.0, FASTEST), (-1.0, 1.0), (float("nan"), 1.0)])
def test_no_hint_makes_speech_unintelligible(rate: float, expected: float) -> None:
    made = Paces()
    made.take(hint(rate))
    assert made.of(TRANSLATION).rate == expected


def test_pauses_shrink_where_it_is_told_but_do_not_vanish() -> None:
    made = Paces()
    for pause_ms, expected in ((0, 0), (100, 100), (1, SHORTEST_PAUSE_MS)):
        made.take(replace(hint(FASTEST), pause_ms=pause_ms))
        assert made.of(TRANSLATION) == Manner(FASTEST, expected)


def test_hints_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "REMEMBERED", 2)
    made = Paces()
    for session in ("s", "t", "u"):
        made.take(hint(1.2, session))
    assert made.of(TRANSLATION).rate == 1.0


async def test_hints_come_from_the_bus_and_what_is_none_is_dropped() -> None:
    class Client:
        nc: Any

        async def subscribe(self, subject: str, cb: Any) -> "Client":
            assert subject == subjects.SPEECH_PACES
            self.callback = cb
            return self

        async def drain(self) -> None:
            self.drained = True

    client, made = Client(), Paces()
    client.nc = client
    async with made.listening(cast(Bus, client)):
        for data in (b"\xff\xff", codec.encode(hint(1.15))):
            await client.callback(type("Msg", (), {"data": data}))
    assert made.of(TRANSLATION).rate == 1.15 and client.drained

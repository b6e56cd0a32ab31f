"""Processes of an engine that hangs with the interpreter's lock, or dies: only its own clause is lost."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman_kit.engine_process import EngineLost
from dragoman_tts.engines import isolated, load
from dragoman_tts.engines.base import Piece
from dragoman_tts.engines.isolated import Isolated
from dragoman_tts.settings import TtsSettings
from tests.tts.engines.test_isolated import ENGLISH

pytestmark = pytest.mark.integration
DEADLY = "tests.tts.engines.deadly:Deadly"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Isolated]:
    made = Isolated("deadly", DEADLY, (str(tmp_path),), processes=2)
    made.warm()
    yield made
    made.close()


def spoken(engine: Isolated, text: str) -> int:
    return sum(len(piece.samples) for piece in engine.synthesise(text, ENGLISH, 1.0))


@pytest.mark.parametrize("text", ["hang", "die"])
def test_others_speak_while_an_engine_is_lost_and_after_it(
    engine: Isolated, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(isolated, "CLAUSE_S", 8.0)
    before = {process.pid for process in engine._all}
    lost: list[Exception] = []

    def lose() -> None:
        try:
            spoken(engine, text)
        except EngineLost as exc:
            lost.append(exc)

    thread = threading.Thread(target=lose)
    thread.start()
    while thread.is_alive():
        assert spoken(engine, "hello") == 7
        time.sleep(0.1)
    assert lost
    assert spoken(engine, "hello") == 7
    assert len({process.pid for process in engine._all} & before) == 1


def test_one_that_dies_by_chance_is_tried_again(engine: Isolated) -> None:
    assert spoken(engine, "die once") == 10


def places(pieces: list[Piece]) -> list[tuple[int, int]]:
    """Words in the text."""
    return [(mark.text_offset, mark.text_length) for piece in pieces for mark in piece.marks]


def starts_ms(pieces: list[Piece]) -> list[int]:
    """Beginnings of words in the speech: eSpeak's own, to some ms."""
    return [mark.offset_ms for piece in pieces for mark in piece.marks]


def test_espeak_speaks_from_its_process_as_in_ours() -> None:
    from dragoman_tts.engines.espeak import Espeak

    (engine,) = load(TtsSettings(engines="espeak", processes=1))
    assert isinstance(engine, Isolated)
    voice = next(voice for voice in engine.voices() if voice.language == "es")
    try:
        theirs = list(engine.synthesise("buenos días", voice, 1.0))
    finally:
        engine.close()
    ours = list(Espeak().synthesise("buenos días", voice, 1.0))
    lengths = [len(p.samples) for p in ours]  # eSpeak's own, to some samples
    assert [len(p.samples) for p in theirs] == pytest.approx(lengths, rel=0.01)
    assert places(theirs) == places(ours) == [(0, 6), (7, 4)]
    assert starts_ms(theirs) == pytest.approx(starts_ms(ours), abs=20)

"""Attack C1: eSpeak's commands in a text must not change the speech of those who come after."""

import math

import pytest

from dragoman_tts.engines import espeak
from dragoman_tts.engines.espeak import Espeak

TEXT = "bonjour à tous"
COMMANDS = ["\u00010A", "\u000199P", "\u00010R", "\u0001450S", "\u000190H", "\u00013F"]


def said(text: str) -> tuple[int, int]:
    """How many samples it has, and how loud it is (RMS): no two syntheses are the same to the sample."""
    engine = Espeak()
    voice = next(v for v in engine.voices() if v.language == "fr-fr" and v.gender == "female")
    samples = [float(s) for piece in engine.synthesise(text, voice, 1.0) for s in piece.samples]
    return len(samples), round(math.sqrt(sum(s * s for s in samples) / len(samples)))


def assert_alike(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert abs(one[0] - other[0]) < 0.02 * other[0]
    assert abs(one[1] - other[1]) < 0.05 * other[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_in_a_text_changes_nothing_for_the_next_one(command: str) -> None:
    usual = said(TEXT)
    said(f"{command} bonjour")
    assert_alike(said(TEXT), usual)


@pytest.mark.parametrize(("parameter", "value"), [(2, 0), (2, 190), (1, 400), (7, 50)])
def test_parameters_are_set_anew_for_each_text(parameter: int, value: int) -> None:
    """Also where a command came past the cleaning."""
    usual = said(TEXT)
    espeak._speaker()._library.espeak_SetParameter(parameter, value, 0)
    assert_alike(said(TEXT), usual)

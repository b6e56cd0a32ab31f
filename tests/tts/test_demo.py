"""The speech that the demo translates."""

from pathlib import Path

import pytest
import soundfile

from dragoman_models.folder import ModelFolder
from dragoman_tts import demo
from dragoman_tts.engines.espeak import Espeak
from tests.tts.test_speech import Ramp


def test_sentences_stand_between_pauses_at_sixteen_kilohertz(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "_engine", lambda: Ramp(500))
    path = demo.make_demo_wav(tmp_path / "demo.wav", ("One.", "Two."))
    samples, rate = soundfile.read(path, dtype="int16")
    assert rate == 16_000 and samples.ndim == 1
    assert len(samples) == (3 * demo.PAUSE_MS + 2 * 500) * 16
    assert not samples[: demo.PAUSE_MS * 16].any() and samples[demo.PAUSE_MS * 16 + 1000] > 3000


def test_without_a_piper_voice_espeak_speaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    assert not ModelFolder(tmp_path).installed()
    assert isinstance(demo._engine(), Espeak)
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    assert isinstance(demo._engine(), Espeak)


def test_a_piper_voice_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman_tts.engines.piper.Piper.voices", lambda self: ["one"])
    assert demo._engine().name == "piper"

"""Piper's voices: those of the models folder whose sums are right, and those of one's own."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from dragoman_contract.texts import clean
from dragoman_models.folder import ModelFolder
from dragoman_models.settings import ModelsSettings
from dragoman_tts.engines.piper import Piper
from dragoman_tts.speech import speak

pytestmark = pytest.mark.integration

VOICE = "en_US-joe-medium"


@pytest.fixture
def models(tmp_path: Path) -> ModelFolder:
    """A folder with one real voice, whose files may be changed."""
    installed = ModelFolder(ModelsSettings().folder).checked(VOICE)
    shutil.copytree(installed, tmp_path / "models" / VOICE)
    return ModelFolder(tmp_path / "models")


def test_a_voice_of_the_models_folder_speaks(models: ModelFolder) -> None:
    piper = Piper(models)
    (voice,) = piper.voices()
    assert (voice.id, voice.language, voice.gender, voice.rate) == (VOICE, "en-US", "male", 22_050)
    piper.warm()
    pieces = list(piper.synthesise("Good morning.", voice, 1.0))
    assert sum(len(piece.samples) for piece in pieces) > 10_000
    assert max(int(np.abs(piece.samples).max()) for piece in pieces) > 1000


@pytest.mark.parametrize("text", ["\0", "\0\0 \x07", "Good\0 morning."], ids=["nul", "controls", "within"])
def test_a_text_with_control_characters_is_spoken_without_them(models: ModelFolder, text: str) -> None:
    piper = Piper(models)
    spoken = list(speak(piper, clean(text), piper.voices()[0], 1.0, 100))  # as a client's text comes
    assert spoken[-1].last and ("morning" in text) == (sum(len(chunk.pcm) for chunk in spoken) > 10_000)


def test_a_voice_goes_on_speaking_after_its_removal(models: ModelFolder) -> None:
    piper = Piper(models)
    piper.warm()
    shutil.rmtree(models.path / VOICE)
    assert list(piper.synthesise("Good morning.", piper.voices()[0], 1.0))


def test_a_damaged_voice_is_left_out(models: ModelFolder) -> None:
    about = models.path / VOICE / f"{VOICE}.onnx.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"changed": 1}))
    assert Piper(models).voices() == []


def test_voices_of_ones_own_are_used_too(models: ModelFolder, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for path in (models.path / VOICE).glob("*.onnx*"):
        shutil.copy(path, own / path.name.replace("joe", "mine"))
    (own / "en_US-broken-low.onnx").write_bytes(b"")
    (own / "en_US-broken-low.onnx.json").write_text("[]")
    names = [voice.id for voice in Piper(models, str(own)).voices()]
    assert names == [VOICE, "en_US-mine-medium"]
    assert [voice.id for voice in Piper(ModelFolder(tmp_path / "none"), str(own)).voices()] == names[1:]

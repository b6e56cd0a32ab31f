"""Piper's voices by their files, with a model of this test's own."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_models.catalogue import Catalogue, Kind
from dragoman_models.folder import ModelFolder, manifest, write_manifest
from dragoman_tts.engines import piper as module
from dragoman_tts.engines.piper import Piper
from tests.models.conftest import model


class Model:
    """Speaks each sentence as so many samples; "!" breaks it."""

    loaded: list[str] = []  # noqa: RUF012

    def synthesize(self, text: str, config: Any) -> Iterator[Any]:
        if "!" in text:
            raise RuntimeError("a text of a user")
        for sentence in text.split(". "):
            samples = np.full(round(len(sentence) * config.length_scale), 1, np.int16)
            yield SimpleNamespace(audio_int16_array=samples)


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A `piper` package whose voices are `Model`."""

    def load(path: str) -> Model:
        Model.loaded.append(Path(path).stem)
        return Model()

    Model.loaded = []
    package = SimpleNamespace(SynthesisConfig=SimpleNamespace, PiperVoice=SimpleNamespace(load=load))
    monkeypatch.setitem(sys.modules, "piper", package)
    monkeypatch.setattr(module, "find_spec", lambda name: object())


def voice_files(folder: Path, stem: str, about: object = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.onnx").write_bytes(b"weights")
    (folder / f"{stem}.onnx.json").write_text(json.dumps(about or {"audio": {"sample_rate": 22_050}}))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of one's own, with one voice."""
    voice_files(tmp_path / "own", "es_MX-ana-low")
    return tmp_path / "own"


def nothing(tmp_path: Path) -> ModelFolder:
    return ModelFolder(tmp_path / "models", Catalogue({}))


def test_a_file_says_language_gender_and_rate(own: Path, tmp_path: Path) -> None:
    voice_files(own, "en_US-amy-low")
    found = Piper(nothing(tmp_path), str(own)).voices()
    assert [(v.id, v.language, v.gender, v.rate) for v in found] == [
        ("en_US-amy-low", "en-US", "female", 22_050),
        ("es_MX-ana-low", "es-MX", "", 22_050),
    ]


def test_installed_voices_are_used_unless_they_are_damaged(tmp_path: Path) -> None:
    models = nothing(tmp_path)
    for name in ("en_US-joe-low", "en_US-amy-low"):
        place = models.path / name
        voice_files(place, name)
        entry = model("file:///nowhere", name, kind=Kind.VOICE, engine="piper", languages=("en-US",),
                      directions=(), quality=(), files=(), settings=())  # fmt: skip
        write_manifest(manifest(entry, place), place)
    (models.path / "en_US-amy-low" / "en_US-amy-low.onnx").write_bytes(b"changed")
    assert [voice.id for voice in Piper(models).voices()] == ["en_US-joe-low"]


@pytest.mark.parametrize("about", [["a list"], {"audio": {}}, {"audio": {"sample_rate": "fast"}}])
def test_a_voice_whose_description_makes_no_sense_is_left_out(
    about: object, own: Path, tmp_path: Path
) -> None:
    voice_files(own, "en_US-odd-low", about)
    assert [voice.id for voice in Piper(nothing(tmp_path), str(own)).voices()] == ["es_MX-ana-low"]


def test_a_voice_is_loaded_once_and_speaks_sentence_by_sentence(own: Path, tmp_path: Path) -> None:
    piper = Piper(nothing(tmp_path), str(own))
    piper.warm()
    (voice,) = piper.voices()
    slow = [len(piece.samples) for piece in piper.synthesise("Hola. Adios", voice, 0.5)]
    plain = [len(piece.samples) for piece in piper.synthesise("Hola. Adios", voice, 0.0)]
    assert slow == [2 * count for count in plain] and len(plain) == 2
    assert Model.loaded == ["es_MX-ana-low"]


def test_a_failure_of_the_library_is_the_engines_and_holds_no_text(own: Path, tmp_path: Path) -> None:
    piper = Piper(nothing(tmp_path), str(own))
    with pytest.raises(MeshError) as caught:
        list(piper.synthesise("Boom!", piper.voices()[0], 1.0))
    assert caught.value.code is FaultCode.ENGINE_FAILED and "user" not in str(caught.value)


def test_without_the_library_it_has_no_voices(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert Piper(nothing(tmp_path), str(own)).voices() == []

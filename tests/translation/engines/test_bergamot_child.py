"""The process of Firefox Translations: models by need, within memory, checked before they are loaded."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_models.folder import ModelError, manifest, write_manifest
from dragoman_translation.engines.bergamot_child import MEMORY_FACTOR, Loaded, Models, load
from tests.models.conftest import model

SIZE = 1000


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A translator that shouts, and a vocabulary of small letters."""
    loaded: list[int] = []

    class Translator:
        def __init__(self, *parts: Any) -> None:
            if parts[0].startswith(b"broken"):
                raise RuntimeError("a panic")
            loaded.append(len(parts[0]))

        def translate(self, text: str) -> str:
            return text.upper()

    class Vocabulary:
        pieces: tuple[str, ...] = ("<s>", "<unk>", *"abcdefghijklmnopqrstuvwxyz .")

        def __init__(self, path: str) -> None:
            pass

        def get_piece_size(self) -> int:
            return len(self.pieces)

        def is_control(self, number: int) -> bool:
            return number == 0

        def is_unknown(self, number: int) -> bool:
            return number == 1

        def id_to_piece(self, number: int) -> str:
            return self.pieces[number]

    monkeypatch.setitem(sys.modules, "fxtranslate", SimpleNamespace(Translator=Translator))
    monkeypatch.setitem(sys.modules, "sentencepiece", SimpleNamespace(SentencePieceProcessor=Vocabulary))
    return loaded


def install(folder: Path, name: str, weights: bytes = b"x" * SIZE) -> None:
    place = folder / name
    place.mkdir(parents=True)
    (place / "model.bin").write_bytes(weights)
    (place / "vocab.spm").write_bytes(b"v")
    write_manifest(manifest(model("file:///nowhere", name, files=()), place), place)


def asked(models: Models, name: str, text: str = "hello.", version: str = "1") -> dict[str, Any]:
    return models.answer({"model": name, "version": version, "text": text})


def test_a_model_is_loaded_once_and_its_size_is_told(tmp_path: Path, library: list[int]) -> None:
    install(tmp_path, "one")
    models = Models(tmp_path, 10**9)
    assert asked(models, "one", "")["text"] == ""
    answer = asked(models, "one")
    assert answer["text"] == "HELLO." and answer["loaded"]["one"] >= MEMORY_FACTOR * SIZE
    assert library == [SIZE]
    asked(models, "one", version="2")  # its files were replaced
    assert library == [SIZE, SIZE]


def test_the_least_recently_used_goes_when_the_memory_is_full(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        install(tmp_path, name)
    models = Models(tmp_path, 0)
    size = asked(models, "one")["loaded"]["one"]
    models = Models(tmp_path, 2 * size + 100)
    for name in ("one", "two", "one", "three"):
        told = asked(models, name)["loaded"]
    assert list(told) == ["one", "three"]


def test_a_model_that_is_damaged_or_none_is_unusable_and_the_others_serve(tmp_path: Path) -> None:
    install(tmp_path, "one")
    install(tmp_path, "changed")
    install(tmp_path, "bad", b"broken")
    (tmp_path / "changed" / "model.bin").write_bytes(b"y")
    models = Models(tmp_path, 10**9)
    assert "sha256" in asked(models, "changed")["unusable"]
    assert asked(models, "bad")["unusable"] == "model 'bad' cannot be loaded (RuntimeError)"
    assert asked(models, "one")["text"] == "HELLO."
    with pytest.raises(ModelError):
        load(tmp_path / "nothing", "1", 0)


def test_what_the_model_cannot_read_is_kept() -> None:
    known = frozenset("abcdefghijklmnopqrstuvwxyz .")
    loaded = Loaded("1", SimpleNamespace(translate=str.upper), known, 1)
    said = loaded.translate("hello 😀 there.")
    assert "😀" in said and "HELLO" in said and "THERE" in said
    assert loaded.translate("😀") == "😀"
    silent = Loaded("1", SimpleNamespace(translate=lambda text: ""), known, 1)
    assert silent.translate("hello") == "hello"

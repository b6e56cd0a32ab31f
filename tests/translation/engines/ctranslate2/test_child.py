"""The process of models: loaded by need, within memory, and what fails told by its kind."""

from pathlib import Path
from typing import Any

import pytest

from dragoman_translation.engines.ctranslate2 import child as module
from dragoman_translation.engines.ctranslate2.child import Child
from dragoman_translation.engines.ctranslate2.loaded import Device


class Model:
    def __init__(self, path: Path, family: object, source: str, target: str, device: Device) -> None:
        if path.name == "broken":
            raise RuntimeError("a text")
        self.size = 100

    def translate(self, sentences: list[tuple[str, ...]]) -> list[str]:
        return [sentence[0].upper() for sentence in sentences]


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Child:
    monkeypatch.setattr(module, "Loaded", Model)
    for name in ("one", "two", "three", "broken"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.bin").write_bytes(b"x" * 100)
    return Child(250, Device())


def asked(child: Child, folder: Path, name: str, *texts: str, checked: bool = False) -> dict[str, Any]:
    about = {"path": str(folder / name), "family": "opus-mt", "checked": checked, "from": "en", "to": "es"}
    return child.answer({"model": about, "sentences": [[text, "", "", ""] for text in texts]})


def test_a_model_is_loaded_by_its_first_question(child: Child, tmp_path: Path) -> None:
    assert asked(child, tmp_path, "one", "a", "b")["texts"] == ["A", "B"]


def test_the_least_recently_used_goes_when_the_memory_is_full(child: Child, tmp_path: Path) -> None:
    for name in ("one", "two", "one", "three"):
        told = asked(child, tmp_path, name)["models"]
    assert [Path(path).name for path in told] == ["one", "three"]


def test_a_model_that_cannot_be_loaded_is_told_by_its_kind(child: Child, tmp_path: Path) -> None:
    told = asked(child, tmp_path, "broken", "secret")
    assert told == {"failed": "the model cannot be loaded (RuntimeError)"}
    assert "ModelError" in asked(child, tmp_path, "one", checked=True)["failed"]  # it has no sums

"""A model in memory: sentences with their marks in, whole translations out; with a translator that copies."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_translation.engines.ctranslate2 import loaded as module
from dragoman_translation.engines.ctranslate2.codes import Family
from dragoman_translation.engines.ctranslate2.loaded import Device, Loaded
from dragoman_translation.engines.ctranslate2.tokens import END


class Copying:
    """Answers each source without its marks; fails on more than one sentence when told to."""

    made: dict[str, Any]

    def __init__(self, path: str, **options: Any) -> None:
        Copying.made = {"path": path, **options}
        self.batches: list[list[list[str]]] = []
        self.alone = False

    def translate_batch(
        self, sources: list[list[str]], target_prefix: list[list[str]], prefix_bias_beta: float, **_: Any
    ) -> list[Any]:
        self.batches.append(sources)
        self.leaning = [*getattr(self, "leaning", []), (target_prefix, prefix_bias_beta)]
        if prefix_bias_beta:  # it leans, and goes its own way in the end
            target_prefix = [[] for _ in sources]
        if (self.alone and len(sources) > 1) or any("boom" in source for source in sources):
            raise RuntimeError("more positions than the model has")
        return [
            SimpleNamespace(hypotheses=[[*prefix, *(t for t in source if "_" not in t and t != END), END]])
            for source, prefix in zip(sources, target_prefix, strict=True)
        ]


class Words:
    def encode(self, text: str) -> list[str]:
        return text.split()

    def encode_target(self, text: str) -> list[str]:
        return text.split()

    def decode(self, tokens: list[str]) -> str:
        return " ".join(tokens)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    monkeypatch.setattr(module, "tokeniser", lambda *_: Words())
    monkeypatch.setattr("ctranslate2.Translator", Copying)
    (tmp_path / "model.bin").write_bytes(b"weights")
    return Loaded(tmp_path, Family.NLLB, "en", "es", Device(2, "int8"))


def said(loaded: Loaded, *texts: str) -> list[str | None]:
    return loaded.translate([(text, "en_", "es_", " ", "") for text in texts])


def test_sentences_go_together_between_their_marks(made: Loaded) -> None:
    assert said(made, "one two", "three") == ["one two", "three"]
    (batch,) = made._translator.batches
    assert batch == [["en_", "one", "two", END], ["en_", "three", END]]
    assert (Copying.made["intra_threads"], Copying.made["compute_type"], made.size) == (2, "int8", 7)


def test_a_batch_that_fails_is_tried_one_by_one_and_only_its_own_sentence_is_lost(made: Loaded) -> None:
    made._translator.alone = True
    assert said(made, "one", "two") == ["one", "two"]
    assert said(made, "one", "boom") == ["one", None]


def test_an_empty_sentence_and_one_that_is_too_long_are_whole(made: Loaded) -> None:
    long = " ".join(f"w{n}" for n in range(300))
    assert said(made, long) == [long]
    assert all(len(source) < 130 for batch in made._translator.batches for source in batch)


def test_what_was_shown_is_leant_towards_and_others_of_the_batch_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "tokeniser", lambda *_: Words())
    monkeypatch.setattr("ctranslate2.Translator", Copying)
    opus = Loaded(tmp_path, Family.OPUS_MT, "en", "es", Device())
    assert opus.translate([("one", "", "", " ", ""), ("two", "", "", " ", "dos y")]) == ["one", "two"]
    assert opus._translator.leaning == [([["dos", "y"]], module.LEANING), ([[]], 0)]


def test_a_token_of_the_language_is_not_leant_towards_but_said(made: Loaded) -> None:
    assert made.translate([("one", "en_", "es_", " ", "uno")]) == ["one"]
    assert made._translator.leaning == [([["es_"]], 0)]


def test_a_package_is_read_without_being_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zipfile

    monkeypatch.setattr(module, "tokeniser", lambda *_: Words())
    monkeypatch.setattr("ctranslate2.Translator", Copying)
    with zipfile.ZipFile(tmp_path / "a.argosmodel", "w") as package:
        for name, data in {"m/model/model.bin": b"w", "m/metadata.json": b"{}", "m/README": b"r"}.items():
            package.writestr(name, data)
    Loaded(tmp_path / "a.argosmodel", Family.ARGOS, "en", "es", Device())
    assert set(Copying.made["files"]) == {"model.bin"}

"""Marks of each family, and Moses' words cut by pairs of letters."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dragoman_translation.engines.ctranslate2.codes import Family
from dragoman_translation.engines.ctranslate2.files import Folder
from dragoman_translation.engines.ctranslate2.tokens import (
    END,
    Marks,
    MosesBpe,
    SentencePieces,
    marks,
    tokeniser,
    wants_end,
)  # fmt: skip


@pytest.mark.parametrize(
    ("family", "wanted"),
    [
        (Family.NLLB, Marks(("en",), (END,), ("es",))),
        (Family.M2M100, Marks(("en",), (END,), ("es",))),
        (Family.MADLAD, Marks(("es",), (END,))),
        (Family.OPUS_MT, Marks(("es",), (END,))),
        (Family.ARGOS, Marks((), (END,), ("__es__",))),
    ],
)
def test_every_family_is_told_its_languages_in_its_own_way(family: Family, wanted: Marks) -> None:
    assert marks(family, "en", "es", True, "__es__") == wanted
    assert marks(family, "en", "es", False).after == ()


def test_a_model_without_tokens_of_languages_has_no_marks() -> None:
    assert marks(Family.OPUS_MT, "", "", False) == marks(Family.ARGOS, "", "", False) == Marks()


def test_the_end_is_marked_unless_the_model_does_it(tmp_path: Path) -> None:
    files = Folder(tmp_path)
    assert wants_end(files, Family.OPUS_MT) and not wants_end(files, Family.ARGOS)
    (tmp_path / "config.json").write_text('{"add_source_eos": true}')
    assert not wants_end(Folder(tmp_path), Family.OPUS_MT)


def test_words_are_cut_by_the_pairs_that_come_first() -> None:
    cut = MosesBpe("#version\nl o\nlo w</w>\nn e\n", "en", "es")
    assert cut.encode("low") == ["low"]
    assert cut.encode("new low") == ["ne@@", "w", "low"]
    assert cut.decode(["ne@@", "w", "low", "."]) == "new low."


class Pieces:
    """Cuts at spaces; knows from which file it is."""

    def LoadFromSerializedProto(self, data: bytes) -> None:
        self.data = data

    def encode(self, text: str, out_type: type) -> list[str]:
        return [f"{self.data.decode()}:{word}" for word in text.split()]

    def decode(self, tokens: list[str]) -> str:
        return " ".join([*tokens, self.data.decode()])


@pytest.mark.parametrize(
    ("names", "source", "target"),
    [
        (("source.spm", "target.spm"), "source.spm", "target.spm"),
        (("spiece.model",), "spiece.model", "spiece.model"),
        (("own.model",), "own.model", "own.model"),
    ],
)
def test_the_tokeniser_is_found_by_its_name(
    names: tuple[str, ...], source: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentencepiece", SimpleNamespace(SentencePieceProcessor=Pieces))
    for name in names:
        (tmp_path / name).write_text(name)
    made = tokeniser(Folder(tmp_path), "en", "es")
    assert isinstance(made, SentencePieces)
    assert made.encode("a b") == [f"{source}:a", f"{source}:b"] and made.decode(["c"]) == f"c {target}"


def test_older_packages_have_pairs_of_letters_and_some_have_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tokeniser(Folder(tmp_path), "en", "es")
    (tmp_path / "bpe.model").write_text("l o\n")
    assert isinstance(tokeniser(Folder(tmp_path), "en", "es"), MosesBpe)

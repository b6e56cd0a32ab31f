"""Tokens and marks of each family, and the tokenisers of Argos packages."""

from pathlib import Path

import pytest

from dragoman_translation.engines.ctranslate2.codes import Family
from dragoman_translation.engines.ctranslate2.files import open_files
from dragoman_translation.engines.ctranslate2.loaded import Device, Loaded
from dragoman_translation.engines.ctranslate2.tokens import Marks, MosesBpe, marks, tokeniser, wants_end
from tests.translation import copying

pytestmark = pytest.mark.integration

MERGES = """#version: 0.2
t h
th e</w>
h o
ho u
hou se</w>
s e</w>
"""


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        (Family.NLLB, Marks(("S",), ("</s>",), ("T",))),
        (Family.M2M100, Marks(("S",), ("</s>",), ("T",))),
        (Family.MADLAD, Marks(("T",), ("</s>",))),
        (Family.OPUS_MT, Marks(("T",), ("</s>",))),
    ],
)
def test_each_family_is_told_the_languages_in_its_own_way(family: Family, expected: Marks) -> None:
    assert marks(family, "S", "T", ends=True) == expected


def test_a_model_of_one_pair_needs_no_mark_and_argos_its_prefix() -> None:
    assert marks(Family.OPUS_MT, "", "", ends=False) == Marks()
    assert marks(Family.ARGOS, "", "", ends=False, prefix="__es__") == Marks(prefix=("__es__",))


def test_pairs_of_letters_are_joined_in_the_order_of_the_table() -> None:
    bpe = MosesBpe(MERGES, "en", "es")
    assert bpe.encode("the house, the hose") == ["the", "house", ",", "the", "ho@@", "se"]
    assert bpe.decode(["the", "house", ",", "the", "ho@@", "se", "."]) == "the house, the hose."
    assert bpe.decode(bpe.encode("the hose & 5 > 4!")) == "the hose & 5 > 4!"


def test_the_tokeniser_is_found_by_its_file(tmp_path: Path) -> None:
    for name in ("sentencepiece.bpe.model", "spiece.model", "spm.128k.model", "source.spm"):
        copying.tokeniser(tmp_path / name / name)
    copying.tokeniser(tmp_path / "source.spm" / "target.spm")
    (tmp_path / "bpe").mkdir()
    (tmp_path / "bpe" / "bpe.model").write_text(MERGES)
    for folder in sorted(tmp_path.iterdir()):
        with open_files(folder) as files:
            made = tokeniser(files, "en", "es")
        assert made.decode(made.encode("the house is white.")) == "the house is white."
    (tmp_path / "none").mkdir()
    with pytest.raises(FileNotFoundError), open_files(tmp_path / "none") as files:
        tokeniser(files, "en", "es")


def test_the_end_is_marked_once(tmp_path: Path) -> None:
    copying.opus(tmp_path / "own")
    copying.opus(tmp_path / "by-itself", ends=True)
    with open_files(tmp_path / "own") as own, open_files(tmp_path / "by-itself") as other:
        assert wants_end(own, Family.OPUS_MT) and not wants_end(other, Family.OPUS_MT)
        assert not wants_end(own, Family.ARGOS)


def test_a_model_leans_towards_what_was_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copying.opus(tmp_path / "en-es")
    model = Loaded(tmp_path / "en-es", Family.OPUS_MT, "en", "es", Device())
    text = "the house is white"

    def leaning(strength: float) -> str | None:
        monkeypatch.setattr("dragoman_translation.engines.ctranslate2.loaded.LEANING", strength)
        return model.translate([(text, "", "", " ", "the dog is")])[0]

    assert leaning(0.0001) == text
    assert str(leaning(0.95)).startswith("the dog is")

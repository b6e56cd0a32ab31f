"""A file without a sum in the catalogue is the same at every pull, or is refused."""

from pathlib import Path

import pytest

from dragoman_models.catalogue import File, Kind, Model
from dragoman_models.errors import SourceError
from dragoman_models.first_sums import PLACE, FirstSums

A, B = "a" * 64, "b" * 64
ENTRY = Model(
    name="small",
    kind=Kind.RECOGNISER,
    engine="whisper",
    licence="MIT",
    files=(File("model.bin", 1, A), File("tokenizer.json")),
)


def test_a_file_that_has_changed_is_refused_and_the_message_says_what_to_do(tmp_path: Path) -> None:
    sums = FirstSums(tmp_path)
    sums.check("small", {"tokenizer.json": A})  # nothing is known yet
    sums.keep(ENTRY, {"model.bin": A, "tokenizer.json": A})
    sums.check("small", {"tokenizer.json": A})
    with pytest.raises(
        SourceError, match=r"tokenizer\.json has sha256 b{64}; it had a{64} .* delete .*small\.json"
    ):
        sums.check("small", {"tokenizer.json": B})


def test_only_files_without_a_sum_are_remembered_and_the_first_sum_stays(tmp_path: Path) -> None:
    sums = FirstSums(tmp_path)
    sums.keep(ENTRY, {"model.bin": A, "tokenizer.json": A})
    sums.keep(ENTRY, {"model.bin": B, "tokenizer.json": B, "more.txt": B})
    sums.check("small", {"model.bin": B, "more.txt": B})
    with pytest.raises(SourceError):
        sums.check("small", {"tokenizer.json": B})


def test_nothing_is_written_for_an_entry_that_has_all_sums(tmp_path: Path) -> None:
    FirstSums(tmp_path).keep(ENTRY, {"model.bin": A})
    assert not (tmp_path / PLACE).exists()


@pytest.mark.parametrize("text", ["{", "[]"])
def test_sums_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path, text: str) -> None:
    (tmp_path / PLACE).mkdir()
    (tmp_path / PLACE / "small.json").write_text(text)
    with pytest.raises(SourceError, match="not readable"):
        FirstSums(tmp_path).check("small", {})

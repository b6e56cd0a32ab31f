"""A backup's file: a tar of parts, with a manifest that says what each of them must be."""

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dragoman_cli.rest import RestError

VERSION = 1
MANIFEST = "manifest.json"
ACCOUNTS, STREAMS, ARCHIVE = "accounts.jsonl", "streams.jsonl", "archive.sqlite3"
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """The time of a backup (Unix ms), and of each part its size, SHA-256 and number of entries."""

    at_ms: int
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    version: int = VERSION


def write(target: Path, folder: Path, at_ms: int, counts: dict[str, int]) -> Manifest:
    """Pack the parts of `folder`: whole or not at all, and for this user alone."""
    parts = {
        name: {"bytes": (folder / name).stat().st_size, "sha256": _sum(folder / name), "entries": count}
        for name, count in counts.items()
    }
    manifest = Manifest(at_ms, parts)
    fresh = target.with_name(target.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as tar:
        text = json.dumps(asdict(manifest), indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
        for name in parts:
            tar.add(folder / name, name, filter=_plain)
    fresh.replace(target)
    return manifest


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpack into `folder` and check every part.

    Raises:
        RestError: it is no backup, of a later version, or not whole.
    """
    try:
        with tarfile.open(source, "r:gz") as tar:
            _extract(tar, folder)
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
    except (OSError, EOFError, tarfile.TarError, ValueError, TypeError) as exc:
        raise RestError(f"{source} is no backup of dragoman, or not whole ({type(exc).__name__})") from exc
    if manifest.version > VERSION:
        raise RestError(f"{source} is of a later version of dragoman")
    for name, part in manifest.parts.items():
        if name not in (ACCOUNTS, STREAMS, ARCHIVE) or not (folder / name).is_file():
            raise RestError(f"{source}: {name} is missing, or not known")
        if _sum(folder / name) != part["sha256"]:
            raise RestError(f"{source}: {name} is damaged")
    return manifest


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    """Known parts alone, into plain files: no name leads out of the folder, no link is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (MANIFEST, ACCOUNTS, STREAMS, ARCHIVE):
        member = next((one for one in tar.getmembers() if one.name == name and one.isfile()), None)
        source = tar.extractfile(member) if member is not None else None
        if source is not None:
            with (folder / name).open("wb") as target:
                shutil.copyfileobj(source, target, BLOCK)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of a part."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


@contextmanager
def writer(path: Path) -> "Iterator[Any]":
    """A file of lines of JSON."""
    with path.open("w", encoding="utf-8") as file:
        yield lambda entry: file.write(json.dumps(entry, separators=(",", ":")) + "\n")


def prune(target: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of the folder and kind of `target`; those removed."""
    others = sorted(target.parent.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    old = others[:-keep] if keep else []
    for path in old:
        path.unlink()
    return old


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info


def _sum(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()

"""A repository of a model hub: what it says of its files, and the files at the commit that answered."""

import fnmatch
import json
import os
import re
from dataclasses import dataclass

from dragoman_models.catalogue import Item, safe
from dragoman_models.errors import Missing, SourceError
from dragoman_models.places import Net
from dragoman_models.transfer import Expected, Fetcher

ENDPOINT = "https://huggingface.co"
_REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
METADATA_LIMIT = 16 << 20  # bytes; rhasspy/piper-voices lists more than a thousand files


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository and what the hub says of it."""

    name: str
    item: Item
    expected: Expected


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at one commit."""

    name: str
    commit: str
    files: tuple[HubFile, ...]


def endpoint() -> str:
    """The hub's address: HF_ENDPOINT, as its own tools have it."""
    return (os.environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")


def headers() -> dict[str, str]:
    """The hub's token, which no redirect to another host takes along."""
    token = os.environ.get("HF_TOKEN", "").strip()
    return {"Authorization": f"Bearer {token}"} if token else {}


def look(where: str, items: tuple[Item, ...], net: Net, fetcher: Fetcher) -> Repository:
    """Return the hub's listing of the wanted files of a repository; `where` may end with `@revision`.

    Raises:
        SourceError: the hub does not answer, has no such repository or file, or says something impossible.
    """
    name, _, revision = where.partition("@")
    if not _REPOSITORY.fullmatch(name):
        raise SourceError(f"{name[:80]!r} is not a repository of a hub")
    place = net.place(endpoint(), headers())
    path = f"api/models/{name}/revision/{revision or 'main'}?blobs=true"
    told = _json(fetcher.read(place, path, METADATA_LIMIT), name)
    commit = str(told.get("sha", ""))
    if not _COMMIT.fullmatch(commit):
        raise SourceError(f"the hub names no commit of {name}")
    siblings = told.get("siblings")
    if not isinstance(siblings, list):
        raise SourceError(f"the hub names no files of {name}")
    found = [one for item in items for one in _matching(item, siblings, name)]
    return Repository(name, commit, tuple(found))


def _json(data: bytes, name: str) -> dict[str, object]:
    try:
        told = json.loads(data)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise SourceError(f"what the hub says of {name} is not readable")
    return told


def _matching(item: Item, siblings: list[object], repository: str) -> list[HubFile]:
    found = []
    for one in siblings:
        path = str(one.get("rfilename", "")) if isinstance(one, dict) else ""
        if isinstance(one, dict) and safe(path) and fnmatch.fnmatchcase(path, item.name):
            found.append(HubFile(path, item, _expected(one, path)))
    if not found:
        raise Missing(f"{repository} has no {item.name}")
    return found


def _expected(told: dict[str, object], path: str) -> Expected:
    """Large files have a sha256, small ones the sum that git gives them; one of both there must be."""
    lfs = told.get("lfs")
    large = lfs if isinstance(lfs, dict) else {}
    sha256 = str(large.get("sha256") or large.get("oid") or "")
    size = large.get("size") or told.get("size") or 0
    git = "" if large else str(told.get("blobId") or "")
    if not (_SHA256.fullmatch(sha256) or _COMMIT.fullmatch(git)) or not isinstance(size, int) or size < 0:
        raise SourceError(f"the hub gives no sum of {path}")
    return Expected(size, sha256, git)

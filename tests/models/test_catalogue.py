"""The catalogue is consistent, and what is not is refused."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import langcodes
import pytest

from dragoman_models import catalogue
from dragoman_models.catalogue import File, Item, Kind, Model, Source, SourceKind
from dragoman_models.errors import ModelError

KNOWN = catalogue.load()
ROOT = Path(__file__).parents[2]


def test_it_has_every_kind_and_all_firefox_models() -> None:
    kinds = Counter(model.kind for model in KNOWN)
    assert set(kinds) == set(Kind)
    firefox = [model for model in KNOWN if model.name.startswith("firefox-")]
    assert len(firefox) == 137
    assert len({model.directions for model in firefox}) == 95
    for name in ("base", "large-v3-turbo", "opus-mt-en-es", "nllb-200-distilled-600m", "madlad400-3b"):
        assert name in KNOWN.models


@pytest.mark.parametrize("engine", sorted({model.engine for model in KNOWN}))
def test_an_entry_says_all_that_is_needed(engine: str) -> None:
    for model in of(engine):
        complete(model)


def of(engine: str) -> list[Model]:
    return [model for model in KNOWN if model.engine == engine]


def complete(model: Model) -> None:
    assert model.engine and model.licence and model.size > 0 and model.sources
    assert bool(model.directions) != bool(model.languages)
    tags = [*model.languages, *(tag for pair in model.directions for tag in pair)]
    assert all(langcodes.tag_is_valid(tag) for tag in tags)
    assert all(source != target for source, target in model.directions)
    for quality in model.quality:
        assert (quality.source, quality.target) in model.directions
        assert 0 <= quality.chrf <= 100 and 0 <= quality.bleu <= 100 and 0 <= quality.comet <= 1


@pytest.mark.parametrize("engine", sorted({model.engine for model in KNOWN}))
def test_its_sources_bring_all_its_files_and_are_pinned_where_they_can_be(engine: str) -> None:
    for model in of(engine):
        pinned(model)


def pinned(model: Model) -> None:
    for source in model.sources:
        targets = {item.target for item in source.items}
        assert {file.path for file in model.files} <= targets
        if source.kind is SourceKind.WHEELS:
            assert len(source.sha256) == len(source.where.split())
            assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", wheel) for wheel in source.where.split())
        elif source.kind is SourceKind.SITE:
            assert all(item.sha256 and item.size for item in source.items)
        if source.kind in (SourceKind.SITE, SourceKind.ARCHIVE):
            assert source.where.startswith("https://")


def test_what_is_not_for_commercial_use_is_marked() -> None:
    marked = {model.licence for model in KNOWN if not model.commercial}
    assert {"CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"} <= marked
    assert not [m.name for m in KNOWN if "-NC" in m.licence and m.commercial]


def test_an_entry_survives_being_written_and_read() -> None:
    for model in KNOWN:
        assert catalogue.read_model(json.dumps(catalogue.plain(model)).encode()) == model


GOOD: dict[str, Any] = {"name": "a", "kind": "voice", "engine": "piper", "licence": "MIT"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "../a"}, "is not a name of a model"),
        ({"name": ""}, "is not a name of a model"),
        ({"kind": "thing"}, "kind"),
        ({"files": [{"path": "../../etc/passwd"}]}, "is not a path of a file of a model"),
        ({"files": [{"path": "/etc/passwd"}]}, "is not a path"),
        ({"files": [{"path": "model.json"}]}, "is not a path"),
        ({"files": [{"path": "a", "sha256": "ABC"}]}, "a sha256 is not one"),
        ({"files": [{"path": "a", "size": -1}]}, "a size is negative"),
        ({"sources": [{"kind": "hub", "where": "a/b", "items": [{"name": "a", "path": "../b"}]}]}, "path"),
        ({"sources": [{"kind": "magic", "where": "a/b", "items": []}]}, "kind"),
        ({"files": 7}, "files"),
    ],
)
def test_what_may_not_be_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        catalogue.read_model(json.dumps(GOOD | change).encode())


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ModelError, match="two models of one name"):
        catalogue.read(json.dumps([GOOD, GOOD]).encode())


LISTED = {
    "source": "en",
    "target": "ja",
    "architecture": "base",
    "folder": "models/base/enja",
    "model_bytes": 100,
    "model_sha256": "a" * 64,
    "flores_bleu": 20.0,
    "flores_comet": None,
    "files": {
        f"{part}.enja.{end}.gz": {"gz_bytes": 10, "gz_sha256": "b" * 64}
        for part, end in (("model", "bin"), ("lex.50.50", "bin"), ("srcvocab", "spm"), ("trgvocab", "spm"))
    },
}
REGISTRY = {
    "baseUrl": "https://models.example.com/",
    "models": {
        "en-ja": [
            {
                "sourceLanguage": "en",
                "targetLanguage": "ja",
                "architecture": "base",
                "releaseStatus": status,
                "files": {
                    name: {
                        "path": f"models/en-ja/{status}/{name}.enja.bin.gz",
                        "uncompressedSize": 100,
                        "uncompressedHash": "a" * 64,
                        "compressedSize": 10,
                        "compressedHash": "b" * 64,
                    }
                    for name in ("model", "lex")
                },
            }
            for status in ("Nightly", "Release")
        ]
    },
}


@pytest.mark.integration  # runs the script
@pytest.mark.parametrize("listed", [[LISTED], REGISTRY])
def test_it_is_made_from_a_list_and_from_a_registry(listed: object, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(json.dumps(listed))
    out = tmp_path / "catalogue.json"
    command = [sys.executable, str(ROOT / "scripts" / "make_catalogue.py"), str(tmp_path / "list.json")]
    subprocess.run([*command, "--out", str(out)], check=True, timeout=60)
    made = catalogue.read(out.read_bytes())
    (model,) = (m for m in made if m.name.startswith("firefox-"))
    assert model.name == "firefox-en-ja-base"
    assert {"model.bin", "lex.bin"} <= {item.target for item in model.sources[0].items}
    assert made.models.keys() - {model.name} == {n for n in KNOWN.models if not n.startswith("firefox-")}
    if listed is REGISTRY:
        assert model.sources[0].where == "https://models.example.com/models/en-ja/Release"
    else:
        assert model.chrf("en", "ja") == 50.0 and model.quality[0].origin == "estimated"
        assert {item.target for item in model.sources[0].items} >= {"source.spm", "target.spm"}


def test_what_is_fetched_unasked_and_what_the_images_hold_is_pinned_to_the_last_file() -> None:
    fetched = {model.name for model in of("bergamot") if model.name.startswith("firefox-")}
    images = {"base", "smart-turn-v3.2", "resemblyzer", "en_US-joe-medium", "translatelocally-en-pt"}
    for name in fetched | images:
        model = KNOWN.models[name]
        assert model.sources and all(model.pinned_by(source) for source in model.sources), name


def test_a_source_with_a_file_that_no_sum_is_known_of_pins_nothing() -> None:
    item, own = Item("a.gz", "a", sha256="0" * 64), File("b", 1, "1" * 64)
    model = Model("m", Kind.TRANSLATOR, "e", "MIT", files=(own, File("a"), File("c")))
    place = "https://models.example"
    assert model.pinned_by(Source(SourceKind.SITE, place, (item, Item("b"))))
    assert not model.pinned_by(Source(SourceKind.SITE, place, (item, Item("b"), Item("c"))))
    assert model.pinned_by(Source(SourceKind.ARCHIVE, place, (Item("*"),), sha256=("2" * 64,)))

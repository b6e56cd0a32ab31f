"""Models of two folders by their files: family, directions, worth; what cannot be read is left out."""

import json
from pathlib import Path

import pytest

from dragoman_models.catalogue import Quality
from dragoman_models.folder import manifest, write_manifest
from dragoman_translation.engines.ctranslate2.codes import Family
from dragoman_translation.engines.ctranslate2.models import ENGINE, Found, Models
from tests.models.conftest import model

LARGE = 10**12
NLLB = ["eng_Latn", "spa_Latn", "zho_Hans", "por_Latn", "fra_Latn"]


def plain(folder: Path, name: str, words: list[str]) -> Path:
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "model.bin").write_bytes(b"x" * 100)
    (place / "shared_vocabulary.json").write_text(json.dumps(words))
    return place


def argos(folder: Path, source: str, target: str) -> Path:
    place = folder / f"argos-{source}"
    place.mkdir(parents=True)
    (place / "model.bin").write_bytes(b"x")
    (place / "metadata.json").write_text(json.dumps({"from_code": source, "to_code": target}))
    return place


def found(own: Path | None, installed: Path | None = None, memory: int = LARGE) -> dict[str, Found]:
    return {one.path.name: one for one in Models(own, installed, memory).found()}


def directions(one: Found) -> set[tuple[str, str]]:
    return {(pair.source, pair.target) for pair in one.pairs()}


def test_a_models_files_say_what_it_is(tmp_path: Path) -> None:
    plain(tmp_path, "en-es", ["a", "b"])
    plain(tmp_path, "en-roa", ["a", ">>fra<<", ">>ron<<"])
    plain(tmp_path, "many", ["a", *NLLB])
    argos(tmp_path, "en", "ca")
    (tmp_path / "notes").mkdir()
    made = found(tmp_path)
    assert {name: one.family for name, one in made.items()} == {
        "en-es": Family.OPUS_MT, "en-roa": Family.OPUS_MT, "many": Family.NLLB, "argos-en": Family.ARGOS
    }  # fmt: skip
    assert directions(made["en-es"]) == {("en", "es")} and directions(made["argos-en"]) == {("en", "ca")}
    assert directions(made["en-roa"]) == {("en", "fr"), ("en", "ro")}
    assert ("es", "en") in directions(made["many"]) and len(directions(made["many"])) == 20


def test_a_pair_is_served_under_longer_and_older_tags(tmp_path: Path) -> None:
    plain(tmp_path, "en-es", ["a"])
    plain(tmp_path, "many", ["a", *NLLB])
    made = found(tmp_path)
    pair = made["en-es"].serving("en-GB", "es-MX")
    assert pair is not None and (pair.source, pair.target) == ("en", "es") and pair.quality > 0
    assert made["en-es"].serving("es", "en") is None
    assert made["many"].serving("en-US", "pt-BR") is not None
    assert made["many"].serving("en", "en-GB") is None and made["many"].serving("en", "tlh") is None
    assert made["many"].token("en-US") == "eng_Latn" and made["many"].token("tlh") == ""


@pytest.mark.parametrize("broken", ["name", "languages", "json", "large"])
def test_what_cannot_be_read_or_held_is_left_out(tmp_path: Path, broken: str) -> None:
    match broken:
        case "name":
            plain(tmp_path, "mymodel", ["a"])
        case "languages":
            argos(tmp_path, "??", "ca")
        case "json":
            plain(tmp_path, "en-es", []).joinpath("shared_vocabulary.json").write_text("{")
        case "large":
            plain(tmp_path, "en-es", ["a"])
    assert found(tmp_path, memory=50 if broken == "large" else LARGE) == {}


def test_an_entry_of_the_models_folder_says_quality_and_cost(tmp_path: Path) -> None:
    place = plain(tmp_path, "opus-en-es", ["a"])
    quality = (Quality("en", "es", 51.0),)
    entry = model("", "opus-en-es", engine=ENGINE, quality=quality, cost_ms=70.0, files=(), settings=())
    write_manifest(manifest(entry, place), place)
    (one,) = found(None, tmp_path).values()
    (pair,) = one.pairs()
    assert (one.name, pair.quality, pair.cost_ms) == ("opus-en-es", 51.0, 70.0)


def test_unchanged_models_are_not_read_again_and_changed_ones_are(tmp_path: Path) -> None:
    place = plain(tmp_path, "en-es", ["a"])
    models = Models(tmp_path, None, LARGE)
    first = models.found()
    assert models.found()[0] is first[0]
    (place / "model.bin").write_bytes(b"longer than before" * 20)
    assert models.found()[0] is not first[0]
    assert Models(tmp_path / "nothing", None, LARGE).found() == []

"""Write the catalogue of models from published lists.

    python scripts/make_catalogue.py firefox-models.json

The argument is a list of Firefox Translations models: a JSON list (source, target, architecture, folder,
model_bytes, model_sha256, files with gz_bytes and gz_sha256, flores_bleu, flores_comet), or Mozilla's
registry `db/models.json`. Everything else is in `scripts/models/*.json`, written by hand: families of the
model hub, voices, wheels.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dragoman_models import catalogue

Json = dict[str, Any]
HERE = Path(__file__).parent / "models"
OUT = Path(__file__).parent.parent / "services" / "models" / "dragoman_models" / "catalogue.json"
# The commit of mozilla/firefox-translations-models that lists these models; its large files are served here.
MOZILLA = (
    "https://media.githubusercontent.com/media/mozilla/firefox-translations-models/"
    "e7957fc407441a5e3e35bbcbf9d60d9b35764618"
)
COST_MS = {"tiny": 19.0, "base-memory": 35.0, "base": 60.0}  # tiny measured, the others by their size
LOCAL = {
    "model": "model.bin",
    "lex": "lex.bin",
    "vocab": "vocab.spm",
    "srcvocab": "source.spm",
    "trgvocab": "target.spm",
}
PACKED = 2  # times that vocabularies and short lists become larger, for the size that is shown


def firefox(path: Path) -> Iterator[Json]:
    """The entries of a list of Firefox Translations models."""
    listed = json.loads(path.read_text())
    base, models = (MOZILLA, listed) if isinstance(listed, list) else _registry(listed)
    seen: set[str] = set()
    for model in sorted(models, key=lambda m: (m["source"], m["target"], m["architecture"])):
        entry = _firefox(model, base)
        if entry["name"] not in seen:  # a registry also has what came before
            yield entry
        seen.add(entry["name"])


def _firefox(model: Json, base: str) -> Json:
    source, target = model["source"], model["target"]
    items = [
        {
            "name": name,
            "path": LOCAL[name.partition(".")[0]],
            "size": file["gz_bytes"],
            "sha256": file["gz_sha256"],
        }
        for name, file in sorted(model["files"].items())
        if name.partition(".")[0] in LOCAL
    ]
    files: list[Json] = [{"path": item["path"]} for item in items]
    for file in files:
        if file["path"] == "model.bin":
            file |= {"size": model["model_bytes"], "sha256": model["model_sha256"]}
    packed = sum(item["size"] for item in items)
    rest = sum(item["size"] for item in items if item["path"] != "model.bin")
    return {
        "name": f"firefox-{source}-{target}-{model['architecture']}",
        "kind": "translator",
        "engine": "bergamot",
        "licence": "MPL-2.0",
        "directions": [[source, target]],
        "size": model["model_bytes"] + PACKED * rest,
        "cost_ms": COST_MS[model["architecture"]],
        "files": files,
        "quality": [_quality(model)],
        "settings": [["architecture", model["architecture"]]],
        "sources": [{"kind": "site", "where": f"{base}/{model['folder']}", "items": items, "size": packed}],
    }


def _quality(model: Json) -> Json:
    """chrF is estimated from BLEU: a line through the systems of FLORES that have both."""
    bleu, comet = model.get("flores_bleu") or 0.0, model.get("flores_comet") or 0.0
    chrf = round(35 + 0.75 * bleu, 1) if bleu else 0.0
    made = {"source": model["source"], "target": model["target"], "chrf": chrf, "bleu": bleu, "comet": comet}
    return {key: value for key, value in made.items() if value}


def _registry(listed: Json) -> tuple[str, Iterator[Json]]:
    """Mozilla's registry in the shape of the list; only what is released and not superseded."""
    return str(listed["baseUrl"]).rstrip("/"), _released(listed["models"])


def _released(models: Json) -> Iterator[Json]:
    for entries in models.values():
        for entry in entries:
            if not str(entry.get("releaseStatus", "Release")).startswith("Release"):
                continue
            paths = {Path(file["path"]).name: file for file in entry["files"].values()}
            scores = (entry.get("metadata") or {}).get("flores") or {}
            yield {
                "source": entry["sourceLanguage"],
                "target": entry["targetLanguage"],
                "architecture": entry["architecture"],
                "folder": str(Path(next(iter(entry["files"].values()))["path"]).parent),
                "model_bytes": entry["files"]["model"]["uncompressedSize"],
                "model_sha256": entry["files"]["model"]["uncompressedHash"],
                "flores_bleu": scores.get("bleu"),
                "flores_comet": scores.get("comet"),
                "files": {
                    name: {"gz_bytes": f.get("compressedSize", 0), "gz_sha256": f.get("compressedHash", "")}
                    for name, f in paths.items()
                },
            }


def by_hand() -> Iterator[Json]:
    """What `scripts/models/*.json` says: an entry as it is, or a family with a list of its members."""
    for path in sorted(HERE.glob("*.json")):
        for entry in json.loads(path.read_text()):
            members = entry.pop("members", None)
            if members is None:
                yield entry
            else:
                yield from (_member(entry, member) for member in members)


def _member(family: Json, member: Json) -> Json:
    """An entry of a family: the family's own with `{words}` filled in, and what the member says itself."""
    words = {"name": member["name"]} | member.pop("words", {})
    text = json.dumps(family)
    filled = re.sub(r"\{(\w+)\}", lambda found: json.dumps(str(words[found[1]]))[1:-1], text)
    return {**json.loads(filled), **member}


def main() -> None:
    """Write the catalogue."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "firefox", type=Path, help="list of Firefox Translations models, or Mozilla's registry"
    )
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    entries = [*by_hand(), *firefox(given.firefox)]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in entries)
    catalogue.read(f"[{lines}]".encode())
    given.out.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()

"""The report's table of translation: now, by rules, and what others published, for each direction."""

import re
from typing import Any

Figures = dict[str, dict[str, Any]]
_NAME = re.compile(r"(\w+ → \w+) (now|rules): ([\w:+>-]+): (.+)")
# chrF and BLEU of outputs that Mozilla published with its models (firefox-translations-models, evaluation/,
# December 2025: its base-memory models, Google's API, Argos Translate, NLLB-200 distilled 600M), scored on
# the same 997 sentences.
PUBLISHED = {
    "en → pt": {"Firefox": (71.2, 50.0), "Google": (73.1, 53.7)},
    "pt → en": {"Firefox": (71.0, 47.9), "Google": (73.3, 51.1)},
    "en → es": {"Firefox": (55.7, 27.7), "Google": (57.1, 29.7)},
    "es → en": {"Firefox": (58.3, 27.5), "Google": (61.6, 31.8)},
    "en → fr": {"Firefox": (71.3, 49.6), "Google": (71.8, 41.2)},
    "fr → en": {"Firefox": (68.5, 44.3), "Google": (71.6, 48.7)},
    "en → ca": {
        "Firefox": (67.1, 43.5),
        "Google": (65.7, 35.4),
        "Argos": (57.6, 30.3),
        "NLLB 600M": (61.6, 35.1),
    },
    "ca → en": {"Firefox": (69.1, 44.7), "Google": (72.6, 49.7)},
    "en → de": {"Firefox": (65.5, 40.0), "Google": (68.6, 44.5)},
    "de → en": {"Firefox": (67.3, 41.4), "Google": (69.5, 44.9)},
    "en → it": {"Firefox": (59.0, 29.0), "Google": (60.0, 29.2)},
    "it → en": {"Firefox": (61.3, 31.2), "Google": (63.8, 35.2)},
    "en → hi": {"Google": (61.9, 36.8), "Argos": (54.3, 28.7), "NLLB 600M": (55.5, 29.8)},
    "hi → en": {"Google": (70.3, 45.8), "Argos": (57.7, 28.7), "NLLB 600M": (64.1, 38.5)},
}
OTHERS = ("Firefox", "Google", "NLLB 600M", "Argos")


def plain(figures: Figures) -> None:
    """Add the figures of today's ways by their direction alone: `en → es: chrF`."""
    for name, figure in list(figures.items()):
        found = _NAME.fullmatch(name)
        if found and found[2] == "now":
            figures[f"{found[1]}: {found[4]}"] = figure


def table(figures: Figures) -> list[str]:
    """Lines of Markdown; chrF / BLEU in each cell."""
    rows: dict[str, dict[str, dict[str, float]]] = {}
    ways: dict[tuple[str, str], str] = {}
    for name, figure in figures.items():
        if found := _NAME.fullmatch(name):
            rows.setdefault(found[1], {}).setdefault(found[2], {})[found[4]] = figure["value"]
            ways[found[1], found[2]] = found[3]
    head = ("", "now, by", "chrF / BLEU", "CPU p50 / p95", "by rules alone", *OTHERS)
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for pair, told in rows.items():
        now, rules = told.get("now", {}), told.get("rules", {})
        cpu = f"{now['CPU p50']:.0f} / {now['CPU p95']:.0f} ms" if now else ""
        known = PUBLISHED.get(pair, {})
        theirs = [_score(*known[name]) if name in known else "" for name in OTHERS]
        way = f"{_way(ways[pair, 'rules'])}: {_both(rules)}" if rules else ""
        now_way = _way(ways[pair, "now"]) if now else ""
        lines.append(f"| {' | '.join([pair, now_way, _both(now), cpu, way, *theirs])} |")
    return lines


def others(figures: Figures) -> Figures:
    """What the table does not show."""
    directions = {found[1] for name in figures if (found := _NAME.fullmatch(name))}
    return {
        name: figure
        for name, figure in figures.items()
        if not _NAME.fullmatch(name) and name.partition(":")[0] not in directions
    }


def _way(chain: str) -> str:
    """`bergamot:en-pt+apertium:pt-es` → `bergamot en-pt, apertium pt-es`."""
    return chain.replace(":", " ").replace("+", ", ")


def _both(scores: dict[str, float]) -> str:
    return _score(scores["chrF"], scores["BLEU"]) if scores else ""


def _score(chrf: float, bleu: float) -> str:
    return f"{chrf:.1f} / {bleu:.1f}"

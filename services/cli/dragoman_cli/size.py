"""`dragoman size`: replicas, requests and a values file of the chart for so many speakers."""

import json
from dataclasses import dataclass, replace
from math import ceil, floor
from pathlib import Path
from typing import Annotated, Any

import typer

SPARE = 10  # one pod in ten may be gone
BUSY = 0.6  # of an edge's core; above it results wait
LARGE = 50  # speakers from which the bus is worth three nodes
# Figures of `make bench`: file, name, and core seconds of a speaker for each unit of it; the dearest counts.
MEASURED = {
    "stt": (
        ("recognition", "6 clients: CPU of a client", 1.0),
        ("people", "people, as recorded: CPU of a client", 1.0),
    ),
    "edge": (("growth", "10 sessions: edge", 0.01), ("growth", "1 target language: edge", 0.01)),
    "translation": (
        ("growth", "1 target language: translation", 0.01),
        ("translation", "20 sessions, en → pt: CPU of translation", 0.01 / 20),
    ),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Core seconds for a second of a speaker's audio; of translation and speech, for each language."""

    stt: float = 0.33
    edge: float = 0.03
    translation: float = 0.01
    tts: float = 0.01


class NotMeasuredError(Exception):
    """A folder has no figures; the message is for people."""


def measured(folder: Path) -> Figures:
    """Return what `make bench` measured and wrote to a folder; what it did not measure is as by default.

    Raises:
        NotMeasuredError: there is none of these figures.
    """
    found = {}
    for service, sources in MEASURED.items():
        dear = [value * unit for file, name, unit in sources if (value := _figure(folder, file, name))]
        if dear:
            found[service] = float(f"{max(dear):.2g}")
    if not found:
        raise NotMeasuredError(f"{folder} has no figures of `make bench`")
    return replace(Figures(), **found)


def _figure(folder: Path, file: str, name: str) -> float | None:
    """The harder of the rounds, or None."""
    try:
        figures: list[dict[str, Any]] = json.loads((folder / f"{file}.json").read_text())
        values = [figure.get("high") or figure["value"] for figure in figures if figure["name"] == name]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NotMeasuredError(f"{folder / file}.json is no file of `make bench`") from None
    return values[0] if values else None


@dataclass(frozen=True, slots=True)
class ServiceSize:
    """Replicas of a service, cores of each, and the sessions or tracks that each takes; 0 = any number."""

    replicas: int
    cores: int
    capacity: int = 0


def sizes(speakers: int, languages: int, figures: Figures) -> dict[str, ServiceSize]:
    """Return what speakers who all speak at the same time need, each translated into so many languages."""
    cores = 1 if speakers * figures.stt <= 4 else 4
    cores = max(cores, ceil(figures.stt))
    tracks = floor(cores / figures.stt)
    full = ceil(speakers / tracks)
    sessions = floor(1 / figures.edge)
    work = speakers * languages
    return {
        "edge": ServiceSize(max(2, ceil(speakers / (sessions * BUSY))), 1, sessions),
        "accounts": ServiceSize(2 if speakers < LARGE else 3, 1),
        "stt": ServiceSize(full + ceil(full / SPARE), cores, tracks),
        "translation": ServiceSize(max(2, ceil(work * figures.translation / BUSY)), 1),
        "tts": ServiceSize(max(2, ceil(work * figures.tts / BUSY)), 1),
    }


def values(speakers: int, languages: int, figures: Figures) -> str:
    """Return values of the chart, as YAML, with the arithmetic above them."""
    made = sizes(speakers, languages, figures)
    total = sum(size.replicas * size.cores for size in made.values())
    stt, edge = made["stt"], made["edge"]
    memory = 512 + 96 * stt.capacity
    nodes = 3 if speakers >= LARGE else 1
    return f"""\
# {speakers} people who speak at the same time, each into {languages} languages.
# All pods busy: {total} cores.
# stt: {speakers} x {figures.stt} core; {stt.capacity} tracks a pod of {stt.cores} cores.
# A tenth of these pods is to spare.
# edge: {speakers} x {figures.edge} core at {BUSY:.0%}.
# translation, tts: {speakers} x {languages} x {figures.translation}, {figures.tts} core.
services:
  edge:
    replicas: {edge.replicas}
    settings: {{MAX_SESSIONS: {edge.capacity}}}
    resources: {{requests: {{cpu: "1", memory: 256Mi}}, limits: {{memory: 1Gi}}}}
  accounts: {{replicas: {made["accounts"].replicas}}}
  stt:
    replicas: {stt.replicas}
    settings: {{CAPACITY: {stt.capacity}, DECODES: {stt.cores}}}
    resources: {{requests: {{cpu: "{stt.cores}", memory: {memory}Mi}}, limits: {{memory: {2 * memory}Mi}}}}
  translation:
    replicas: {made["translation"].replicas}
    resources: {{requests: {{cpu: "1", memory: 640Mi}}, limits: {{memory: 1280Mi}}}}
  tts:
    replicas: {made["tts"].replicas}
    resources: {{requests: {{cpu: "1", memory: 256Mi}}, limits: {{memory: 1Gi}}}}
nats: {{replicas: {nodes}}}
"""


def size(
    speakers: Annotated[int, typer.Option(min=1, max=100_000, help="People who speak at the same time")],
    languages: Annotated[int, typer.Option(min=1, max=50, help="Languages for each of them")] = 1,
    bench: Annotated[
        Path | None, typer.Option(help="Folder of `make bench` on that kind of machine, e.g. out/bench")
    ] = None,
    stt: Annotated[float | None, typer.Option(min=0.001, max=64, help="Cores of stt a speaker")] = None,
    edge: Annotated[
        float | None, typer.Option(min=0.001, max=0.5, help="Cores of the edge a speaker")
    ] = None,
) -> None:
    """Print values of the chart for so many speakers, from what was measured or is given."""
    try:
        figures = measured(bench) if bench is not None else Figures()
    except NotMeasuredError as exc:
        raise typer.BadParameter(str(exc), param_hint="--bench") from None
    figures = replace(figures, stt=stt or figures.stt, edge=edge or figures.edge)
    typer.echo(values(speakers, languages, figures), nl=False)

"""`dragoman size`: replicas, requests and a values file of the chart for so many speakers."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Annotated

import typer

SPARE = 10  # one pod in ten may be gone
BUSY = 0.6  # of an edge's core; above it results wait
LARGE = 50  # speakers from which the bus is worth three nodes


@dataclass(frozen=True, slots=True)
class Figures:
    """Core seconds for a second of a speaker's audio; of translation and speech, for each language."""

    stt: float = 0.33
    edge: float = 0.03
    translation: float = 0.01
    tts: float = 0.01


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
    stt: Annotated[float, typer.Option(min=0.001, max=64, help="Cores of recognition a speaker")] = 0.33,
    edge: Annotated[float, typer.Option(min=0.001, max=0.5, help="Cores of the edge a speaker")] = 0.03,
) -> None:
    """Print values of the chart for so many speakers, from what was measured or is given."""
    typer.echo(values(speakers, languages, Figures(stt=stt, edge=edge)), nl=False)

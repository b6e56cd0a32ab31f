"""The whole job with real engines: end of speech → transcript → translation → first audio, against the limit.

python -m tests.bench.job [--json FILE]

The limit is what the engines themselves take for the same sentences, in this process and one after the other,
and the silence after which a sentence is over. Also: what silent sessions and the edge at rest cost.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the service has it; before numpy is loaded

import numpy as np

from dragoman_cli.load.load import load
from dragoman_cli.load.plan import Plan
from dragoman_cli.load.usage import used
from dragoman_cli.mesh import Mesh, running
from dragoman_cli.mesh_options import MeshOptions
from dragoman_stt import engines
from dragoman_stt.engines.base import DecodeOptions, Recogniser
from dragoman_stt.settings import SttSettings
from dragoman_translation.engines.apertium import Apertium
from dragoman_translation.engines.base import Job, Pair
from dragoman_tts.demo import SENTENCES, say
from dragoman_tts.engines.espeak import Espeak
from dragoman_tts.speech import speak
from tests.bench.figures import Findings
from tests.bench.meshes import Target, target

SILENCE_S = 0.5  # the endpointing silence
BOUND = 1.15
PAUSE = bytes(2 * 16_000)
SILENT = 5  # sessions that send nothing but silence
MS, SHARE = "ms", "% of a core a session"


def engines_alone(found: Findings, spoken: list[bytes]) -> float:
    """Median seconds for a sentence: recognise, translate, the first piece of speech."""
    settings = SttSettings()
    recogniser = engines.recogniser(settings)
    assert isinstance(recogniser, Recogniser)
    recogniser.warm()
    parts = asyncio.run(_alone(recogniser, spoken))
    medians = {name: statistics.median(values) for name, values in parts.items()}
    for name, seconds in medians.items():
        found.add(f"engines alone: {name}", MS, 1000 * seconds)
    return sum(medians.values())


async def _alone(recogniser: Recogniser, spoken: list[bytes]) -> dict[str, list[float]]:
    translator, voices = Apertium(), Espeak()
    await translator.warm([Pair("en", "es")])
    voice = next(v for v in voices.voices() if v.language == "es")
    took: dict[str, list[float]] = {"recognition": [], "translation": [], "first speech": []}
    for pcm in spoken * 2:
        moments = [time.perf_counter()]
        audio = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
        heard = recogniser.decode(audio, DecodeOptions(("en",), final=True))
        moments.append(time.perf_counter())
        text = await translator.translate(Job(heard.text, "en", "es"))
        moments.append(time.perf_counter())
        next(speak(voices, text, voice, 1.0, 80))
        moments.append(time.perf_counter())
        for name, before, after in zip(took, moments, moments[1:], strict=False):
            took[name].append(after - before)
    await translator.close()
    return took


async def through_the_mesh(found: Findings, where: Target, audio: str, seconds: float) -> float:
    """One speaker; the seconds from the end of speech to the first audio (median)."""
    plan = Plan(where.url, where.key, audio, sessions=1, seconds=seconds, warm_s=4)
    outcome = await load(plan, 1, where.pids)
    for name in (
        "first interim",
        "final",
        "translation after final",
        "first audio after final",
        "first audio",
    ):
        for percentile in (50, 90):
            value = outcome.delays.at(name, percentile)
            found.add(f"whole job: {name} p{percentile}", MS, value and 1000 * value)
    return outcome.delays.at("first audio", 50) or 0.0


async def at_rest(found: Findings, where: Target, folder: Path) -> None:
    """What costs when nobody speaks."""
    found.add("edge at rest", "MB", used(where.pids)["edge"].own_bytes / 1e6)
    silence = folder / "silence.pcm"
    silence.write_bytes(PAUSE)
    plan = Plan(where.url, where.key, str(silence), sessions=SILENT, seconds=8, warm_s=2)
    outcome = await load(plan, 1, where.pids)
    for process in ("edge", "stt", "nats-server"):
        found.add(f"silent session: {process}", SHARE, 100 * outcome.cpu_share(process))


def measure(found: Findings, made: Mesh, folder: Path, seconds: float) -> None:
    """The mesh and the engines alone take turns."""
    spoken = [say(text, "en-us") for text in SENTENCES]
    audio = folder / "speech.pcm"
    audio.write_bytes(b"".join(pcm + PAUSE + PAUSE for pcm in spoken))
    where = target(made)
    asyncio.run(at_rest(found, where, folder))
    for number in range(2):
        print(f"job: round {number + 1} of 2", flush=True)
        limit = engines_alone(found, spoken) + SILENCE_S
        whole = asyncio.run(through_the_mesh(found, where, str(audio), seconds))
        found.add("whole job / (engines alone + endpointing silence)", "ratio", whole / limit)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=24, help="of speech in each round")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = Findings()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(MeshOptions(folder / "mesh", port=0)) as made:
            measure(found, made, folder, options.seconds)
    found.finish(options.json)


if __name__ == "__main__":
    main()

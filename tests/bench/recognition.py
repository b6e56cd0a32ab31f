"""Streaming recognition against the limit: the same audio, the same weights, decoded offline in one piece.

python -m tests.bench.recognition; with --peers beside WhisperLive and WhisperLiveKit instead, each in an
environment of its own with the same weights.
"""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the service has it; before numpy is loaded

import numpy as np
from websockets.exceptions import ConnectionClosed

from dragoman_models.pull import Puller
from dragoman_models.settings import ModelsSettings
from dragoman_stt import engines, weights
from dragoman_stt.settings import SttSettings
from tests.bench.figures import Findings, median
from tests.bench.peers import through_mesh
from tests.bench.peers.heard import Heard, Verdict, judge
from tests.bench.peers.ours import Ours
from tests.bench.peers.read import SENTENCES, SHORT, Reading, read_aloud, recorded
from tests.bench.peers.serving import serving, settle
from tests.bench.peers.streaming import crowd, systems
from tests.bench.peers.venvs import PeerError, python_of
from tests.stt.speech import word_errors

TAIL_S = 12.0  # so late may a peer be
CPU, SECONDS, SHARE = "CPU s per audio s", "s", "% of words"


class Offline:
    """faster-whisper, the whole audio at once on one thread: nobody can spend less with these weights."""

    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel

        self._model: Any = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def texts(self, reading: Reading) -> list[str]:
        """What it hears in each sentence, by the times of its words."""
        texts = [""] * len(reading.sentences)
        ends = [sentence.end for sentence in reading.sentences]
        for word in self._words(reading):
            middle = (word.start + word.end) / 2
            texts[min(int(np.searchsorted(ends, middle - 0.4)), len(texts) - 1)] += word.word
        return texts

    def _words(self, reading: Reading) -> list[Any]:
        segments, _ = self._model.transcribe(_floats(reading), language="en", word_timestamps=True)
        return [word for segment in segments for word in segment.words]

    def cost(self, reading: Reading) -> float:
        """CPU seconds of one decode without times of words."""
        before = time.process_time()
        segments, _ = self._model.transcribe(_floats(reading), language="en")
        list(segments)
        return time.process_time() - before


def _floats(reading: Reading) -> Any:
    return np.frombuffer(reading.pcm, np.int16).astype(np.float32) / 32768.0


def note(
    found: Findings, name: str, reading: Reading, heard: list[Heard], texts: list[str], cpu: float
) -> None:
    """The figures of one run with one or more clients."""
    verdicts: list[Verdict] = [judge(one, reading, texts) for one in heard]
    wrong_words(found, name, reading, [one.text for one in heard])
    found.add(f"{name}: CPU of a client", CPU, cpu / reading.seconds / len(heard))
    found.add(f"{name}: first text p50", SECONDS, median(x for v in verdicts for x in v.first))
    found.add(f"{name}: final p50", SECONDS, median(x for v in verdicts for x in v.final))
    other = sum(v.errors for v in verdicts) / len(verdicts)
    found.add(f"{name}: words other than offline", SHARE, 100 * other)
    found.add(f"{name}: keeps up", "clients", sum(v.keeps_up for v in verdicts))


def wrong_words(found: Findings, name: str, reading: Reading, heard: list[str]) -> None:
    """Against what was read, where that is known."""
    read = " ".join(sentence.text for sentence in reading.sentences)
    if all(sentence.text for sentence in reading.sentences):
        errors = sum(word_errors(read, text) for text in heard) / len(heard)
        found.add(f"{name}: words wrong of those read", SHARE, 100 * errors)


def measure(found: Findings, options: argparse.Namespace) -> None:
    """Ours against the limit, or against the peers."""
    settings = SttSettings()
    folder = weights.find(settings.model, Puller.of(ModelsSettings()))
    engine = engines.recogniser(settings)
    engine.warm()
    ours = Ours(engine, engines.activity(settings), settings.decodes)
    offline = Offline(folder)
    if options.peers:
        beside(found, options, ours, offline, folder)
    else:
        limit(found, options, ours, offline)


def beside(found: Findings, options: argparse.Namespace, ours: Ours, offline: Offline, model: Path) -> None:
    """Every system in turn, with as many clients."""
    reading = recorded(options.wav) if options.wav else read_aloud(SENTENCES[:SHORT])
    texts = offline.texts(reading)
    reading = reading.with_tail(TAIL_S)  # for all alike: its seconds and its CPU count
    for _ in range(options.rounds or 1):
        for clients in options.clients or (1, 2, 4):
            heard, cpu = ours.listen(reading, clients, True)
            note(found, f"ours × {clients}", reading, heard, texts, cpu)
            for name, (peer, words, listen) in systems(model).items():
                try:
                    with serving(python_of(peer), *words) as server:
                        asyncio.run(settle())
                        heard, cpu = asyncio.run(crowd(server, listen, reading, clients))
                except (PeerError, OSError, TimeoutError, ConnectionClosed) as exc:
                    print(f"{name}: {exc}", file=sys.stderr)
                    continue
                note(found, f"{name} × {clients}", reading, heard, texts, cpu)
                if options.texts:
                    show(heard[0])


def show(heard: Heard) -> None:
    """What one client saw."""
    print(
        *(f"{at:6.2f} {settled} | {shown[len(settled) :]}" for at, settled, shown in heard.moments), sep="\n"
    )


def limit(found: Findings, options: argparse.Namespace, ours: Ours, offline: Offline) -> None:
    """Ours against the limit, in turn: one session hurried, then several at real-time pace."""
    reading = recorded(options.wav) if options.wav else read_aloud()
    texts = offline.texts(reading)
    wrong_words(found, "offline", reading, [" ".join(texts)])
    for _ in range(options.rounds or 2):
        found.add("offline: CPU", CPU, offline.cost(reading) / reading.seconds)
        for interim, name in ((True, "with interims"), (False, "without interims")):
            heard, cpu = ours.listen(reading, 1, interim, hurried=True)
            note(found, name, reading, heard, texts, cpu)
    found.add("offline: CPU", CPU, offline.cost(reading) / reading.seconds)
    ratios(found)
    short = reading if options.wav else read_aloud(SENTENCES[:SHORT])
    short_texts = offline.texts(short)
    alone, cpu = through_mesh.measure(short)
    note(found, "through the mesh", short, [alone], short_texts, cpu)
    for clients in options.clients or (4, 6, 8):
        crowded, cpu = ours.listen(short, clients, True)
        note(found, f"{clients} clients", short, crowded, short_texts, cpu)
    if options.texts:
        print(*texts, "", sep="\n")
        show(alone)


def ratios(found: Findings) -> None:
    """Against the limit, in this run."""
    values = {figure.name: figure.value for figure in found.figures()}
    limit = values["offline: CPU"]
    for name in ("with interims", "without interims"):
        cpu = values[f"{name}: CPU of a client"]
        if limit and cpu is not None:
            found.add(f"{name} / offline", "ratio", cpu / limit)
        wrong, least = (values.get(f"{who}: words wrong of those read") for who in (name, "offline"))
        if wrong is not None and least is not None:
            found.add(f"{name}: words wrong above offline", "points", wrong - least)


def arguments() -> argparse.Namespace:
    """Of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=0, help="2, or 1 with --peers")
    parser.add_argument("--clients", type=int, nargs="*", help="sessions at the same time")
    parser.add_argument("--wav", type=Path, nargs="*", default=[], help="recordings instead, 16 kHz mono")
    parser.add_argument("--peers", action="store_true", help="beside WhisperLive and WhisperLiveKit instead")
    parser.add_argument("--texts", action="store_true", help="print what was heard")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


def main() -> None:
    """Print a table, and JSON with --json."""
    options, found = arguments(), Findings()
    measure(found, options)
    found.finish(options.json)


if __name__ == "__main__":
    main()

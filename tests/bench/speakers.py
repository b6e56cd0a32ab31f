"""Speakers told apart in dialogues that are made of recordings of different people.

python -m tests.bench.speakers [--dialogues 6] [--recognised] [--json FILE]

`RECORDINGS_DIR` names a folder of recordings (tests/support/recordings.py says how it looks); its manifest's
column `speaker` says who speaks in each, those without it are left out. Their utterances are mixed, with
pauses between them, and go through the service's own tracks. A final is right where its label is the one that
its speaker has most often (no label stands for two). Without a folder there is nothing to measure.

Words are no matter: a recogniser hears one in any speech, so that labels are measured in languages, too, that
the weights cannot hear. With `--recognised` it is the service's own, which names or detects the language.
"""

import argparse
import itertools
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the service has it; before numpy is loaded

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.events import Transcript
from dragoman_stt import engines
from dragoman_stt.engines.base import (
    Audio,
    DecodeOptions,
    HeardWord,
    Hypothesis,
    SpeakerEncoder,
    Voice,
    VoiceActivityModel,
)
from dragoman_stt.settings import SttSettings
from dragoman_stt.speaker_labels import VoiceHearing
from dragoman_stt.turn_judging import TurnJudging
from tests.bench.figures import Findings
from tests.bench.peers.ours import Ours
from tests.bench.peers.read import Reading
from tests.bench.people import speech
from tests.support.recordings import Recording, folder, load

PAUSE_S, TAIL_S = 1.2, 3.0  # silence between two utterances, and at the end
LEAST_S, LONGEST_S = 0.8, 5.0  # of an utterance
LONG_S = 1.5  # the target is for utterances from there on
SPEAKERS = (2, 3, 4)
SEED = 7


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance of a dialogue; seconds from its beginning."""

    who: str
    start: float
    end: float


class AnyWord:
    """A recogniser that hears a sentence of one word in any speech."""

    name = "any"

    def languages(self) -> list[str]:
        """One."""
        return ["en"]

    def warm(self) -> None:
        """Nothing to load."""

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """The word, as long as the speech."""
        end_ms = options.speech[-1][1] if options.speech else len(audio) * 1000 // SAMPLE_RATE
        return Hypothesis("Word.", "en", 1.0, (HeardWord(" Word.", 0, end_ms, 1.0),), 1.0)


@dataclass(slots=True)
class Timed:
    """An encoder whose CPU time is counted."""

    encoder: SpeakerEncoder
    cpu_s: float = 0.0
    asked: list[float] = field(default_factory=list)  # seconds of speech

    def voice(self, audio: Audio) -> Voice:
        """The encoder's."""
        began = time.thread_time()
        voice = self.encoder.voice(audio)
        self.cpu_s += time.thread_time() - began
        self.asked.append(len(audio) / SAMPLE_RATE)
        return voice


def utterances(recordings: Sequence[Recording], vad: VoiceActivityModel) -> dict[str, list[bytes]]:
    """Spans of speech by speaker; a long one is cut."""
    found: dict[str, list[bytes]] = {}
    for one in recordings:
        for start, end in speech(one.pcm, vad) if one.speaker else ():
            parts = max(1, round((end - start) / LONGEST_S + 0.5)) if end - start > LONGEST_S else 1
            step = (end - start) / parts
            for part in range(parts):
                first, last = start + part * step, start + (part + 1) * step
                if last - first >= LEAST_S:
                    pcm = one.pcm[int(first * SAMPLE_RATE) * 2 : int(last * SAMPLE_RATE) * 2]
                    found.setdefault(one.speaker, []).append(pcm)
    return {who: said for who, said in found.items() if len(said) >= 2}


def dialogue(found: dict[str, list[bytes]], count: int, draw: random.Random) -> tuple[bytes, list[Said]]:
    """All utterances of so many speakers, mixed."""
    people = draw.sample(sorted(found), count)
    turns = [(who, pcm) for who in people for pcm in found[who]]
    draw.shuffle(turns)
    pause = bytes(int(PAUSE_S * SAMPLE_RATE) * 2)
    pcm, said = b"", []
    for who, spoken in turns:
        start = len(pcm) / (2 * SAMPLE_RATE)
        said.append(Said(who, start, start + len(spoken) / (2 * SAMPLE_RATE)))
        pcm += spoken + pause
    return pcm + bytes(int(TAIL_S * SAMPLE_RATE) * 2), said


def labelled(said: Sequence[Said], finals: Sequence[Transcript]) -> list[tuple[Said, int]]:
    """Each utterance with the label of the final that covers most of it; 0 = there is none."""
    pairs = []
    for one in said:
        shares = [(_common(one, final), final.speaker) for final in finals]
        most, label = max(shares, default=(0.0, 0))
        pairs.append((one, label if most > 0 else 0))
    return pairs


def _common(said: Said, final: Transcript) -> float:
    start, end = final.start_ms / 1000, (final.start_ms + final.duration_ms) / 1000
    return min(said.end, end) - max(said.start, start)


def right(pairs: Sequence[tuple[Said, int]]) -> list[bool]:
    """Whether each label is right, with the best assignment of labels to speakers."""
    counts = Counter((one.who, label) for one, label in pairs if label)
    people = sorted({one.who for one, _ in pairs})
    labels: list[int] = sorted({label for _, label in pairs if label})
    places = [*labels, *[-n for n in range(1, len(people) + 1)]]  # a speaker may have none
    best = max(
        itertools.permutations(places, len(people)),
        key=lambda chosen: sum(counts[who, label] for who, label in zip(people, chosen, strict=True)),
    )
    own = dict(zip(people, best, strict=True))
    return [own[one.who] == label for one, label in pairs]


def measure(found: Findings, dialogues: int, recognised: bool) -> None:
    """Dialogues of two, three and four speakers."""
    where, settings = folder(), SttSettings()
    vad, encoder, judge = (
        engines.activity(settings),
        engines.speaker_encoder(settings),
        engines.turn_judge(settings),
    )
    if where is None or encoder is None:
        print("RECORDINGS_DIR names no folder, or there is no speaker encoder: nothing is measured")
        return
    engine, timed = engines.recogniser(settings) if recognised else AnyWord(), Timed(encoder)
    engine.warm()
    turns = TurnJudging.of(judge, settings) if judge is not None else None
    ours = Ours(engine, vad, settings.decodes, turns, VoiceHearing(timed, 5.0))
    voices = utterances(load(where), vad)
    everything: list[tuple[Said, bool]] = []
    for count in SPEAKERS:
        of_count: list[tuple[Said, bool]] = []
        for number in range(dialogues):
            pcm, said = dialogue(voices, count, random.Random(SEED + number))
            (heard,), _ = ours.listen(Reading(pcm, (), ""), 1, False, hurried=True)
            pairs = labelled(said, [event for _, event in heard.transcripts if event.final])
            of_count += zip(said, right(pairs), strict=True)
            print(f"{count} speakers: {sum(right(pairs))} of {len(pairs)} right", flush=True)
        note(found, f"{count} speakers", of_count)
        everything += of_count
    note(found, "all", everything)
    found.add("CPU of the encoder", "ms an utterance", 1000 * timed.cpu_s / max(1, len(everything)))
    found.add("encoder asked", "times an utterance", len(timed.asked) / max(1, len(everything)))
    found.add("speech that it is asked for", "s", float(np.mean(timed.asked)))


def note(found: Findings, name: str, judged: Sequence[tuple[Said, bool]]) -> None:
    """Long utterances, and those below."""
    for told, among in (
        (f"utterances from {LONG_S} s on", [ok for one, ok in judged if one.end - one.start >= LONG_S]),
        ("shorter utterances", [ok for one, ok in judged if one.end - one.start < LONG_S]),
    ):
        found.add(f"{name}: right labels, {told}", "%", 100 * sum(among) / len(among) if among else None)


def main() -> None:
    """Print a table, and JSON with --json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dialogues", type=int, default=6, help="of each number of speakers")
    parser.add_argument("--recognised", action="store_true", help="by the service's own recogniser")
    parser.add_argument("--json", type=Path)
    options, found = parser.parse_args(), Findings()
    measure(found, options.dialogues, options.recognised)
    found.finish(options.json)


if __name__ == "__main__":
    main()

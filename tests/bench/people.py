"""Streaming recognition of people's speech beside an offline decode of the same weights.

python -m tests.bench.people [--clients 7] [--forms fast …] [--paced] [--modelled] [--texts] [--json FILE]

`RECORDINGS_DIR` names a folder of recordings (tests/support/recordings.py says how it looks). Each is heard
as it is, fast, slow, at 8 kHz, in noise, and with pauses within its sentences. Without a folder only the
artificial voice is.
"""

import argparse
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the service has it; before numpy is loaded

import numpy as np

from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_contract.events import Endpointing
from dragoman_models.pull import Puller
from dragoman_models.settings import ModelsSettings
from dragoman_stt import engines, weights
from dragoman_stt.endpointing import FRAME, Endpointer, Signal
from dragoman_stt.engines.base import VoiceActivityModel
from dragoman_stt.engines.whisper.engine import Whisper
from dragoman_stt.engines.whisper.foreign import foreign, spelled
from dragoman_stt.engines.whisper.spelling import spelling
from dragoman_stt.settings import SttSettings
from dragoman_stt.turn_judging import TurnJudging
from tests.bench import people_figures as figures
from tests.bench.figures import Findings, median, quantile
from tests.bench.peers.heard import Heard
from tests.bench.peers.modelled import Costs
from tests.bench.peers.ours import Ours
from tests.bench.peers.read import SENTENCES, Reading, read_aloud
from tests.bench.people_figures import Comparison, Pause, Span, Word
from tests.support.recordings import FORMS, Recording, folder, load

TAIL_S = 3.0  # of silence behind a recording, as a microphone goes on sending
GAP_MS = 192  # silence that parts two spans of speech
HALTING, HALT_S, HALT_WORDS = (
    "halting",
    0.7,
    5,
)  # a pause so long after so many words, but at no sentence's end
SECONDS, SHARE, CPU, OF_OFFLINE = "s", "%", "CPU s per audio s", "% of the words of the offline decode"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a recording beside what streams from it."""

    recording: Recording
    offline: tuple[Word, ...]
    offline_cpu_s: float
    spans: tuple[Span, ...]
    pauses: tuple[Pause, ...]

    @property
    def reading(self) -> Reading:
        """Return it with its tail of silence."""
        one = self.recording
        return Reading(one.pcm, (), one.language.split("-")[0]).with_tail(TAIL_S)

    @property
    def text(self) -> str:
        """Return what the offline decode hears."""
        return "".join(word.text for word in self.offline).strip()


@dataclass(slots=True)
class Tally:
    """What was found in all recordings of one form."""

    offline: list[Comparison] = field(default_factory=list)  # what streams against the offline decode
    read: list[tuple[Comparison, Comparison]] = field(default_factory=list)  # both against the transcript
    cpu_s: float = 0.0
    offline_cpu_s: float = 0.0
    seconds: float = 0.0
    still: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    final: list[float] = field(default_factory=list)
    over: list[float] = field(default_factory=list)
    stop: list[float] = field(default_factory=list)
    cut: list[tuple[int, int]] = field(default_factory=list)
    stopped: list[tuple[int, int]] = field(default_factory=list)
    joined: list[tuple[int, int]] = field(default_factory=list)

    def add(self, truth: Truth, heard: Heard, cpu_s: float) -> None:
        """One client's session."""
        text = " ".join(final.text for final in heard.finals)
        said, got = figures.words(truth.text), figures.words(text)
        self.offline.append(figures.compare(said, got))
        if written := figures.words(truth.recording.text):
            self.read.append((figures.compare(written, got), figures.compare(written, said)))
        self.cpu_s += cpu_s
        self.offline_cpu_s += truth.offline_cpu_s
        self.seconds += truth.reading.seconds
        self.still.append(figures.standstill(heard, truth.spans))
        self.first += figures.first_texts(heard, truth.pauses, truth.spans)
        self.final += [max(0.0, final.at - final.end) for final in heard.finals]
        self.over += figures.waits(truth.pauses, heard.finals)
        self.stop += figures.after_stops(heard.finals, heard.stops)
        self.cut.append(figures.cut_short(truth.pauses, heard.finals))
        self.stopped.append(figures.stopped(truth.pauses, heard.stops))
        self.joined.append(figures.joined(truth.pauses, heard.finals))

    def note(self, found: Findings, name: str) -> None:
        """Write its figures down."""
        words = sum(one.words for one in self.offline)
        missing = sum(len(one.missing) for one in self.offline)
        found.add(f"{name}: words missing", OF_OFFLINE, _share(missing, words))
        found.add(
            f"{name}: most words missing in a row", "words", max((o.run for o in self.offline), default=None)
        )
        found.add(
            f"{name}: words other than offline", SHARE, _share(sum(o.wrong for o in self.offline), words)
        )
        read = sum(ours.words for ours, _ in self.read)
        for who, number in (("streaming", 0), ("offline", 1)):
            wrong = sum(pair[number].wrong for pair in self.read)
            found.add(f"{name}: words wrong of the transcript, {who}", SHARE, _share(wrong, read))
        found.add(f"{name}: first text p50", SECONDS, median(self.first))
        found.add(f"{name}: final after its speech p50", SECONDS, median(self.final))
        found.add(f"{name}: final after its speech p99", SECONDS, quantile(self.final, 99))
        found.add(f"{name}: final after the end of a sentence p50", SECONDS, median(self.over))
        found.add(f"{name}: final at an endpoint after its speech p50", SECONDS, median(self.stop))
        found.add(f"{name}: final at an endpoint after its speech p99", SECONDS, quantile(self.stop, 99))
        found.add(f"{name}: longest standstill of captions", SECONDS, max(self.still, default=None))
        found.add(f"{name}: pauses within sentences that end a final", SHARE, _sum(self.cut))
        found.add(f"{name}: pauses within sentences taken for an end", SHARE, _sum(self.stopped))
        found.add(f"{name}: pauses within sentences", "count", sum(of for _, of in self.cut))
        found.add(f"{name}: ends of sentences missed", SHARE, _sum(self.joined))
        found.add(f"{name}: ends of sentences", "count", sum(of for _, of in self.joined))
        found.add(f"{name}: CPU of a client", CPU, self.cpu_s / self.seconds)
        found.add(f"{name}: CPU of the offline decode", CPU, self.offline_cpu_s / self.seconds)


def _share(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def _sum(counts: Iterable[tuple[int, int]]) -> float | None:
    pairs = list(counts)
    return _share(sum(part for part, _ in pairs), sum(whole for _, whole in pairs))


class Bench:
    """The recogniser of the service's settings, and an offline decode with its weights.

    `modelled` = decodes take what a model of their cost says.
    """

    def __init__(self, settings: SttSettings, *, modelled: bool = False) -> None:
        from faster_whisper import WhisperModel

        model = weights.find(settings.model, Puller.of(ModelsSettings()))
        self._offline: Any = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=1)
        hush = self._offline.feature_extractor(np.zeros(SAMPLE_RATE, np.float32))[:, : SAMPLE_RATE // 160]
        self._width = int(self._offline.encode(hush).shape[-1])
        self._vad = engines.activity(settings)
        engine, judge = engines.recogniser(settings), engines.turn_judge(settings)
        engine.warm()
        spent = time.process_time
        if modelled and isinstance(engine, Whisper):
            costs = Costs()
            costs.count(engine, judge)
            spent = costs.spent
        turns = TurnJudging.of(judge, settings) if judge is not None else None
        self.ours = Ours(engine, self._vad, settings.decodes, turns, spent=spent)

    def truth(self, recording: Recording) -> Truth:
        """Decode it offline and find its pauses."""
        began = time.process_time()
        offline = tuple(self._decode(recording))
        cpu_s = time.process_time() - began
        spans = tuple(speech(recording.pcm, self._vad))
        found = tuple(figures.pauses(spans, offline, recording.text))
        return Truth(recording, offline, cpu_s, spans, found)

    def _decode(self, recording: Recording) -> Iterable[Word]:
        """In the script that the service writes: words are compared, not ways to spell them."""
        samples = np.frombuffer(recording.pcm, "<i2").astype(np.float32) / 32768.0
        language = recording.language.split("-")[0]
        wanted = spelling(recording.language, self._width)
        tokenizer = self._offline.hf_tokenizer
        known = spelled(tokenizer.get_vocab(), tokenizer.token_to_id("<|endoftext|>"))
        unwanted = foreign(known, wanted.letters) if wanted.letters else ()
        segments, _ = self._offline.transcribe(
            samples, language=language, word_timestamps=True, suppress_tokens=[-1, *unwanted]
        )
        for segment in segments:
            for word in segment.words:
                text = wanted.change(word.word) if wanted.change else word.word
                yield Word(text, word.start, word.end)


def speech(pcm: bytes, vad: VoiceActivityModel) -> list[Span]:
    """Where somebody speaks, by voice activity; a silence below 0.2 s parts nothing."""
    ears, listen = Endpointer(Endpointing(silence_ms=GAP_MS)), vad.track()
    samples = np.frombuffer(pcm + bytes(FRAME * BYTES_PER_SAMPLE * 16), "<i2")
    spans, start, end = [], 0, 0
    for place in range(FRAME, len(samples) + 1, FRAME):
        signal = ears.step(frame := samples[place - FRAME : place], listen(frame), place)
        if signal is Signal.ONSET:
            start = place - ears.onset_run * FRAME
        if ears.speaking and ears.run == 0:
            end = place
        if signal is Signal.ENDPOINT:
            spans.append((start / SAMPLE_RATE, end / SAMPLE_RATE))
    return spans


def halting(truth: Truth) -> Recording:
    """The same speaker, who stops within sentences to think."""
    ends = figures.sentence_ends(truth.offline, truth.recording.text)
    samples = np.frombuffer(truth.recording.pcm, "<i2")
    pieces, last = [], 0
    for number, (word, over) in enumerate(zip(truth.offline, ends, strict=True), 1):
        if number % HALT_WORDS or over or number == len(truth.offline):
            continue
        place = _quietest(samples, int(word.end * SAMPLE_RATE))
        pieces += [samples[last:place], _hush(samples)]
        last = place
    pcm = np.concatenate([*pieces, samples[last:]]).astype("<i2").tobytes()
    return replace(truth.recording, pcm=pcm, form=HALTING)


def _quietest(samples: Any, near: int) -> int:
    """The sample around which 20 ms are the quietest, within 0.1 s."""
    width, first = 320, max(0, near - 1600)
    energy = np.convolve(np.square(samples[first : near + 1600].astype(float)), np.ones(width), "valid")
    return first + int(energy.argmin()) + width // 2 if len(energy) else near


def _hush(samples: Any) -> Any:
    """What the room sounds like when nobody speaks."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(float)
    level = np.percentile(frames.std(axis=1), 5) if len(frames) else 0.0
    return np.random.default_rng(7).normal(0, level, int(HALT_S * SAMPLE_RATE)).round()


def artificial() -> Recording:
    """The demo's voice reading."""
    return Recording("artificial voice", read_aloud().pcm, "en", " ".join(SENTENCES), "read")


def measure(found: Findings, options: argparse.Namespace) -> None:
    """The artificial voice and the recordings, in all forms; then several clients at a time."""
    where, bench = folder(), Bench(SttSettings(), modelled=options.modelled)
    voices = {"people": load(where) if where else [], "artificial voice": [artificial()]}
    if where and options.skip_voice:
        del voices["artificial voice"]
    if not where:
        print("RECORDINGS_DIR names no folder: the artificial voice alone", flush=True)
    for name, recordings in voices.items():
        plain = [bench.truth(recording) for recording in recordings]
        for form in options.forms if plain else ():
            truths = plain if form == "as recorded" else [bench.truth(_heard(one, form)) for one in plain]
            one_by_one(found, options, f"{name}, {form}", bench.ours, truths)
        if plain and options.paced:
            one_by_one(found, options, f"{name}, in real time", bench.ours, plain, hurried=False)
        if plain:
            together(found, options, name, bench.ours, plain)


def _heard(truth: Truth, form: str) -> Recording:
    return halting(truth) if form == HALTING else truth.recording.heard(form)


def one_by_one(
    found: Findings,
    options: argparse.Namespace,
    name: str,
    ours: Ours,
    truths: Sequence[Truth],
    *,
    hurried: bool = True,
) -> None:
    """One client at a time."""
    tallies = {"": Tally()} | {truth.recording.style: Tally() for truth in truths}
    for truth in truths:
        (heard,), cpu_s = ours.listen(truth.reading, 1, True, hurried=hurried)
        for style in {"", truth.recording.style}:
            tallies[style].add(truth, heard, cpu_s)
        show(name, truth, heard, cpu_s, options.texts)
    for style, tally in tallies.items():
        if not style or len(tallies) > 2:
            tally.note(found, f"{name}, {style}" if style else name)


def show(name: str, truth: Truth, heard: Heard, cpu_s: float, texts: bool) -> None:
    """One line of a recording, and what was heard of it."""
    tally = Tally()
    tally.add(truth, heard, cpu_s)
    (beside,) = tally.offline
    print(
        f"{name}, {truth.recording.name}: {beside.words} words, {len(beside.missing)} missing "
        f"({beside.run} in a row), {beside.wrong} other; {len(heard.finals)} finals, cut {tally.cut[0]}, "
        f"joined {tally.joined[0]}, still {tally.still[0]:.2f} s, CPU {cpu_s / truth.reading.seconds:.3f}",
        flush=True,
    )
    if texts:
        print("  offline:", truth.text, "\n  pauses:", *truth.pauses, sep=" ")
        print(*(f"  {f.at:6.2f} {f.start:6.2f}-{f.end:6.2f} {f.text}" for f in heard.finals), sep="\n")


def together(
    found: Findings, options: argparse.Namespace, name: str, ours: Ours, truths: Sequence[Truth]
) -> None:
    """N clients at real-time pace, and twice as many; the longest recordings, by turns."""
    longest = sorted(truths, key=lambda truth: -truth.recording.seconds)[:3]
    for clients in (options.clients, 2 * options.clients) if options.clients else ():
        said = [longest[number % len(longest)] for number in range(clients)]
        heard, cpu_s = ours.crowd([truth.reading for truth in said], True)
        tally = Tally()
        for truth, one in zip(said, heard, strict=True):
            tally.add(truth, one, cpu_s / clients)
        told = f"{name}, {clients} clients"
        tally.note(found, told)
        found.add(f"{told}: latest final after its speech", SECONDS, max(tally.final, default=None))


def arguments() -> argparse.Namespace:
    """Of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    forms = [*FORMS, HALTING]
    parser.add_argument("--forms", nargs="*", choices=forms, default=forms)
    parser.add_argument("--paced", action="store_true", help="and in real time: on an idle machine")
    parser.add_argument("--modelled", action="store_true", help="decodes cost what a model says: to compare")
    parser.add_argument("--clients", type=int, default=7, help="and twice as many; 0 = none")
    parser.add_argument("--skip-voice", action="store_true", help="recordings alone, if there are any")
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

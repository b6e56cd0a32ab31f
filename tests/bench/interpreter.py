"""Translations and speech while one speaks: how late, how steady, how good, at what price.

python -m tests.bench.interpreter [--from en] [--to pt] [--parts replay before live twice] [--modelled]

`RECORDINGS_DIR` names a folder of recordings (tests/support/recordings.py says how it looks); those in the
language are heard one after another. Without a folder the demo's voice reads.

- replay: the edge's decisions over the interims of one run in this process, on a clock of their own
- before: a real mesh with real engines and one client of the native API; `final` without segments, as it was
- live: ten minutes of the same; texts, and what a steady client sees of them, while it is said for the first
  time, speech to the end
- twice: two clients at a time, live and steady, and without tentative translations
"""

import argparse
import asyncio
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the service has it; before numpy is loaded

from dragoman_cli.load.usage import used
from dragoman_cli.mesh import Mesh
from dragoman_contract import events as ev
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.events import Stability
from dragoman_contract.languages import same_language
from dragoman_edge.settings import EdgeSettings
from dragoman_stt.settings import SttSettings
from tests.bench.figures import Findings
from tests.bench.interpreter_client import Heard, listen, mesh
from tests.bench.interpreter_figures import (
    Shown,
    SourceWord,
    erasure,
    first_lags,
    lags,
    later,
    share,
    updates,
    word_times,
)
from tests.bench.interpreter_replay import Replay, Timed, engines, offline, transcript_of
from tests.bench.interpreter_standard import Passage, long_yaal, passages
from tests.bench.peers.read import BYTES_PER_S, Reading
from tests.bench.people import Bench, artificial
from tests.support.recordings import Recording, folder, load

PAUSE_S = 0.8  # between two recordings
LONG_S = 10  # of a recording whose lags are shown by themselves
MINUTE_S, MINUTES = 60, 10
TWICE_S = 45  # of two clients at a time
SECONDS, WORDS, CPU = "s", "words", "s a second of audio"
BEFORE = {"DRAGOMAN_STT_SEGMENTS": "false"}
PARTS = ("replay", "before", "live", "twice")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said, its words by an offline decode, and its sentences translated offline.

    `places` are those of its longer recordings, by name, in seconds.
    """

    recording: Recording
    places: dict[str, tuple[float, float]]
    words: tuple[SourceWord, ...]
    passages: tuple[Passage, ...]
    target: str

    @property
    def reading(self) -> Reading:
        """As it is streamed."""
        return Reading(self.recording.pcm, (), self.recording.language)


def joined(
    recordings: Sequence[Recording], language: str
) -> tuple[Recording, dict[str, tuple[float, float]]]:
    """Those of a language, one after another, and where the longer ones are; without any the demo's voice."""
    mine = [one for one in recordings if same_language(one.language, language)]
    if not mine:
        return artificial(), {}
    pause = bytes(int(PAUSE_S * SAMPLE_RATE) * 2)
    ends = [*accumulate(one.seconds + PAUSE_S for one in mine)]
    places = {
        one.name: (end - one.seconds, end)
        for one, end in zip(mine, ends, strict=True)
        if one.seconds >= LONG_S
    }
    return replace(mine[0], name="people", pcm=pause + b"".join(one.pcm + pause for one in mine)), places


async def prepared(bench: Bench, recordings: Sequence[Recording], language: str, target: str) -> Spoken:
    """Decode and translate those of a language offline."""
    recording, places = joined(recordings, language)
    decoded = bench.truth(recording).offline
    words = tuple(SourceWord(word.text.strip(), word.end, word.start) for word in decoded)
    async with engines() as translation:

        async def translate(text: str) -> str:
            return (await translation.translate(transcript_of(text, recording.language), target))[0]

        return Spoken(recording, places, words, tuple(await passages(words, translate)), target)


def note_text(found: Findings, name: str, shown: Sequence[Shown], spoken: Spoken) -> None:
    """Lags, erasure and quality of what a client saw."""
    import sacrebleu

    mine = lags(shown, spoken.words)
    for told, values in (
        ("first shown", [lag.first for lag in mine]),
        ("for good", [lag.good for lag in mine]),
    ):
        mean = sum(values) / len(values) if values else None
        found.add(f"{name}: translated word {told}, mean", SECONDS, mean)
        found.add(f"{name}: translated word {told}, p90", SECONDS, share(values, 0.9))
    for part, (start, end) in spoken.places.items():
        own = [lag.good for lag in mine if start <= lag.said < end]
        found.add(f"{name}: {part}, for good, mean", SECONDS, sum(own) / max(1, len(own)))
        found.add(f"{name}: {part}, for good, p90", SECONDS, share(own, 0.9))
    first = first_lags(shown, spoken.words)
    found.add(f"{name}: first translated words p50", SECONDS, share(first, 0.5))
    found.add(f"{name}: first translated words p95", SECONDS, share(first, 0.95))
    words = [word for one in shown for word in one.words]
    times = word_times(shown)
    yaal = {"first shown": [time[0] for time in times], "for good": [time[1] for time in times]}
    for told, shown_at in yaal.items():
        found.add(f"{name}: LongYAAL, {told}", SECONDS, long_yaal(words, shown_at, spoken.passages))
    found.add(f"{name}: normalised erasure", WORDS + " a word", erasure(shown))
    found.add(f"{name}: updates", WORDS + " a second", updates(shown, spoken.reading.seconds))
    source = " ".join(one.source for one in shown if one.words)
    whole = asyncio.run(offline(source, spoken.recording.language, spoken.target))
    score = sacrebleu.sentence_chrf(" ".join(words), [whole]).score if whole else None
    found.add(f"{name}: chrF against the translation of the whole text", "chrF", score)


def note_speech(found: Findings, name: str, heard: Heard, seconds: float) -> None:
    """How late speech is; for each minute on average."""
    late = heard.behind()
    means: list[float | None] = []
    for minute in range(math.ceil(seconds / MINUTE_S)):
        mine = [lag for at, lag in late if minute * MINUTE_S <= at < (minute + 1) * MINUTE_S]
        means.append(sum(mine) / len(mine) if mine else None)
        found.add(f"{name}: speech behind in minute {minute + 1}", SECONDS, means[-1])
    first, last = means[0], means[-1]
    more = last - first if first is not None and last is not None else None
    found.add(f"{name}: speech behind in the last minute above the first", SECONDS, more)
    begun = heard.begun()
    found.add(f"{name}: first audio after its final p50", SECONDS, share(begun, 0.5))
    found.add(f"{name}: first audio after its final p95", SECONDS, share(begun, 0.95))
    found.add(f"{name}: last audio after the end", SECONDS, late[-1][1] if late else None)


def _with_children(pids: list[int]) -> list[int]:
    """Processes and those that they started: the translation models are in some of their own."""
    found = list(pids)
    for pid in found:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def note_recognition(found: Findings, transcripts: Sequence[Timed], spoken: Spoken) -> None:
    """The lag of the source words themselves: what no translation can be faster than."""
    shown: dict[int, Shown] = {}
    for at, transcript in transcripts:
        one = shown.setdefault(transcript.utterance, Shown(transcript.utterance))
        one.source = transcript.text
        one.updates.append((at, transcript.text))
    good = [lag.good for lag in lags([shown[number] for number in sorted(shown)], spoken.words)]
    found.add("replayed, recognition: source word for good, mean", SECONDS, sum(good) / max(1, len(good)))
    found.add("replayed, recognition: source word for good, p90", SECONDS, share(good, 0.9))


async def replay(found: Findings, bench: Bench, spoken: Spoken) -> None:
    """The edge's decisions alone."""
    (heard,), _ = await asyncio.to_thread(bench.ours.listen, spoken.reading, 1, True, hurried=True)
    async with engines() as translation:

        async def translate(transcript: ev.Transcript) -> str:
            return (await translation.translate(transcript, spoken.target))[0]

        made = Replay(spoken.target, translate, EdgeSettings())
        language = spoken.recording.language
        await made.play([one for one in heard.transcripts if same_language(one[1].language, language)])
    note_recognition(found, heard.transcripts, spoken)
    for stability in (Stability.LIVE, Stability.STEADY):
        shown = [made.shown[stability][number] for number in sorted(made.shown[stability])]
        await asyncio.to_thread(note_text, found, f"replayed, {stability.name.lower()}", shown, spoken)
    found.add("replayed: interims translated", "a second", made.asked / spoken.reading.seconds)


@contextmanager
def noted_cpu(found: Findings, name: str, made: Mesh, seconds: float) -> Iterator[None]:
    """CPU of each service in the block, in which so much audio is sent."""
    pids = {service: _with_children(pids) for service, pids in made.state()["pids"].items()}  # type: ignore[attr-defined]
    before = used(pids)
    yield
    after = used(pids)
    for service in ("stt", "translation", "tts", "edge"):
        found.add(f"{name}: CPU of {service}", CPU, (after[service].cpu_s - before[service].cpu_s) / seconds)


def before(found: Findings, spoken: Spoken) -> None:
    """Final translations of whole utterances alone."""
    seconds = spoken.reading.seconds
    with mesh(**BEFORE) as made, noted_cpu(found, "before", made, seconds):
        heard = asyncio.run(listen(made, spoken.reading, spoken.target, "final"))
    note_text(found, "before", heard.texts(Stability.LIVE), spoken)
    note_speech(found, "before", heard, seconds)


def live(found: Findings, spoken: Spoken) -> None:
    """Ten minutes of it, again and again: the first time for the texts and the CPU, all for the speech."""
    first_s = spoken.reading.seconds
    again = replace(spoken.reading, pcm=(spoken.reading.pcm * MINUTES)[: MINUTES * MINUTE_S * BYTES_PER_S])

    async def first(made: Mesh) -> None:
        with noted_cpu(found, "live", made, first_s):
            await asyncio.sleep(first_s)

    async def both(made: Mesh) -> Heard:
        cpu = asyncio.create_task(first(made))
        heard = await listen(made, again, spoken.target, "live")
        await cpu
        return heard

    with mesh() as made:
        heard = asyncio.run(both(made))
    for stability in (Stability.LIVE, Stability.STEADY):
        note_text(found, stability.name.lower(), heard.texts(stability, first_s), spoken)
    note_speech(found, "live", heard, again.seconds)
    more = later(heard.behind(), first_s, again.seconds - MINUTE_S)
    found.add("live: speech behind in the last minute above that of the same words before", SECONDS, more)


def twice(found: Findings, spoken: Spoken) -> None:
    """Finals of two clients at a time, with tentative translations and without."""
    pcm = spoken.reading.pcm[: TWICE_S * BYTES_PER_S]
    middle = len(pcm) // 4 * 2
    # Not the same at the same time: translations are remembered.
    readings = [replace(spoken.reading, pcm=each) for each in (pcm, pcm[middle:] + pcm[:middle])]

    async def two(made: Mesh, stabilities: Sequence[str]) -> list[Heard]:
        pairs = zip(readings, stabilities, strict=True)
        return await asyncio.gather(*(listen(made, said, spoken.target, how) for said, how in pairs))

    means: dict[str, float] = {}
    for name, stabilities in (("without", ("final", "final")), ("with", ("live", "steady"))):
        with mesh() as made:
            heard = asyncio.run(two(made, stabilities))
        late = [lag for one in heard for lag in one.finals()]
        told = f"two clients, {name} tentative translations: final translation after its speech"
        for part in (0.5, 0.9):
            found.add(f"{told} p{round(part * 100)}", SECONDS, share(late, part))
        means[name] = sum(late) / max(1, len(late))
        found.add(told, SECONDS, means[name])
    found.add("two clients, steady: normalised erasure", WORDS + " a word", erasure(heard[1].texts()))
    ratio = means["with"] / means["without"] if means["without"] else None
    found.add("two clients: finals with / without tentative translations", "ratio", ratio)


def measure(found: Findings, options: argparse.Namespace) -> None:
    """All parts that are wanted."""
    where = folder()
    bench = Bench(SttSettings(), modelled=options.modelled)
    spoken = asyncio.run(prepared(bench, load(where) if where else [], options.spoken, options.target))
    told = spoken.recording
    print(f"{told.name}: {told.seconds:.0f} s, {told.language} to {options.target}", flush=True)
    if "replay" in options.parts:
        asyncio.run(replay(found, bench, spoken))
    del bench
    for name, part in (("before", before), ("live", live), ("twice", twice)):
        if name in options.parts:
            part(found, spoken)


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--from", dest="spoken", default="en")
    parser.add_argument("--to", dest="target", default="pt")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--modelled", action="store_true", help="replayed decodes cost what a model says")
    parser.add_argument("--json", type=Path)
    options, found = parser.parse_args(), Findings()
    measure(found, options)
    found.finish(options.json)


if __name__ == "__main__":
    main()

"""Labels finals with their speakers: voices are encoded on a thread of its own, within a bound of time.

A final that is decoded is heard for its speaker meanwhile, so that its label costs it no time.
"""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from prometheus_client import Counter, Histogram

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_kit.logging import get
from dragoman_stt.decodes import Request
from dragoman_stt.engines.base import Pcm, Spans, SpeakerEncoder, Voice
from dragoman_stt.engines.plausible import total_s
from dragoman_stt.speakers import SURE, Label, Speakers, Unsure, change_ms, mean, packed, parts, unpacked

log = get(__name__)
BUCKETS = (0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1)
SECONDS = Histogram("dragoman_stt_speaker_seconds", "Run time of the speaker encoder", buckets=BUCKETS)
LABELLED = Counter("dragoman_stt_speakers_total", "Utterances whose speaker was looked for", ["result"])
LEAST_MS = 300  # of speech that has a voice
Piece = tuple[int, Spans]  # the sample at which a window begins; spans of it in ms


class VoiceHearing:
    """One per process, with one thread."""

    def __init__(self, encoder: SpeakerEncoder, timeout_s: float) -> None:
        self._encoder = encoder
        self._timeout_s = timeout_s
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="speakers")

    def begin(self, said: Pcm) -> "Future[Voice]":
        """Encode speech without its pauses."""
        return self._pool.submit(self._encode, said)

    async def voices(self, works: Sequence["Future[Voice]"]) -> list[Voice] | None:
        """The voices, all within one time-out; None when one could not be had, and none is made any more."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return [await asyncio.wrap_future(work) for work in works]
        except TimeoutError:
            LABELLED.labels("late").inc()
        except Exception:
            LABELLED.labels("failed").inc()
            log.exception("a voice could not be encoded")
        for work in works:
            work.cancel()
        return None

    def _encode(self, said: Pcm) -> Voice:
        began = time.monotonic()
        voice = self._encoder.voice(said.astype(np.float32) / np.float32(32768))
        SECONDS.observe(time.monotonic() - began)
        return voice

    def close(self) -> None:
        """Let the thread go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class TrackSpeakers:
    """Those of the track that `start` is of."""

    def __init__(self, hearing: VoiceHearing, start: rpc.StartTrack) -> None:
        self._hearing = hearing
        self._start = start
        unsure = map(_unsure, start.unsure)
        self._speakers = Speakers(start.spec.speakers, start.voices, start.spec.known_speakers, unsure)
        self._begun: dict[Piece, Future[Voice]] = {}  # of the last request

    def expect(self, request: Request) -> None:
        """Begin to hear the parts of a window that is being decoded and may be a final."""
        wanted = parts(request.said) if total_s(request.said) * 1000 >= LEAST_MS else []
        begun = {_piece(request, part): self._begin(request, part) for part in wanted}
        for piece in self._begun.keys() - begun.keys():  # nobody waits for them: the thread is shared
            self._begun[piece].cancel()
        self._begun = begun

    def _begin(self, request: Request, part: Spans) -> "Future[Voice]":
        known = self._begun.get(_piece(request, part))
        if known is not None and not known.cancelled():  # one that was late may have been
            return known
        return self._hearing.begin(request.voiced(part))

    async def change_ms(self, request: Request) -> int:
        """Place in a window where another speaker goes on; 0 = nowhere, or it could not be told in time."""
        heard = await self._heard(request) if self._begun else None
        return change_ms(heard) if heard is not None else 0

    async def label(self, event: ev.Transcript, request: Request) -> ev.Transcript:
        """The final with its speaker; as it was where the voice cannot be had."""
        spoken_ms = int(total_s(request.said) * 1000)
        heard = await self._heard(request) if spoken_ms >= LEAST_MS else None
        if not heard:
            return event
        voice = mean([one for _, one in heard], [total_s(part) for part, _ in heard])
        found = self._speakers.label(voice, spoken_ms)
        sure = found.confidence >= SURE
        LABELLED.labels("sure" if sure else "doubtful").inc()
        if not sure:
            self._speakers.doubt(Unsure(event.utterance, found, voice, spoken_ms))
        return replace(
            event,
            speaker=found.speaker,
            speaker_confidence=found.confidence,
            speaker_name=found.name,
            voice=self._speakers.voice(found.speaker),
            unsure=None if sure else _own_voice(found, voice, spoken_ms),
        )

    def corrections(self, utterance: int) -> list[ev.SpeakerCorrection]:
        """Corrections of unsure finals before this one, once it is labelled; each comes once."""
        made = self._speakers.corrections(utterance)
        LABELLED.labels("corrected").inc(len(made))
        return [
            ev.SpeakerCorrection(
                session_id=self._start.session_id,
                track=self._start.track,
                epoch=self._start.epoch,
                utterance=one.utterance,
                speaker=one.label.speaker,
                speaker_confidence=one.label.confidence,
                speaker_name=one.label.name,
                before=one.before.speaker,
                name_before=one.before.name,
            )
            for one in made
        ]

    async def _heard(self, request: Request) -> list[tuple[Spans, Voice]] | None:
        """The parts of a window with their voices; None when one could not be had."""
        wanted = parts(request.said)
        voices = await self._hearing.voices([self._begin(request, part) for part in wanted])
        return list(zip(wanted, voices, strict=True)) if voices is not None else None


def _own_voice(label: Label, voice: Voice, spoken_ms: int) -> ev.Voice:
    return ev.Voice(speaker=label.speaker, print=packed(voice), spoken_ms=spoken_ms, name=label.name)


def _unsure(told: rpc.UnsureSpeaker) -> Unsure:
    """What the recogniser before was unsure of; how much is not told."""
    voice = told.voice
    return Unsure(
        told.utterance, Label(voice.speaker, 0.0, voice.name), unpacked(voice.print), voice.spoken_ms
    )


def _piece(request: Request, part: Spans) -> Piece:
    return request.start, part

"""Speech on its way to one client: not further ahead of its playing than a bound, and stopped when told."""

import math
from collections import deque
from dataclasses import dataclass, field

from dragoman_contract import events as ev
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_edge.model.events import HeardSpeech, SpeechSkipped
from dragoman_edge.model.speech_overlap import length, split

PIECE = SAMPLE_RATE // 5  # samples that may reach over the bound at a time
MOST_WAITING_S = 60.0  # of a output; more goes out unpaced, so that memory is bounded
Output = tuple[int, str]


@dataclass(slots=True)
class _Sent:
    """A piece that is being played, or will be; `ends` in monotonic s."""

    utterance: int
    end_sample: int
    ends: float


@dataclass(slots=True)
class _Output:
    """One track in one language: `done` is when all that was sent has been played (monotonic s)."""

    waiting: deque[ev.SpeechChunk] = field(default_factory=deque)
    samples: int = 0
    sent: deque[_Sent] = field(default_factory=deque)
    done: float = 0.0
    newest: int = 0  # utterance of which a translation or speech was seen
    stopped: int = 0  # up to this utterance nothing more is played


class SpeechOut:
    """Chunks in, in order; pieces out when they are due. Outputs are played beside each other.

    Args:
        ahead_s: what may have been sent and not yet played, in seconds.
    """

    def __init__(self, ahead_s: float) -> None:
        self._ahead_s = ahead_s
        self._outputs: dict[Output, _Output] = {}
        self.muted = False

    def begun(self, translation: ev.Translation) -> None:
        """A translation went out: a stop from now on is for its speech, too."""
        output = self._output(translation)
        output.newest = max(output.newest, translation.utterance)

    def put(self, chunk: ev.SpeechChunk) -> SpeechSkipped | None:
        """A chunk; what is not played is told instead."""
        output = self._output(chunk)
        output.newest = max(output.newest, chunk.utterance)
        if self.muted or chunk.utterance <= output.stopped:
            return skipped(chunk)
        output.waiting.append(chunk)
        output.samples += length(chunk)
        return None

    def due(self, now: float) -> ev.SpeechChunk | None:
        """The next piece that may go (monotonic s)."""
        for output in self._outputs.values():
            if output.waiting and self._wait_s(output, now) <= 0:
                return self._send(output, now)
        return None

    def wait_s(self, now: float) -> float | None:
        """Until the next piece may go; None when nothing waits."""
        waits = [self._wait_s(output, now) for output in self._outputs.values() if output.waiting]
        return max(0.0, min(waits)) if waits else None

    def end(self) -> None:
        """No more speech is stopped: all of it goes out at once."""
        self._ahead_s = float("inf")

    def stop(self, now: float) -> tuple[list[HeardSpeech], list[ev.SpeechChunk]]:
        """Nothing more of what has begun: how far it was heard, and what did not go out."""
        heard: list[HeardSpeech] = []
        left: list[ev.SpeechChunk] = []
        for (track, language), output in self._outputs.items():
            place = _heard(output, now)
            if place is not None:
                heard.append(HeardSpeech(track, place[0], language, place[1]))
            left += output.waiting
            output.waiting.clear()
            output.sent.clear()
            output.samples, output.done, output.stopped = 0, 0.0, output.newest
        return heard, left

    def _output(self, event: ev.Translation | ev.SpeechChunk) -> _Output:
        return self._outputs.setdefault((event.track, event.language), _Output())

    def _wait_s(self, output: _Output, now: float) -> float:
        if output.samples > MOST_WAITING_S * SAMPLE_RATE:
            return 0.0
        return output.done - now - self._ahead_s

    def _send(self, output: _Output, now: float) -> ev.SpeechChunk:
        piece = self._next(output, now)
        output.samples -= length(piece)
        output.done = max(output.done, now) + length(piece) / SAMPLE_RATE
        while output.sent and output.sent[0].ends <= now:
            output.sent.popleft()
        output.sent.append(_Sent(piece.utterance, piece.sample_offset + length(piece), output.done))
        return piece

    def _next(self, output: _Output, now: float) -> ev.SpeechChunk:
        """The first chunk that waits, or as much of it as may go."""
        chunk = output.waiting.popleft()
        room = (self._ahead_s - max(0.0, output.done - now)) * SAMPLE_RATE
        if length(chunk) <= room:
            return chunk
        most = max(1, math.ceil(room / PIECE)) * PIECE
        if length(chunk) <= most:
            return chunk
        piece, rest = split(chunk, most)
        output.waiting.appendleft(rest)
        return piece


def skipped(chunk: ev.SpeechChunk) -> SpeechSkipped:
    """Return the notice to a client of speech that it does not get."""
    return SpeechSkipped(
        chunk.track, chunk.utterance, chunk.language, chunk.sample_offset, length(chunk), chunk.last
    )


def _heard(output: _Output, now: float) -> tuple[int, int] | None:
    """The utterance that is being played and the sample that it has come to; None when nothing is."""
    playing = next((sent for sent in output.sent if sent.ends > now), None)
    if playing is None:
        return None
    return playing.utterance, max(0, playing.end_sample - round((playing.ends - now) * SAMPLE_RATE))

"""Audio of one track that no final covers yet, kept so that it can be replayed to another recogniser."""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from operator import attrgetter

from dragoman_contract.audio import BYTES_PER_SAMPLE


@dataclass(frozen=True, slots=True)
class AudioPiece:
    """Canonical audio from sample `offset` of the track; `arrived_at` is monotonic seconds."""

    offset: int
    pcm: bytes
    arrived_at: float

    @property
    def end(self) -> int:
        """The sample after its last one."""
        return self.offset + len(self.pcm) // BYTES_PER_SAMPLE


_OFFSET = attrgetter("offset")


class ReplayBuffer:
    """Bounded by `limit` samples; the caller asks `room` before it adds."""

    def __init__(self, limit: int, start: int = 0) -> None:
        self._limit = limit
        self._pieces: deque[AudioPiece] = deque()
        self.end = start

    @property
    def start(self) -> int:
        """The first sample that is still held."""
        return self._pieces[0].offset if self._pieces else self.end

    @property
    def full(self) -> bool:
        """Whether as much is held as may be."""
        return self.end - self.start >= self._limit

    def append(self, pcm: bytes, now: float) -> AudioPiece:
        """Add audio at the end of the track."""
        piece = AudioPiece(self.end, pcm, now)
        self._pieces.append(piece)
        self.end = piece.end
        return piece

    def ack(self, sample: int) -> None:
        """Forget audio that lies wholly before `sample`."""
        while self._pieces and self._pieces[0].end <= sample:
            self._pieces.popleft()

    def since(self, sample: int) -> list[AudioPiece]:
        """Return the audio from `sample` on; the first piece may begin before it."""
        return [piece for piece in self._pieces if piece.end > sample]

    def arrival(self, sample: int) -> float | None:
        """Return the time at which `sample` arrived (monotonic s), if it is still held."""
        found = bisect_right(self._pieces, sample, key=_OFFSET) - 1  # a minute of small frames: thousands
        if found < 0 or sample >= self._pieces[found].end:
            return None
        return self._pieces[found].arrived_at

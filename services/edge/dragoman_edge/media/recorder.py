"""A track's audio cut into pieces for its recording: each piece has its place by the clock. Pure."""

from dataclasses import dataclass

from dragoman_edge.media.opus import DELAY, FRAME

MOST_FRAMES = 80  # of a piece: 4.8 s, one page of Ogg
FRAME_BYTES = 2 * FRAME


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece to be encoded: whole frames of PCM. `end_sample` is 0 but for the track's last piece.

    `silence` is the number of frames before it in which nothing was sent; `warm_up` is audio before it for
    an encoder that has not heard it.
    """

    start: int
    pcm: bytes
    silence: int = 0
    end_sample: int = 0
    warm_up: bytes = b""


@dataclass(frozen=True, slots=True)
class Place:
    """Place where another edge goes on: at `frame`, of which `rest` is there; `warm_up` stood before it."""

    frame: int = 0
    warm_up: bytes = b""
    rest: bytes = b""

    @property
    def needed_from(self) -> int:
        """The sample from which audio is needed: a frame earlier where an encoder has no warm-up."""
        cold = self.frame and not self.warm_up and not self.rest
        return self.frame * FRAME + len(self.rest) // 2 - (FRAME if cold else 0)


class TrackRecorder:
    """Gathers a track's audio. Gaps by the client's silence keep their place; so do losses.

    Args:
        first: frames of the first piece, so that not all sessions are encoded at the same moments.
        place: where another edge has stopped.
    """

    def __init__(self, first: int = MOST_FRAMES, place: Place | None = None) -> None:
        self._frames = first
        self._adopted = place is not None
        place = place or Place()
        self._start = place.frame
        self._gathered = [place.rest]
        self._bytes = len(place.rest)
        self._warm_up = place.warm_up
        self._cold = not place.warm_up and not place.rest
        self._silence = 0
        self._last_frame = place.warm_up
        self._cuts: list[Cut] = []

    @property
    def end(self) -> int:
        """The sample behind the last one."""
        return self._start * FRAME + self._bytes // 2

    def take(self, at: int, pcm: bytes) -> list[Cut]:
        """Add audio of sample `at` by the clock; returns the pieces that are full."""
        gap = at - self.end
        if gap < 0:
            self._warm(pcm[: -2 * gap])
            pcm = pcm[-2 * gap :]
        elif gap > (FRAME if self._adopted else MOST_FRAMES * FRAME):
            self._jump(at, self._adopted)
        else:
            self._add(bytes(2 * gap))
        if pcm:
            self._adopted = False
        self._add(pcm)
        return self._full()

    def finish(self) -> list[Cut]:
        """The end of the track: the last pieces."""
        end = self.end
        if not end:
            return []
        self._fill(-(-(end + DELAY) // FRAME))
        return self._cut_all(end)

    def hand_over(self) -> tuple[list[Cut], Place]:
        """Stop here: the pieces that are left, and where another edge goes on."""
        whole = self._bytes - self._bytes % FRAME_BYTES
        pcm = b"".join(self._gathered)
        self._gathered, self._bytes = [pcm[:whole]], whole
        cuts = self._cut_all(0)
        return cuts, Place(self._start, self._last_frame, pcm[whole:])

    def _warm(self, pcm: bytes) -> None:
        """Audio that another edge has recorded already: the end of it stands before what is recorded here."""
        if self._adopted and self._cold:
            self._warm_up = self._last_frame = (bytes(FRAME_BYTES) + self._warm_up + pcm)[-FRAME_BYTES:]

    def _add(self, pcm: bytes) -> None:
        if pcm:
            self._gathered.append(pcm)
            self._bytes += len(pcm)

    def _fill(self, frame: int) -> None:
        """Add silence up to a frame."""
        self._add(bytes(max(0, (frame - self._start) * FRAME_BYTES - self._bytes)))

    def _jump(self, at: int, lost: bool) -> None:
        """Go on behind a long gap, of which nothing is stored."""
        if self._bytes:
            self._fill(-(-(self.end + DELAY) // FRAME))
            self._cuts += self._cut_all(0)
        frame = max(at // FRAME, self._start)
        self._silence = 0 if lost else frame - self._start
        self._start = frame
        self._add(bytes(max(0, 2 * (at - frame * FRAME))))

    def _full(self) -> list[Cut]:
        cuts, self._cuts = self._cuts, []
        while self._bytes >= self._frames * FRAME_BYTES:
            cuts.append(self._cut(self._frames, 0))
        return cuts

    def _cut_all(self, end_sample: int) -> list[Cut]:
        """Cut all that is gathered: whole frames."""
        cuts = []
        while self._bytes:
            frames = min(MOST_FRAMES, self._bytes // FRAME_BYTES)
            is_last = frames * FRAME_BYTES == self._bytes
            cuts.append(self._cut(frames, end_sample if is_last else 0))
        return cuts

    def _cut(self, frames: int, end_sample: int) -> Cut:
        pcm, size = b"".join(self._gathered), frames * FRAME_BYTES
        cut = Cut(self._start, pcm[:size], self._silence, end_sample, self._warm_up)
        self._gathered, self._bytes = [pcm[size:]], len(pcm) - size
        self._start += frames
        self._silence, self._warm_up, self._frames = 0, b"", MOST_FRAMES
        self._last_frame = cut.pcm[-FRAME_BYTES:]
        return cut

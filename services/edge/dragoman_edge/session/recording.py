"""A session's recording on its way to the archive: never waited for where audio goes in."""

import asyncio
import base64
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError
from dragoman_edge import metrics
from dragoman_edge.media.opus import OpusEncoder, OpusThread
from dragoman_edge.media.recorder import MOST_FRAMES, Cut, Place, TrackRecorder
from dragoman_edge.model.events import AudioKept, AudioNotKept
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
MOST_CUTS = 8  # pieces that wait to be encoded, of 150 KB each
MOST_PENDING = 25  # encoded pieces that wait for the stream, of 15 KB each: two minutes
SHORTEST_FIRST = 20  # frames of a session's first piece, at least
STORE_WAIT_S = 2.0
AGAIN_S = 1.0
END_S = 12.0  # for what is left when the session is over: longer than a cut of the bus, within a pod's grace
FULL = 10077  # JetStream's error code: the stream, or the account's share of it, is full
Told = AudioKept | AudioNotKept


class Recording:
    """The recordings of one session's tracks.

    Args:
        say: tells the client.
        before: the snapshot of the edge that had the session before.
    """

    def __init__(
        self,
        bus: Bus,
        opus: OpusThread,
        grant: ev.Grant,
        started_at_ms: int,
        say: Callable[[Told], None],
        before: dict[str, Any] | None = None,
    ) -> None:
        self._bus = bus
        self._opus = opus
        self._grant = grant
        self._started_at_ms = started_at_ms
        self._say = say
        self._nowhere = None if before is None else Place()  # of a track of which nothing was stored
        before = before or {}
        self._places = {int(track): _place(known) for track, known in before.get("tracks", {}).items()}
        self.pieces: int = before.get("pieces", 0)  # that the stream has
        self._index: int = self.pieces
        self._tracks: dict[int, TrackRecorder] = {}
        self._encoders: dict[int, OpusEncoder] = {}
        self._cuts: deque[tuple[int, Cut]] = deque()
        self._pending: deque[rpc.AudioPiece] = deque()
        self._unconfirmed: set[int] = set()  # indices
        self._closed = False
        self._problem = ""
        self._to_encode, self._to_store = asyncio.Event(), asyncio.Event()
        self._subscription: Subscription | None = None

    def take(self, track: int, at: int, pcm: bytes) -> None:
        """Record audio of sample `at` by the clock; returns at once."""
        if self._closed:
            return
        if track not in self._tracks:
            first = SHORTEST_FIRST + zlib.crc32(self._grant.session_id.encode()) % (
                MOST_FRAMES - SHORTEST_FIRST
            )
            self._tracks[track] = TrackRecorder(first, self._places.get(track, self._nowhere))
        self._add(track, self._tracks[track].take(at, pcm))

    def finish(self) -> None:
        """There is no more audio."""
        if not self._closed:
            self._closed = True
            for track, recorder in self._tracks.items():
                self._add(track, recorder.finish())

    def hand_over(self) -> None:
        """Another edge goes on: `snapshot` says where from now on, and `end` stores what is left here."""
        if not self._closed:
            self._closed = True
            for track, recorder in self._tracks.items():
                cuts, self._places[track] = recorder.hand_over()
                self._add(track, cuts)
            self.pieces = self.sent

    def snapshot(self) -> dict[str, Any]:
        """Return where another edge goes on."""
        return {
            "pieces": self.pieces,
            "tracks": {
                str(track): [
                    place.frame,
                    base64.b64encode(place.warm_up).decode(),
                    base64.b64encode(place.rest).decode(),
                ]
                for track, place in self._places.items()
            },
        }

    @property
    def resumes_at(self) -> int:
        """The sample by the clock from which another edge has to record."""
        return min((place.needed_from for place in self._places.values()), default=0)

    @property
    def crowded(self) -> bool:
        """Whether so much waits to be stored that who can wait had better do so."""
        return len(self._cuts) > MOST_CUTS // 2 or len(self._pending) > MOST_PENDING // 2

    @property
    def sent(self) -> int:
        """The number of its pieces that the stream has, or that are on their way there."""
        return self._index + len(self._cuts)

    def stored(self, pieces: int) -> bool:
        """Whether the archive has everything, which says that it has so many pieces."""
        waiting = self._cuts or self._pending
        return self._closed and not waiting and (not self._unconfirmed or pieces >= self.pieces)

    async def run(self) -> None:
        """Encode and store for as long as the session lives; an outage is waited out."""
        await self._listen()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._encode_forever(), name="encode")
            group.create_task(self._store_forever(), name="store")

    async def end(self) -> None:
        """The session is over, or is another edge's: store what is left in bounded time; `run` is over."""
        self.finish()
        try:
            async with asyncio.timeout(END_S):
                await self._encode()
                while self._pending:
                    if not await self._store():
                        await asyncio.sleep(AGAIN_S)
        except TimeoutError:
            lost = len(self._cuts) + len(self._pending)
            metrics.RECORDED.labels("lost").inc(lost)
            log.error("recording cut off at the end", session=self._grant.session_id, pieces=lost)
        finally:
            await self._unsubscribe()

    # From the audio to the stream

    def _add(self, track: int, cuts: list[Cut]) -> None:
        for cut in cuts:
            if len(self._cuts) >= MOST_CUTS and not self._closed:
                self._refuse()
            else:
                self._cuts.append((track, cut))
                self._to_encode.set()

    async def _encode_forever(self) -> None:
        while True:
            await self._to_encode.wait()
            self._to_encode.clear()
            await self._encode()

    async def _encode(self) -> None:
        while self._cuts:
            track, cut = self._cuts[0]
            encoder = self._encoders.setdefault(track, OpusEncoder())
            packets = await self._opus.encode(encoder, cut.pcm, cut.warm_up)
            self._cuts.popleft()
            if len(self._pending) >= MOST_PENDING:
                self._refuse()
                continue
            self._pending.append(self._piece(track, cut, packets))
            self._index += 1
            self._to_store.set()

    def _piece(self, track: int, cut: Cut, packets: tuple[bytes, ...]) -> rpc.AudioPiece:
        return rpc.AudioPiece(
            session_id=self._grant.session_id,
            account_id=self._grant.account_id,
            started_at_ms=self._started_at_ms,
            days=self._grant.keep_days,
            track=track,
            index=self._index,
            start_frame=cut.start,
            silence_frames=cut.silence,
            packets=packets,
            end_sample=cut.end_sample,
        )

    async def _store_forever(self) -> None:
        while True:
            await self._to_store.wait()
            self._to_store.clear()
            while self._pending:
                if not await self._store():
                    await asyncio.sleep(AGAIN_S)

    async def _store(self) -> bool:
        """Whether the stream took the oldest piece; else it stays."""
        piece = self._pending[0]
        headers = {subjects.MESSAGE_ID_HEADER: subjects.recording_id(piece)}
        self._unconfirmed.add(piece.index)
        try:
            await self._bus.js.publish(
                subjects.recording(piece.account_id),
                codec.encode(piece),
                timeout=STORE_WAIT_S,
                headers=headers,
            )
        except (NatsError, TimeoutError) as exc:
            self._unconfirmed.discard(piece.index)
            is_full = isinstance(exc, APIError) and exc.err_code == FULL
            self._tell_problem("full" if is_full else "unavailable")
            return False
        self._pending.popleft()
        self._on_stream(piece)
        metrics.RECORDED.labels("stored").inc()
        return True

    def _on_stream(self, piece: rpc.AudioPiece) -> None:
        if not self._closed:
            self.pieces = piece.index + 1
            self._places[piece.track] = Place(piece.start_frame + len(piece.packets))
        elif self.pieces <= piece.index:
            self.pieces = piece.index + 1

    def _refuse(self) -> None:
        """Told, and silence in its place: nothing is lost unnoticed."""
        metrics.RECORDED.labels("refused").inc()
        self._tell_problem("full")

    # What the archive says

    async def _listen(self) -> None:
        try:
            self._subscription = await self._bus.nc.subscribe(
                subjects.recorded(self._grant.session_id), cb=self._on_notice, pending_msgs_limit=256
            )
        except NatsError as exc:
            log.warning("no news of the recording", session=self._grant.session_id, error=type(exc).__name__)

    async def _unsubscribe(self) -> None:
        if self._subscription is not None:
            try:
                await self._subscription.unsubscribe()
            except NatsError:
                log.debug("subscription gone", session=self._grant.session_id)
            self._subscription = None

    async def _on_notice(self, msg: Msg) -> None:
        try:
            notice = codec.decode(rpc.AudioNotice, msg.data)
        except DragomanError:
            return
        if notice.problem:
            self._tell_problem(notice.problem)
            return
        self._problem = ""
        self._unconfirmed.discard(notice.index)
        self._say(AudioKept(notice.track, notice.index, notice.frames * 60))

    def _tell_problem(self, problem: str) -> None:
        """Once, until something is stored again."""
        if problem != self._problem:
            self._problem = problem
            log.warning("recording not stored", session=self._grant.session_id, problem=problem)
            self._say(AudioNotKept(problem))


def _place(known: list[Any]) -> Place:
    frame, warm_up, rest = known
    return Place(frame, base64.b64decode(warm_up), base64.b64decode(rest))

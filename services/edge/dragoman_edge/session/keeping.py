"""A kept session's records on their way to the archive: never waited for where results go out."""

import asyncio
import base64
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, MeshError
from dragoman_edge import metrics
from dragoman_edge.mesh.archive import Archive
from dragoman_edge.model.commands import JOBS
from dragoman_edge.model.events import Kept, KeptLater, NotKept, NotSummarised, Summarised
from dragoman_edge.model.guests import named
from dragoman_edge.session.recording import Recording
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
MAX_PENDING_BYTES = 128 * 1024  # they are in the session's checkpoint, too
AGAIN_S = 1.0  # beside the tries of the bus itself
END_S = 12.0  # for what is left when the session has failed; after the recording, within a pod's grace
CONCLUDE_S = 3.0  # until the archive has the end
SUMMARY_S = (0.1, 0.2, *[0.5] * 60)  # between questions for the summary: half a minute
Told = NotKept | Kept | KeptLater | Summarised | NotSummarised
CONFIRM_S = (0.02, 0.04, 0.08, *[0.2] * 15)  # between questions for it


class Keeping:
    """The records of one session, in order; those that the stream does not have yet are in its checkpoint.

    Args:
        spec: returns the session's present spec.
        heard_ms: returns the length of its audio.
        say: tells the client.
        begun_before: whether another edge has begun the session; `pending` is what it had not stored yet.
    """

    def __init__(
        self,
        bus: Bus,
        archive: Archive,
        grant: ev.Grant,
        started_at_ms: int,
        spec: Callable[[], ev.Spec],
        heard_ms: Callable[[], int],
        say: Callable[[Told], None],
        begun_before: bool,
        pending: list[str],
        recording: Recording | None = None,
    ) -> None:
        self._recording = recording
        self._bus = bus
        self._archive = archive
        self._grant = grant
        self._started_at_ms = started_at_ms
        self._spec = spec
        self._heard_ms = heard_ms
        self._say = say
        self._pending = deque(codec.decode(rpc.KeptRecord, base64.b64decode(one)) for one in pending)
        self._bytes = sum(map(_size, self._pending))
        self._begun = begun_before
        self._wake = asyncio.Event()
        self._wake.set()
        self._unkept = 0
        self._full = False
        self._ended = False
        self._then: Callable[[], None] | None = None
        self._limit: asyncio.Timeout | None = None  # of `run`, once it runs

    def begin(self) -> None:
        """The session lives: from now on there is a task."""
        if self._begun:
            return
        self._begun = True
        spec = self._spec()
        sources = dict.fromkeys(tag for track in spec.tracks for tag in track.source_languages)
        targets = dict.fromkeys(tag for track in spec.tracks for tag in track.target_languages)
        begun = rpc.TaskBegun(
            dialect=spec.dialect,
            reference_id=spec.reference_id,
            source_languages=tuple(sources),
            target_languages=tuple(targets),
            kind=spec.keep.kind if spec.keep else "",
            summary=spec.keep.summary if spec.keep else None,
            callback_url=(spec.keep.callback_url if spec.keep else "") or self._grant.webhook_url,
            callback_topics=spec.keep.callback_topics if spec.keep else (),
        )
        self._put(begun=begun)

    def released(self, event: ev.Event) -> None:
        """Keep a result that goes out, if it is one to keep; returns at once."""
        if isinstance(event, ev.Transcript) and event.final and event.text:
            self._put(sentence=self._sentence(event))
        elif isinstance(event, ev.Translation) and event.final and event.track != JOBS and event.text:
            made = rpc.KeptTranslation(
                track=event.track, utterance=event.utterance, language=event.language, text=event.text
            )
            self._put(translation=made)

    def changed(self, change: rpc.KeptChange) -> None:
        """The client changes what is kept; returns at once."""
        self._put(change=change)

    def translated_again(self, made: rpc.KeptTranslation) -> None:
        """Replace a translation of a kept sentence; returns at once."""
        self._put(translation=made)

    def conclude(self, reason: str, then: Callable[[], None]) -> None:
        """Call `then` when the archive has everything, or is silent; the results are all out."""
        if self._then is None and not self._begun:
            then()
        elif self._then is None:
            self._then = then
            self._put_end(reason)
            self._wake.set()
            self._limit_time()

    async def run(self) -> None:
        """Store records for as long as the session lives; an outage is waited out, but at its end."""
        try:
            async with asyncio.timeout(None) as self._limit:
                self._limit_time()
                await self._store_until_concluded()
                await self._confirm()
            self._say(Kept())
            await self._tell_summary()
        except TimeoutError:
            self._say(KeptLater())
        if self._then is not None:
            self._then()

    def _limit_time(self) -> None:
        """There is as much time as the session has, and little more once it is concluded."""
        if self._limit is not None and self._then is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + CONCLUDE_S)

    async def _store_until_concluded(self) -> None:
        while self._pending or self._then is None:
            await self._wake.wait()
            try:
                await self._store()
            except MeshError as exc:
                log.warning("records not stored; tried again", session=self._grant.session_id, code=exc.code)
                await asyncio.sleep(AGAIN_S)

    async def _confirm(self) -> None:
        """Wait until the archive has stored the end, and the recording."""
        asked = rpc.TaskStoredRequest(account_id=self._grant.account_id, task_id=self._grant.session_id)
        for wait_s in CONFIRM_S:
            with suppress(DragomanError):
                reply = await self._archive.ask(asked)
                if isinstance(reply, rpc.TaskStoredReply) and self._has_all(reply):
                    return
            await asyncio.sleep(wait_s)
        raise TimeoutError

    def _has_all(self, reply: rpc.TaskStoredReply) -> bool:
        recording = self._recording
        return reply.ended and (recording is None or recording.stored(reply.audio_pieces))

    async def end(self, reason: str) -> None:
        """The session is over: store what is left, within bounded time; `run` is over."""
        if not self._begun:
            return
        self._put_end(reason)
        try:
            async with asyncio.timeout(END_S):
                await self._store()
        except (MeshError, TimeoutError):
            metrics.KEPT.labels("lost").inc(len(self._pending))
            log.error("records lost at the end", session=self._grant.session_id, records=len(self._pending))

    async def _tell_summary(self) -> None:
        """Tell what became of the summary that was wished for, while the client may wait."""
        wish = self._spec().keep
        if wish is None or wish.summary is None:
            return
        for wait_s in SUMMARY_S:
            await asyncio.sleep(wait_s)
            found = await self._summary()
            if found is not None and found.state == "done":
                self._say(Summarised(found))
                return
            if found is not None and found.state == "failed":
                self._say(NotSummarised(found.error))
                return
        self._say(NotSummarised("summary_timeout"))

    async def _summary(self) -> rpc.Summary | None:
        account, task = self._grant.account_id, self._grant.session_id
        with suppress(DragomanError):
            reply = await self._archive.ask(rpc.GetSummaryRequest(account_id=account, task_id=task))
            return reply.summary if isinstance(reply, rpc.GetSummaryReply) else None
        return None

    @property
    def crowded(self) -> bool:
        """Whether so much waits for the stream that who can wait had better do so."""
        return self._bytes > MAX_PENDING_BYTES // 2

    def snapshot(self) -> list[str]:
        """Return the records that the stream does not have yet, for the session's checkpoint."""
        return [base64.b64encode(codec.encode(record)).decode() for record in self._pending]

    async def _store(self) -> None:
        """Raises: MeshError if the stream does not take the oldest record, which stays."""
        while self._pending:
            record = self._pending[0]
            subject, identity = subjects.kept(record.session_id), subjects.kept_id(record)
            await self._bus.store(subject, codec.encode(record), identity)
            self._pending.popleft()
            self._bytes -= _size(record)
            self._full = False
            metrics.KEPT.labels("stored").inc()
        self._wake.clear()

    def _put_end(self, reason: str) -> None:
        """Once; there is always room for it."""
        if not self._ended:
            self._ended = True
            now_ms, heard_ms = int(time.time() * 1000), self._heard_ms()
            ended = rpc.TaskEnded(
                reason=reason,
                at_ms=now_ms,
                unkept=self._unkept,
                heard_ms=heard_ms,
                audio_pieces=self._recording.sent if self._recording is not None else 0,
            )
            self._add(self._record(ended=ended))

    def _put(self, **part: Any) -> None:
        record = self._record(**part)
        if self._bytes + _size(record) > MAX_PENDING_BYTES:
            self._refuse()
        else:
            self._add(record)

    def _add(self, record: rpc.KeptRecord) -> None:
        self._pending.append(record)
        self._bytes += _size(record)
        self._wake.set()

    def _refuse(self) -> None:
        """Told when it begins, and in the task: nothing is lost in silence."""
        self._unkept += 1
        metrics.KEPT.labels("refused").inc()
        if not self._full:
            self._full = True
            log.warning("records cannot be kept: the queue is full", session=self._grant.session_id)
            self._say(NotKept(self._unkept))

    def _record(self, **part: Any) -> rpc.KeptRecord:
        return rpc.KeptRecord(
            session_id=self._grant.session_id,
            account_id=self._grant.account_id,
            started_at_ms=self._started_at_ms,
            days=self._grant.keep_days,
            **part,
        )

    def _sentence(self, event: ev.Transcript) -> rpc.KeptSentence:
        speakers = {track.track: track.speaker for track in self._spec().tracks}
        return rpc.KeptSentence(
            track=event.track,
            utterance=event.utterance,
            speaker=named(event.speaker, event.speaker_name) or speakers.get(event.track, ""),
            language=event.language,
            text=event.text,
            start_ms=event.start_ms,
            duration_ms=event.duration_ms,
            confidence=event.confidence,
        )


def _size(record: rpc.KeptRecord) -> int:
    text = record.sentence or record.translation
    return 256 + (4 * len(text.text) if text else 0)

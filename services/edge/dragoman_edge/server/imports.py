"""Imports of audio files: sessions whose client is this replica, which reads them from a file."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from dragoman_contract import rpc
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_contract.ids import new_id
from dragoman_edge.media import decoding
from dragoman_edge.media.token_bucket import TokenBucket
from dragoman_edge.model.commands import End, Open
from dragoman_edge.model.imports import INTERRUPTED, ImportRecord, StartImport, State, Upload, key
from dragoman_edge.server.headless import Begin, begun
from dragoman_edge.session import known_speakers
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.session import Session
from dragoman_edge.settings import EdgeSettings
from dragoman_kit.logging import get
from dragoman_kit.tasks import end

log = get(__name__)
TELL_S = 2.0  # between two records of an import's progress
AGAIN_S = 3.0  # between tries to begin, while there is no place for it
BURST_S = 5.0
RESULT_S = 900.0  # for a result of an import, which waits behind live work
WHOLE_S = 3 * 24 * 3600.0  # for all of it
KEEP_UP_S = 0.1  # between looks at what is still to be kept
NO_PLACE = (FaultCode.BUSY, FaultCode.UNAVAILABLE, FaultCode.CONCURRENCY_EXCEEDED, FaultCode.RATE_LIMITED)


@dataclass(slots=True)
class _Job:
    ask: StartImport
    record: ImportRecord
    session: Session | None = None
    task: "asyncio.Task[None] | None" = None
    given_up: bool = False


class Imports:
    """The imports of this replica; each has its file on this machine and its record with all edges.

    Args:
        begin: lets a session live.
    """

    def __init__(self, parts: EdgeContext, begin: Begin) -> None:
        self._resources = parts.resources
        self._settings = parts.settings
        self.most_bytes = parts.settings.import_bytes
        self._parts = replace(parts, settings=_patient(parts.settings))
        self._begin = begin
        self._places = asyncio.Semaphore(parts.settings.imports)
        self._files: Counter[str] = Counter()  # by account
        self._jobs: dict[asyncio.Task[None], _Job] = {}
        self._closing = False

    def reserve(self, account_id: str) -> None:
        """Count a file that is about to come; `release` or `start` must follow.

        Raises:
            MeshError: `BUSY`, when there are as many as may be; of them an account may have half.
        """
        if self._closing:
            raise MeshError(FaultCode.DRAINING, "this server is stopping", retry_after_ms=1000)
        most = self._settings.imports + self._settings.imports_waiting
        if self._files.total() >= most or self._files[account_id] >= max(1, most // 2):
            raise MeshError(FaultCode.BUSY, "too many imports at the moment", retry_after_ms=60_000)
        self._files[account_id] += 1

    def release(self, account_id: str) -> None:
        """Forget a file that `reserve` counted."""
        self._files[account_id] -= 1
        if not self._files[account_id]:
            del self._files[account_id]

    async def start(self, ask: StartImport) -> ImportRecord:
        """Take over a file that `reserve` counted.

        Raises:
            MeshError: `UNAVAILABLE`, when its record cannot be stored.
        """
        now_ms = _now_ms()
        job = _Job(ask, ImportRecord(session_id=new_id("s_"), created_at_ms=now_ms, at_ms=now_ms))
        await self._tell(job)
        task = job.task = asyncio.create_task(self._run(job), name="import")
        self._jobs[task] = job
        task.add_done_callback(lambda done: self._jobs.pop(done, None))
        await asyncio.sleep(0)  # one that is cancelled before its first step would leave its file
        return job.record

    def stop(self) -> None:
        """Take no more, and end those that have not begun: this replica is about to stop."""
        self._closing = True
        for task, job in self._jobs.items():
            if job.session is None:
                task.cancel()

    async def close(self) -> None:
        """End what is not done."""
        await end(*self._jobs)

    # The life of an import

    async def _run(self, job: _Job) -> None:
        try:
            async with _followed(self, job):
                await self._import(job)
            await self._tell(job, state=State.COMPLETED, done_ms=job.record.duration_ms)
        except asyncio.CancelledError:
            if not job.given_up:
                await self._fail(job, INTERRUPTED, "this server is stopping; upload the file again")
                raise
            await self._give_up(job)
        except DragomanError as exc:
            code = INTERRUPTED if exc.code is FaultCode.DRAINING else str(exc.code)
            await (self._give_up(job) if job.given_up else self._fail(job, code, exc.message))
        except Exception:
            log.exception("an import failed", session=job.record.session_id)
            await self._fail(job, FaultCode.INTERNAL, "the import failed")
        finally:
            self.release(job.ask.account_id)
            await asyncio.to_thread(job.ask.upload.file.close)

    async def _import(self, job: _Job) -> None:
        upload, longest_ms = job.ask.upload, int(self._settings.import_hours * 3_600_000)
        async with self._places:
            job.record = job.record.model_copy(
                update={"duration_ms": await decoding.length_ms(upload.file, longest_ms)}
            )
            job.session = await self._opened(job)
            reader = asyncio.create_task(_read_results(job.session), name="import-results")
            try:
                await self._feed(job.session, upload, job.record.duration_ms)
                await reader
            except BaseException as exc:
                job.session.fail(exc if isinstance(exc, DragomanError) else _stopping())
                raise
            finally:
                await asyncio.shield(job.session.outcome)
                await end(reader)
        if (error := job.session.outcome.result()) is not None:
            raise error

    async def _opened(self, job: _Job) -> Session:
        """Begin its session; wait for as long as there is no place for it."""
        deadline = time.monotonic() + self._settings.import_wait_s
        while True:
            try:
                return await self._session(job)
            except DragomanError as exc:
                if exc.code not in NO_PLACE or time.monotonic() > deadline:
                    raise
                log.info("an import waits", session=job.record.session_id, code=exc.code)
            await asyncio.sleep(AGAIN_S)

    async def _session(self, job: _Job) -> Session:
        ask, session_id = job.ask, job.record.session_id
        spec = await known_speakers.read(self._parts.archive, ask.spec, ask.account_id)
        spec = replace(spec, imported_ms=job.record.duration_ms)
        wanted = Open(spec, promised=session_id)
        session = await begun(self._parts, self._begin, wanted, ask.credential, ask.source)
        log.info("import begun", session=session_id, ms=job.record.duration_ms)
        return session

    async def _feed(self, session: Session, upload: Upload, most_ms: int) -> None:
        """Give it the file, no faster than it is recognised and recorded, and no more than was paid."""
        pace = TokenBucket(self._settings.import_speed, BURST_S, time.monotonic())
        left = most_ms * SAMPLE_RATE // 1000 * BYTES_PER_SAMPLE
        async for read in decoding.pieces(upload.file):
            piece = read[:left]
            left -= len(piece)
            if not piece or not session.state.live:
                break
            await session.audio(piece)
            await asyncio.sleep(pace.take(len(piece) / BYTES_PER_SAMPLE / SAMPLE_RATE, time.monotonic()))
            await session.room()
            await _kept_up(session)
        if session.state.live:
            session.state.take(End())
            await session.end_audio()

    # Its record

    async def tell_progress(self, job: _Job) -> None:
        """Write down how far it is, again and again."""
        while True:
            await asyncio.sleep(TELL_S)
            with suppress(MeshError):
                done_ms = min(_done_ms(job.session), job.record.duration_ms)
                state = State.RUNNING if job.session is not None else State.WAITING
                await self._tell(job, state=state, done_ms=max(done_ms, job.record.done_ms))
                if job.record.cancelled or await self._is_unwanted(job):
                    _stop(job)
                    return

    async def _is_unwanted(self, job: _Job) -> bool:
        """Whether its task, which is not over, is deleted or given up.

        Raises:
            MeshError: the archive does not answer.
        """
        session = job.session
        if session is None or not session.state.live:
            return False
        asked = rpc.TaskStoredRequest(account_id=job.ask.account_id, task_id=session.id)
        reply = await self._parts.archive.ask(asked)
        return isinstance(reply, rpc.TaskStoredReply) and reply.ended and session.state.live

    async def _give_up(self, job: _Job) -> None:
        log.info("import cancelled", session=job.record.session_id)
        with suppress(MeshError):
            await self._tell(job, **job.record.given_up().model_dump(include={"state", "code", "message"}))

    async def _fail(self, job: _Job, code: str, message: str) -> None:
        log.info("import failed", session=job.record.session_id, code=code)
        with suppress(MeshError):
            await self._tell(job, state=State.FAILED, code=code, message=message)

    async def _tell(self, job: _Job, **change: object) -> None:
        """Write it down, unless its client has cancelled it meanwhile: then that is what it is."""
        told = job.record.model_copy(update={**change, "at_ms": _now_ms()})
        place = key(job.ask.account_id, told.session_id)
        kept = await self._resources.change(place, lambda known: _newer(known, told.model_dump_json()))
        job.record = ImportRecord.model_validate_json(kept)


def _newer(known: str, told: str) -> str:
    """Return what is to be written down in the place of a record ("" = there is none)."""
    return known if known and ImportRecord.model_validate_json(known).cancelled else told


def _stop(job: _Job) -> None:
    """End an import that nobody wants any more."""
    job.given_up = True
    if job.session is not None:
        job.session.fail(PeerError(FaultCode.SESSION_ENDED, "the import was cancelled"))
    if job.task is not None:
        job.task.cancel()


@asynccontextmanager
async def _followed(imports: Imports, job: _Job) -> AsyncIterator[None]:
    """While an import runs, its record follows it."""
    telling = asyncio.create_task(imports.tell_progress(job), name="import-progress")
    try:
        yield
    finally:
        await end(telling)


async def _read_results(session: Session) -> None:
    """Results go to the archive; here they are only taken off the queue."""
    while (item := await session.send_queue.get()) is not None:
        session.mark_sent(item)


async def _kept_up(session: Session) -> None:
    """Wait while the archive's streams take less than there is: nothing of an import is left out."""
    keepers = [one for one in (session.made.keeping, session.made.recording) if one is not None]
    while session.state.live and any(one.crowded for one in keepers):  # noqa: ASYNC110  two queues, seldom full
        await asyncio.sleep(KEEP_UP_S)


def _done_ms(session: Session | None) -> int:
    """The audio that finals cover, or that holds no speech."""
    if session is None:
        return 0
    starts = [link.ring.start for link in session.made.recognisers.links.values()]
    return min(starts, default=0) * 1000 // SAMPLE_RATE


def _patient(settings: EdgeSettings) -> EdgeSettings:
    """Nobody waits for an import: what is late is not failed, and pauses are those of the file."""
    longest = {name: max(getattr(settings, name), RESULT_S) for name in ("result_wait_s", "finish_s")}
    return settings.model_copy(
        update={
            **longest,
            "work_wait_s": max(settings.work_wait_s, RESULT_S - 60),
            "gap_ms": 0,
            "idle_s": WHOLE_S,
            "max_session_s": WHOLE_S,
        }
    )


def _stopping() -> MeshError:
    return MeshError(FaultCode.DRAINING, "this server is stopping")


def _now_ms() -> int:
    return int(time.time() * 1000)

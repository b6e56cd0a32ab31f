"""The sockets: one connection, its reader and its writer; the only place where a failure becomes a frame."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable

from starlette.responses import JSONResponse
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_contract.ids import new_id
from dragoman_edge import metrics, records
from dragoman_edge.audio import CANONICAL, Outbound
from dragoman_edge.commands import (
    Answer,
    Audio,
    Command,
    Direct,
    End,
    Flush,
    Frame,
    Handshake,
    Job,
    Open,
    Outcome,
    Resume,
    Throttled,
    Update,
)
from dragoman_edge.delivered import Delivered
from dragoman_edge.dialects.base import Announces, Conversation, Denies, Dialect
from dragoman_edge.live import NOT_BEGUN, RECORD_EVERY_S, LiveSession, Parts, Taken
from dragoman_edge.outbox import Item
from dragoman_edge.pace import Pace
from dragoman_edge.plan import configuration
from dragoman_edge.records import Record
from dragoman_edge.session import Phase, advance
from dragoman_edge.track import TrackLink
from dragoman_kit.logging import get
from dragoman_kit.tasks import end

log = get(__name__)
CLOSE_WAIT_S = 5.0
RESUME_PATIENCE_S, RESUME_RETRY_S = 5.0, 0.3
OPENS_AT_ONCE = 16  # when all clients come at once, the first are served while the last still wait
GOODBYE = (1000, 1001, 1005)  # the client wants no more: RFC 6455 section 7.4.1
Take = Callable[[str], Awaitable[tuple[list[Record], dict[int, TrackLink]]]]


class Gateway:
    """All sockets of this replica."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._live: dict[str, tuple[LiveSession, asyncio.Task[None]]] = {}
        self._turns = asyncio.Semaphore(OPENS_AT_ONCE)
        self._empty = asyncio.Event()
        self._empty.set()
        self._sockets = 0
        self.draining = False
        metrics.CAPACITY.set(parts.settings.max_sessions)

    async def serve(self, socket: WebSocket, dialect: Dialect) -> None:
        """One socket from its handshake to its close; nothing a client sends raises out of here."""
        conversation = dialect.converse(_handshake(socket))
        connection = Connection(socket, dialect.name, conversation, self._parts, self.take, self._turns)
        self._sockets += 1
        try:
            if isinstance(conversation, Denies) and await connection.denied(conversation):
                return
            await socket.accept(conversation.subprotocol, await self._announced(conversation))
            await self._serve(connection)
        except DragomanError as exc:
            await connection.close(exc)
        except (WebSocketDisconnect, asyncio.CancelledError):
            raise_cancelled()
        except Exception:
            log.exception("unexpected error on a socket")
            await connection.close(MeshError(FaultCode.INTERNAL, "unexpected error"))
        finally:
            self._sockets -= 1

    async def _announced(self, conversation: Conversation) -> list[tuple[bytes, bytes]]:
        if not isinstance(conversation, Announces) or not conversation.candidates:
            return []
        known = self._parts.capabilities
        reaching = await known.reaching(conversation.candidates, conversation.target)
        headers = conversation.announce(reaching)
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    def check_room(self) -> None:
        """Raises: MeshError, `DRAINING` or `BUSY`, when a session could not begin now."""
        self._check_sockets(self._sockets + 1)
        if self._parts.fleet.full(time.monotonic()):
            raise MeshError(FaultCode.BUSY, "no recogniser is free", retry_after_ms=5000)

    def _check_sockets(self, count: int) -> None:
        if self.draining:
            raise MeshError(FaultCode.DRAINING, "this server is stopping; connect again", retry_after_ms=1000)
        if count > self._parts.settings.max_sessions:
            raise MeshError(FaultCode.BUSY, "this server is full; try again", retry_after_ms=5000)

    async def _serve(self, connection: "Connection") -> None:
        self._check_sockets(self._sockets)
        session = await connection.open()
        life = self._begin(session)
        await connection.converse(session, life)

    def _begin(self, session: LiveSession) -> "asyncio.Task[None]":
        """Let it live: a resumable session outlives its socket."""
        life = asyncio.create_task(session.run(), name="session")
        self._live[session.id] = session, life
        self._empty.clear()

        def over(_: "asyncio.Task[None]") -> None:
            if self._live.get(session.id, (None,))[0] is session:
                del self._live[session.id]
            if not self._live:
                self._empty.set()

        life.add_done_callback(over)
        return life

    async def take(self, session_id: str) -> tuple[list[Record], dict[int, TrackLink]]:
        """A session whose client has come back, from this replica or from the one that has it.

        Raises:
            PeerError: `SESSION_ENDED`.
            MeshError: `UNAVAILABLE`.
        """
        bus = self._parts.bus
        if session_id in self._live:
            session, life = self._live[session_id]
            if session.over:  # it is being settled
                await asyncio.wait({life}, timeout=CLOSE_WAIT_S)
                raise PeerError(FaultCode.SESSION_ENDED, "the session has ended")
            del self._live[session_id]
            record, links = session.taken_away()
            await asyncio.wait({life}, timeout=CLOSE_WAIT_S)
            handed = [record]
        else:
            handed, links = await records.ask_for(bus, session_id), {}
        found = records.newest_first(handed, await records.read(bus, session_id))
        near = bool(handed) and found[:1] == handed
        return found, links if near else {}

    async def drain(self, deadline_s: float) -> None:
        """Take no new session, tell the running ones, wait for them, then end those that are left."""
        self.draining = True
        for session in self._sessions():
            session.outbox.put(ev.Status(session_id=session.id, state=ev.State.DRAINING))
        await self._wait_empty(deadline_s)
        for session in self._sessions():
            if session.resumable:
                await session.leave()
            else:
                await session.finish(MeshError(FaultCode.DRAINING, "this server is stopping; connect again"))
        await self._wait_empty(CLOSE_WAIT_S)

    def _sessions(self) -> list[LiveSession]:
        return [session for session, _ in self._live.values()]

    async def _wait_empty(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()


class Connection:
    """One client's socket: a reader for frames to commands, a writer for events to frames."""

    def __init__(
        self,
        socket: WebSocket,
        dialect: str,
        conversation: Conversation,
        parts: Parts,
        take: Take,
        turns: asyncio.Semaphore,
    ) -> None:
        self._take = take
        self._owner: rpc.AuthenticateReply | None = None
        self._socket = socket
        self._dialect = dialect
        self._conversation = conversation
        self._parts = parts
        self._settings = parts.settings
        self._phase = Phase.WAITING
        self._session_id = new_id("s_")
        self._consumed_for = ""  # the session id that a single-use credential was consumed for
        self._turns = turns
        self._early: deque[Message] = deque()  # what came while the session was opened
        self._held_credential = ""  # accounts are asked again when the session changes
        self._pace = Pace(parts.settings.max_speed, parts.settings.burst_s, time.monotonic())
        self._audio_out = CANONICAL
        self._broken = False  # the client is gone without a word
        self._outbound: dict[tuple[int, str], Outbound] = {}

    # Opening

    async def denied(self, conversation: Denies) -> bool:
        """Whether the key is not good: the handshake is answered with that."""
        try:
            if not self._conversation.credential:
                raise PeerError(FaultCode.MISSING_CREDENTIAL, "no API key")
            self._owner = await self._authenticate(self._conversation.credential)
        except DragomanError as exc:
            metrics.OPENED.labels(self._dialect, exc.code).inc()
            answer = conversation.deny(exc)
            response = JSONResponse(answer.body, answer.status, answer.headers)
            await self._socket.send_denial_response(response)
            return True
        return False

    async def open(self) -> LiveSession:
        """From the handshake to a session that is live.

        Raises:
            DragomanError: why there is none.
        """
        try:
            session = await self._open()
        except DragomanError as exc:
            metrics.OPENED.labels(self._dialect, exc.code).inc()
            raise
        metrics.OPENED.labels(self._dialect, "ok").inc()
        return session

    async def _open(self) -> LiveSession:
        first: list[Command] = []
        if self._conversation.credential:
            # A wrong key is told before the client has sent anything.
            self._owner = self._owner or await self._authenticate(self._conversation.credential)
            first = self._conversation.admitted(self._owner.claims)
        wanted = await self._first_command(first)
        started = time.monotonic()
        opening = self._session(wanted)
        session = await (self._while_there(opening) if isinstance(wanted, Resume) else opening)
        metrics.OPEN_SECONDS.observe(time.monotonic() - started)
        return session

    async def _session(self, wanted: Open | Resume) -> LiveSession:
        async with self._turns:
            if isinstance(wanted, Resume):
                return await self._resume(wanted)
            wanted = await self._hosted(wanted)
            return await (self._promised(wanted) if wanted.promised else self._begin(wanted))

    async def _hosted(self, wanted: Open) -> Open:
        if wanted.broadcast is None:
            return wanted
        self._owner = self._owner or await self._authenticate(self._credential(wanted))
        return await self._parts.broadcasts.hosted(wanted, self._owner.account_id)

    async def _while_there(self, opening: Coroutine[None, None, LiveSession]) -> LiveSession:
        """A client that has given up does not resume: it may have its session already, at another edge."""
        task = asyncio.create_task(opening, name="open")
        frame: asyncio.Task[Message] = asyncio.create_task(self._receive(), name="early")
        try:
            await asyncio.wait({task, frame}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and frame.result()["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(1006)
            return await task
        finally:
            await end(task, frame)
            if not frame.cancelled() and frame.exception() is None:
                self._early.append(frame.result())

    async def _authenticate(self, credential: str) -> rpc.AuthenticateReply:
        self._consumed_for = self._session_id
        request = rpc.AuthenticateRequest(
            credential=credential,
            source=self._source(),
            dialect=self._dialect,
            session_id=self._session_id,
        )
        return await self._parts.accounts.ask(request, rpc.AuthenticateReply)

    async def _first_command(self, commands: list[Command]) -> Open | Resume:
        wait_s = self._settings.first_message_s
        try:
            async with asyncio.timeout(wait_s):
                while True:
                    for command in commands:
                        self._phase = advance(self._phase, command)
                        if isinstance(command, Open | Resume):
                            return command
                        await self._answer(command)
                    commands = await self._commands()
        except TimeoutError:
            raise PeerError(FaultCode.IDLE, f"no configuration within {wait_s:.0f} s") from None

    async def _resume(self, wanted: Resume) -> LiveSession:
        """Take the session over from wherever it is, and go on where the client stands."""
        deadline = time.monotonic() + RESUME_PATIENCE_S
        while True:
            try:
                session = await self._resumed(wanted)
            except MeshError as exc:  # the bus or accounts are away: for a moment, as a rule
                if time.monotonic() > deadline:
                    metrics.RESUMES.labels(exc.code).inc()
                    raise
                await asyncio.sleep(RESUME_RETRY_S)
            except PeerError as exc:
                metrics.RESUMES.labels(exc.code).inc()
                raise
            else:
                metrics.RESUMES.labels("ok").inc()
                return session

    async def _promised(self, wanted: Open) -> LiveSession:
        """Begin the session that the credential is for; go on with it where it has begun."""
        self._session_id = wanted.promised
        owner = self._owner or await self._authenticate(self._credential(wanted))
        resources = self._parts.resources
        if await resources.claim(owner.account_id, wanted.promised):
            try:
                return await self._begin(wanted)
            except BaseException:
                with contextlib.suppress(MeshError):
                    await resources.unclaim(owner.account_id, wanted.promised)
                raise
        return await self._resume(
            Resume("", None, None, wanted.credential, wanted.promised, wanted.broadcast)
        )

    async def _resumed(self, wanted: Resume) -> LiveSession:
        self._session_id = wanted.promised or records.session_of(wanted.token)
        owner = self._owner or await self._authenticate(self._credential(wanted))
        window_s = self._parts.resume_window_s + RECORD_EVERY_S
        known = await records.read(self._parts.bus, self._session_id)
        if wanted.promised:
            await self._check_life(owner.account_id, bool(known))
        token = None if wanted.promised else wanted.token
        records.check(known, token, owner.account_id, window_s)  # before anything is taken away
        found, links = await self._take(self._session_id)
        received = wanted.received or Delivered(**found[0].surely)
        # What is out is taken from the client, what is asked for and who has its recognisers from the newest.
        newest = {"links": found[0].links, "spec": found[0].spec, "sequence": found[0].sequence}
        record = records.fitting(found, received).model_copy(update=newest)
        audio_in, audio_out = record.formats()
        taken = Taken(record, wanted.token, received, wanted.audio_from, links)
        opening = Open(
            record.wanted(),
            audio_in,
            audio_out,
            wanted.credential,
            resumable=True,
            promised=wanted.promised,
            broadcast=wanted.broadcast,
        )
        return await self._begin(opening, taken)

    async def _check_life(self, account_id: str, recorded: bool) -> None:
        """Raises: PeerError, when the session has ended; MeshError, when it is just beginning or ending."""
        life = await self._parts.resources.life(account_id, self._session_id)
        old = life.started_at_ms < _unix_ms() - RESUME_PATIENCE_S * 1000
        if life.ended_at_ms or (old and not recorded):
            raise PeerError(FaultCode.SESSION_ENDED, "the session has ended")
        if not recorded:
            raise MeshError(FaultCode.BUSY, "another connection is opening it", retry_after_ms=1000)

    def _credential(self, wanted: Open | Resume) -> str:
        credential = self._conversation.credential or wanted.credential
        if not credential:
            raise PeerError(FaultCode.MISSING_CREDENTIAL, "no API key")
        return credential

    async def _begin(self, wanted: Open, taken: Taken | None = None) -> LiveSession:
        self._held_credential = self._credential(wanted)
        await self._parts.capabilities.check(wanted.spec)
        reply = await self._parts.accounts.ask(self._request(wanted.spec), rpc.OpenReply)
        self._audio_out = wanted.audio_out
        session = LiveSession(self._parts, wanted, reply, taken)
        try:
            await session.begin()
        except BaseException:
            if taken is not None:
                session.taken_away()  # it can still be resumed: nothing of it may end
            await session.release(NOT_BEGUN)
            raise
        known = configuration(session.spec, session.grant)
        log.info("session resumed" if taken else "session opened", session=session.id, **known)
        return session

    def _request(self, spec: ev.Spec) -> rpc.OpenRequest:
        return rpc.OpenRequest(
            credential=self._held_credential,
            source=self._source(),
            session_id=self._session_id,
            edge_id=self._parts.edge_id,
            spec=spec,
            admitted=bool(self._conversation.credential),
            consumed_for=self._consumed_for,
        )

    def _source(self) -> str:
        return self._socket.client.host if self._socket.client else ""

    # Conversing

    async def converse(self, session: LiveSession, life: "asyncio.Task[None]") -> None:
        """Read and write until the session is over or the client is gone."""
        writer = asyncio.create_task(self._write(session), name="writer")
        reader = asyncio.create_task(self._read(session), name="reader")
        try:
            await asyncio.wait({writer, life}, return_when=asyncio.FIRST_COMPLETED)
            if life.done():  # results that are in the box still go out
                await asyncio.wait({writer}, timeout=self._settings.send_timeout_s)
        finally:
            ends = [end(reader, writer)]
            if session.resumable and self._broken and not life.done():
                session.detach()
            else:
                session.abort()
                ends.append(_over(life))
            await asyncio.shield(asyncio.gather(*ends))

    async def _read(self, session: LiveSession) -> None:
        try:
            while True:
                for command in await self._commands():
                    self._phase = advance(self._phase, command)
                    await self._obey(session, command)
        except WebSocketDisconnect as exc:
            self._broken = exc.code not in GOODBYE
            if session.resumable and self._broken:
                session.detach()
            else:
                session.abort()
        except DragomanError as exc:
            session.abort(exc)
        except Exception:
            log.exception("unexpected error in a reader", session=session.id)
            session.abort(MeshError(FaultCode.INTERNAL, "unexpected error"))

    async def _obey(self, session: LiveSession, command: Command) -> None:
        match command:
            case Audio():
                await self._audio(session, command)
            case Flush():
                await session.flush(command.grace_ms)
            case End():
                await session.finish()
            case Answer(problem=problem) if problem is not None:
                session.outbox.put(Outcome("", problem))
            case Answer():
                session.outbox.put(command.frames)
            case Update():
                await self._update(session, command)
            case Job():
                await self._job(session, command)
            case Direct():
                await session.direct(command)

    async def _job(self, session: LiveSession, job: Job) -> None:
        try:
            await session.job(job)
        except PeerError as exc:
            session.outbox.put(Outcome(job.tag, exc, job.number))

    async def _update(self, session: LiveSession, command: Update) -> None:
        """Ask accounts and the workers first; a refusal changes nothing and ends nothing."""
        try:
            await self._parts.capabilities.check(command.spec)
            await self._parts.accounts.ask(self._request(command.spec), rpc.OpenReply)
            known, notices = (self._parts.capabilities.notices(spec) for spec in (session.spec, command.spec))
            await session.update(command.spec)
        except DragomanError as exc:
            session.outbox.put(Outcome(command.tag, exc))
            return
        new = tuple(notice for notice in notices if notice not in known)
        session.outbox.put(Outcome(command.tag, notices=new))

    async def _audio(self, session: LiveSession, command: Audio) -> None:
        seconds = await session.audio(command.data, command.format)
        if not seconds:  # it waits for more
            return
        wait_s = self._pace.take(seconds, time.monotonic())
        if wait_s > 0:
            # Not reading is the throttle that every client understands: its socket fills up.
            metrics.THROTTLED.labels(self._dialect).inc()
            session.outbox.put(Throttled(active=True))
            await asyncio.sleep(wait_s)
            session.outbox.put(Throttled(active=False))
        await session.room()

    async def _write(self, session: LiveSession) -> None:
        try:
            while (item := await session.outbox.get()) is not None:
                await self._deliver(self._frames(item))
                session.wrote(item)
        except (WebSocketDisconnect, RuntimeError, OSError):  # the reader hears of it too, but perhaps later
            self._broken = True
        await self.close(session.outbox.error)

    def _frames(self, item: Item) -> list[Frame]:
        if isinstance(item, tuple):
            return list(item)
        if isinstance(item, ev.SpeechChunk):
            item = self._converted(item)
        return self._conversation.render(item, _unix_ms())

    def _converted(self, chunk: ev.SpeechChunk) -> ev.SpeechChunk:
        if self._audio_out == CANONICAL:
            return chunk
        stream = self._outbound.setdefault((chunk.track, chunk.language), Outbound(self._audio_out))
        audio = stream.convert(chunk.audio, chunk.last)
        return ev.SpeechChunk(
            session_id=chunk.session_id,
            track=chunk.track,
            epoch=chunk.epoch,
            utterance=chunk.utterance,
            language=chunk.language,
            sample_offset=chunk.sample_offset,
            audio=audio,
            last=chunk.last,
            boundaries=chunk.boundaries,
        )

    # Frames

    async def _receive(self) -> Message:
        return self._early.popleft() if self._early else await self._socket.receive()

    async def _commands(self) -> list[Command]:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            # uvicorn says 1005 of a broken connection too, but only a close frame has a reason.
            raise WebSocketDisconnect(message.get("code", 1006) if "reason" in message else 1006)
        frame: Frame = message["bytes"] if message.get("bytes") is not None else message["text"]
        if len(frame) > self._settings.max_message_bytes:
            limit = self._settings.max_message_bytes
            raise PeerError(FaultCode.TOO_LARGE, f"message of {len(frame)} bytes; at most {limit} are taken")
        return self._conversation.receive(frame)

    async def _answer(self, command: Command) -> None:
        if isinstance(command, Answer):
            problem = command.problem
            told = self._conversation.render(Outcome("", problem), _unix_ms()) if problem else []
            await self._deliver((*command.frames, *told))

    async def _deliver(self, frames: Iterable[Frame]) -> None:
        """Raises: TimeoutError, when the client takes nothing for too long."""
        async with asyncio.timeout(self._settings.send_timeout_s):
            for frame in frames:
                if isinstance(frame, bytes):
                    await self._socket.send_bytes(frame)
                else:
                    await self._socket.send_text(frame)

    async def close(self, error: DragomanError | None) -> None:
        """Say why in the dialect's words and close with its code; bounded, silent when nobody is there."""
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        code = self._conversation.close_code(error)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_WAIT_S):
                await self._deliver(self._conversation.refuse(error, _unix_ms()) if error else ())
                await self._socket.close(code)


def raise_cancelled() -> None:
    """Let a cancellation go on; a client that is gone is no error."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _over(task: "asyncio.Task[None]") -> None:
    await asyncio.wait({task})


def _handshake(socket: WebSocket) -> Handshake:
    return Handshake(
        path=socket.url.path,
        path_parameters={key: str(value) for key, value in socket.path_params.items()},
        query=dict(socket.query_params),
        headers=dict(socket.headers),
        subprotocols=tuple(socket.scope.get("subprotocols", ())),
        now_ms=_unix_ms(),
    )


def _unix_ms() -> int:
    return int(time.time() * 1000)

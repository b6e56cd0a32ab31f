"""All sockets and sessions of a replica: let in, handed from one connection to another, drained."""

import asyncio
import contextlib
import time

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_edge import metrics
from dragoman_edge.dialects.api import Announces, Conversation, Denies, Dialect
from dragoman_edge.resume import checkpoint as records
from dragoman_edge.resume import handover
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.server import drain as drains
from dragoman_edge.server.client_socket import Socket, handshake
from dragoman_edge.server.connection import Connection
from dragoman_edge.server.opening import Opening
from dragoman_edge.server.seats import Place, Seats
from dragoman_edge.session.context import EdgeContext, Found
from dragoman_edge.session.report import report
from dragoman_edge.session.session import Session
from dragoman_kit.logging import get

log = get(__name__)
CLOSE_WAIT_S = 5.0
DRAIN_TICK_S = 0.1
OPENS_AT_ONCE = 16  # when all clients come at once, the first are served while the last still wait


class Gateway:
    """All sockets of this replica."""

    def __init__(self, parts: EdgeContext) -> None:
        self._parts = parts
        self._live: dict[str, tuple[Session, asyncio.Task[None]]] = {}
        self._turns = asyncio.Semaphore(OPENS_AT_ONCE)
        self._empty = asyncio.Event()
        self._empty.set()
        self.seats = Seats(parts.settings.max_sessions, parts.settings.max_silent_sockets)
        self.draining = False
        metrics.CAPACITY.set(parts.settings.max_sessions)

    async def serve(self, websocket: WebSocket, dialect: Dialect) -> None:
        """One socket from its handshake to its close; nothing a client sends raises out of here."""
        conversation = dialect.converse(handshake(websocket))
        socket = Socket(websocket, conversation, self._parts.settings)
        place = self.seats.enter(socket.source)
        try:
            if not conversation.credential and (refusal := _kept_out(place, conversation, dialect.name)):
                # By the handshake's answer, which costs half of what a socket and its close do.
                await websocket.send_denial_response(refusal)
                return
            opening = Opening(socket, dialect.name, self._parts, self, self._turns, place.sit)
            if isinstance(conversation, Denies) and (error := await _key_error(opening, dialect.name)):
                await websocket.send_denial_response(_denial(conversation, error))
                return
            await websocket.accept(conversation.subprotocol, await self._announced(conversation))
            await self._serve(socket, opening, dialect.name)
        finally:
            place.leave()

    async def _serve(self, socket: Socket, opening: Opening, dialect: str) -> None:
        try:
            self.check_draining()
            session = await opening.open()
        except Exception as exc:  # noqa: BLE001  reported
            await socket.close(_refused(exc, dialect))
            return
        metrics.OPENED.labels(dialect, "ok").inc()
        life = self.begin(session)
        await Connection(socket, session, life, opening, opening.audio_out, self._parts.settings).run()

    async def _announced(self, conversation: Conversation) -> list[tuple[bytes, bytes]]:
        """Headers of the handshake's answer; it is answered all the same when there is a bug in them."""
        if not isinstance(conversation, Announces) or not conversation.candidates:
            return []
        try:
            known = self._parts.capabilities
            reaching = await known.reaching(conversation.candidates, conversation.target)
            headers = conversation.announce(reaching)
        except Exception:
            log.exception("a handshake is answered without its headers")
            return []
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    def check_room(self) -> None:
        """Raises: MeshError, `DRAINING` or `BUSY`, when a session could not begin now."""
        self.check_draining()
        self.seats.check()
        if self._parts.fleet.full(time.monotonic()):
            raise MeshError(FaultCode.BUSY, "no recogniser is free", retry_after_ms=5000)

    def check_draining(self) -> None:
        """Raises: MeshError, `DRAINING`."""
        if self.draining:
            raise MeshError(FaultCode.DRAINING, "this server is stopping; connect again", retry_after_ms=1000)

    def begin(self, session: Session) -> "asyncio.Task[None]":
        """Let it live: a resumable session outlives its socket."""
        life = asyncio.create_task(session.run(), name="session")
        self._live[session.id] = session, life
        self._empty.clear()

        def over(done: "asyncio.Task[None]") -> None:
            if not done.cancelled() and (exc := done.exception()) is not None:
                log.error("a session did not end as it should", session=session.id, exc_info=exc)
            if self._live.get(session.id, (None,))[0] is session:
                del self._live[session.id]
            if not self._live:
                self._empty.set()

        life.add_done_callback(over)
        return life

    async def look(self, session_id: str) -> list[SessionCheckpoint]:
        """Return the records of a session, the newest first: the stored ones, else those that its edge has.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        if stored := await records.read(self._parts.bus, session_id):
            return stored
        if session_id in self._live:
            return self._live[session_id][0].made.ownership.records()
        return (await handover.ask_for(self._parts.bus, session_id, give=False)).records

    async def take(self, session_id: str) -> Found:
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
            handed, links = session.taken_away()
            await asyncio.wait({life}, timeout=CLOSE_WAIT_S)
        else:
            handed, links = await handover.ask_for(bus, session_id, give=True), {}
        found = handover.newest_first(handed.records, await records.read(bus, session_id))
        if not handed.records or found[:1] != handed.records[:1]:
            return Found(found)
        return Found(found, handed.events(), links)

    async def drain(self, drain_s: float) -> None:
        """Take no new session, tell the running ones, and let each of them leave when its time has come."""
        self.draining = True
        begun = time.monotonic()
        departure = drains.Departure[Session](drain_s)
        while self._live and (waited_s := time.monotonic() - begun) < drains.longest_s(drain_s):
            for session in departure.to_tell(self._sessions(), waited_s):
                session.say(ev.Status(session_id=session.id, state=ev.State.DRAINING))
            await asyncio.gather(*map(_leave, departure.due(self._sessions(), waited_s)))
            await self._wait_empty(DRAIN_TICK_S)

    @property
    def has_sessions(self) -> bool:
        """Whether anybody would lose a session with this replica."""
        return bool(self._live)

    @property
    def session_count(self) -> int:
        """Return the number of sessions that live here."""
        return len(self._live)

    def _sessions(self) -> list[Session]:
        return [session for session, _ in self._live.values()]

    async def _wait_empty(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()


async def _leave(session: Session) -> None:
    try:
        await session.drain()
    except Exception as exc:  # noqa: BLE001  the session's supervision tells it; the others go on
        session.fail(exc)


async def _key_error(opening: Opening, dialect: str) -> DragomanError | None:
    """What is wrong with the key of a handshake."""
    try:
        await opening.check_key()
    except Exception as exc:  # noqa: BLE001  reported
        return _refused(exc, dialect)
    return None


def _kept_out(place: Place, conversation: Conversation, dialect: str) -> JSONResponse | None:
    """Refuse a socket without a key that may not wait for one; counted, not logged: floods come this way."""
    try:
        if not isinstance(conversation, Denies):  # it is refused without a key anyhow
            place.wait()
    except MeshError as exc:
        metrics.OPENED.labels(dialect, str(exc.code)).inc()
        return JSONResponse({"code": exc.code, "message": exc.message}, 503, {"Retry-After": "5"})
    return None


def _denial(conversation: Denies, error: DragomanError) -> JSONResponse:
    answer = conversation.deny(error)
    return JSONResponse(answer.body, answer.status, answer.headers)


def _refused(exc: Exception, dialect: str) -> DragomanError | None:
    """Report a session that was not opened; what its client is told."""
    error = report(exc, metrics.OPENED, dialect).error
    if error is not None:
        metrics.credential_refused(dialect, error.code)
    return error

"""From a socket's handshake to a session that is live: a new one, a promised one, or one to go on with."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Protocol

from starlette.types import Message

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.ids import new_id
from dragoman_edge import metrics
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Command, Open, Resume
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.resume import checkpoint as records
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.server.clean_commands import safe
from dragoman_edge.server.client_socket import Socket, unix_ms
from dragoman_edge.session import known_speakers
from dragoman_edge.session.context import EdgeContext, Found, Takeover
from dragoman_edge.session.ownership import RECORD_EVERY_S
from dragoman_edge.session.report import ClientGoneError
from dragoman_edge.session.session import Session
from dragoman_edge.session.state import SessionState
from dragoman_edge.session.worker_requests import configuration
from dragoman_kit.logging import get
from dragoman_kit.tasks import end

log = get(__name__)
RESUME_PATIENCE_S, RESUME_RETRY_S = 5.0, 0.3


class Sessions(Protocol):
    """The sessions that a client may go on with, at this replica or another one."""

    async def look(self, session_id: str) -> list[SessionCheckpoint]:
        """Return the records of a session, the newest first; empty when nobody knows it."""

    async def take(self, session_id: str) -> Found:
        """A session is given up by the connection that has it."""


class Opening:
    """From a handshake to a session.

    Args:
        sessions: gives up a session that another connection has.
        turns: bounds how many open at a time.
        sit: takes a seat for a client with a good key; raises `BUSY` when there is none.
    """

    def __init__(
        self,
        socket: Socket,
        dialect: str,
        parts: EdgeContext,
        sessions: Sessions,
        turns: asyncio.Semaphore,
        sit: Callable[[], None],
    ) -> None:
        self._sit = sit
        self._socket = socket
        self._conversation = socket.conversation
        self._dialect = dialect
        self._parts = parts
        self._sessions = sessions
        self._turns = turns
        self._state = SessionState()
        self._owner: rpc.AuthenticateReply | None = None
        self._session_id = new_id("s_")
        self._consumed_for = ""  # the session id that a single-use credential was consumed for
        self._held_credential = ""  # accounts are asked again when the session changes
        self.audio_out = AudioFormat()

    async def check_key(self) -> None:
        """Before the handshake is answered.

        Raises:
            DragomanError: the key is missing or wrong, or nobody could say.
        """
        if not self._conversation.credential:
            raise PeerError(FaultCode.MISSING_CREDENTIAL, "no API key")
        self._owner = await self._authenticate(self._conversation.credential)

    async def open(self) -> Session:
        """From the handshake to a session that is live.

        Raises:
            DragomanError: why there is none.
            ClientGoneError: the client did not wait for it.
        """
        first: list[Command] = []
        if self._conversation.credential:
            # A wrong key is told before the client has sent anything.
            self._owner = self._owner or await self._authenticate(self._conversation.credential)
            first = safe(self._conversation.admitted(self._owner.claims))
        wanted = await self._first_command(first)
        started = time.monotonic()
        opening = self._session(wanted)
        session = await (self._while_there(opening) if isinstance(wanted, Resume) else opening)
        metrics.OPEN_SECONDS.observe(time.monotonic() - started)
        return session

    async def _first_command(self, commands: list[Command]) -> Open | Resume:
        wait_s = self._parts.settings.first_message_s
        try:
            async with asyncio.timeout(wait_s):
                while True:
                    for command in commands:
                        self._state.take(command)
                        if isinstance(command, Open | Resume):
                            return command
                        await self._socket.answer(command)
                    commands = await self._socket.commands()
        except TimeoutError:
            raise PeerError(FaultCode.IDLE, f"no configuration within {wait_s:.0f} s") from None

    async def _session(self, wanted: Open | Resume) -> Session:
        async with self._turns:
            if isinstance(wanted, Resume):
                return await self._resume(wanted)
            wanted = await self._hosted(await self._knowing(wanted))
            return await (self._promised(wanted) if wanted.promised else self._begin(wanted))

    async def _knowing(self, wanted: Open) -> Open:
        """With the voices of the speakers whom the account has enrolled."""
        if not known_speakers.has_unread(wanted.spec):
            return wanted
        owner = self._owner = self._owner or await self._authenticate(self._credential(wanted))
        spec = await known_speakers.read(self._parts.archive, wanted.spec, owner.account_id, owner.key_id)
        return replace(wanted, spec=spec)

    async def _hosted(self, wanted: Open) -> Open:
        if wanted.broadcast is None:
            named = wanted.by_id and not wanted.promised
            return replace(wanted, promised=self._session_id) if named else wanted
        self._owner = self._owner or await self._authenticate(self._credential(wanted))
        return await self._parts.broadcasts.hosted(wanted, self._owner.account_id)

    async def _while_there(self, opening: Coroutine[None, None, Session]) -> Session:
        """A client that has given up does not resume: it may have its session already, at another edge."""
        task = asyncio.create_task(opening, name="open")
        frame: asyncio.Task[Message] = asyncio.create_task(self._socket.receive(), name="early")
        try:
            await asyncio.wait({task, frame}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and frame.result()["type"] == "websocket.disconnect":
                raise ClientGoneError(goodbye=False)
            return await task
        finally:
            await end(task, frame)
            if not frame.cancelled() and frame.exception() is None:
                self._socket.put_back(frame.result())

    # A new one

    async def _begin(self, wanted: Open, taken: Takeover | None = None) -> Session:
        self._held_credential = self._credential(wanted)
        self._sit()
        await self._parts.capabilities.check(wanted.spec)
        reply = await self._parts.accounts.ask(self._request(wanted.spec), rpc.OpenReply)
        self.audio_out = wanted.audio_out
        session = Session(self._parts, wanted, reply, taken)
        try:
            await session.begin()
        except BaseException:
            await session.give_up()
            raise
        known = configuration(session.spec, session.grant)
        log.info("session resumed" if taken else "session opened", session=session.id, **known)
        return session

    async def check(self, now: ev.Spec, then: ev.Spec) -> tuple[str, ...]:
        """Whether the session may change so; what of the change is not heeded.

        Raises:
            DragomanError: why not.
        """
        capabilities = self._parts.capabilities
        await capabilities.check(then)
        await self._parts.accounts.ask(self._request(then), rpc.OpenReply)
        known = capabilities.notices(now)
        return tuple(notice for notice in capabilities.notices(then) if notice not in known)

    async def _promised(self, wanted: Open) -> Session:
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

    # One to go on with

    async def _resume(self, wanted: Resume) -> Session:
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

    async def _resumed(self, wanted: Resume) -> Session:
        self._session_id = wanted.promised or records.session_of(wanted.token)
        owner = self._owner or await self._authenticate(self._credential(wanted))
        window_s = self._parts.resume_window_s + RECORD_EVERY_S
        known = await self._sessions.look(self._session_id)
        if wanted.promised:
            await self._check_life(owner.account_id, bool(known))
        token = None if wanted.promised else wanted.token
        records.check(known, token, owner.account_id, window_s)  # before anything is taken away
        found = await self._sessions.take(self._session_id)
        if not found.records:  # its edge ended meanwhile, and the bus has lost its data
            raise PeerError(FaultCode.SESSION_ENDED, "the session has ended")
        received = wanted.received or DeliveryCounts(**found.records[0].confirmed)
        record = records.fitting(found.records, received)
        audio_in, audio_out = record.formats()
        taken = Takeover(record, wanted.token, received, wanted.audio_from, found.links, found.results)
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
        old = life.started_at_ms < unix_ms() - RESUME_PATIENCE_S * 1000
        if life.ended_at_ms or (old and not recorded):
            raise PeerError(FaultCode.SESSION_ENDED, "the session has ended")
        if not recorded:
            raise MeshError(FaultCode.BUSY, "another connection is opening this session", retry_after_ms=1000)

    # Accounts

    async def _authenticate(self, credential: str) -> rpc.AuthenticateReply:
        self._consumed_for = self._session_id
        request = rpc.AuthenticateRequest(
            credential=credential,
            source=self._socket.source,
            dialect=self._dialect,
            session_id=self._session_id,
        )
        owner = await self._parts.accounts.ask(request, rpc.AuthenticateReply)
        self._sit()
        return owner

    def _credential(self, wanted: Open | Resume) -> str:
        credential = self._conversation.credential or wanted.credential
        if not credential:
            raise PeerError(FaultCode.MISSING_CREDENTIAL, "no API key")
        return credential

    def _request(self, spec: ev.Spec) -> rpc.OpenRequest:
        return rpc.OpenRequest(
            credential=self._held_credential,
            source=self._socket.source,
            session_id=self._session_id,
            edge_id=self._parts.edge_id,
            spec=spec,
            admitted=bool(self._conversation.credential),
            consumed_for=self._consumed_for,
        )

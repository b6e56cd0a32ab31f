"""One client's connection: commands to its session, results to its socket, and the end of either."""

import asyncio
import time
from dataclasses import replace
from typing import Protocol

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError
from dragoman_edge import metrics
from dragoman_edge.dialects.api import StreamsSpeech, TellsTime
from dragoman_edge.media.converters import CANONICAL, Outbound
from dragoman_edge.media.token_bucket import TokenBucket
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import (
    Amend,
    Answer,
    Audio,
    BroadcastCommand,
    Command,
    End,
    Flush,
    Frame,
    StopSpeech,
    TextRequest,
    Update,
)
from dragoman_edge.model.events import Outcome, SpeechStopped, Throttled
from dragoman_edge.server.client_socket import Socket, unix_ms
from dragoman_edge.server.speech_out import SpeechOut, skipped
from dragoman_edge.session.report import ClientGoneError, cause
from dragoman_edge.session.results_queue import Item
from dragoman_edge.session.session import Session
from dragoman_edge.settings import EdgeSettings
from dragoman_kit.tasks import together


class _Nothing:
    """There is no result, but speech that waits is due."""


class Changes(Protocol):
    """Asks whether a session may become another one."""

    async def check(self, now: ev.Spec, then: ev.Spec) -> tuple[str, ...]:
        """Return the parts of a change that are not heeded.

        Raises: DragomanError if it is not possible.
        """


class Connection:
    """A socket and its session: a reader and a writer, in one task group with a watch over the session."""

    def __init__(
        self,
        socket: Socket,
        session: Session,
        life: "asyncio.Task[None]",
        changes: Changes,
        audio_out: AudioFormat,
        settings: EdgeSettings,
    ) -> None:
        self._socket = socket
        self._session = session
        self._life = life
        self._changes = changes
        self._audio_out = audio_out
        self._settings = settings
        session.made.intake.client = socket.client
        self._outbound: dict[tuple[int, str], Outbound] = {}
        streams = isinstance(socket.conversation, StreamsSpeech) and socket.conversation.streams_speech
        by_clock = isinstance(socket.conversation, TellsTime) and socket.conversation.tells_time
        self._tells_time = by_clock and session.made.broadcast is None  # its zero is a place in the audio
        self._speech = SpeechOut(settings.speech_ahead_ms / 1000 if streams else float("inf"))
        if socket.gathers:
            socket.gather(*session.made.intake.gather_before())
        self._pace = TokenBucket(settings.max_speed, settings.burst_s, time.monotonic())

    async def run(self) -> None:
        """Read and write until the session is over or the client is gone."""
        session = self._session
        try:
            await together(self._write(), reader=self._read(), session=self._hurry())
        except Exception as exc:  # noqa: BLE001  the session reports it, and what it says is told below
            await self._ended_by(cause(exc))
        except asyncio.CancelledError:
            session.fail(ClientGoneError(goodbye=True))
            await asyncio.shield(_over(self._life))
            raise
        if session.state.detached:
            return
        await self._socket.close(await asyncio.shield(session.outcome))
        await asyncio.shield(_over(self._life))

    async def _ended_by(self, exc: BaseException) -> None:
        broken = isinstance(exc, ClientGoneError) and not exc.goodbye and self._session.resumable
        if broken and not await self._socket.said_goodbye():
            self._session.detach()
        else:
            self._session.fail(exc)

    async def _hurry(self) -> None:
        """Once the session is over, what is left for the client is written for a while only."""
        await asyncio.shield(self._session.outcome)
        await asyncio.sleep(self._settings.send_timeout_s)
        raise ClientGoneError(goodbye=False)

    # In

    async def _read(self) -> None:
        commands, take = self._socket.commands, self._session.state.take
        try:
            while True:
                for command in await commands():
                    take(command)
                    await self._execute(command)
        except ClientGoneError:
            raise
        except Exception as exc:  # noqa: BLE001  what waits for the client goes out before it is told
            self._session.fail(exc)

    async def _execute(self, command: Command) -> None:
        session = self._session
        match command:
            case Audio():
                await self._audio(session, command)
            case Flush():
                await session.flush(command.grace_ms)
            case End():
                await session.end_audio()
            case Answer(problem=problem) if problem is not None:
                session.send_queue.put(Outcome("", problem))
            case Answer():
                session.send_queue.put(command.frames)
            case Update():
                await self._update(command)
            case TextRequest():
                await self._job(command)
            case StopSpeech():
                self._stop_speech(command)
            case BroadcastCommand():
                await session.direct(command)
            case Amend():
                session.amend(command)

    def _stop_speech(self, command: StopSpeech) -> None:
        """What did not go out counts as delivered: a client that resumes is not to hear it."""
        if command.muted is not None:
            self._speech.muted = command.muted
        heard, left = ([], []) if command.muted is False else self._speech.stop(time.monotonic())
        self._outbound.clear()
        for chunk in left:
            self._session.mark_sent(chunk)
            self._session.send_queue.put(skipped(chunk))
        self._session.send_queue.put(SpeechStopped(command.tag, tuple(heard), self._speech.muted))

    async def _audio(self, session: Session, command: Audio) -> None:
        seconds = await session.audio(command.data, command.format)
        if not seconds:  # it waits for more
            return
        wait_s = self._pace.take(seconds, time.monotonic())
        if wait_s > 0:
            # Not reading is the throttle that every client understands: its socket fills up.
            metrics.THROTTLED.labels(session.spec.dialect).inc()
            session.send_queue.put(Throttled(active=True))
            await asyncio.sleep(wait_s)
            session.send_queue.put(Throttled(active=False))
        await session.room()

    async def _job(self, job: TextRequest) -> None:
        try:
            await self._session.job(job)
        except DragomanError as exc:
            self._session.send_queue.put(Outcome(job.tag, exc, job.number))

    async def _update(self, command: Update) -> None:
        """Ask accounts and the workers first; a refusal changes nothing and ends nothing."""
        try:
            notices = await self._changes.check(self._session.spec, command.spec)
            await self._session.update(command.spec)
        except DragomanError as exc:
            self._session.send_queue.put(Outcome(command.tag, exc))
            return
        self._session.send_queue.put(Outcome(command.tag, notices=notices))

    # Out

    async def _write(self) -> None:
        while (item := await self._next()) is not None:
            if isinstance(item, ev.SpeechChunk):
                told = self._speech.put(item)
                if told is not None:
                    self._session.mark_sent(item)
                    await self._send(told)
            elif not isinstance(item, _Nothing):
                await self._before(item)
                await self._send(item)
            await self._speak()
        self._speech.end()
        await self._speak()

    async def _next(self) -> "Item | _Nothing | None":
        """The next result, or nothing when speech that waits is due; None at the end."""
        wait_s = self._speech.wait_s(time.monotonic())
        if wait_s is None:
            return await self._session.send_queue.get()
        try:
            async with asyncio.timeout(wait_s):
                return await self._session.send_queue.get()
        except TimeoutError:
            return _Nothing()

    async def _before(self, item: Item) -> None:
        """A stop is for the speech of what was shown; what ends the session comes after all speech."""
        if isinstance(item, ev.Translation) and item.final:
            self._speech.begun(item)
        elif isinstance(item, ev.Status) and item.state in (ev.State.ENDING, ev.State.ENDED):
            self._speech.end()
            await self._speak()

    async def _speak(self) -> None:
        while (piece := self._speech.due(time.monotonic())) is not None:
            await self._send(piece)

    async def _send(self, item: Item) -> None:
        await self._socket.deliver(self._frames(item))
        self._session.mark_sent(item)

    def _frames(self, item: Item) -> list[Frame]:
        if isinstance(item, tuple):
            return list(item)
        if isinstance(item, ev.SpeechChunk):
            item = self._converted(item)
        if self._tells_time and isinstance(item, ev.Transcript):
            item = self._session.clock.shifted(item)
        return self._socket.conversation.render(item, unix_ms())

    def _converted(self, chunk: ev.SpeechChunk) -> ev.SpeechChunk:
        if self._audio_out == CANONICAL:
            return chunk
        stream = self._outbound.setdefault((chunk.track, chunk.language), Outbound(self._audio_out))
        return replace(chunk, audio=stream.convert(chunk.audio, chunk.last))


async def _over(task: "asyncio.Task[None]") -> None:
    await asyncio.wait({task})

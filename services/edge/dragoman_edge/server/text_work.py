"""Texts that are translated or spoken for an HTTP request: a session without audio, settled as others."""

import asyncio
from dataclasses import dataclass, replace

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.model.commands import JOBS, End, Open, TextRequest
from dragoman_edge.model.requests import RunTexts, TextResult
from dragoman_edge.server.clean_commands import safe
from dragoman_edge.server.headless import Begin, begun
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.session import Session
from dragoman_kit.logging import get

log = get(__name__)
IDLE_S = 10.0  # until a session is ended whose next texts do not come
RESULTS_S = 90.0  # for the results of one question
MOST_OPEN = 32  # sessions of this kind at this replica
_Results = ev.Translation | ev.SpeechChunk | ev.Failure


@dataclass(slots=True)
class _Open:
    """A session between two questions."""

    session: Session
    number: int = 0  # of its last job
    ending: asyncio.TimerHandle | None = None


class TextWork:
    """The sessions of this replica that have no audio, by the id of their request.

    Args:
        begin: lets a session live.
    """

    def __init__(self, parts: EdgeContext, begin: Begin) -> None:
        self._parts = parts
        self._begin = begin
        self._open: dict[str, _Open] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def run(self, ask: RunTexts) -> tuple[TextResult, ...]:
        """Do the texts of a question; their results in their order.

        Raises:
            DragomanError: accounts refuse it, the bus is away, or the results do not come in time.
        """
        held = self._open.pop(ask.id, None) or await self._opened(ask)
        if held.ending is not None:
            held.ending.cancel()
        try:
            async with asyncio.timeout(RESULTS_S):
                results = await self._results(held, ask.jobs)
        except TimeoutError:
            self._end(held)
            raise MeshError(FaultCode.TIMEOUT, "the results did not come in time") from None
        except BaseException:
            self._end(held)
            raise
        if ask.last:
            self._end(held)
        else:
            self._open[ask.id] = held
            held.ending = asyncio.get_running_loop().call_later(IDLE_S, self._forget, ask.id)
        return results

    async def _opened(self, ask: RunTexts) -> _Open:
        if len(self._open) >= MOST_OPEN:
            raise MeshError(FaultCode.BUSY, "too many texts are translated", retry_after_ms=5000)
        wanted = Open(ask.spec, texts_only=True)
        return _Open(await begun(self._parts, self._begin, wanted, ask.credential, ask.source))

    async def _results(self, held: _Open, jobs: tuple[TextRequest, ...]) -> tuple[TextResult, ...]:
        waiting: dict[int, TextRequest] = {}
        events: dict[int, list[_Results]] = {}
        for job in jobs:
            (command,) = safe([replace(job, number=held.number + 1)])
            assert isinstance(command, TextRequest)
            await held.session.job(command)
            held.number += 1
            waiting[held.number], events[held.number] = command, []
        while waiting:
            event = await self._next(held.session)
            wanted = waiting.get(event.utterance)
            if wanted is None:
                continue
            events[event.utterance].append(event)
            if _ends(event, wanted):
                del waiting[event.utterance]
        return tuple(map(_result, events.values()))

    async def _next(self, session: Session) -> _Results:
        """The next result of a job."""
        while True:
            item = await session.send_queue.get()
            if item is None:
                error = await session.outcome
                raise error or PeerError(FaultCode.SESSION_ENDED, "the session has ended")
            if isinstance(item, _Results) and item.track == JOBS:
                session.mark_sent(item)
                return item

    def _forget(self, id_: str) -> None:
        held = self._open.pop(id_, None)
        if held is not None:
            self._end(held)

    def _end(self, held: _Open) -> None:
        task = asyncio.create_task(self._close(held.session), name="texts")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, session: Session) -> None:
        """No more texts: it is settled when those in hand are out, or will not come."""
        session.state.take(End())
        await session.end_audio()
        while await session.send_queue.get() is not None:
            pass


def _ends(event: _Results, job: TextRequest) -> bool:
    if isinstance(event, ev.SpeechChunk):
        return event.last
    return isinstance(event, ev.Failure) or not job.speech


def _result(events: list[_Results]) -> TextResult:
    text = next((one.text for one in events if isinstance(one, ev.Translation)), "")
    failed = next((one for one in events if isinstance(one, ev.Failure)), None)
    speech = tuple(one for one in events if isinstance(one, ev.SpeechChunk))
    return TextResult(text, speech, failed.code if failed else "", failed.message if failed else "")

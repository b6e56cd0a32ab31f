"""Texts that are translated or spoken beside a session's own utterances.

A job is an utterance of the track `JOBS`, said by the edge: the same workers, order and failures as others.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.model.commands import JOBS, TextRequest
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from dragoman_edge.session.text_admission import Ahead, TextsInHand
from dragoman_kit.bus import Bus

EPOCH = 1


class TextRequests:
    """The jobs of one session, numbered 1, 2, 3 … by its dialect."""

    def __init__(
        self,
        bus: Bus,
        session_id: str,
        order: ReorderBuffer,
        in_hand: TextsInHand,
        reserve: Callable[[Ahead, tuple[str, ...]], Awaitable[None]],
    ) -> None:
        """`reserve` has the price of what is in hand held, or raises why that is not possible."""
        self.in_hand = in_hand
        self._reserve = reserve
        self._bus = bus
        self._session_id = session_id
        self._order = order
        self._last = order.next_utterance(JOBS) - 1 if order.has(JOBS) else 0

    async def take(self, job: TextRequest, work: ev.WorkOrder, now_ms: int) -> list[ev.Event]:
        """Give a job to the workers; what may be shown now. `work` is what the session's own utterances get.

        Raises:
            PeerError: `BAD_REQUEST`, when the number is not the next one; `RATE_LIMITED`, when too many wait;
                what accounts refuse.
            MeshError: `UNAVAILABLE`, when accounts cannot be asked.
        """
        if job.number != self._last + 1:
            raise PeerError(FaultCode.BAD_REQUEST, f"job {job.number} does not follow {self._last}")
        transcript = self._transcript(job, work)
        event = _translated(transcript, job) if job.translated else transcript
        payload = codec.encode_event(event)
        self.in_hand.take(job)
        try:
            self.in_hand.store(len(payload))
            await self._reserve(self.in_hand.ahead(), job.target_languages)
        except BaseException:
            self.in_hand.drop(job.number)
            raise
        self._last = job.number
        self._order.add(JOBS)
        released = self._order.accept(transcript, now_ms)
        try:
            await self._bus.store(subjects.event(event), payload, subjects.message_id(event))
        except MeshError as exc:
            for language in job.target_languages:
                released += self._order.accept(_failed(transcript, language, exc), now_ms)
        return released

    def end(self, now_ms: int) -> list[ev.Event]:
        """No more jobs: the session is complete when those in hand are."""
        if not self._order.has(JOBS):
            return []
        ended = ev.TrackEnded(session_id=self._session_id, track=JOBS, epoch=EPOCH, last_utterance=self._last)
        return self._order.accept(ended, now_ms)

    def _transcript(self, job: TextRequest, work: ev.WorkOrder) -> ev.Transcript:
        return ev.Transcript(
            session_id=self._session_id,
            track=JOBS,
            epoch=EPOCH,
            utterance=job.number,
            revision=1,
            final=True,
            text=job.text,
            language=job.language,
            start_ms=0,
            duration_ms=job.duration_ms,
            work=replace(work, target_languages=job.target_languages, speech=job.speech),
        )


def _translated(transcript: ev.Transcript, job: TextRequest) -> ev.Translation:
    return ev.Translation(
        session_id=transcript.session_id,
        track=JOBS,
        epoch=EPOCH,
        utterance=job.number,
        revision=1,
        final=True,
        language=job.target_languages[0],
        text=job.text,
        source_language=job.language,
        source_text=job.source_text,
        start_ms=0,
        duration_ms=0,  # it was paid when it was translated
        work=transcript.work,
    )


def _failed(transcript: ev.Transcript, language: str, exc: MeshError) -> ev.Failure:
    return ev.Failure(
        session_id=transcript.session_id,
        track=JOBS,
        epoch=EPOCH,
        utterance=transcript.utterance,
        stage=ev.Stage.TRANSLATION,
        language=language,
        code=exc.code,
        message=exc.message,
        retryable=exc.code.retryable,
    )

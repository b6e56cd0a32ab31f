"""A track that is heard in windows: the policy says what is decoded, the scheduler when."""

import time
from dataclasses import replace

from opentelemetry.context import Context

from dragoman_contract import rpc
from dragoman_contract.audio import ms_to_samples
from dragoman_contract.errors import DragomanError
from dragoman_kit import telemetry
from dragoman_kit.logging import get
from dragoman_stt.decodes import Kind, Order, Output, Request
from dragoman_stt.engines.base import DecodeOptions, Hypothesis, Pcm, VoiceActivityModel
from dragoman_stt.policy import Policy
from dragoman_stt.scheduler import Scheduler, Seat, Turn
from dragoman_stt.speaker_labels import TrackSpeakers
from dragoman_stt.spoken import Spoken
from dragoman_stt.turn_judging import TrackTurns, TurnJudging
from dragoman_stt.words import SENTENCE_AFTER_MS

log = get(__name__)
TIMED = ms_to_samples(SENTENCE_AFTER_MS)  # an interim that may hold the end of a sentence has times
WAITING = 4  # utterances that wait for their final before more audio is looked at
BRISK_S, SPARE = 0.3, 4.0  # after a longer wait for a decode interims pause for so many times as long


class Windows:
    """A `Hearing` by windows that are decoded again and again."""

    def __init__(
        self,
        scheduler: Scheduler,
        vad: VoiceActivityModel,
        start: rpc.StartTrack,
        segments: bool,
        turns: TurnJudging | None = None,
        speakers: TrackSpeakers | None = None,
    ) -> None:
        self._speakers = speakers
        self._scheduler = scheduler
        self._vad = vad.track()
        self._turns = TrackTurns(turns) if turns is not None else None
        self._start = start
        order = Order(start.spec, start.work)
        self._policy = Policy(order, start.first_sample, start.first_utterance, segments, turns is not None)
        self._spoken = Spoken()
        urgent = lambda: self._policy.due not in (None, Kind.INTERIM)  # noqa: E731
        self._seat = Seat(urgent, start.work.account_id, start.work.background)

    @property
    def order(self) -> Order:
        """Order that the next utterance is recognised by."""
        return self._policy.order

    @property
    def utterance(self) -> int:
        """Number of the next final."""
        return self._policy.utterance

    @property
    def covered(self) -> int:
        """Sample of the track before which no audio is needed any more."""
        return self._policy.covered

    @property
    def idle(self) -> bool:
        """Whether no utterance is open or waits for its final."""
        return self._policy.idle

    @property
    def behind(self) -> bool:
        """Whether so much waits that no more audio is to be looked at."""
        return self._policy.waiting >= WAITING

    @property
    def due(self) -> Kind | None:
        """Kind of work that is due now, if any."""
        return self._policy.due

    def update(self, order: Order) -> None:
        """Take an order that counts from the next utterance on."""
        self._policy.update(order)

    def feed(self, frame: Pcm) -> list[Output]:
        """Take the next 512 samples."""
        if self._turns is not None:
            self._turns.hear(frame, self._policy.speaking)
        return self._policy.feed(frame, self._vad(frame))

    async def judge(self) -> list[Output]:
        """Have a pause judged that was just heard."""
        return await self._turns.heed(self._policy) if self._turns is not None else []

    def flush(self) -> list[Output]:
        """End the open utterance now."""
        return self._policy.flush()

    async def work(self) -> list[Output]:
        """Do what is due; wait for a thread if need be."""
        began = time.monotonic()
        async with self._scheduler.turn(self._seat) as turn:
            waited = time.monotonic() - began
            request = self._policy.next()
            outputs = await self._decode(turn, request) if request is not None else []
        self._spoken.take(outputs)
        self._policy.spare_ms = int(waited * 1000 * SPARE) if waited > BRISK_S else 0
        return outputs

    async def _decode(self, turn: Turn, request: Request) -> list[Output]:
        with telemetry.span("stt.decode", within=self._trace(), kind=request.kind):
            try:
                if self._speakers is None or request.kind not in (Kind.FINAL, Kind.SPECULATIVE):
                    return self._policy.heard(await self._text(turn, request))
                self._speakers.expect(request)
                heard = await self._text(turn, request)
                place = heard.change_ms or await self._speakers.change_ms(request)
                return self._policy.heard(replace(heard, change_ms=place))
            except DragomanError as exc:
                session = self._start.session_id
                log.warning("decode failed", session=session, kind=request.kind, code=exc.code)
                return self._policy.failed()

    async def _text(self, turn: Turn, request: Request) -> Hypothesis:
        return await turn.decode(request.audio, options_of(request, self._spoken.language))

    def _trace(self) -> Context:
        return telemetry.utterance(self._start.session_id, self._start.track, self._policy.utterance)


def options_of(request: Request, spoken: str = "") -> DecodeOptions:
    """Make the options of a decode from its request and the language that the track speaks."""
    spec, final = request.order.spec, request.kind is not Kind.INTERIM
    return DecodeOptions(
        languages=spec.source_languages,
        vocabulary=spec.vocabulary,
        context=f"{spec.context} {request.before}".strip(),
        final=final,
        translate=final and spec.translate_to_english,
        settings=spec.settings,
        timed=request.kind is Kind.INTERIM and (len(request.pcm) >= TIMED or bool(request.kept)),
        speech=request.speech,
        agreed=request.agreed,
        expected="" if spec.two_way else spoken,  # two people may speak on such a track
        others=spec.other_languages,
        candidates=spec.candidates,
    )

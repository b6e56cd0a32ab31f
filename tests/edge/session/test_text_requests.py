"""Jobs: texts beside the utterances, in their order, each with its results or a failure."""

from collections.abc import Awaitable, Callable

import pytest

from dragoman_contract import codec
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.model.commands import JOBS, TextRequest
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from dragoman_edge.session.text_admission import Ahead, TextAdmission, TextsInHand
from dragoman_edge.session.text_requests import TextRequests

WORK = ev.WorkOrder(target_languages=("es-ES",), speech=True, voices=(ev.VoiceChoice(voice="male"),))


class Bus:
    """Keeps what is stored; can be away."""

    def __init__(self) -> None:
        self.stored: list[ev.Event] = []
        self.away = False

    async def store(self, subject: str, payload: bytes, identity: str) -> None:
        if self.away:
            raise MeshError(FaultCode.UNAVAILABLE, "away")
        self.stored.append(codec.decode_event(payload))


Reserve = Callable[[Ahead, tuple[str, ...]], Awaitable[None]]


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def order() -> ReorderBuffer:
    return ReorderBuffer(tracks=[0])


@pytest.fixture
def jobs(bus: Bus, order: ReorderBuffer) -> TextRequests:
    return requests(bus, order)


def requests(bus: Bus, order: ReorderBuffer, reserve: Reserve | None = None) -> TextRequests:
    in_hand = TextsInHand(TextAdmission(2, 1000), "a_1")
    return TextRequests(bus, "s_1", order, in_hand, reserve or granted)  # type: ignore[arg-type]


async def granted(ahead: Ahead, targets: tuple[str, ...]) -> None:
    """Accounts hold the price."""


def translation(number: int, text: str = "hola") -> ev.Translation:
    return ev.Translation(
        session_id="s_1",
        track=JOBS,
        epoch=1,
        utterance=number,
        revision=1,
        final=True,
        language="fr",
        text=text,
        source_language="en",
        source_text="hello",
        start_ms=0,
        duration_ms=700,
    )


def job(number: int, **more: object) -> TextRequest:
    return TextRequest(number, "hello", "en", ("fr",), **more)  # type: ignore[arg-type]


async def test_a_job_is_a_transcript_for_the_translators(
    bus: Bus, order: ReorderBuffer, jobs: TextRequests
) -> None:
    released = await jobs.take(job(1, duration_ms=700), WORK, 0)
    (sent,) = bus.stored
    assert isinstance(sent, ev.Transcript)
    assert (sent.track, sent.utterance, sent.text, sent.duration_ms) == (JOBS, 1, "hello", 700)
    assert sent.work.target_languages == ("fr",) and not sent.work.speech
    assert released == [sent]
    assert order.accept(sent, 1) == []  # its echo from the bus
    assert order.accept(translation(1), 2) == [translation(1)]


async def test_a_translated_text_is_only_spoken(bus: Bus, order: ReorderBuffer, jobs: TextRequests) -> None:
    await jobs.take(TextRequest(1, "bonjour", "en", ("fr",), True, True, "hello"), WORK, 0)
    (sent,) = bus.stored
    assert isinstance(sent, ev.Translation)
    assert (sent.text, sent.source_text, sent.duration_ms, sent.work.speech) == ("bonjour", "hello", 0, True)
    chunk = ev.SpeechChunk(
        session_id="s_1",
        track=JOBS,
        epoch=1,
        utterance=1,
        language="fr",
        sample_offset=0,
        audio=b"\1\0",
        last=True,
    )
    assert order.accept(sent, 1) + order.accept(chunk, 2) == [sent, chunk]


async def test_results_come_in_the_order_of_the_jobs(order: ReorderBuffer, jobs: TextRequests) -> None:
    await jobs.take(job(1), WORK, 0)
    await jobs.take(job(2), WORK, 0)
    assert order.accept(translation(2), 1) == []
    assert order.accept(translation(1), 2) == [translation(1), translation(2)]


async def test_a_bus_that_is_away_is_a_failure_at_once(bus: Bus, jobs: TextRequests) -> None:
    bus.away = True
    _, failure = await jobs.take(job(1), WORK, 0)
    assert isinstance(failure, ev.Failure) and failure.retryable


async def test_a_wrong_number_is_refused(jobs: TextRequests) -> None:
    with pytest.raises(PeerError, match="does not follow"):
        await jobs.take(job(2), WORK, 0)


async def test_the_session_is_complete_when_its_jobs_are(order: ReorderBuffer, jobs: TextRequests) -> None:
    await jobs.take(job(1), WORK, 0)
    order.accept(ev.TrackEnded(session_id="s_1", track=0, epoch=1, last_utterance=0), 1)
    assert jobs.end(2) == [] and not order.complete
    order.accept(translation(1), 3)
    assert order.complete


async def test_too_many_open_jobs_are_refused_and_their_number_is_free_again(jobs: TextRequests) -> None:
    await jobs.take(job(1), WORK, 0)
    await jobs.take(job(2), WORK, 0)
    with pytest.raises(PeerError, match="too many") as refused:
        await jobs.take(job(3), WORK, 0)
    assert refused.value.code is FaultCode.RATE_LIMITED
    jobs.in_hand.drop(1)
    await jobs.take(job(3), WORK, 0)


async def test_what_accounts_do_not_hold_the_price_of_is_not_stored(bus: Bus, order: ReorderBuffer) -> None:
    async def refuse(ahead: Ahead, targets: tuple[str, ...]) -> None:
        raise PeerError(FaultCode.INSUFFICIENT_CREDITS, "")

    jobs = requests(bus, order, refuse)
    with pytest.raises(PeerError) as refused:
        await jobs.take(job(1), WORK, 0)
    assert refused.value.code is FaultCode.INSUFFICIENT_CREDITS
    assert bus.stored == [] and jobs.in_hand.ahead() == Ahead()

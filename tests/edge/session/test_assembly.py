"""A session put together: its client is told of what is released, and only of what it asked for."""

from dataclasses import replace

from dragoman_contract import events as ev
from dragoman_edge.model.commands import Open
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.model.events import Opened, Resumed
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.session.context import Takeover
from dragoman_edge.session.state import Move
from tests.support.assembled import Assembled
from tests.support.factories import WINDOW_S, spec
from tests.support.mesh_events import chunk, ended, final, interim, rough, translation

USAGE = ev.Usage(session_id="s_1", sequence=4, recognised_ms=1000, translated_ms=0, synthesised_ms=0)


async def test_what_is_released_is_metered_and_sent() -> None:
    assembled = Assembled(Open(spec(speech=True)))
    made = await assembled.live()
    events: list[ev.Event] = [interim(1, 1), final(1), translation(1), chunk(1, 0, 16_000, 16_000)]
    for event in events:
        await made.results.take(event)
    assert made.meter.figures() == {"recognised_ms": 0, "translated_ms": 1, "synthesised_ms": 1000}
    assert made.times.result > 0
    assert await assembled.sent() == events


async def test_the_end_of_a_track_is_not_the_clients_business() -> None:
    assembled = Assembled()
    made = await assembled.live()
    await made.results.take(ended(0))
    assert await assembled.sent() == [] and assembled.said == ["complete"]


async def test_a_client_is_told_of_its_session() -> None:
    plain, resumable = Assembled(), Assembled(Open(spec(), resumable=True))
    opened = plain.made.opened(None)
    assert isinstance(opened, Opened)
    assert (opened.session_id, opened.resume_token, opened.resume_window_ms) == ("s_1", "", 0)
    assert opened.resumed is None and opened.on_air is None
    known = resumable.made.opened(Resumed(spec(), 7))
    assert known.resume_token.startswith("s_1.") and known.resume_window_ms == WINDOW_S * 1000
    assert known.resumed == Resumed(spec(), 7) and known.notices == ()


async def test_a_state_is_told_to_the_client() -> None:
    assembled = Assembled()
    assembled.made.tell(ev.State.RECOVERING)
    assert await assembled.sent() == [ev.Status(session_id="s_1", state=ev.State.RECOVERING)]


async def test_a_record_is_enough_to_go_on_elsewhere() -> None:
    first = Assembled(Open(spec(), resumable=True), usage=USAGE)
    made = await first.live()
    await made.intake.audio(bytes(32_000))
    await made.results.take(final(1, speech=False))
    first.mesh.fall_silent()
    record = SessionCheckpoint.model_validate_json(made.record().model_dump_json())
    assert record.usage["recognised_ms"] == 2000
    taken = Takeover(record, made.positions.token, DeliveryCounts(), None, {})
    again = Assembled(Open(record.wanted(), resumable=True), taken, replace(USAGE, sequence=9)).made
    assert again.results.order.next_utterance(0) == 2
    assert again.meter.figures()["recognised_ms"] == 2000
    assert again.opened(None).resume_token == made.positions.token


async def test_an_edge_that_fails_while_it_takes_a_session_loses_neither_recognisers_nor_results() -> None:
    """Its first record says nothing of links that it does not have yet."""
    first = Assembled(Open(spec(), resumable=True))
    made = await first.live()
    record = made.record().model_copy(update={"since": {"DRAGOMAN_EVENTS": 7}})
    taken = Takeover(record, made.positions.token, DeliveryCounts(), None, {})
    again = Assembled(Open(record.wanted(), resumable=True), taken).made
    (known,) = record.links
    assert known.worker_id and known.epoch == 1
    assert (again.record().links, again.record().since) == ([known], record.since)
    await again.adopt(taken)
    assert again.record().links[0].worker_id == known.worker_id


async def test_a_steady_client_is_shown_what_is_concluded_also_at_the_next_edge() -> None:
    """What was shown goes into the record; the final begins with it wherever it is released."""
    wanted = Open(spec(stability=ev.Stability.STEADY), resumable=True)
    here = Assembled(wanted)
    made = await here.live()
    for revision, text in enumerate(("uno dos tres", "uno dos tres cuatro"), 1):
        heard = replace(interim(1, revision), text="one two three four " * revision, stable_length=99)
        await made.results.take(heard)
        await made.results.take(replace(rough(1, revision), text=text))
    record = made.record()
    shown = [item.text for item in await here.sent() if isinstance(item, ev.Translation)]
    assert shown == ["uno dos"]
    there = Assembled(wanted, Takeover(record, "token", DeliveryCounts(), None, {}))
    there.state.move(Move.BEGIN)
    there.made.results.release([replace(translation(1), text="Un dos tres cuatro.")])
    (last,) = [item for item in await there.sent() if isinstance(item, ev.Translation)]
    assert last.text == "uno dos tres cuatro."

"""Which interims go to the translation workers, and when."""

from dataclasses import replace
from typing import Any

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_edge.session.tentative import ANSWER_S, Pace, TentativeTranslations
from dragoman_edge.settings import EdgeSettings
from tests.support.fake_bus import FakeMesh

TRACK = ev.TrackSpec(source_languages=("en",), target_languages=("es", "fr"))
WORK = ev.WorkOrder(target_languages=("es", "fr"), speech=True)


def interim(text: str, revision: int = 1, utterance: int = 1, **changes: Any) -> ev.Transcript:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": utterance, "revision": revision,
        "final": False, "text": text, "language": "en", "start_ms": 0, "duration_ms": 0,
    }  # fmt: skip
    return ev.Transcript(**fields | changes)


def answer(of: ev.Transcript, language: str, text: str = "uno dos") -> ev.Translation:
    return ev.Translation(
        session_id="s_1", track=0, epoch=1, utterance=of.utterance, revision=of.revision, final=False,
        language=language, text=text, source_language="en", source_text=of.text, start_ms=0, duration_ms=0,
    )  # fmt: skip


def targets(_: ev.Transcript) -> tuple[str, ...]:
    return ("es", "fr")


def test_one_is_on_its_way_and_then_the_newest() -> None:
    pace = Pace(words=1, every_s=0.7)
    first, second, third = interim("one", 1), interim("one two", 2), interim("one two three", 3)
    pace.heard(first)
    assert pace.next(targets, 0.0) is first
    pace.heard(second)
    pace.heard(third)
    assert pace.next(targets, 0.1) is None
    pace.answered(answer(first, "es"))
    assert pace.next(targets, 0.2) is None
    pace.answered(answer(first, "fr"))
    assert pace.next(targets, 0.2) is third
    assert pace.next(targets, 9.0) is None


def test_a_worker_that_does_not_answer_is_asked_anew_with_the_newest() -> None:
    pace = Pace(words=1, every_s=0.7)
    pace.heard(interim("one", 1))
    pace.next(targets, 0.0)
    pace.heard(second := interim("one two", 2))
    assert pace.next(targets, ANSWER_S - 0.1) is None
    assert pace.next(targets, ANSWER_S) is second


def test_it_waits_for_words_or_for_time() -> None:
    pace = Pace(words=3, every_s=0.7)
    pace.heard(first := interim("one", 1))
    pace.next(lambda _: ("es",), 0.0)
    pace.answered(answer(first, "es"))
    pace.heard(interim("one two", 2))
    assert pace.next(targets, 0.1) is None
    assert pace.next(targets, 0.7) is not None


def test_a_final_ends_it() -> None:
    pace = Pace(words=1, every_s=0.7)
    pace.heard(interim("one", 1))
    pace.heard(interim("one.", 2, final=True))
    assert pace.next(targets, 0.0) is None
    pace.heard(second := interim("two", 1, utterance=2))
    assert pace.next(targets, 0.0) == replace(second, preceding="one.")


def test_an_interim_goes_out_with_what_was_said_before_it_in_its_language() -> None:
    pace = Pace(words=1, every_s=0.7)
    pace.heard(interim("two", 2, final=True, preceding="one"))
    pace.heard(second := interim("three", 1, utterance=2))
    assert pace.next(targets, 0.0) == replace(second, preceding="one two")
    pace.heard(other := interim("drei", 1, utterance=3, language="de"))
    assert pace.next(targets, 9.0) is other


def test_an_answer_tells_how_much_of_its_source_is_certain() -> None:
    pace = Pace(words=1, every_s=0.7)
    pace.heard(asked := interim("one two", 1, stable_length=3))
    assert pace.answered(answer(asked, "es")) == 0.0
    pace.next(targets, 0.0)
    assert pace.answered(answer(replace(asked, revision=9), "es")) == 0.0
    assert pace.answered(answer(asked, "es")) == 3 / 7


def test_the_confidence_is_that_of_the_interim_that_workers_have() -> None:
    pace = Pace(words=1, every_s=0.7)
    assert pace.confidence == 0.0
    pace.heard(interim("one two", confidence=0.3))
    pace.next(targets, 0.0)
    pace.heard(interim("one two three", 2, confidence=0.9))
    assert pace.confidence == 0.3


class Session:
    """Tentative translations of one session, and what was sent for it."""

    def __init__(self, track: ev.TrackSpec | None = TRACK, wanted: bool = True) -> None:
        self.mesh, self.wanted, self.work = FakeMesh(), wanted, WORK
        self.sent: list[ev.Transcript] = []
        self.mesh.nc.on_publish = self._note
        self.made = TentativeTranslations(
            self.mesh.bus,
            EdgeSettings(tentative_mask=0),
            lambda: self.wanted,
            lambda number: (track, self.work) if track is not None else None,
        )

    async def _note(self, subject: str, payload: bytes) -> None:
        event = codec.decode_event(payload)
        assert isinstance(event, ev.Transcript) and subject == subjects.tentative("s_1", 0)
        self.sent.append(event)


async def test_an_interim_goes_out_with_its_work_order_but_without_speech() -> None:
    made = Session()
    event = interim("one two")
    assert made.made.take(event) is event
    await made.made.send()
    await made.made.send()
    (sent,) = made.sent
    assert sent == replace(event, work=replace(WORK, speech=False))


async def test_an_interim_goes_out_with_what_listeners_have_of_its_translations() -> None:
    made = Session()
    made.made.take(first := interim("one two"))
    await made.made.send()
    for language in ("es", "fr"):
        made.made.take(answer(first, language, "uno dos" if language == "es" else ""))
    made.made.take(interim("one two three", 2))
    await made.made.send()
    assert made.sent[-1].shown == (ev.Alternative(language="es", text="uno dos"),)


async def test_nothing_is_sent_where_nobody_wants_it_or_there_is_no_text_or_track() -> None:
    for made, text in ((Session(wanted=False), "one"), (Session(), ""), (Session(track=None), "one")):
        made.made.take(interim(text))
        await made.made.send()
        assert not made.sent


async def test_an_utterance_keeps_its_targets_and_the_next_one_has_those_of_now() -> None:
    made = Session()
    made.made.take(interim("one"))
    made.work = replace(WORK, target_languages=("de",))
    await made.made.send()
    made.made.take(interim("one.", 2, final=True))
    made.made.take(interim("two", 1, utterance=2))
    await made.made.send()
    assert [sent.work.target_languages for sent in made.sent] == [("es", "fr"), ("de",)]


async def test_in_a_two_way_session_the_spoken_language_is_no_target() -> None:
    made = Session(track=replace(TRACK, source_languages=("en", "fr"), two_way=True))
    made.made.take(interim("un", language="fr-FR"))
    await made.made.send()
    assert made.sent[0].work.target_languages == ("es",)


async def test_speech_in_a_language_that_was_not_named_is_not_translated() -> None:
    made = Session()
    made.made.take(interim("un", language="fr"))
    await made.made.send()
    assert not any(event.work.target_languages for event in made.sent)


async def test_what_comes_back_is_concluded_and_other_events_pass() -> None:
    made = Session()
    for revision, text in enumerate(("uno dos tres", "uno dos cuatro"), 1):
        source = "one two three " * revision
        event = interim(source, revision, stable_length=len(source))
        made.made.take(event)
        await made.made.send()
        shown = made.made.take(answer(event, "es", text))
        made.made.take(answer(event, "fr", text))
    assert isinstance(shown, ev.Translation) and shown.concluded_length == 7
    final = replace(answer(event, "es", "Un dos cuatro."), final=True)
    assert getattr(made.made.take(final), "text", "") == "uno dos cuatro."
    status = ev.Status(session_id="s_1", state=ev.State.ENDED)
    assert made.made.take(status) is status


async def test_a_bus_that_takes_nothing_ends_nothing() -> None:
    from nats.errors import ConnectionClosedError

    made = Session()

    async def refuse(*_: Any) -> None:
        raise ConnectionClosedError

    made.mesh.nc.on_publish = refuse
    made.made.take(interim("one"))
    await made.made.send()

"""Nothing is shown twice."""

from dataclasses import replace

from dragoman_contract import events as ev
from dragoman_edge.broadcast.deduplicate import Deduplicator

SAID = ev.Transcript(
    session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, text="x", language="en",
    start_ms=0, duration_ms=1,
)  # fmt: skip
SPOKEN = ev.SpeechChunk(
    session_id="s", track=0, epoch=1, utterance=1, language="es", sample_offset=0, audio=b"ab" * 4, last=False
)


def test_a_final_is_shown_once_and_no_interim_after_it() -> None:
    once = Deduplicator()
    interim = replace(SAID, final=False)
    assert once.take(interim) and once.take(interim) and once.take(SAID)
    assert once.take(SAID) is None and once.take(interim) is None
    assert once.take(replace(SAID, utterance=2)) and once.take(replace(SAID, track=1))


def test_speech_that_was_heard_is_cut_away() -> None:
    once = Deduplicator()
    assert once.take(SPOKEN) == SPOKEN
    longer = replace(SPOKEN, sample_offset=2, audio=b"abcdefgh")
    assert once.take(longer) == replace(longer, sample_offset=4, audio=b"efgh")
    last = replace(SPOKEN, sample_offset=6, audio=b"", last=True)
    assert once.take(last) == last and once.take(last) is None and once.take(SPOKEN) is None
    assert once.take(replace(SPOKEN, utterance=2)) == replace(SPOKEN, utterance=2)


def test_each_kind_has_an_order_of_its_own() -> None:
    once = Deduplicator()
    translated = ev.Translation(
        session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, language="es", text="x",
        source_language="en", source_text="x", start_ms=0, duration_ms=1,
    )  # fmt: skip
    failed = ev.Failure(
        session_id="s", track=0, epoch=1, utterance=1, stage=ev.Stage.TRANSLATION, language="fr",
        code="timeout", message="",
    )  # fmt: skip
    for event in (SAID, translated, failed, SPOKEN):
        assert once.take(event) == event
    for event in (translated, failed):
        assert once.take(event) is None
    assert once.take(replace(translated, language="fr")) and once.take(replace(failed, language="es"))
    assert once.take(replace(failed, stage=ev.Stage.TTS))


def test_what_is_no_result_is_never_old() -> None:
    once, status = Deduplicator(), ev.Status(session_id="s", state=ev.State.CONNECTED)
    assert once.take(status) is once.take(status) is status

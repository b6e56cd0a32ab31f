"""What of the results has certainly come to a client that does not count."""

from dragoman_contract import events as ev
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.resume.delivery_log import LOST_S, MOST, DeliveryLog


def transcript(utterance: int) -> ev.Transcript:
    return ev.Transcript(
        session_id="s_1",
        track=0,
        epoch=1,
        utterance=utterance,
        revision=1,
        final=True,
        text="x",
        language="de",
        start_ms=0,
        duration_ms=0,
    )


def chunk(samples: int) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s_1",
        track=0,
        epoch=1,
        utterance=1,
        language="en",
        sample_offset=0,
        audio=bytes(2 * samples),
        last=False,
    )


def test_texts_of_the_last_seconds_may_be_lost_speech_is_not_said_twice() -> None:
    sent = DeliveryLog(DeliveryCounts())
    for second in range(10):
        sent.mark_sent(transcript(second + 1), float(second))
        sent.mark_sent(chunk(100), float(second))
    confirmed = sent.confirmed(9.0)
    assert confirmed.finals["0"] == 9 - int(LOST_S) + 1
    assert confirmed.samples["0/en"] == 1000
    assert sent.confirmed(100.0).finals["0"] == 10


def test_corrections_of_the_last_seconds_may_be_lost() -> None:
    sent = DeliveryLog(DeliveryCounts())
    made = ev.SpeakerCorrection(
        session_id="s", track=0, epoch=1, utterance=1, speaker=2, speaker_confidence=0.9, before=1
    )
    sent.mark_sent(made, 10.0)
    assert sent.confirmed(10.0).corrections.get("0", 0) == 0
    assert sent.confirmed(10.0 + LOST_S + 1).corrections["0"] == 1


def test_a_client_that_got_nothing_has_nothing_as_opposed_to_not_counting() -> None:
    nothing = DeliveryLog(DeliveryCounts()).confirmed(0.0)
    assert not DeliveryCounts({"0": 1}, {}, {}).within(nothing)
    assert nothing.or_else(DeliveryCounts({"0": 1}, {}, {})) == nothing


def test_what_was_known_before_is_counted_on() -> None:
    sent = DeliveryLog(DeliveryCounts({"0": 4}, {}, {"0/en": 50}))
    sent.mark_sent(transcript(5), 0.0)
    assert sent.confirmed(0.0).finals["0"] == 4
    assert sent.confirmed(60.0).finals["0"] == 5


def test_however_much_goes_out_little_is_remembered() -> None:
    sent = DeliveryLog(DeliveryCounts())
    for number in range(5 * MOST):
        sent.mark_sent(transcript(number + 1), number / 1_000_000)
    assert len(sent._earlier) == MOST

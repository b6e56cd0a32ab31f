"""Finals are labelled with the voices of a thread, in time or not at all."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_stt.decodes import Kind, Order, Request
from dragoman_stt.engines.base import Audio, Pcm, Voice
from dragoman_stt.speaker_labels import TrackSpeakers, VoiceHearing

SECOND = 16_000
HIGH, LOW = np.full(SECOND, 9000, np.int16), np.full(SECOND, -9000, np.int16)


class Encoder:
    """A positive sample is one voice, a negative one another; `hold` keeps it back."""

    def __init__(self) -> None:
        self.threads: list[str] = []
        self.hold = threading.Event()
        self.hold.set()

    def voice(self, audio: Audio) -> Voice:
        self.hold.wait(5)
        self.threads.append(threading.current_thread().name)
        if audio[0] == 0:
            raise RuntimeError("broken")
        return np.array([1, 0] if audio[0] > 0 else [0, 1], np.float32)


@pytest.fixture
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def hearing(encoder: Encoder) -> Iterator[VoiceHearing]:
    made = VoiceHearing(encoder, 0.2)
    yield made
    encoder.hold.set()
    made.close()


def start(
    voices: tuple[ev.Voice, ...] = (),
    unsure: tuple[rpc.UnsureSpeaker, ...] = (),
    known: tuple[ev.KnownSpeaker, ...] = (),
) -> rpc.StartTrack:
    return rpc.StartTrack(
        session_id="s", track=0, epoch=2, first_utterance=1, first_sample=0, voices=voices, unsure=unsure,
        spec=rpc.RecogniserSpec(speakers=6, known_speakers=known),
    )  # fmt: skip


def final(utterance: int = 1) -> ev.Transcript:
    return ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=utterance, revision=1, final=True, text="hello",
        language="en", start_ms=0, duration_ms=1000,
    )  # fmt: skip


def request(*said: Pcm) -> Request:
    """Speech with half a second of silence behind each part."""
    pause = np.zeros(SECOND // 2, np.int16)
    pcm = np.concatenate([part for one in said for part in (one, pause)])
    spans, place = [], 0
    for one in said:
        spans.append((place, place + len(one) // 16))
        place += len(one) // 16 + 500
    order = Order(rpc.RecogniserSpec(speakers=6), ev.WorkOrder())
    return Request(Kind.FINAL, 0, pcm, len(pcm), order, tuple(spans))


async def labels(speakers: TrackSpeakers, *said: Pcm) -> list[int]:
    return [(await speakers.label(final(), request(one))).speaker for one in said]


async def test_finals_are_labelled_on_a_thread(hearing: VoiceHearing, encoder: Encoder) -> None:
    assert await labels(TrackSpeakers(hearing, start()), HIGH, LOW, HIGH) == [1, 2, 1]
    assert {name.partition("_")[0] for name in encoder.threads} == {"speakers"}


async def test_a_label_has_its_confidence_and_the_voice(hearing: VoiceHearing) -> None:
    event = await TrackSpeakers(hearing, start()).label(final(), request(HIGH))
    assert event.speaker_confidence == 1
    assert event.voice == ev.Voice(speaker=1, print=bytes([127, 0]), spoken_ms=1000)


async def test_speech_that_is_being_decoded_is_heard_once(hearing: VoiceHearing, encoder: Encoder) -> None:
    speakers = TrackSpeakers(hearing, start())
    speakers.expect(request(HIGH, HIGH))
    assert await speakers.change_ms(request(HIGH, HIGH)) == 0
    assert (await speakers.label(final(), request(HIGH, HIGH))).speaker == 1
    assert len(encoder.threads) == 2  # a part each
    later = replace(request(LOW), start=SECOND, speech_end=3 * SECOND)
    assert (await speakers.label(final(), later)).speaker == 2


async def test_another_speaker_goes_on_behind_a_pause(hearing: VoiceHearing) -> None:
    speakers = TrackSpeakers(hearing, start())
    speakers.expect(request(HIGH, HIGH, LOW))
    assert await speakers.change_ms(request(HIGH, HIGH, LOW)) == 2750


async def test_what_is_too_short_has_no_speaker(hearing: VoiceHearing, encoder: Encoder) -> None:
    speakers = TrackSpeakers(hearing, start())
    speakers.expect(request(HIGH[:3200]))
    assert await labels(speakers, HIGH[:3200]) == [0]
    assert not encoder.threads


async def test_a_late_or_broken_encoder_costs_the_label_only(hearing: VoiceHearing, encoder: Encoder) -> None:
    speakers = TrackSpeakers(hearing, start())
    encoder.hold.clear()
    assert await labels(speakers, HIGH) == [0]
    encoder.hold.set()
    await asyncio.sleep(0)
    assert await labels(speakers, np.zeros(SECOND, np.int16), HIGH) == [0, 1]


async def test_voices_of_another_recogniser_keep_their_numbers(hearing: VoiceHearing) -> None:
    known = [ev.Voice(speaker=n, print=bytes(p), spoken_ms=900) for n, p in ((4, [0, 127]), (2, [127, 0]))]
    assert await labels(TrackSpeakers(hearing, start(voices=tuple(known))), HIGH, LOW) == [2, 4]


async def test_a_label_that_was_late_once_is_looked_for_again(
    hearing: VoiceHearing, encoder: Encoder
) -> None:
    """What the time-out took out of the line must not end the track."""
    speakers = TrackSpeakers(hearing, start())
    encoder.hold.clear()
    speakers.expect(request(HIGH, LOW))
    assert await speakers.change_ms(request(HIGH, LOW)) == 0
    encoder.hold.set()
    assert (await speakers.label(final(), request(HIGH, LOW))).speaker == 1


async def test_speech_that_nobody_waits_for_leaves_the_line(hearing: VoiceHearing, encoder: Encoder) -> None:
    speakers = TrackSpeakers(hearing, start())
    encoder.hold.clear()
    hearing.begin(HIGH)  # on the thread
    for place in range(5):
        speakers.expect(replace(request(LOW), start=place, speech_end=place + SECOND))
    encoder.hold.set()
    assert await labels(speakers, HIGH) == [1]
    assert len(encoder.threads) <= 3


async def test_an_unsure_label_is_corrected_once(hearing: VoiceHearing) -> None:
    """A short utterance makes no new speaker; a long one of the same voice tells whose it was."""
    speakers = TrackSpeakers(hearing, start())
    await speakers.label(final(1), request(HIGH))
    short = await speakers.label(final(2), request(LOW[:8000]))
    assert (short.speaker, short.unsure) == (1, ev.Voice(speaker=1, print=bytes([0, 127]), spoken_ms=500))
    assert speakers.corrections(2) == []
    await speakers.label(final(3), request(LOW))
    corrected = ev.SpeakerCorrection(
        session_id="s", track=0, epoch=2, utterance=2, speaker=2, speaker_confidence=1.0, before=1
    )
    assert speakers.corrections(3) == [corrected]
    assert speakers.corrections(3) == []


async def test_a_recogniser_corrects_what_the_one_before_was_unsure_of(hearing: VoiceHearing) -> None:
    said = rpc.UnsureSpeaker(utterance=2, voice=ev.Voice(speaker=1, print=bytes([0, 127]), spoken_ms=500))
    one = ev.Voice(speaker=1, print=bytes([127, 0]), spoken_ms=2000)
    speakers = TrackSpeakers(hearing, start((one,), (said,)))
    await speakers.label(final(3), request(LOW))
    assert [(it.utterance, it.speaker) for it in speakers.corrections(3)] == [(2, 2)]


async def test_a_known_speaker_is_named(hearing: VoiceHearing) -> None:
    ada = ev.KnownSpeaker(name="Ada", print=bytes([0, 100]), spoken_ms=4000)
    speakers = TrackSpeakers(hearing, start(known=(ada,)))
    made = [await speakers.label(final(), request(one)) for one in (HIGH, LOW)]
    assert [(one.speaker, one.speaker_name) for one in made] == [(1, ""), (2, "Ada")]
    assert made[1].voice is not None
    assert made[1].voice.name == "Ada"

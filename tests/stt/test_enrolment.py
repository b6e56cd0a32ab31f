"""A voice is made of the speech of a recording, if one person speaks long enough."""

from collections.abc import Iterator

import numpy as np
import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import Audio, Pcm, Voice, VoiceActivity
from dragoman_stt.enrolment import Enrolment, is_one, pieces
from dragoman_stt.speaker_labels import VoiceHearing

SECOND = 16_000
HIGH, LOW, SILENCE = (np.full(SECOND, level, np.int16) for level in (9000, -9000, 0))


class Encoder:
    """A positive sample is one voice, a negative one another."""

    def voice(self, audio: Audio) -> Voice:
        return np.array([1, 0] if audio.sum() > 0 else [0, 1], np.float32)


class Loudness:
    """What is not silent is speech."""

    def track(self) -> VoiceActivity:
        return lambda frame: float(np.any(frame))


@pytest.fixture
def enrolment() -> Iterator[Enrolment]:
    hearing = VoiceHearing(Encoder(), 1)
    yield Enrolment(hearing, Loudness())
    hearing.close()


def asked(*parts: Pcm) -> rpc.EncodeVoiceRequest:
    return rpc.EncodeVoiceRequest(audio=np.concatenate(parts).tobytes())


async def test_a_voice_is_made_of_the_speech_alone(enrolment: Enrolment) -> None:
    made = await enrolment.encode(asked(SILENCE, HIGH, HIGH, SILENCE, HIGH, HIGH))
    assert made.print == bytes([127, 0])
    assert abs(made.spoken_ms - 4000) <= 4 * FRAME * 1000 // SECOND


@pytest.mark.parametrize(
    ("parts", "code", "words"),
    [
        ([HIGH, SILENCE, HIGH], FaultCode.UNSUPPORTED_AUDIO, "3 s of speech"),
        ([SILENCE], FaultCode.UNSUPPORTED_AUDIO, "3 s of speech"),
        ([HIGH] * 4 + [LOW] * 4, FaultCode.UNSUPPORTED_AUDIO, "more than one voice"),
        ([HIGH] * 40, FaultCode.TOO_LONG, "at most"),
        ([np.empty(0, np.int16)], FaultCode.UNSUPPORTED_AUDIO, "3 s of speech"),
    ],
    ids=["short", "silent", "two people", "long", "empty"],
)
async def test_other_recordings_are_refused(
    enrolment: Enrolment, parts: list[Pcm], code: FaultCode, words: str
) -> None:
    with pytest.raises(PeerError) as caught:
        await enrolment.encode(asked(*parts))
    assert caught.value.code == code and words in caught.value.message


def test_speech_is_cut_into_pieces_that_have_a_voice() -> None:
    lengths = {
        seconds: [len(one) // SECOND for one in pieces(np.zeros(seconds * SECOND, np.int16))]
        for seconds in (3, 4, 5, 9)
    }
    assert lengths == {3: [3], 4: [4], 5: [3, 2], 9: [3, 3, 3]}


def test_one_voice_is_alike_in_all_pieces() -> None:
    one, like, other = (np.array(v, np.float32) for v in ([1, 0], [0.8, 0.6], [0, 1]))
    assert is_one([one]) and is_one([one, like])
    assert not is_one([one, like, other])
